"""The log of label events and its current view, as statements that SQLite and PostgreSQL both understand.

`labels` is the way in; nothing else calls this.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import uuid4

from sqlalchemy import Connection, text, update

from core.attributes import Answer
from core.data import database as db


class Stretch(NamedTuple):
    """One answer for the frames ``first`` to ``last`` (both included) of the video with this key."""

    video: str
    first: int
    last: int
    attribute: str
    value: Answer


# Names are looked up inside the statement: an id kept in memory could be out of date, and looking up costs
# microseconds. An id that is stored already is left alone, so sending the same event twice does no harm.
_ADD_EVENT = text(
    """
    INSERT INTO events (id, at, annotator_id, video_id, "first", "last", attribute_id, value, source)
    SELECT :id, :at, annotators.id, videos.id, :first, :last, attributes.id, CAST(:value AS BOOLEAN), :source
    FROM annotators, videos, attributes
    WHERE annotators.name = :annotator AND NOT annotators.hidden
      AND videos.key = :video AND NOT videos.hidden
      AND attributes.name = :attribute AND NOT attributes.hidden
    ON CONFLICT (id) DO NOTHING
    """
)
_UPDATE_CURRENT = text(
    """
    INSERT INTO current (video_id, "index", attribute_id, annotator_id, value, seq)
    SELECT events.video_id, frames."index", events.attribute_id, events.annotator_id, events.value, events.seq
    FROM events JOIN frames
      ON frames.video_id = events.video_id AND frames."index" BETWEEN events."first" AND events."last"
    WHERE events.id = :id
    ON CONFLICT (video_id, "index", attribute_id, annotator_id)
    DO UPDATE SET value = excluded.value, seq = excluded.seq
    """
)
_NAME_ANNOTATOR = text(
    """
    INSERT INTO annotators (name, hidden) VALUES (:name, FALSE)
    ON CONFLICT (name) DO UPDATE SET hidden = FALSE
    """
)
_NAME_ATTRIBUTE = text("INSERT INTO attributes (name, hidden) VALUES (:name, FALSE) ON CONFLICT DO NOTHING")

SAID = text(
    """
    SELECT videos.key AS video, current."index", attributes.name AS attribute, current.value
    FROM current
    JOIN videos ON videos.id = current.video_id
    JOIN attributes ON attributes.id = current.attribute_id
    JOIN annotators ON annotators.id = current.annotator_id
    WHERE annotators.name = :annotator AND NOT annotators.hidden AND current.value IS NOT NULL
    """
)
"""What one annotator says: video, index, attribute, value."""

FRAMES = text(
    """
    SELECT frames.video_id, videos.key AS "group", frames."index", frames.name
    FROM frames JOIN videos ON videos.id = frames.video_id
    WHERE NOT videos.hidden AND (:video = '' OR videos.key = :video)
    """
)
"""Every frame, or those of one video."""

VOTES = text(
    """
    SELECT video_id, "index", attribute_id, SUM(CASE WHEN value THEN 1 ELSE -1 END) AS balance
    FROM current
    WHERE value IS NOT NULL
      AND annotator_id IN
        (SELECT id FROM annotators WHERE NOT hidden AND (:annotator = '' OR name = :annotator))
      AND video_id IN (SELECT id FROM videos WHERE NOT hidden AND (:video = '' OR key = :video))
    GROUP BY video_id, "index", attribute_id
    """
)
"""Per frame and attribute: how many more say true than false. Grouped by ids, in whose order they are stored."""

VERDICTS = text(
    """
    SELECT frames.video_id, frames."index", events.attribute_id,
           CASE WHEN events.value IS NULL THEN 0 WHEN events.value THEN 1 ELSE -1 END AS balance
    FROM events
    JOIN frames ON frames.video_id = events.video_id AND frames."index" BETWEEN events."first" AND events."last"
    WHERE events.source = 'adjudication'
    ORDER BY events.seq
    """
)
"""Adjudications in their order: 1 true, -1 false, 0 withdrawn."""


def register(connection: Connection, names: Iterable[str], annotator: str | None = None) -> None:
    """Give the attributes ``names`` and the annotator permanent ids, and hide attributes that are not named."""
    names = list(names)
    connection.execute(_NAME_ATTRIBUTE, [{"name": name} for name in names])
    connection.execute(update(db.attributes).values(hidden=db.attributes.c.name.not_in(names)))
    if annotator is not None:
        connection.execute(_NAME_ANNOTATOR, {"name": annotator})


def append(
    connection: Connection,
    names: Iterable[str],
    annotator: str,
    stretches: Iterable[Stretch],
    source: str,
) -> tuple[int, int]:
    """Add one event per stretch, and bring the current view up to date, in the transaction of ``connection``.

    Args:
        connection: from `core.data.database.writing`.
        names: the attributes of the workspace.
        annotator: who says so.
        stretches: what is said.
        source: where it comes from.

    Returns:
        How many events were added, fewer than asked for where a video is unknown; and how many answers of one
        frame they hold.
    """
    common = {"at": datetime.now(UTC).isoformat(), "annotator": annotator, "source": source}
    new = [{"id": str(uuid4()), **stretch._asdict(), **common} for stretch in stretches]
    if not new:
        return 0, 0
    added = connection.execute(_ADD_EVENT, new).rowcount
    if added < len(new):  # the first time that this annotator or one of these attributes is heard of
        register(connection, names, annotator)
        added += connection.execute(_ADD_EVENT, new).rowcount
    ids = [{"id": event["id"]} for event in new]
    return added, connection.execute(_UPDATE_CURRENT, ids).rowcount
