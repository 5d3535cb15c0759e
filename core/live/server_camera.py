"""Cameras of the server that `workspace.toml` names: one reader each, for all who look, that says what is wrong and comes back."""

import sys
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from time import monotonic, sleep

import numpy as np

from core.access.person import carried
from core.errors import MediaError
from core.inspection.panel import LARGEST, limited
from core.live.camera_feed import CameraFeed
from core.live.sources import Connect, open_address, open_camera
from core.workspace import Workspace

ASLEEP = 3.0
"""Seconds without a picture after which a camera that is open counts as asleep."""
DARK = 12
"""Brightness, 0 to 255, that no pixel of a black picture exceeds but for noise."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 10.0
"""Seconds before a lost camera is asked again; the pause doubles."""
OPENING = "The camera is being opened …"
BLACK = "The camera gives a black picture. Open its cover, or switch on the light."
STILL = "The camera gives no new pictures. Is it asleep? This page waits for it."
UNPLUGGED = "The camera is not plugged in. This page waits for it."
BUSY = "The camera gives no pictures. Does another program use it? This page tries again."
UNREACHABLE = "The camera does not answer. Is it switched on, and in this network? This page tries again."


class CameraReader:
    """Reads one camera in a thread, from the first viewer to the last.

    Args:
        connect: opens it, and yields what it sees, (H, W, 3) uint8 BGR.
        absent: says why it may give nothing.
    """

    def __init__(self, connect: Connect, absent: Callable[[], str], first_pause: float = FIRST_PAUSE) -> None:
        self._connect, self._absent, self._first_pause = connect, absent, first_pause
        self._fresh, self._ended = threading.Condition(), threading.Event()
        self.full_side = 0  # pixels of the longer side as the camera gives them
        self._newest: np.ndarray | None = None
        self._count, self._at, self._lost = 0, monotonic(), ""
        threading.Thread(target=carried(self._read), name="camera of the server", daemon=True).start()

    def next(self, after: int, patience: float) -> tuple[int, np.ndarray | None]:
        """Return the number of the newest picture and, where it is newer than ``after``, the picture; wait so many seconds."""
        with self._fresh:
            self._fresh.wait_for(lambda: self._count > after or self._ended.is_set(), patience)
            return self._count, self._newest if self._count > after else None

    @property
    def problem(self) -> str:
        """What is wrong now, in a sentence or two; empty while pictures come."""
        if self._lost:
            return self._lost
        if self._newest is None:
            return OPENING
        if monotonic() - self._at > ASLEEP:
            return STILL
        return BLACK if np.percentile(self._newest[::8, ::8], 99) < DARK else ""

    def close(self) -> None:
        """End the thread; does not wait for it."""
        self._ended.set()
        with self._fresh:
            self._fresh.notify_all()

    def _read(self) -> None:
        pause = self._first_pause
        while not self._ended.is_set():
            before = self._count
            with (
                suppress(Exception),
                closing(self._connect()) as pictures,
            ):  # whatever it is, it is asked again
                for picture in pictures:
                    if self._ended.is_set():
                        return
                    self.full_side = max(picture.shape[:2])
                    self._put(limited(picture))
            pause = self._first_pause if self._count > before else min(2 * pause, LONGEST_PAUSE)
            self._lost = self._absent()
            self._ended.wait(pause)

    def _put(self, picture: np.ndarray) -> None:
        with self._fresh:
            self._newest, self._at, self._lost = picture, monotonic(), ""
            self._count += 1
            self._fresh.notify_all()


class ServerCamera:
    """A camera of the server before one viewer: what a stream asks for its pictures.

    Args:
        workspace: whose settings name it.
        name: in them.
        feed: that draws, and inspects the newest.
    """

    def __init__(self, workspace: Workspace, name: str, feed: CameraFeed) -> None:
        self._key, self._feed, self._count = _address(workspace, name), feed, 0
        self._reader = _READERS.take(self._key)
        self._standing = np.zeros((LARGEST[1], LARGEST[0], 3), np.uint8)
        self._is_closed = False
        self._shown_at = 0.0
        feed.viewer.meter.of_server = True

    def tick(self) -> tuple[np.ndarray, float]:
        """Return the next picture to show, drawn, and the seconds to wait before it is shown: none.

        A stream that was lowered waits before it takes the newest picture.
        """
        if self._feed.viewer.pace.level:
            sleep(max(0.0, self._shown_at + 1 / self._feed.viewer.pace.step.rate - monotonic()))
        self._shown_at = monotonic()
        self._count, picture = self._reader.next(self._count, 0.2)
        viewer = self._feed.viewer
        viewer.trouble = self._reader.problem
        if picture is not None and not viewer.trouble:
            self._standing = picture
            viewer.ruler.full_side = max(viewer.ruler.full_side, self._reader.full_side)
            return self._feed.show(picture), 0.0
        return viewer.draw(self._standing), 0.0  # what is black is not judged

    def close(self) -> None:
        """Leave the camera; who leaves last closes it."""
        if not self._is_closed:
            self._is_closed = True
            _READERS.give_back(self._key)
            self._feed.close()


class _Readers:
    """The open cameras, by number or address: a USB camera can be opened once only."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[int | str, tuple[CameraReader, int]] = {}

    def take(self, key: int | str) -> CameraReader:
        with self._lock:
            reader, viewers = self._open.get(key) or (_reader(key), 0)
            self._open[key] = reader, viewers + 1
            return reader

    def give_back(self, key: int | str) -> None:
        with self._lock:
            reader, viewers = self._open.pop(key)
            if viewers > 1:
                self._open[key] = reader, viewers - 1
            else:
                reader.close()


_READERS = _Readers()


def _address(workspace: Workspace, name: str) -> int | str:
    for known, address in workspace.cameras:
        if known == name:
            return address
    raise MediaError(f"workspace.toml names no camera {name!r}.", "Choose another source.")


def _reader(address: int | str) -> CameraReader:
    if isinstance(address, str):
        return CameraReader(partial(open_address, address), lambda: UNREACHABLE)
    return CameraReader(partial(open_camera, address), partial(_absent, address))


def _absent(number: int) -> str:
    """Say why a USB camera gives nothing: on Linux one that is plugged in is a file."""
    is_gone = sys.platform == "linux" and not Path(f"/dev/video{number}").exists()
    return UNPLUGGED if is_gone else BUSY
