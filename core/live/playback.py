"""A stored source as if it were live: every frame is inspected before it is shown."""

import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from time import monotonic

import numpy as np

from core.access.person import carried
from core.errors import describe
from core.live.sources import Frames
from core.live.viewer import Viewer
from core.videos.video import Decoded

LATE = 0.2
"""Seconds behind its times from which a playback goes on from now."""
STILL = 0.1
"""Seconds until a picture that stands is drawn again: controls may have changed."""
BACK = 64 * 2**20
"""Bytes of frames that one can step back to."""


class Playback:
    """Feeds a viewer from a stored source, at its pace, slower, or step by step. One thread ticks; any may control.

    Args:
        open_frames: opens the source; anew for each turn.
        viewer: inspects and draws the frames.

    Attributes:
        speed: 1 is that of the source.
        paused: frames come only by steps.
        at_end: the last frame was shown.
        problem: why it stopped, in a line.
    """

    def __init__(self, open_frames: Callable[[], Frames], viewer: Viewer) -> None:
        self.viewer, self.speed, self.paused = viewer, 1.0, False
        self.at_end, self.problem = False, ""
        self._open = open_frames
        self._source: Frames | None = None
        self._lock = threading.Lock()
        self._past: deque[Decoded] = deque()
        self._place = -1  # of the shown frame in the past, whose last is the newest
        self._steps = 0
        self._clock: tuple[float, float] | None = None
        self._again = False

    @property
    def frame(self) -> Decoded | None:
        """The frame that is shown."""
        return self._past[self._place] if self._past else None

    def step(self, count: int) -> None:
        """Pause and go so many frames on, or back."""
        self.paused, self._steps = True, self._steps + count

    def play(self) -> None:
        """Go on at the pace of the source; from the end, from the start."""
        if self.at_end:
            self.again()
        self.paused, self._steps = False, 0

    def again(self) -> None:
        """Go on from the start: a new session."""
        self._again, self.paused, self._steps = True, False, 0

    def tick(self) -> tuple[np.ndarray, float]:
        """Return the next picture to show, drawn, and the seconds to wait before it is shown."""
        with self._lock:
            try:
                if self._again:
                    self._rewind()
                moved = self._move()
            except Exception as error:  # whatever it is: the picture stands, and the page says why
                moved = False
                self._stop(error)
            shown = self.frame
        if shown is None:
            return self.viewer.draw(np.zeros((480, 640, 3), np.uint8), self.problem or "no pictures"), STILL
        drawn = self.viewer.draw(shown.picture, self._note(shown), shown.index, shown.time)
        return drawn, self._due(shown.time) if moved and not self.paused else STILL

    def close(self) -> None:
        """End the session and close the source; does not wait for a tick that is at work."""
        self.viewer.is_over = True
        threading.Thread(target=carried(self._close), name="end of a playback", daemon=True).start()

    def _close(self) -> None:
        with self._lock:
            self._close_source()
            self._past.clear()
        self.viewer.close()

    def _move(self) -> bool:
        """Go to the frame that is next, if any; return whether it is another one."""
        if self.paused and not self._steps:
            self._clock = None
            return False
        is_back = self.paused and self._steps < 0
        self._steps = self._steps + 1 if is_back else max(0, self._steps - 1)
        if is_back or self._place < -1:
            return self._move_in_past(-1 if is_back else 1)
        frame = self._next()
        if frame is None:
            self._clock = None
            return False
        self._past.append(frame)
        while len(self._past) > 1 and sum(f.picture.nbytes for f in self._past) > BACK:
            self._past.popleft()
        self.viewer.inspect(frame.picture, frame.index, frame.time, monotonic())
        return True

    def _move_in_past(self, step: int) -> bool:
        if self._place + step < -len(self._past):
            self._steps = 0
            return False
        self._place += step
        frame = self._past[self._place]
        self.viewer.inspect(frame.picture, frame.index, frame.time, is_new=False)
        return True

    def _next(self) -> Decoded | None:
        if self.at_end or self.viewer.is_over:
            return None
        self._source = self._source or self._open()
        frame = next(self._source, None)
        if frame is None:
            self._end()
        return frame

    def _stop(self, error: Exception) -> None:
        self.problem = describe(error)
        self.at_end = self.paused = True  # first: what follows may fail for the same reason
        with suppress(Exception):
            self._end()

    def _end(self) -> None:
        self.at_end = self.paused = True
        self._close_source()
        self.viewer.finish()

    def _rewind(self) -> None:
        self._again, self.at_end, self.problem = False, False, ""
        self._close_source()
        self.viewer.finish()
        self._past.clear()
        self._place, self._clock = -1, None

    def _close_source(self) -> None:
        if self._source is not None:
            self._source.close()
            self._source = None

    def _due(self, time: float) -> float:
        """Return seconds until a frame of ``time`` is to be shown."""
        now, speed = monotonic(), self.speed
        if self._clock is None or self._clock[1] != speed or now > self._clock[0] + time / speed + LATE:
            self._clock = (now - time / speed, speed)  # what a busy moment has cost is not caught up on
        return max(0.0, self._clock[0] + time / speed - now)

    def _note(self, shown: Decoded) -> str:
        state = " · end" if self.at_end and self._place == -1 else " · paused" if self.paused else ""
        return f"frame {shown.index} · {shown.time:.2f} s{state}"
