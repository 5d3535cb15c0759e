"""What a viewer has before him: the newest inspected picture, the events of the session, and how fast all of it is."""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from time import monotonic, perf_counter

import numpy as np

from core.errors import describe
from core.events.detector import Smoother
from core.inspection.inspector import InspectedFrame, Inspection, Inspector
from core.inspection.panel import DisplayOptions, draw_picture, fitted
from core.live.delay import DelayMeter
from core.live.live_verdict import LiveVerdict, live_verdict
from core.live.pace import Pace
from core.live.picture_code import NUMBERS, coded
from core.live.recording import EventList, Recording
from core.live.ruler_trace import RulerTrace
from core.live.speed import Figures, Speed
from core.process_settings import leave_opencv_one_thread

WAITING, UNTAUGHT = "Waiting for the network …", "Nothing learned yet"
SHOWN = 1.5
"""Seconds for which an error stays on the picture, so that it can be read."""
REMEMBERED = 40 * 2**20
"""Bytes of shown pictures that are kept to tell which somebody saw: 1.4 seconds of a camera."""
LATE = 1.0
"""Seconds after a freeze in which the page may still tell which picture was seen."""
NEW_FRAMES, NEW_PAUSE = 10, 0.5
"""How many unfamiliar pictures are kept to be sent to labelling, and the seconds from one to the next."""


@dataclass(frozen=True)
class _Shown:
    """A picture as it was when it was shown, and what was known of it then."""

    number: int
    frame: InspectedFrame | None
    picture: np.ndarray
    index: int
    time: float


class Viewer:
    """Inspects pictures, feeds the session, and draws. One thread inspects, another may draw.

    Args:
        inspector: of the run; viewers may share one.
        options: of the display; may change at any time.
        begin: begins a session, with the seconds of smoothing; a change of the smoothing begins another.
        newest: asked before each picture for the inspector from then on, of a network that goes on learning; none where it
            has not learned anything. Other attributes begin another session.
    """

    def __init__(
        self,
        inspector: Inspector,
        options: DisplayOptions,
        begin: Callable[[float], Recording],
        newest: Callable[[], Inspector | None] | None = None,
    ) -> None:
        leave_opencv_one_thread()  # of what is live: encoder, network and browser need the other cores
        self.inspector, self.options, self.dropped = inspector, options, 0
        self.frozen: InspectedFrame | None = None
        self.latest: InspectedFrame | None = None
        self.recording: Recording | None = None
        self.events = EventList()
        self.errors, self.last_error, self.is_over = 0, "", False
        self._begin, self._lock, self._is_recording = begin, threading.Lock(), False
        self._newest, self._has_learned = newest, True
        self._smooth, self._smoothers = 0.0, dict[str, Smoother]()
        self._failed_at: float | None = None
        self.note = self.trouble = ""
        self.meter, self.pace, self.ruler = DelayMeter(), Pace(), RulerTrace()
        self._speed = Speed()
        self.new_frames = deque[InspectedFrame](maxlen=NEW_FRAMES)
        self._recent, self._number, self._told, self._frozen_at = deque[_Shown](), 0, (-1, 0.0), 0.0

    def inspect(
        self, picture: np.ndarray, index: int, time: float, arrived: float | None = None, is_new: bool = True
    ) -> bool:
        """Inspect ``picture`` (H, W, 3) uint8 BGR, not changed afterwards; return whether it worked, else the error is shown.

        ``time`` is in seconds from the start of the source, growing where the frame ``is_new``; else it is looked at once
        more, and no news for the events. ``arrived`` is ``time.monotonic()`` when it came.
        """
        try:
            if is_new:
                self.ruler.offer(picture)
            if not self._follow():
                return True
            inspection = self._inspect(picture)
            began = perf_counter()
            self._speed.asked(inspection.milliseconds)
            self._keep(InspectedFrame(index, time, picture, inspection), is_new)
        except Exception as error:  # whatever it is: the live picture goes on and says so
            self._count(error)
            return False
        self._speed.kept(perf_counter() - began)
        if is_new:
            self._speed.inspected(arrived)
        return True

    def draw(
        self,
        picture: np.ndarray,
        note: str = "",
        index: int = 0,
        time: float = 0.0,
        arrived: float | None = None,
        captured: float | None = None,
    ) -> np.ndarray:
        """Return ``picture`` (H, W, 3) uint8 BGR as the viewer wants to see it, the code of its number below it (see
        `core.live.picture_code`); where it is frozen, what was frozen.

        ``note`` says something of the source; ``index`` and ``time`` are those of the picture in it. ``arrived`` and
        ``captured`` are those of `core.live.delay`, of a picture whose delay is measured.
        """
        began = perf_counter()
        with self._lock:  # all of one moment: the viewer may continue, or the network learn, meanwhile
            attributes, frozen, frame = self.inspector.attributes, self.frozen, self.latest
            self.note, self._number = note, (self._number + 1) % NUMBERS
            number = self._number
            if frozen is None:
                self._remember(_Shown(number, frame, picture, index, time))
        if arrived is not None:
            self.meter.drawn(number, arrived, captured)
        frame = frozen or frame
        large = fitted(frozen.picture if frozen else picture, self.pace.step.side)
        try:
            drawn = draw_picture(
                large, attributes, frame.inspection if frame else None, self.options, self._message()
            )
        except Exception as error:  # an error here would freeze the picture for ever
            self._count(error)
            drawn = draw_picture(large, attributes, None, DisplayOptions(), self._message())
        self._speed.drawn(perf_counter() - began)
        return coded(drawn, number)

    @property
    def number(self) -> int:
        """The number of the picture that was drawn last."""
        return self._number

    def tell_seen(self, number: int) -> None:
        """Take from the page which picture was seen when a button or a key was pressed: shortly before, or after, a freeze."""
        with self._lock:
            self._told = number, monotonic()
            is_late = self.frozen is not None and monotonic() - self._frozen_at < LATE
        if is_late:
            self._freeze(self.seen)

    def tell_shown(self, number: int, at: float, ahead: float) -> None:
        """Take from the page which picture it showed, and when; see `DelayMeter.shown`."""
        if self.meter.shown(number, at, ahead) is not None and (delay := self.meter.now):
            self.pace.hear(delay.seconds)

    def freeze(self) -> None:
        """Keep showing the picture that is seen; the session goes on."""
        self._frozen_at = monotonic()
        self._freeze(self.seen)

    @property
    def seen(self) -> InspectedFrame | None:
        """The picture before the viewer: what is frozen, else what the page told last, else the newest that was shown."""
        number, at = self._told
        with self._lock:
            is_told = monotonic() - at < LATE
            shown = next((s for s in self._recent if is_told and s.number == number), None)
            if shown is None and self.frozen is not None:
                return self.frozen
            shown = shown or (self._recent[-1] if self._recent else None)
        if shown is None or shown.frame is None:
            return self.latest
        if shown.frame.picture is shown.picture:
            return shown.frame
        try:  # it was shown with the heatmaps of the one before it
            return InspectedFrame(shown.index, shown.time, shown.picture, self._inspect(shown.picture))
        except Exception as error:
            self._count(error)
            return shown.frame

    @property
    def verdict(self) -> LiveVerdict:
        """What is to be said of the picture before the viewer."""
        with self._lock:
            inspector, frame, is_frozen = self.inspector, self.frozen or self.latest, self.frozen is not None
        if self.trouble and not is_frozen:
            return LiveVerdict("trouble", self.trouble)
        if frame is None:
            return LiveVerdict("waiting", WAITING if self._has_learned else UNTAUGHT, note=self.note)
        return live_verdict(frame, inspector, self.options.chosen, is_frozen, self.note)

    def unfreeze(self) -> None:
        """Show the newest picture again."""
        self.frozen = None

    def finish(self) -> None:
        """End the session; the next picture begins another."""
        if self._is_recording and self.recording is not None:
            self._is_recording = False
            step = self.recording.finish(self.dropped)
            self.events.add(step, self.latest.time if self.latest else 0.0)

    def close(self) -> None:
        """End the session for good."""
        self.is_over = True
        self.finish()
        with self._lock:
            self._recent.clear()

    @property
    def rate(self) -> float:
        """Pictures a second that are drawn, of late."""
        return self._speed.rate

    def figures(self) -> Figures:
        """Return rates, times and counts, now."""
        return self._speed.figures(self.dropped, self.errors, self.last_error)

    def _inspect(self, picture: np.ndarray) -> Inspection:
        inspection = self.inspector.inspect(picture, self.options.region)
        return replace(inspection, unfamiliarity=None) if self.options.judge_all else inspection

    def _freeze(self, frame: InspectedFrame | None) -> None:
        with self._lock:
            self.frozen = frame

    def _remember(self, shown: _Shown) -> None:
        self._recent.append(shown)
        while len(self._recent) > 1 and sum(s.picture.nbytes for s in self._recent) > REMEMBERED:
            self._recent.popleft()

    def _follow(self) -> bool:
        """Take over the newest inspector; return whether there is one."""
        newest = self._newest() if self._newest else self.inspector
        self._has_learned = newest is not None
        if newest is None or newest is self.inspector:
            return self._has_learned
        if newest.attributes != self.inspector.attributes:
            self.finish()
        with self._lock:
            if newest.attributes != self.inspector.attributes:
                self.latest = self.frozen = None
                self._recent.clear()
            self.inspector = newest
        return True

    def _keep(self, frame: InspectedFrame, is_new: bool) -> None:
        if is_new and (not self._is_recording or self._smooth != self.options.smooth):
            self.finish()
            self._smooth = self.options.smooth
            self._forget_smoothing()
            self.recording, self.events = self._begin(self._smooth), EventList()
            self._is_recording = True
        shown = self._smoothed(frame.inspection, frame.time) if is_new else frame.inspection
        if self._failed_at is not None and monotonic() - self._failed_at >= SHOWN:
            self._failed_at = None
        with self._lock:
            self.latest = replace(frame, inspection=shown)
        if is_new and not shown.is_familiar:
            kept = self.new_frames
            if not kept or not 0 <= frame.time - kept[-1].time < NEW_PAUSE:
                kept.append(frame)
        if is_new and self.recording is not None:
            reading = frame.inspection.reading(frame.index, frame.time)
            step = self.recording.add(frame.picture, reading, frame.inspection.region)
            self.events.add(step, frame.time)

    def _forget_smoothing(self) -> None:
        self._smoothers = {name: Smoother(self._smooth) for name in self.inspector.attributes.names}

    def _smoothed(self, inspection: Inspection, time: float) -> Inspection:
        if not inspection.is_familiar:  # it interrupts: smoothing starts anew after it
            self._forget_smoothing()
        if not self._smooth or not inspection.is_familiar:
            return inspection
        smooth = {name: self._smoothers[name].add(time, p) for name, p in inspection.probabilities.items()}
        return replace(inspection, probabilities=smooth, decisions=self.inspector.decide(smooth))

    def _count(self, error: Exception) -> None:
        self.errors += 1
        self.last_error = describe(error)
        self._failed_at = monotonic()

    def _message(self) -> str:
        if self._failed_at is None:
            return ""
        return f"The network failed on a picture. {self.last_error}"[:70]
