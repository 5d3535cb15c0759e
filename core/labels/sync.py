"""What a labelling page sends: answers and undos with ids that were made in the browser.

They may come twice, late, from two tabs, or after the server was started anew. An id that is stored already is
acknowledged and does nothing, so a page sends what is not yet acknowledged again and again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Connection, bindparam, select

from core.attributes import Answer
from core.errors import LabelError
from core.labels.labels import check_annotator
from core.storage import database as db
from core.storage import effective_events, event_log
from core.workspace import Workspace

OWN_SOURCES = ("key", "paint", "suggestion")
"""Where answers come from that somebody gave on the labelling page: by key, by painting, or by saying yes."""

_LARGEST = 2**31 - 1  # number that every database takes
# On a server, two tabs of one annotator take turns: an undo must see what it takes back. SQLite has one writer.
_TAKE_TURN = select(db.annotators.c.id).where(db.annotators.c.name == bindparam("name")).with_for_update()


@dataclass(frozen=True)
class Answered:
    """One answer for a stretch of frames.

    Args:
        id: made in the browser, a UUID.
        action: what was done at once, and is undone at once: a UUID that several events may share.
        video: permanent number of the video.
        attribute: its name.
        first: index of the first frame.
        last: index of the last frame, included; what lies over the end is cut off.
        value: the answer.
        source: one of `OWN_SOURCES`.
    """

    id: str
    action: str
    video: int
    attribute: str
    first: int
    last: int
    value: Answer
    source: str


@dataclass(frozen=True)
class Undone:
    """An action is taken back; where that action is itself an undo, this is a redo.

    Args:
        id: made in the browser, a UUID.
        action: this one, a UUID: to take it back is to redo.
        undoes: the action that is taken back.
    """

    id: str
    action: str
    undoes: str


@dataclass(frozen=True)
class Stored:
    """What became of events.

    Args:
        acknowledged: ids that are in the log now, or were before.
        refused: id to the reason, in plain words. Sending it again would not help.
    """

    acknowledged: tuple[str, ...]
    refused: dict[str, str]


def read_events(items: Sequence[Mapping[str, Any]]) -> list[Answered | Undone]:
    """Read events as they come from JSON; one with ``undoes`` is an `Undone`.

    Raises:
        LabelError: something is missing, or is not what it should be.
    """
    if not isinstance(items, list | tuple):
        raise _malformed("a list of events", items)
    return [_read_event(item) for item in items]


def store(workspace: Workspace, annotator: str, events: Sequence[Answered | Undone]) -> Stored:
    """Store events in their order, in one transaction; the refused ones do not keep the others out.

    Where attributes exclude each other, true also stores false for the others, in the same action.

    Args:
        workspace: whose labels they are.
        annotator: who says so.
        events: from `read_events`.

    Raises:
        LabelError: no annotator.
    """
    check_annotator(annotator)
    reasons: dict[str, str] = {}
    with db.writing(workspace) as connection:
        connection.execute(_TAKE_TURN, {"name": annotator})
        for event in events:
            if isinstance(event, Undone):
                reasons[event.id] = _undo(connection, annotator, event)
            else:
                reasons[event.id] = _answer(connection, workspace, annotator, event)
    return Stored(
        tuple(id for id, reason in reasons.items() if not reason),
        {id: reason for id, reason in reasons.items() if reason},
    )


def _answer(connection: Connection, workspace: Workspace, annotator: str, event: Answered) -> str:
    """Store an answer; return why not, or nothing."""
    names = workspace.attributes.names
    if event.attribute not in names:
        return f"There is no attribute {event.attribute!r} in this workspace; it has {', '.join(names)}."
    rows = [{**vars(event), "annotator": annotator}]
    if event.value and workspace.attributes.exclusive:
        rows += [
            {**rows[0], "id": _rival_id(event.id, name), "attribute": name, "value": False}
            for name in names
            if name != event.attribute
        ]
    if effective_events.is_stored(connection, event.id):
        return ""
    if event_log.answer(connection, rows) < len(rows):
        if reason := _why_not(connection, event):
            return reason
        # The first time that this annotator or one of these attributes is heard of.
        event_log.register(connection, names, annotator)
        event_log.answer(connection, rows)
    event_log.update_current(connection, [row["id"] for row in rows])
    return ""


def _rival_id(event: str, attribute: str) -> str:
    return str(uuid5(UUID(event), attribute))


def _why_not(connection: Connection, event: Answered) -> str:
    """Return what is wrong with the place of an answer, or nothing."""
    v, f = db.videos.c, db.frames.c
    video = connection.execute(select(v.key, v.hidden).where(v.id == event.video)).one_or_none()
    if video is None:
        return f"There is no video with the number {event.video} in this workspace."
    if video.hidden:
        return f"The video {video.key} was removed."
    some = select(f.index).where(f.video_id == event.video, f.index.between(event.first, event.last))
    if connection.scalar(some.limit(1)) is None:
        return f"{video.key} has no frame from {event.first} to {event.last}."
    return ""


def _undo(connection: Connection, annotator: str, event: Undone) -> str:
    """Take an action back; return why not, or nothing."""
    done = effective_events.events_of(connection, event.undoes)
    mine = [row for row in done if row.annotator == annotator]
    if not done:
        return "There is nothing to take back: that action is not stored."
    if not mine:
        return "Only who did something can take it back: that action is another annotator's."
    if not effective_events.is_stored(connection, effective_events.undo_id(event.id, mine[0].id)):
        effective_events.take_back(connection, mine, event.id, event.action)
    return ""


def _read_event(item: Mapping[str, Any]) -> Answered | Undone:
    if not isinstance(item, Mapping):
        raise _malformed("an event with id and action", item)
    id, action = _uuid(item, "id"), _uuid(item, "action")
    if "undoes" in item:
        return Undone(id, action, _uuid(item, "undoes"))
    return Answered(
        id,
        action,
        _number(item, "video"),
        _one(item, "attribute", isinstance(item.get("attribute"), str), "the name of an attribute"),
        _number(item, "first"),
        _number(item, "last"),
        _one(item, "value", isinstance(item.get("value", ""), bool | None), "true, false or null"),
        _one(item, "source", item.get("source") in OWN_SOURCES, f"one of {', '.join(OWN_SOURCES)}"),
    )


def _uuid(item: Mapping[str, Any], name: str) -> str:
    value = item.get(name)
    try:
        fits = str(UUID(value)) == value
    except (ValueError, TypeError, AttributeError):
        fits = False
    return _one(item, name, fits, "a UUID in small letters")


def _number(item: Mapping[str, Any], name: str) -> int:
    value = item.get(name)
    fits = isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _LARGEST
    return _one(item, name, fits, "a whole number")


def _one(item: Mapping[str, Any], name: str, fits: bool, expected: str) -> Any:
    if not fits:
        raise _malformed(f"{expected} as {name} of an event", item.get(name, "none"))
    return item[name]


def _malformed(expected: str, received: object) -> LabelError:
    return LabelError(expected, repr(received), "Reload the page; what was sent before is stored.")
