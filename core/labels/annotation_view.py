"""What the labelling page shows one annotator of a video: its frames, their labels, and stretches of near-duplicates."""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row, case, select, text

from core.access.rights import check_seen
from core.attributes import Answer
from core.labels.assignments import is_assigned
from core.media.library import Video, video_of_id
from core.storage import database as db
from core.storage.effective_events import in_effect
from core.storage.event_log import stretch_starts
from core.workspace import Workspace

ALIKE = 4
"""Of 64 bits of the perceptual hash: frames of one stretch differ in no more.

The noise of a camera and compression change up to 4 bits of a picture that is otherwise the same (95 % of pairs, with a
deviation of 3 to 10 grey levels and JPEG 85); from frame to frame of a moving seam it is 12 and more. Fewer than the 6 of
`core.exchange.grouping.NEAR`: a wrong stretch is a wrong label, one that ends too early is one more key.
"""


def lookalikes(hashes: Sequence[str]) -> list[int]:
    """Return for each frame, of its perceptual hash (16 hexadecimal digits), the position of the first of its stretch.

    A stretch of look-alikes ends where a frame differs from its first one, not from its neighbour: a slow change adds up.

    >>> lookalikes(["00000000000000ff", "00000000000000fe", "ffffffffffffffff"])
    [0, 0, 2]
    """
    starts: list[int] = []
    start, first = 0, 0
    for place, digits in enumerate(hashes):
        number = int(digits, 16)
        if not place or (number ^ first).bit_count() > ALIKE:
            start, first = place, number
        starts.append(start)
    return starts


Lane = list[list[int | Answer]]
"""Stretches ``[first, last, value]``: indexes of the first and of the last frame, and true or false."""

MOST_UNDOABLE = 1000
"""Actions that a view lists; whoever has taken these back gets the earlier ones with the next view."""

_UNSET = -1
_MINE = "annotator_id = (SELECT id FROM annotators WHERE name = :annotator) AND video_id = :video"
# The signs keep SQLite to the index of undos, which are few: the annotator may have labelled very much.
_FEW = "+annotator_id = (SELECT id FROM annotators WHERE name = :annotator) AND +video_id = :video"

_LATEST = text(f"SELECT seq FROM events WHERE {_MINE} ORDER BY seq DESC LIMIT 1")
_NEW = text(f"SELECT seq, COALESCE(action, id) AS action FROM events WHERE {_MINE} AND seq > :since")
_LATEST_LABEL = text(
    f"SELECT seq FROM events WHERE {_MINE} AND undoes IS NULL AND source <> 'accepted' ORDER BY seq DESC LIMIT 1"
)
_OWN_LABELS = text(
    f"""
    SELECT id, COALESCE(action, id) AS action FROM events
    WHERE {_MINE} AND source IN ('key', 'paint', 'suggestion')
    ORDER BY seq DESC
    """
)
_UNDOS = f"SELECT seq, id, undoes FROM events WHERE undoes > '' AND {_FEW}"
_TAKEN_BACK = text(
    f"""
    SELECT seq, id, COALESCE(action, id) AS action, undoes FROM events
    WHERE seq IN (SELECT seq FROM ({_UNDOS}) AS undos) OR id IN (SELECT undoes FROM ({_UNDOS}) AS undos)
    ORDER BY seq DESC
    """
)


@dataclass(frozen=True)
class AnnotationView:
    """One video as one annotator sees it.

    Args:
        video: which one.
        indexes: of the frames that are stored, ascending.
        times: of the same frames, in seconds; None for pictures.
        lanes: attribute to the stretches of the annotator's labels, by index and ascending. A stretch goes on where the
            next stored frame has the same label; where a frame has none there is none.
        undoable: actions of the annotator in this video that are in effect, the oldest first, the next to take
            back last; only what was labelled by key, by painting or by taking a suggestion. The newest
            `MOST_UNDOABLE` of them.
        redoable: undos in effect that came after the last label, the next to take back last.
        seq: of the latest event of the annotator in this video; 0 where there is none.
        disputed: indexes of frames where annotators differ about an attribute, ascending; none where `blind`.
        alike: for each stored frame the position (in ``indexes``) of the first of its stretch of look-alikes.
        version: changes when the pictures of the frames do.
        blind: the annotator is assigned to the video and has not labelled all of it: labels of others stay hidden.
    """

    video: Video
    indexes: list[int]
    times: list[float | None]
    lanes: dict[str, Lane]
    undoable: list[str]
    redoable: list[str]
    seq: int
    disputed: list[int]
    alike: list[int]
    version: str
    blind: bool

    def to_json(self) -> dict[str, Any]:
        """Return the view as the labelling page reads it."""
        file = None if self.video.file is None else self.video.file.as_posix()
        return {**vars(self), "video": {**asdict(self.video), "file": file}}


def annotation_view(workspace: Workspace, annotator: str, video_id: int) -> AnnotationView:
    """Return what the labelling page shows an annotator, who may be new, of a video.

    Raises:
        AccessError: the annotator is another person, and who acts may see their own labels only.
        MediaError: there is no such video.
    """
    check_seen(annotator)
    video = video_of_id(workspace, video_id)
    chosen = {"annotator": annotator, "video": video_id}
    with db.reading(workspace) as connection:
        f = db.frames.c
        query = select(f.index, f.time, f.phash).where(f.video_id == video_id).order_by(f.index)
        frames = connection.execute(query).tuples().all()
        indexes = [index for index, _, _ in frames]
        mine, disputed = _labels(connection, annotator, video_id, np.array(indexes, np.int64))
        nothing = np.full(len(indexes), _UNSET, np.int8)
        whole = all((mine.get(name, nothing) != _UNSET).all() for name in workspace.attributes.names)
        blind = not whole and is_assigned(connection, annotator, video_id)
        undoable, redoable = _actions(connection, chosen)
        seq = connection.scalar(_LATEST, chosen) or 0
        added = connection.scalar(select(db.videos.c.added).where(db.videos.c.id == video_id))
    hashes = [phash for _, _, phash in frames]
    return AnnotationView(
        video,
        indexes,
        [time for _, time, _ in frames],
        {name: _lane(mine.get(name, nothing), indexes) for name in workspace.attributes.names},
        undoable,
        redoable,
        seq,
        [] if blind else disputed,
        lookalikes(hashes),
        hashlib.sha256("".join([added or "", *hashes]).encode()).hexdigest()[:16],
        blind,
    )


def changes_since(
    workspace: Workspace, annotator: str, video_id: int, since: int, actions: Collection[str] = ()
) -> tuple[int, bool]:
    """Return whether an annotator's page of a video is out of date.

    It knows the events up to the ``seq`` ``since``, and has just sent ``actions`` itself.

    Returns:
        ``seq`` of the latest event, and whether some event after ``since`` belongs to none of ``actions``: it was stored
        elsewhere.

    Raises:
        AccessError: see `annotation_view`.
    """
    check_seen(annotator)
    chosen = {"annotator": annotator, "video": video_id, "since": since}
    with db.reading(workspace) as connection:
        new = connection.execute(_NEW, chosen).tuples().all()
    return max([since, *(seq for seq, _ in new)]), any(action not in actions for _, action in new)


def latest(workspace: Workspace, annotator: str, video_id: int) -> int:
    """Return ``seq`` of the latest event of an annotator in a video; 0 where there is none. See `annotation_view` for errors."""
    check_seen(annotator)
    with db.reading(workspace) as connection:
        return connection.scalar(_LATEST, {"annotator": annotator, "video": video_id}) or 0


def _labels(
    connection: Connection, annotator: str, video_id: int, indexes: np.ndarray
) -> tuple[dict[str, np.ndarray], list[int]]:
    """Return an annotator's labels, attribute to (frames,) int8: 1 true, 0 false, -1 unset; and where annotators differ."""
    attributes, annotators = (
        dict(connection.execute(select(table.c.name, table.c.id).where(~table.c.hidden)).tuples().all())
        for table in (db.attributes, db.annotators)
    )
    c = db.current.c
    query = select(c.index, c.attribute_id, c.annotator_id, case((c.value, 1), else_=0))
    query = query.where(c.video_id == video_id, c.value.is_not(None))
    index, attribute, who, value = db.integers(connection, query)
    places, there = np.searchsorted(indexes, index), np.isin(who, list(annotators.values()))
    mine, disputed = {}, np.zeros(len(indexes), bool)
    for name, number in attributes.items():
        given = there & (attribute == number)
        sides = np.zeros((2, len(indexes)), bool)  # where a label is false, and where one is true
        sides[value[given], places[given]] = True
        disputed |= sides.all(axis=0)
        own = given & (who == annotators.get(annotator, -1))
        mine[name] = np.full(len(indexes), _UNSET, np.int8)
        mine[name][places[own]] = value[own]
    return mine, indexes[disputed].tolist()


def _lane(values: np.ndarray, indexes: list[int]) -> Lane:
    """Return the stretches of (frames,) int8 labels that are not unset."""
    return [
        [indexes[a], indexes[b - 1], bool(values[a] == 1)]
        for a, b in pairwise([*stretch_starts(values), len(values)])
        if values[a] != _UNSET
    ]


def _actions(connection: Connection, chosen: dict[str, Any]) -> tuple[list[str], list[str]]:
    """Return which actions can be taken back, and which undos."""
    events = connection.execute(_TAKEN_BACK, chosen).all()
    counting = {event.id for event in in_effect(events)}
    undone = {event.id for event in events} - counting
    since = connection.scalar(_LATEST_LABEL, chosen) or 0
    undos = [event for event in _undos(events) if event.id in counting and event.seq > since]
    undoable: dict[str, None] = {}
    with connection.execute(_OWN_LABELS, chosen) as labels:  # the newest first, read only as far as needed
        for id, action in labels.tuples():
            if id not in undone:
                undoable[action] = None
            if len(undoable) == MOST_UNDOABLE:
                break
    return list(reversed(undoable)), list(dict.fromkeys(event.action for event in undos))


def _undos(events: Iterable[Row[Any]]) -> list[Row[Any]]:
    """Return of events, the newest first, those that take something away, the oldest first; a redo gives instead."""
    giving: set[str] = set()
    taking = []
    for event in reversed(list(events)):
        if event.undoes is None or event.undoes not in giving:
            giving.add(event.id)
        else:
            taking.append(event)
    return taking
