"""Which events are in effect: those that nobody took back, and the adjudications among them."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, pairwise
from typing import Any
from uuid import UUID, uuid5

import numpy as np
import pandas as pd
from sqlalchemy import Connection, Row, select, text

from core.access.rights import Right, check_own
from core.attributes import Answer
from core.storage import database as db
from core.storage.event_log import DECISIONS, NO_LABELS, stamp, stretch_starts

FRAME = ["video_id", "index", "attribute"]


def frames_in_effect(connection: Connection, sources: Sequence[str]) -> pd.DataFrame:
    """Return the frames of events that are in effect, the earliest event first; of removed videos none.

    Args:
        connection: from `core.storage.database.reading`.
        sources: of the events, some of `core.storage.event_log.NO_LABELS`.

    Returns:
        ``name``, ``video_id``, ``video`` (key), ``index`` (int), ``attribute`` (name), ``value`` (nullable boolean), ``source``,
        ``author`` (name) and ``id`` of the event.
    """
    e, f, v = db.events.c, db.frames.c, db.videos.c
    within = (f.video_id == e.video_id) & f.index.between(e["first"], e["last"])
    query = (
        select(f.name, f.video_id, v.key.label("video"), f.index, db.attributes.c.name.label("attribute"))
        .add_columns(e.value, e.source, db.annotators.c.name.label("author"), e.id, e.seq)
        .select_from(db.events.join(db.frames, within).join(db.videos, v.id == e.video_id))
        .join(db.attributes, db.attributes.c.id == e.attribute_id)
        .join(db.annotators, db.annotators.c.id == e.annotator_id)
        .where(e.source.in_(sources), ~v.hidden)
        .order_by(e.seq)
    )
    found = pd.read_sql(query, connection).astype({"value": "boolean"})
    return found[~found["seq"].isin(undone(connection))].drop(columns="seq")


def decisions(connection: Connection) -> pd.DataFrame:
    """Return of each frame and attribute the latest decision in effect, unless it withdraws; see `frames_in_effect`."""
    found = frames_in_effect(connection, DECISIONS).drop_duplicates(FRAME, keep="last")
    return found[found["value"].notna()].astype({"value": bool})


_EVENTS = """
    SELECT seq, events.id, annotators.name AS annotator, annotator_id, video_id, attribute_id, "first", "last"
    FROM events JOIN annotators ON annotators.id = events.annotator_id
"""
# An older event has no action: it is its own.
_OF_ACTION = text(
    f"{_EVENTS} WHERE action = :action OR (events.id = :action AND action IS NULL) ORDER BY seq"
)
_OF_ID = text(f"{_EVENTS} WHERE events.id = :id")
_IS_STORED = text("SELECT 1 FROM events WHERE id = :id")
_ADD_UNDO = text(
    """
    INSERT INTO events
      (id, action, at, annotator_id, video_id, "first", "last", attribute_id, value, source, undoes, role)
    SELECT :id, :action, :at, annotator_id, video_id, "first", "last", attribute_id,
           CAST(NULL AS BOOLEAN), 'undo', id, :role
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


def event_of(connection: Connection, id: str) -> Sequence[Row[Any]]:
    """Return the event of that id, as `events_of` does."""
    return connection.execute(_OF_ID, {"id": id}).all()


def is_stored(connection: Connection, id: str) -> bool:
    """Return whether the log has an event of that id."""
    return connection.scalar(_IS_STORED, {"id": id}) is not None


def undo_id(request: str, event: str) -> str:
    """Return the id of the event that takes ``event`` back on ``request``: always the same."""
    return str(uuid5(UUID(request), event))


def take_back(connection: Connection, events: Sequence[Row[Any]], request: str, action: str) -> None:
    """Take ``events`` of one annotator back, and bring the current view up to date.

    What is no label is not in the current view, so that stays as it is when one of these is taken back.

    Args:
        connection: from `core.storage.database.writing`.
        events: as `events_of` returns them.
        request: id of the wish to do so.
        action: which the new events are.

    Raises:
        AccessError: some are another person's, and who acts may not decide about them.
    """
    for annotator in {event.annotator for event in events}:
        check_own(annotator, Right.ADJUDICATE)
    ids = [undo_id(request, event.id) for event in events]
    common = {"action": action, **stamp()}
    undos = [{"id": id, "seq": event.seq, **common} for id, event in zip(ids, events, strict=True)]
    connection.execute(_ADD_UNDO, undos)
    for lane, part in groupby(sorted(events, key=_lane), _lane):
        _repaint(connection, lane, list(part), set(ids))


def _lane(event: Row[Any]) -> tuple[int, int, int]:
    return event.annotator_id, event.video_id, event.attribute_id


def _repaint(
    connection: Connection, lane: tuple[int, int, int], taken_back: Sequence[Row[Any]], undos: set[str]
) -> None:
    """Set the current answers where events were taken back to what the other events make them."""
    where = dict(zip(("annotator", "video", "attribute"), lane, strict=True))
    first, last = min(event.first for event in taken_back), max(event.last for event in taken_back)
    events = connection.execute(_OVERLAPPING, {**where, "first": first, "last": last}).all()
    stretches = [{**stretch, **where} for stretch in _painted(_labels(events), undos)]
    if stretches:
        connection.execute(_REPAINT, stretches)


def _labels(events: Sequence[Row[Any]]) -> list[Row[Any]]:
    """Leave out of events, the newest first, what is no label, and what takes that back or does it again."""
    others: set[str] = set()
    for event in reversed(events):
        if event.source in NO_LABELS or event.undoes in others:
            others.add(event.id)
    return [event for event in events if event.id not in others]


def _painted(events: Sequence[Row[Any]], undos: set[str]) -> list[dict[str, Any]]:
    """Return ``first``, ``last``, ``value`` in effect and ``seq`` (of the last undo) of the stretches that ``undos`` concern;
    ``events`` are all labels of one annotator for one attribute that may overlap, the newest first.
    """
    edges = np.unique([edge for event in events for edge in (event.first, event.last + 1)])
    spans = {event.id: slice(*np.searchsorted(edges, (event.first, event.last + 1))) for event in events}
    # From edge to edge; in values 1 is true, 0 false, -1 unset.
    values, seqs = np.full(len(edges), -1, np.int8), np.zeros(len(edges), np.int64)
    for event in reversed(list(in_effect(events))):
        if event.undoes is None:
            values[spans[event.id]] = -1 if event.value is None else int(event.value)
    for event in reversed(events):
        if event.id in undos:
            seqs[spans[event.id]] = event.seq
    answers: dict[int, Answer] = {1: True, 0: False, -1: None}
    return [
        {
            "first": int(edges[a]),
            "last": int(edges[b]) - 1,
            "value": answers[int(values[a])],
            "seq": int(seqs[a]),
        }
        for a, b in pairwise(stretch_starts(values, seqs).tolist())
        if seqs[a]
    ]
