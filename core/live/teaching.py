"""Teach from the camera: while an answer is held, pictures of the stream become labelled frames of the workspace.

Taking a picture costs the stream nothing: one thread of the teacher's own writes them, those that came meanwhile together.
All of one stream are one group, so that a split never divides it. Labels are those of the Label page, source ``key``.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from pathlib import Path
from time import monotonic
from uuid import uuid4

import numpy as np

from core.access.person import Person, acting_as, current
from core.access.rights import check_name, check_own
from core.attributes import Answer, AttributeSet
from core.errors import LabelError, SeamLensError, describe
from core.labels import sync
from core.labels.labels import check_annotator
from core.media.add_frames import Origin, Shot, add_shots
from core.media.images import encode_jpeg
from core.media.library import get_video
from core.names import quoted
from core.workspace import Workspace, open_workspace

RATE, LEAST_RATE, MOST_RATE = 4.0, 0.5, 10.0
"""Pictures a second that are taken: by default, at least, at most."""

SILENCE = 2.0
"""Seconds after which an answer is not held any more where nobody says that it is: its page may be gone."""

AWAY = 1.5
"""Seconds without a picture after which the camera is said to give none."""

GATHER = 0.5
"""Seconds for which pictures are gathered, to be written together."""

MOST_WAITING = 60
"""Pictures that may wait to be written, about 60 MB; more are not taken."""


@dataclass(frozen=True)
class HeldAnswer:
    """What a key or a button says while it is held: ``value`` (true or false) for ``attribute``."""

    attribute: str
    value: bool = True


@dataclass
class TaughtStretch:
    """Pictures that were taken while the same answers were held.

    Args:
        annotator: whose labels they have.
        held: the answers, in the order in which they were pressed.
        action: under which its labels are stored, and taken back: a UUID.
        pictures: that were taken.
        person: who held them.
    """

    annotator: str
    held: tuple[HeldAnswer, ...]
    action: str = field(default_factory=lambda: str(uuid4()))
    pictures: int = 0
    person: Person = field(default_factory=current)


@dataclass(frozen=True)
class TeachingStatus:
    """Where teaching is.

    Args:
        counts: pictures taken of this stream for each answer; what was taken back is not counted.
        waiting: pictures that are not stored yet.
        skipped: pictures that were not taken: too many waited.
        video: key of the group in the workspace; empty before the first picture is stored.
        can_undo: a stretch can be taken back.
        gives_pictures: the camera does.
        problem: why teaching ended, in a sentence or two.
    """

    counts: dict[HeldAnswer, int]
    waiting: int
    skipped: int
    video: str
    can_undo: bool
    gives_pictures: bool
    problem: str


@dataclass(frozen=True)
class _Taken:
    stretch: TaughtStretch
    index: int
    time: float
    picture: np.ndarray


def held_answers(attributes: AttributeSet) -> list[HeldAnswer]:
    """Return what can be held: of each attribute that it is true; that it is false where no other answer implies that."""
    implied = {
        other
        for attribute in attributes
        for other, value in attributes.implied(attribute.name, True).items()
        if value is False
    }
    kinds = [(a.name, value) for a in attributes for value in (True, False) if value or a.name not in implied]
    return [HeldAnswer(name, value) for name, value in kinds]


def answers_of(attributes: AttributeSet, held: Sequence[HeldAnswer]) -> dict[str, Answer]:
    """Return the labels of what is ``held``, with what follows from it; where two contradict each other, the later counts."""
    answers: dict[str, Answer] = {}
    for each in held:
        answers |= attributes.implied(each.attribute, each.value)
    return answers


class Teacher:
    """Takes pictures of one stream while answers are held. Threads may share it.

    Args:
        workspace: where to; its settings are read anew whenever they matter.
        origin: of the stream, as `core.media.add_frames.stream_origin` gives it.
        told: called when labels were stored or taken back.
        clock: seconds, growing.
    """

    def __init__(
        self,
        workspace: Path,
        origin: Origin,
        told: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._path, self._origin, self._told, self._clock = workspace, origin, told, clock
        self._lock, self._hurry = threading.RLock(), threading.Event()
        self._work: deque[Callable[[], None]] = deque()
        self._is_working = False
        self._held: tuple[str, tuple[HeldAnswer, ...]] = ("", ())
        self._now: TaughtStretch | None = None
        self._stretches: list[TaughtStretch] = []
        self._waiting: list[_Taken] = []
        self._unwritten, self._skipped, self._rate, self._due = 0, 0, RATE, 0.0
        self._heard = self._seen = -1e9
        self._video, self._problem, self._is_queued, self._is_closed = "", "", False, False

    def hold(self, annotator: str, held: Sequence[HeldAnswer], rate: float = RATE) -> None:
        """Say what is held from now on, in the order in which it was pressed; nothing is a release.

        To be said again within `SILENCE` seconds, or it ends. A hold that ended by a problem begins again after a release.

        Args:
            annotator: whose labels they will be.
            held: the answers.
            rate: pictures a second, `LEAST_RATE` to `MOST_RATE`.

        Raises:
            AccessError: the annotator is not who acts.
            LabelError: no annotator; an attribute that the workspace has not, or not any more; the camera has stopped.
        """
        try:
            if annotator.strip():
                check_name(annotator)
            annotator = check_annotator(annotator) if held else ""
            self._check(held)
        except SeamLensError:
            self._release()
            raise
        with self._lock:
            self._end_if_silent()
            self._heard, self._rate = self._clock(), min(max(rate, LEAST_RATE), MOST_RATE)
            if self._held != (annotator, tuple(held)):
                self._held = (annotator, tuple(held))
                self._now = TaughtStretch(*self._held) if held else None
                self._due = -1e9
                self._problem = "" if held else self._problem

    def offer(self, picture: np.ndarray, index: int, time: float) -> None:
        """Take ``picture`` (H, W, 3) uint8 BGR, not changed afterwards, where something is held and it is time for another.

        ``index`` and ``time`` (seconds) count from the start of the stream.
        """
        with self._lock:
            now = self._seen = self._clock()
            self._end_if_silent()
            if self._now is None or self._is_closed or now < self._due:
                return
            self._due = (self._due if now - self._due < 1 / self._rate else now) + 1 / self._rate
            if self._unwritten >= MOST_WAITING:
                self._skipped += 1
                return
            if not self._now.pictures:
                self._stretches.append(self._now)
            self._now.pictures += 1
            self._unwritten += 1
            self._waiting.append(_Taken(self._now, index, time, picture))
            if not self._is_queued:
                self._is_queued = True
                self._do(self._gather)

    def undo(self) -> None:
        """Take the labels of the last stretch back. Its pictures stay in the workspace, without these labels."""
        with self._lock:
            self._release()
            if self._stretches:
                check_own(self._stretches[-1].annotator)
                self._do(partial(self._take_back, self._stretches.pop()))
                self._hurry.set()

    def close(self) -> None:
        """End the stretch: the camera has stopped. What was taken is still stored; does not wait for that."""
        with self._lock:
            self._release()
            self._is_closed = True
            self._hurry.set()

    def status(self) -> TeachingStatus:
        """Return where teaching is."""
        with self._lock:
            counts: dict[HeldAnswer, int] = {}
            for stretch in self._stretches:
                for each in stretch.held:
                    counts[each] = counts.get(each, 0) + stretch.pictures
            gives = not self._is_closed and self._clock() - self._seen <= AWAY
            return TeachingStatus(
                counts,
                self._unwritten,
                self._skipped,
                self._video,
                bool(self._stretches),
                gives,
                self._problem,
            )

    def _check(self, held: Sequence[HeldAnswer]) -> None:
        if held and self._is_closed:
            raise LabelError("The camera has stopped.", "Press Start, then hold the key again.")
        names = open_workspace(self._path).attributes.names if held else ()
        for name in (each.attribute for each in held if each.attribute not in names):
            raise LabelError(
                f"There is no attribute {quoted(name)} in this workspace any more.", "Reload the page."
            )

    def _release(self) -> None:
        with self._lock:
            self._held, self._now = ("", ()), None

    def _end_if_silent(self) -> None:
        if self._clock() - self._heard > SILENCE:
            self._release()

    def _do(self, work: Callable[[], None]) -> None:
        """Do ``work`` after all that was to be done before, in a thread that ends with the last of it."""
        with self._lock:
            self._work.append(work)
            if not self._is_working:
                self._is_working = True
                threading.Thread(target=self._do_all, name="teacher").start()

    def _do_all(self) -> None:
        while True:
            with self._lock:
                if not self._work:
                    self._is_working = False
                    return
                work = self._work.popleft()
            work()

    def _gather(self) -> None:
        self._hurry.wait(GATHER)
        with self._lock:
            taken, self._waiting, self._is_queued = self._waiting, [], False
            if not self._is_closed:
                self._hurry.clear()
        try:
            self._write(taken)
        except Exception as error:  # whatever it is: the live picture goes on, and the page says so
            self._fail(describe(error), taken)
        with self._lock:
            self._unwritten -= len(taken)
        self._told()

    def _write(self, taken: list[_Taken]) -> None:
        workspace = open_workspace(self._path)
        for _, group in groupby(taken, key=lambda each: each.stretch.person):
            with acting_as((some := list(group))[0].stretch.person):
                self._add(workspace, some)

    def _add(self, workspace: Workspace, taken: list[_Taken]) -> None:
        """Store pictures that one person took, with their labels."""
        shots = [Shot(each.index, each.time, encode_jpeg(each.picture)) for each in taken]
        self._video = add_shots(workspace, self._origin, shots)
        video = get_video(workspace, self._video).id
        for _, group in groupby(taken, key=lambda each: each.stretch.action):
            self._label(workspace, video, list(group))

    def _label(self, workspace: Workspace, video: int, taken: list[_Taken]) -> None:
        """Store the labels of pictures of one stretch."""
        stretch, indexes = taken[0].stretch, [each.index for each in taken]
        try:
            answers = answers_of(workspace.attributes, stretch.held)
        except SeamLensError as error:
            self._fail(f"{error.problem} Reload the page.", taken)
            return
        if workspace.attributes.exclusive:  # storing one class stores that it is none of the others
            answers = {name: value for name, value in answers.items() if value} or answers
        events = [
            sync.Labelled(str(uuid4()), stretch.action, video, name, min(indexes), max(indexes), value, "key")
            for name, value in answers.items()
        ]
        refused = sync.store(workspace, stretch.annotator, events).refused
        if refused:
            self._fail(next(iter(refused.values())), taken)

    def _take_back(self, stretch: TaughtStretch) -> None:
        try:
            undone = sync.Undone(str(uuid4()), str(uuid4()), stretch.action)
            with acting_as(stretch.person):
                sync.store(open_workspace(self._path), stretch.annotator, [undone])
        except Exception as error:
            self._fail(describe(error), [])
        self._told()

    def _fail(self, problem: str, lost: list[_Taken]) -> None:
        """Say why pictures could not be stored, and take no more until something is pressed anew."""
        with self._lock:
            self._problem, self._now = problem, None
            for each in lost:
                each.stretch.pictures -= 1
            self._stretches = [stretch for stretch in self._stretches if stretch.pictures > 0]
