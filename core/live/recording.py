"""One session, frame by frame. It is a line: reading -> detector -> events with their clips -> signals and session folder.

`core.live.watch`, the camera feed and the playback all feed it; the stages take values and return values.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from math import inf
from pathlib import Path

import numpy as np

from core.access.rights import Right, needs
from core.errors import describe
from core.events.clips import ClipBuffer, Evidence
from core.events.detector import UNFAMILIAR, Detector, Event, EventChange, Rules
from core.events.signals import Signals, SignalSender
from core.events.writer import BackgroundWriter, SessionWriter
from core.inspection.inspector import Inspector, Reading
from core.media.add_frames import Origin
from core.media.images import small_jpeg
from core.networks.preprocessing import Region
from core.runs.run import Run

SHORTEST = 10.0
"""Seconds under which a session of the page leaves nothing behind, if it has no event."""
WAITING = 8
"""Events of the page that may wait to be written; of more only the best picture is kept, no clip."""
LISTED = 50
"""Events that are kept for the screen."""
THUMBNAIL = 240
"""Pixels of width of an event's picture on the screen."""


@dataclass(frozen=True)
class FrameOutcome:
    """What came of a frame."""

    changes: list[EventChange]  # events that began or ended with it
    complete: list[tuple[Event, Evidence]]  # events that are over and whose clip is complete


class Recording:
    """A session while it goes on: readings go in, events come out. One thread feeds it.

    Args:
        rules: which attributes make events, and when.
        exclusive: exactly one attribute is true.
        writer: of the session; none writes nothing.
        signals: sent when an event begins.
        before: seconds of a clip before its event.
        after: seconds of a clip after it.

    Attributes:
        problem_at_start: why there is no writer.
    """

    def __init__(
        self,
        rules: Rules,
        exclusive: bool = False,
        writer: BackgroundWriter | None = None,
        signals: SignalSender | None = None,
        before: float = 1.0,
        after: float = 1.0,
    ) -> None:
        self.writer, self.signals, self.problem_at_start = writer, signals, ""
        self._detector, self._clips = Detector(rules, exclusive), ClipBuffer(rules, before, after)

    @property
    def problem(self) -> str:
        """What could not be written last, in a line."""
        return self.writer.problem if self.writer is not None else self.problem_at_start

    def add(self, picture: np.ndarray, reading: Reading, region: Region | None = None) -> FrameOutcome:
        """Take the next frame.

        Args:
            picture: (H, W, 3) uint8 BGR; must not be changed afterwards.
            reading: of it; times must grow from frame to frame.
            region: the part of it that the network saw, in fractions; none is the region of the run.
        """
        changes = self._detector.add(reading)
        complete = self._clips.add(picture, reading, changes, self._detector.peaks, region)
        self._hand_on(step := FrameOutcome(changes, complete))
        if self.writer is not None:
            self.writer.add(picture, reading, region)
        return step

    def rest(self, time: float) -> FrameOutcome:
        """End the events that are over at ``time`` (seconds from the start) though no frame came: the camera is away."""
        return self._end(self._detector.rest(time), time)

    def finish(self, dropped: int = 0, wait: bool = False) -> FrameOutcome:
        """End the session and the events that are still open; ``wait`` until all is written and sent."""
        step = self._end(self._detector.finish())
        if self.signals is not None:
            self.signals.close(wait)
        if self.writer is not None:
            self.writer.finish(dropped, wait)
        return step

    def _end(self, changes: list[EventChange], time: float = inf) -> FrameOutcome:
        self._hand_on(step := FrameOutcome(changes, self._clips.finish(changes, time)))
        return step

    def _hand_on(self, step: FrameOutcome) -> None:
        if self.signals is not None:
            self.signals.send(step.changes)
        if self.writer is not None:
            for event, evidence in step.complete:
                self.writer.write(event, evidence)


@needs(Right.LIVE)
def begin_recording(
    run: Run,
    source: str,
    rules: Rules,
    inspector: Inspector,
    file: Path | None = None,
    live: Origin | None = None,
    signals: Signals | None = None,
) -> Recording:
    """Begin a session of the page; also where its folder cannot be written: a full disk must not end the live picture.

    For the arguments see `core.events.writer.SessionWriter`; ``signals`` are sent when an event begins.
    """
    writer, problem = None, ""
    try:
        session = SessionWriter(run, source, rules, inspector, file=file, live=live)
        writer = BackgroundWriter(session, most=WAITING, waits=False, shortest=SHORTEST)
    except Exception as error:
        problem = f"The session cannot be written: {describe(error)}"
    context = {"session": writer.session.id if writer else "", "source": source}
    watched = [name for name in rules if name != UNFAMILIAR]
    sender = SignalSender(signals or Signals(), context, attributes=watched)
    recording = Recording(rules, run.attributes.exclusive, writer, sender)
    recording.problem_at_start = problem
    return recording


@dataclass(frozen=True)
class ListedEvent:
    """An event on the screen."""

    event: Event  # as far as it is known
    began: datetime  # by the clock on the wall
    thumbnail: bytes | None = None  # JPEG of its peak; none while it goes on

    @property
    def is_over(self) -> bool:
        return self.thumbnail is not None


class EventList:
    """The events of a session for the screen. One thread adds; any may read."""

    def __init__(self) -> None:
        self._events: tuple[ListedEvent, ...] = ()

    @property
    def newest_first(self) -> tuple[ListedEvent, ...]:
        return self._events[::-1]

    def add(self, step: FrameOutcome, time: float) -> None:
        """Take what came of a frame of ``time`` (seconds from the start)."""
        for change in step.changes:
            if not change.is_over:
                began = datetime.now() - timedelta(seconds=max(0.0, time - change.event.start))
                self._events = (*self._events, ListedEvent(change.event, began))[-LISTED:]
        for event, evidence in step.complete:
            over = partial(replace, event=event, thumbnail=small_jpeg(evidence.picture, THUMBNAIL, 85))
            self._events = tuple(over(e) if e.event.number == event.number else e for e in self._events)
