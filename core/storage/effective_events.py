"""Which events are in effect: those that nobody took back, and the adjudications among them."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, pairwise
from typing import Any
from uuid import UUID, uuid5

import numpy as np
import pandas as pd
from sqlalchemy import Connection, Row, text

from core.storage import event_log
from core.storage.event_log import DECISIONS, now

_FRAME = ["video_id", "index", "attribute_id"]


def standing(connection: Connection) -> pd.DataFrame:
    """Return of each frame and attribute the latest decision that was not taken back, unless it withdraws.

    Returns:
        ``video_id``, ``index``, ``attribute_id`` and ``balance`` (1 true, -1 false).
    """
    found = pd.read_sql(event_log.VERDICTS, connection)
    found = found[~found["seq"].isin(undone(connection))].drop_duplicates(_FRAME, keep="last")
    return found.loc[found["balance"] != 0, [*_FRAME, "balance"]]


_TRUE, _FALSE, _UNSET = 1, 0, -1

# An older event has no action: it is its own.
_OF_ACTION = text(
    """
    SELECT seq, events.id, annotators.name AS annotator, annotator_id, video_id, attribute_id, "first", "last"
    FROM events JOIN annotators ON annotators.id = events.annotator_id
    WHERE action = :action OR (events.id = :action AND action IS NULL)
    ORDER BY seq
    """
)
_IS_STORED = text("SELECT 1 FROM events WHERE id = :id")
_ADD_UNDO = text(
    """
    INSERT INTO events
      (id, action, at, annotator_id, video_id, "first", "last", attribute_id, value, source, undoes)
    SELECT :id, :action, :at, annotator_id, video_id, "first", "last", attribute_id,
           CAST(NULL AS BOOLEAN), 'undo', id
    FROM events WHERE seq = :seq
    ON CONFLICT (id) DO NOTHING
    """
)
_OVERLAPPING = text(
    """
    SELECT seq, id, undoes, "first", "last", value, source FROM events
    WHERE annotator_id = :annotator AND video_id = :video AND attribute_id = :attribute
      AND "first" <= :last AND "last" >= :first
    ORDER BY seq DESC
    """
)
_REPAINT = text(
    """
    UPDATE current SET value = CAST(:value AS BOOLEAN), seq = :seq
    WHERE video_id = :video AND "index" BETWEEN :first AND :last
      AND attribute_id = :attribute AND annotator_id = :annotator AND seq < :seq
    """
)
# Written so that SQLite finds them in the index, and does not read the whole log.
_TAKEN_BACK = text(
    """
    SELECT seq, id, undoes FROM events WHERE seq IN (SELECT seq FROM events WHERE undoes > '')
    UNION
    SELECT seq, id, undoes FROM events WHERE id IN (SELECT undoes FROM events WHERE undoes > '')
    ORDER BY seq DESC
    """
)


def in_effect(events: Iterable[Row[Any]]) -> Iterator[Row[Any]]:
    """Yield the events that are in effect.

    Args:
        events: the newest first, with ``id`` and ``undoes``; what takes one of them back is among them.
    """
    taken_back = set()
    for event in events:
        if event.id not in taken_back:
            if event.undoes is not None:
                taken_back.add(event.undoes)
            yield event


def undone(connection: Connection) -> list[int]:
    """Return the ``seq`` of every event that is not in effect."""
    events = connection.execute(_TAKEN_BACK).all()
    counting = {event.seq for event in in_effect(events)}
    return [event.seq for event in events if event.seq not in counting]


def events_of(connection: Connection, action: str) -> Sequence[Row[Any]]:
    """Return the events of an action, whoever did it, the oldest first."""
    return connection.execute(_OF_ACTION, {"action": action}).all()


def is_stored(connection: Connection, id: str) -> bool:
    """Return whether the log has an event of that id."""
    return connection.scalar(_IS_STORED, {"id": id}) is not None


def undo_id(request: str, event: str) -> str:
    """Return the id of the event that takes ``event`` back on ``request``: always the same."""
    return str(uuid5(UUID(request), event))


def take_back(connection: Connection, events: Sequence[Row[Any]], request: str, action: str) -> None:
    """Take ``events`` of one annotator back, and bring the current view up to date.

    Decisions are not in the current view, so it stays as it is when one is taken back.

    Args:
        connection: from `core.storage.database.writing`.
        events: as `events_of` returns them.
        request: id of the wish to do so.
        action: which the new events are.
    """
    ids = [undo_id(request, event.id) for event in events]
    common = {"action": action, "at": now()}
    connection.execute(
        _ADD_UNDO, [{"id": id, "seq": event.seq, **common} for id, event in zip(ids, events, strict=True)]
    )
    for lane, part in groupby(sorted(events, key=_lane), _lane):
        _repaint(connection, lane, list(part), set(ids))


def _lane(event: Row[Any]) -> tuple[int, int, int]:
    return event.annotator_id, event.video_id, event.attribute_id


def _repaint(
    connection: Connection, lane: tuple[int, int, int], taken_back: Sequence[Row[Any]], undos: set[str]
) -> None:
    """Set the current answers where events were taken back to what the others say."""
    where = dict(zip(("annotator", "video", "attribute"), lane, strict=True))
    first, last = min(event.first for event in taken_back), max(event.last for event in taken_back)
    events = connection.execute(_OVERLAPPING, {**where, "first": first, "last": last}).all()
    runs = [{**run, **where} for run in _painted(_answers(events), undos)]
    if runs:
        connection.execute(_REPAINT, runs)


def _answers(events: Sequence[Row[Any]]) -> list[Row[Any]]:
    """Leave out decisions, and what takes them back or does them again.

    Args:
        events: the newest first; what is taken back by one of them is among them.
    """
    decisions: set[str] = set()
    for event in reversed(events):
        if event.source in DECISIONS or event.undoes in decisions:
            decisions.add(event.id)
    return [event for event in events if event.id not in decisions]


def _painted(events: Sequence[Row[Any]], undos: set[str]) -> list[dict[str, Any]]:
    """Return runs of frames that the events ``undos`` speak of, with what is in effect there.

    Args:
        events: all answers of one annotator about one attribute that may overlap, the newest first.
        undos: ids of some of them.

    Returns:
        ``first``, ``last``, ``value`` and ``seq``: that of the last undo.
    """
    edges = np.unique([edge for event in events for edge in (event.first, event.last + 1)])
    spans = {event.id: slice(*np.searchsorted(edges, (event.first, event.last + 1))) for event in events}
    said, seqs = np.full(len(edges), _UNSET, np.int8), np.zeros(len(edges), np.int64)  # from edge to edge
    for event in reversed(list(in_effect(events))):
        if event.undoes is None:
            said[spans[event.id]] = _UNSET if event.value is None else int(event.value)
    for event in reversed(events):
        if event.id in undos:
            seqs[spans[event.id]] = event.seq
    changes = np.flatnonzero(np.diff(said, prepend=2) | np.diff(seqs, prepend=-1)).tolist()
    answers = {_TRUE: True, _FALSE: False, _UNSET: None}
    return [
        {
            "first": int(edges[a]),
            "last": int(edges[b]) - 1,
            "value": answers[int(said[a])],
            "seq": int(seqs[a]),
        }
        for a, b in pairwise(changes)
        if seqs[a]
    ]
