"""Live pictures past a network: each is shown at once, the newest is inspected, whatever the network's pace.

Pictures that come one by one are inspected each, before they are shown.
"""

import threading
from time import monotonic

import numpy as np

from core.access.person import carried
from core.inspection.panel import limited
from core.live.camera_recorder import CameraRecorder
from core.live.picture_code import ROWS
from core.live.teaching import Teacher
from core.live.viewer import Viewer

IDLE = 20.0
"""Seconds without a picture after which the worker ends, and the session with it; the next picture starts another."""
PAUSE = 0.2
"""Seconds after a second failure in a row: an inspector that always fails must not eat the processor."""


class CameraFeed:
    """Feeds a viewer from a camera: one worker thread, the newest picture only.

    Args:
        viewer: that shows them.
        teacher: offered each picture, where the stream can be taught from; closed with the feed.
        recorder: offered each picture, where the stream can be recorded.
    """

    def __init__(
        self, viewer: Viewer, teacher: Teacher | None = None, recorder: CameraRecorder | None = None
    ) -> None:
        self.viewer, self.teacher, self.recorder = viewer, teacher, recorder
        self._wake = threading.Condition()
        self._waiting: tuple[np.ndarray, int, float] | None = None
        self._inspect = carried(self._work)  # pictures come from a thread that nobody knows
        self._worker: threading.Thread | None = None
        self._is_closed, self._count, self._began = False, 0, monotonic()
        self._inspecting = threading.Lock()  # a phone may change from a stream to single pictures

    def show(
        self, picture: np.ndarray, captured: float | None = None, arrived: float | None = None
    ) -> np.ndarray:
        """Take a picture, (H, W, 3) uint8 BGR, not changed afterwards, and return it drawn, at once; see `Viewer.draw`.

        A large one is made smaller before anything else. ``captured`` is when it was taken, in seconds of the page's clock, and
        ``arrived`` when it came, in those of `time.monotonic`, by default now.
        """
        arrived = monotonic() if arrived is None else arrived
        self._note_size(picture)
        picture = limited(picture)
        with self._wake:
            self.viewer.dropped += self._waiting is not None  # an older one that still waits is given up
            newest = self._waiting = self._numbered(picture)
            if self._worker is None and not self._is_closed:
                self._worker = threading.Thread(target=self._inspect, name="live inspector", daemon=True)
                self._worker.start()
            self._wake.notify()
        self._offer(*newest)
        return self.viewer.draw(picture, "", newest[1], newest[2] - self._began, arrived, captured)

    def look(self, picture: np.ndarray) -> tuple[np.ndarray, int]:
        """Take a picture that came by itself, as `show` does, and return it with its own heatmaps, and its number on the screen.

        Waits for the network in the thread that calls: so a viewer needs none of its own.
        """
        self._note_size(picture)
        picture = limited(picture)
        with self._wake:
            newest = self._numbered(picture)
        self._offer(*newest)
        with self._inspecting:
            self.viewer.inspect(picture, newest[1], newest[2] - self._began, newest[2])
            drawn = self.viewer.draw(picture, "", newest[1], newest[2] - self._began)
            return drawn[:-ROWS], self.viewer.number

    def close(self) -> None:
        """End the worker, which ends the session; does not wait for it."""
        if self.teacher is not None:
            self.teacher.close()
        with self._wake:
            self._is_closed = True
            self._wake.notify()
            if self._worker is None:
                self.viewer.close()

    def _note_size(self, picture: np.ndarray) -> None:
        self.viewer.ruler.full_side = max(self.viewer.ruler.full_side, *picture.shape[:2])

    def _numbered(self, picture: np.ndarray) -> tuple[np.ndarray, int, float]:
        self._count += 1
        return picture, self._count - 1, monotonic()

    def _offer(self, picture: np.ndarray, index: int, arrived: float) -> None:
        if self.teacher is not None:
            self.teacher.offer(picture, index, arrived - self._began)
        if self.recorder is not None:
            self.recorder.offer(picture)

    def _work(self) -> None:
        failed = False
        while (newest := self._take()) is not None:
            picture, index, arrived = newest
            with self._inspecting:
                worked = self.viewer.inspect(picture, index, arrived - self._began, arrived)
            if failed and not worked:
                with self._wake:
                    self._wake.wait_for(lambda: self._is_closed, PAUSE)
            failed = not worked
        self.viewer.close() if self._is_closed else self.viewer.finish()

    def _take(self) -> tuple[np.ndarray, int, float] | None:
        with self._wake:
            arrived = self._wake.wait_for(lambda: self._waiting is not None or self._is_closed, IDLE)
            if self._is_closed or not arrived:
                self._worker = None
                return None
            newest, self._waiting = self._waiting, None
            return newest
