"""Record from the camera of the browser into a video file."""

import queue
import re
import shutil
import threading
import time
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import av
import cv2
import numpy as np
from streamlit_webrtc import VideoProcessorBase

from core.errors import MediaError
from core.videos.video import VideoWriter
from core.workspace import Workspace

WAITING = 120
"""Frames that may wait to be written; when the disk is slower than the camera, later ones are dropped and counted."""


def file_name(now: datetime, note: str) -> str:
    """Return ``video_YYYY_MM_DD_HH_MM_SS__<note>.mp4``, the note made fit for a file name."""
    plain = re.sub(r"[^\w-]+", "_", note.strip()).strip("_")
    return f"video_{now:%Y_%m_%d_%H_%M_%S}__{plain or 'camera'}.mp4"


class Recorder(VideoProcessorBase):
    """Hands every camera frame back at once; while recording, a thread writes them to a file."""

    def __init__(self) -> None:
        self.dropped = 0
        self.began: float | None = None
        self._path: Path | None = None
        self._frames: queue.Queue[tuple[np.ndarray, float] | None] = queue.Queue(WAITING)
        self._thread: threading.Thread | None = None
        self._error: Exception | None = None

    @property
    def recording(self) -> bool:
        return self.began is not None

    @property
    def seconds(self) -> float:
        """Return how long the recording has run."""
        return time.monotonic() - self.began if self.began is not None else 0.0

    def start(self, path: Path) -> None:
        """Begin to write frames to ``path``."""
        self._path, self._error, self.dropped = path, None, 0
        self._frames = queue.Queue(WAITING)
        self._thread = threading.Thread(target=self._write, args=(path, self._frames), daemon=True)
        self._thread.start()
        self.began = time.monotonic()

    def stop(self) -> Path:
        """End the recording and return the finished file.

        Raises:
            MediaError: nothing was recorded, or it could not be written.
        """
        assert self._thread is not None and self._path is not None, "start comes first"
        self.began = None
        self._frames.put(None)
        self._thread.join(timeout=60)
        if isinstance(self._error, MediaError):
            raise self._error
        if self._error is not None:
            raise MediaError(f"The recording failed ({self._error}).", "Check the camera and record again.")
        return self._path

    def recv(self, frame: av.VideoFrame) -> av.VideoFrame:
        """Take a camera frame; the preview shows it unchanged."""
        if self.recording:
            try:
                self._frames.put_nowait((frame.to_ndarray(format="bgr24"), self.seconds))
            except queue.Full:
                self.dropped += 1
        return frame

    def on_ended(self) -> None:
        """Finish the file when the camera goes away, without waiting for it: here the whole server would wait."""
        if self.recording:
            self.began = None  # what still comes is not recorded
            threading.Thread(target=self._finish, name="end of a recording", daemon=True).start()

    def _finish(self) -> None:
        with suppress(MediaError):
            self.stop()

    def _write(self, path: Path, frames: "queue.Queue[tuple[np.ndarray, float] | None]") -> None:
        left = iter(frames.get, None)
        try:
            with VideoWriter(path, fps=30) as writer:
                size: tuple[int, int] | None = None
                for picture, seconds in left:
                    height, width = picture.shape[:2]
                    size = size or (width, height)
                    if (width, height) != size:  # browsers shrink a stream that is too much
                        picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
                    writer.write(picture, seconds)
        except Exception as error:  # a thread has nobody to raise to: stop() tells
            self._error = error
            for _ in left:  # nobody who hands over a frame, or the end, may wait for ever
                pass


def keep_recording(workspace: Workspace, path: Path, is_added: bool) -> str:
    """Remove the file and folder of a recording once it is added, else move it to the inbox, for nobody sews it again; return a
    sentence that says so.
    """
    words = ""
    if not is_added and path.exists():
        workspace.inbox.mkdir(exist_ok=True)
        path.replace(workspace.inbox / path.name)
        words = f"The recording is in the inbox as {path.name}: add it from there."
    shutil.rmtree(path.parent, ignore_errors=True)
    return words
