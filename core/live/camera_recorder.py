"""Record pictures of a camera into a video file."""

import queue
import re
import threading
import time
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import cv2
import numpy as np

from core.errors import MediaError
from core.videos.video_writer import VideoWriter

WAITING = 120
"""Pictures that may wait to be written; when the disk is slower than the camera, later ones are dropped and counted."""


def recording_name(now: datetime, note: str) -> str:
    """Return ``video_YYYY_MM_DD_HH_MM_SS__<note>.mp4``, the note made fit for a file name."""
    plain = re.sub(r"[^\w-]+", "_", note.strip()).strip("_")
    return f"video_{now:%Y_%m_%d_%H_%M_%S}__{plain or 'camera'}.mp4"


class CameraRecorder:
    """While it records, a thread writes the pictures that it is offered to a file. Threads may share it."""

    def __init__(self) -> None:
        self.dropped = 0
        self.began: float | None = None
        self._path: Path | None = None
        self._pictures: queue.Queue[tuple[np.ndarray, float] | None] = queue.Queue(WAITING)
        self._thread: threading.Thread | None = None
        self._error: Exception | None = None

    @property
    def recording(self) -> bool:
        return self.began is not None

    @property
    def seconds(self) -> float:
        """Return how long the recording has run."""
        began = self.began
        return time.monotonic() - began if began is not None else 0.0

    def start(self, path: Path) -> None:
        """Begin to write pictures to ``path``."""
        self._path, self._error, self.dropped = path, None, 0
        self._pictures = queue.Queue(WAITING)
        self._thread = threading.Thread(target=self._write, args=(path, self._pictures), daemon=True)
        self._thread.start()
        self.began = time.monotonic()

    def offer(self, picture: np.ndarray) -> None:
        """Take ``picture`` (H, W, 3) uint8 BGR, not changed afterwards, if it is recording. Waits for no disk."""
        if self.recording:
            try:
                self._pictures.put_nowait((picture, self.seconds))
            except queue.Full:
                self.dropped += 1

    def stop(self) -> Path:
        """End the recording and return the finished file.

        Raises:
            MediaError: nothing was recorded, or it could not be written.
        """
        assert self._thread is not None and self._path is not None, "start comes first"
        self.began = None
        self._pictures.put(None)
        self._thread.join(timeout=60)
        if isinstance(self._error, MediaError):
            raise self._error
        if self._error is not None:
            raise MediaError(f"The recording failed ({self._error}).", "Check the camera and record again.")
        return self._path

    def on_ended(self) -> None:
        """Finish the file when the camera goes away, without waiting for it: here the whole server would wait."""
        if self.recording:
            self.began = None  # what still comes is not recorded
            threading.Thread(target=self._finish, name="end of a recording", daemon=True).start()

    def _finish(self) -> None:
        with suppress(MediaError):
            self.stop()

    def _write(self, path: Path, pictures: "queue.Queue[tuple[np.ndarray, float] | None]") -> None:
        left = iter(pictures.get, None)
        try:
            with VideoWriter(path, fps=30) as writer:
                size: tuple[int, int] | None = None
                for picture, seconds in left:
                    size = size or (picture.shape[1], picture.shape[0])
                    writer.write(within(picture, size), seconds)
        except Exception as error:  # a thread has nobody to raise to: stop() tells
            self._error = error
            for _ in left:  # nobody who hands over a picture, or the end, may wait for ever
                pass


def within(picture: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return ``picture`` (H, W, 3) uint8 BGR as large as fits into ``size`` (width, height), black around it, never
    stretched: browsers shrink a stream that is too much, and a phone is turned.
    """
    height, width = picture.shape[:2]
    if (width, height) == size:
        return picture
    scale = min(size[0] / width, size[1] / height)
    new = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(picture, new, interpolation=cv2.INTER_AREA)
    framed = np.zeros((size[1], size[0], 3), np.uint8)
    left, top = (size[0] - new[0]) // 2, (size[1] - new[1]) // 2
    framed[top : top + new[1], left : left + new[0]] = small
    return framed
