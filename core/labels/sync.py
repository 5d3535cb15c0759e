"""What a labelling page sends: labels and undos with ids that were made in the browser.

They may come twice, late, from two tabs, or after the server was started anew. An id that is stored already is
acknowledged and does nothing, so a page sends what is not yet acknowledged again and again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Connection, bindparam, select

from core.access.rights import check_name
from core.attributes import Answer
from core.errors import LabelError
from core.labels.labels import annotator_here, check_annotator
from core.storage import database as db
from core.storage import effective_events, event_log
from core.workspace import Workspace

OWN_SOURCES = ("key", "paint", "suggestion")
"""Sources of labels that were given on the labelling page: by key, by painting, or by taking a suggestion."""

_LARGEST = 2**31 - 1  # number that every database takes
# On a server, two tabs of one annotator take turns: an undo must see what it takes back. SQLite has one writer.
_TAKE_TURN = select(db.annotators.c.id).where(db.annotators.c.name == bindparam("name")).with_for_update()


@dataclass(frozen=True)
class Labelled:
    """One label for a stretch of frames."""

    id: str  # made in the browser, a UUID
    action: str  # what was done at once, and is undone at once: a UUID that several events may share
    video: int  # permanent number of the video
    attribute: str  # its name
    first: int  # index of the first frame
    last: int  # index of the last frame, included; what lies over the end is cut off
    value: Answer  # the label
    source: str  # one of `OWN_SOURCES`


@dataclass(frozen=True)
class Undone:
    """An action is taken back; where that action is itself an undo, this is a redo."""

    id: str  # made in the browser, a UUID
    action: str  # this one, a UUID: to take it back is to redo
    undoes: str  # the action that is taken back


@dataclass(frozen=True)
class SyncResult:
    """What became of events."""

    acknowledged: tuple[str, ...]  # ids that are in the log now, or were before
    refused: dict[str, str]  # id to the reason, in plain words. Sending it again would not help


def read_events(items: Sequence[Mapping[str, Any]]) -> list[Labelled | Undone]:
    """Read events as they come from JSON; one with ``undoes`` is an `Undone`.

    Raises:
        LabelError: something is missing, or is not what it should be.
    """
    if not isinstance(items, list | tuple):
        raise _malformed("Events come as a list", items)
    return [_read_event(item) for item in items]


def store(workspace: Workspace, annotator: str, events: Sequence[Labelled | Undone]) -> SyncResult:
    """Store events in their order, in one transaction; the refused ones do not keep the others out.

    Where attributes exclude each other, true also stores false for the others, in the same action.

    Raises:
        LabelError: no annotator.
        AccessError: it is not who acts.
    """
    check_name(check_annotator(annotator))
    reasons: dict[str, str] = {}
    with db.writing(workspace, shared=True) as connection:
        annotator = annotator_here(connection, annotator)
        connection.execute(_TAKE_TURN, {"name": annotator})
        for event in events:
            if isinstance(event, Undone):
                reasons[event.id] = _undo(connection, annotator, event)
            else:
                reasons[event.id] = _label(connection, workspace, annotator, event)
    return SyncResult(
        tuple(id for id, reason in reasons.items() if not reason),
        {id: reason for id, reason in reasons.items() if reason},
    )


def _label(connection: Connection, workspace: Workspace, annotator: str, event: Labelled) -> str:
    """Store a label; return why not, or nothing."""
    names = workspace.attributes.names
    if event.attribute not in names:
        return f"There is no attribute {event.attribute!r} in this workspace; it has {', '.join(names)}."
    common = {**vars(event), "annotator": annotator}
    rows = [
        {**common, "id": _id(event, name), "attribute": name, "value": value}
        for name, value in workspace.attributes.without_rivals({event.attribute: event.value}).items()
    ]
    if effective_events.is_stored(connection, event.id):
        return ""
    if event_log.append_own(connection, rows) < len(rows):
        if reason := _why_not(connection, event):
            return reason
        # The first event of this annotator or one of these attributes.
        event_log.register(connection, names, annotator)
        event_log.append_own(connection, rows)
    event_log.update_current(connection, [row["id"] for row in rows])
    return ""


def _id(event: Labelled, attribute: str) -> str:
    """Return the id of what is stored about an attribute: that of the event, or for the other classes one made of it."""
    return event.id if attribute == event.attribute else str(uuid5(UUID(event.id), attribute))


def _why_not(connection: Connection, event: Labelled) -> str:
    """Return what is wrong with the place of a label, or nothing."""
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
        return "That action is not saved, so it cannot be undone."
    if not mine:
        return "Only its annotator can take an action back: this one is another annotator's."
    if not effective_events.is_stored(connection, effective_events.undo_id(event.id, mine[0].id)):
        effective_events.take_back(connection, mine, event.id, event.action)
    return ""


def _read_event(item: Mapping[str, Any]) -> Labelled | Undone:
    if not isinstance(item, Mapping):
        raise _malformed("An event is an object with id and action", item)
    id, action = _uuid(item, "id"), _uuid(item, "action")
    if "undoes" in item:
        return Undone(id, action, _uuid(item, "undoes"))
    return Labelled(
        id,
        action,
        _number(item, "video"),
        _checked(item, "attribute", isinstance(item.get("attribute"), str), "the name of an attribute"),
        _number(item, "first"),
        _number(item, "last"),
        _checked(item, "value", isinstance(item.get("value", ""), bool | None), "true, false or null"),
        _checked(item, "source", item.get("source") in OWN_SOURCES, f"one of {', '.join(OWN_SOURCES)}"),
    )


def _uuid(item: Mapping[str, Any], name: str) -> str:
    value = item.get(name)
    try:
        fits = str(UUID(value)) == value
    except (ValueError, TypeError, AttributeError):
        fits = False
    return _checked(item, name, fits, "a UUID in small letters")


def _number(item: Mapping[str, Any], name: str) -> int:
    value = item.get(name)
    fits = isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _LARGEST
    return _checked(item, name, fits, "a whole number")


def _checked(item: Mapping[str, Any], name: str, fits: bool, expected: str) -> Any:
    if not fits:
        raise _malformed(f"The {name} of an event is {expected}", item.get(name))
    return item[name]


def _malformed(rule: str, received: object) -> LabelError:
    return LabelError(f"{rule}, not {received!r}.", "Reload the page; what was sent before is stored.")
