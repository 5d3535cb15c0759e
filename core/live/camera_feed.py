"""Live pictures past a network: each is shown at once, the newest is inspected, whatever the network's pace."""

import threading
from time import monotonic

import numpy as np

from core.inspection.panel import fitted
from core.live.viewer import Screen

IDLE = 20.0
"""Seconds without a picture after which the worker ends, and the session with it; the next picture starts another."""
BREATH = 0.2
"""Seconds after a failure upon a failure: an inspector that always fails must not eat the processor."""


class Newest:
    """Feeds a screen from a camera: one worker thread, the newest picture only."""

    def __init__(self, screen: Screen) -> None:
        self.screen = screen
        self._wake = threading.Condition()
        self._waiting: tuple[np.ndarray, int, float] | None = None
        self._worker: threading.Thread | None = None
        self._ended, self._count, self._began = False, 0, monotonic()

    def show(self, picture: np.ndarray) -> np.ndarray:
        """Take a picture, (H, W, 3) uint8 BGR, not changed afterwards, and return it drawn, at once."""
        with self._wake:
            self.screen.dropped += self._waiting is not None  # an older one that still waits is given up
            self._waiting = (picture, self._count, monotonic())
            self._count += 1
            if self._worker is None and not self._ended:
                self._worker = threading.Thread(target=self._work, name="live inspector", daemon=True)
                self._worker.start()
            self._wake.notify()
        return self.screen.draw(fitted(picture))

    def close(self) -> None:
        """End the worker, which ends the session; does not wait for it."""
        with self._wake:
            self._ended = True
            self._wake.notify()
            if self._worker is None:
                self.screen.close()

    def _work(self) -> None:
        failed = False
        while (taken := self._take()) is not None:
            picture, index, arrived = taken
            worked = self.screen.see(picture, index, arrived - self._began, arrived)
            if failed and not worked:
                with self._wake:
                    self._wake.wait_for(lambda: self._ended, BREATH)
            failed = not worked
        self.screen.close() if self._ended else self.screen.finish()

    def _take(self) -> tuple[np.ndarray, int, float] | None:
        with self._wake:
            arrived = self._wake.wait_for(lambda: self._waiting is not None or self._ended, IDLE)
            if self._ended or not arrived:
                self._worker = None
                return None
            taken, self._waiting = self._waiting, None
            return taken
