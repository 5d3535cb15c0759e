"""The log of label events and its current view, as statements that SQLite and PostgreSQL both understand.

Events are only ever added: `core.storage.effective_events` tells which of them count, and takes them back by adding others.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any, NamedTuple
from uuid import uuid4

import numpy as np
import pandas as pd
from sqlalchemy import Connection, text, update

from core.access.person import current
from core.access.rights import Right, check, check_name, check_own
from core.attributes import Answer
from core.storage import database as db
from core.storage import new_names

DECISIONS = ("adjudication", "gold")
"""Sources of decisions, which are the consensus however annotators label: no votes, and no labels of their authors."""

ACCEPTED = "accepted"
"""Source of labels that somebody found right on a second look (`core.labels.corrections`)."""

NO_LABELS = (*DECISIONS, ACCEPTED)
"""Sources of events that are no labels of their authors, and so never in the current view."""


_AT_ONCE = 10_000  # events that are made and written together


class Stretch(NamedTuple):
    """One answer for the frames ``first`` to ``last`` (both included) of the video with this key."""

    video: str
    first: int
    last: int
    attribute: str
    value: Answer


def stretch_starts(*columns: np.ndarray) -> np.ndarray:
    """Return where stretches begin: the rows that differ in some of ``columns`` (rows,) from the row before; the first does.

    >>> stretch_starts(np.array([7, 7, 8, 8]), np.array([0, 0, 0, 1]))
    array([0, 2, 3])
    """
    begins = np.ones(len(columns[0]), bool)
    begins[1:] = np.logical_or.reduce([column[1:] != column[:-1] for column in columns])
    return np.flatnonzero(begins)


# Names are looked up inside the statement: an id kept in memory could be out of date, and looking up costs
# microseconds. An id that is stored already is left alone, so sending the same event twice does no harm.
_ADD = """
    INSERT INTO events (id, action, at, annotator_id, video_id, "first", "last", attribute_id, value, source, role)
    SELECT :id, :action, :at, annotators.id, videos.id, {first}, {last}, attributes.id,
           CAST(:value AS BOOLEAN), :source, :role
    FROM annotators, videos, attributes
    WHERE annotators.name = :annotator AND NOT annotators.hidden
      AND {video} = :video AND NOT videos.hidden
      AND attributes.name = :attribute AND NOT attributes.hidden {condition}
    ON CONFLICT (id) DO NOTHING
"""
_ADD_EVENT = text(_ADD.format(first=":first", last=":last", video="videos.key", condition=""))
_FRAMES = 'FROM frames WHERE video_id = videos.id AND "index" BETWEEN :first AND :last'
_ADD_OWN = text(
    _ADD.format(
        first=f'(SELECT MIN("index") {_FRAMES})',
        last=f'(SELECT MAX("index") {_FRAMES})',
        video="videos.id",
        condition=f"AND EXISTS (SELECT 1 {_FRAMES})",
    )
)
# The order is `seq`: on a server, an event may be stored while a later one is already in the view. Decisions are
# no labels of their authors, and must not hide what these had labelled: the consensus reads them from the log.
_UPDATE_CURRENT = text(
    """
    INSERT INTO current (video_id, "index", attribute_id, annotator_id, value, seq)
    SELECT events.video_id, frames."index", events.attribute_id, events.annotator_id, events.value, events.seq
    FROM events JOIN frames
      ON frames.video_id = events.video_id AND frames."index" BETWEEN events."first" AND events."last"
    WHERE events.id = :id AND events.source NOT IN ('adjudication', 'gold', 'accepted')
    ON CONFLICT (video_id, "index", attribute_id, annotator_id)
    DO UPDATE SET value = excluded.value, seq = excluded.seq WHERE excluded.seq > current.seq
    """
)
_NAME_ANNOTATOR = text(
    """
    INSERT INTO annotators (name, hidden) VALUES (:name, FALSE)
    ON CONFLICT (name) DO UPDATE SET hidden = FALSE
    """
)
_NAME_ATTRIBUTE = text("INSERT INTO attributes (name, hidden) VALUES (:name, FALSE) ON CONFLICT DO NOTHING")


def frame_number(videos: np.ndarray, indexes: np.ndarray) -> np.ndarray:
    """Return one int64 that stands for the id of a video and an index."""
    return videos << 32 | indexes


def frame_index(table: pd.DataFrame) -> pd.Index:
    """Return the `frame_number` of each row of a table with ``video_id`` and ``index``."""
    return pd.Index(frame_number(*(table[name].to_numpy(np.int64) for name in ("video_id", "index"))))


def register(connection: Connection, names: Iterable[str], annotator: str | None = None) -> None:
    """Give the attributes ``names`` and the annotator permanent ids, and hide attributes that are not named.

    Raises:
        LabelError: too many new annotators came within a minute.
    """
    names = list(names)
    connection.execute(_NAME_ATTRIBUTE, [{"name": name} for name in names])
    a = db.attributes.c
    hidden = a.name.not_in(names)  # only what differs: on a server nobody waits for a row that stays as it is
    connection.execute(update(db.attributes).where(a.hidden != hidden).values(hidden=hidden))
    if annotator is not None:
        new_names.check(connection, annotator)
        connection.execute(_NAME_ANNOTATOR, {"name": annotator})


def append(
    connection: Connection,
    names: Iterable[str],
    annotator: str,
    stretches: Iterable[Stretch],
    source: str,
) -> tuple[int, int]:
    """Add one event per stretch, and bring the current view up to date, in the transaction of ``connection``.

    All of them are one action.

    Args:
        connection: from `core.storage.database.writing`.
        names: the attributes of the workspace.
        annotator: whose labels.
        stretches: the labels.
        source: where it comes from.

    Returns:
        How many events were added, fewer than asked for where a video is unknown; and how many labels of one
        frame they hold, without those that a later event has replaced already: none by `NO_LABELS`.

    Raises:
        AccessError: they are another person's, or decisions of somebody who may not decide.
    """
    _check(annotator, source)
    rest = iter(stretches)
    some = list(islice(rest, _AT_ONCE))
    # A single event is an action by itself: no entry in the index of actions, and a label is saved sooner.
    action = str(uuid4()) if len(some) > 1 else None
    common = {"annotator": annotator, "source": source, "action": action, **stamp()}
    added = changed = 0
    while some:
        new = [{"id": str(uuid4()), **stretch._asdict(), **common} for stretch in some]
        stored = connection.execute(_ADD_EVENT, new).rowcount
        if stored < len(new):  # the first event of this annotator or one of these attributes
            register(connection, names, annotator)
            stored += connection.execute(_ADD_EVENT, new).rowcount
        added += stored
        changed += update_current(connection, [event["id"] for event in new])
        some = list(islice(rest, _AT_ONCE))
    return added, changed


def append_own(connection: Connection, events: Sequence[Mapping[str, Any]]) -> int:
    """Add events of a labelling page, which bring their ids, clipped to the frames that are there; see `append`.

    Args:
        connection: from `core.storage.database.writing`.
        events: ``id``, ``action``, ``annotator`` (name), ``video`` (id), ``first``, ``last``, ``attribute`` (name),
            ``value`` and ``source``.

    Returns:
        How many were added: fewer where an id is stored, the video is not there or has no such frame, or a
        name is not registered.

    Raises:
        AccessError: some are another person's.
    """
    for annotator, source in {(event["annotator"], event["source"]) for event in events}:
        _check(annotator, source)
    common = stamp()
    return connection.execute(_ADD_OWN, [{**event, **common} for event in events]).rowcount


def _check(annotator: str, source: str) -> None:
    """Refuse labels under another name than one's own, and decisions of those who may not decide."""
    if source == ACCEPTED:
        return check_own(annotator, Right.ADJUDICATE)
    if source in DECISIONS:
        check(Right.VOUCH if source == "gold" else Right.ADJUDICATE)
    return check_name(annotator)


def update_current(connection: Connection, ids: Iterable[str]) -> int:
    """Bring the current view up to date with events that were added; return how many labels changed: none by `NO_LABELS`."""
    return connection.execute(_UPDATE_CURRENT, [{"id": id} for id in ids]).rowcount


def stamp() -> dict[str, str]:
    """Return what the log keeps of every event beside what it says: when, and the role of who acts."""
    return {"at": now(), "role": current().role.value}


def now() -> str:
    """Return the time, UTC, as the log keeps it."""
    return datetime.now(UTC).isoformat()
