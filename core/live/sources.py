"""Where live pictures come from: a camera, an address, a video file, a folder of pictures.

A file or a folder gives every frame; what is live gives the newest only, and counts how many were left out.
A camera that is unplugged is asked again, with growing pauses.
"""

import threading
from collections.abc import Callable, Generator
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from time import monotonic

import av
import cv2
import numpy as np
from av.video.stream import VideoStream

from core.errors import MediaError
from core.media.add_frames import pictures_of
from core.media.images import read_picture
from core.media.incoming_pictures import look_at, notes
from core.media.library import frame_table, get_video, videos
from core.process_settings import quieten_opencv
from core.urls import CAMERA_SCHEMES, shown
from core.videos.video import Decoded, decode, frame_rate
from core.videos.video_frames import PictureMaker, Report, display_matrix
from core.workspace import Workspace

Frames = Generator[Decoded, None, None]
"""Frames with their index in the source and the seconds from its start."""

Pulse = Generator[Decoded | float, None, None]
"""Frames; and while nothing new comes, every `BEAT` the seconds from the start alone."""

Connect = Callable[[], Generator[np.ndarray, None, None]]
"""Opens a camera and yields what it sees; ends or raises when it is gone."""

PROTOCOLS = "rtsp,rtsps,rtp,udp,tcp,tls,http,https,httpproxy,crypto"
"""What an address may lead to: no file of this machine."""
PATIENCE = (10.0, 5.0)
"""Seconds to wait for an address to open, and for its next picture."""

BEAT = 0.5
"""Seconds without a frame after which the time is given instead: a camera may be away for hours."""

DIGITS = 3
"""Of the number of a camera at most."""

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
"""Seconds before a lost camera is asked again; the pause doubles."""


class Source:
    """Something to watch.

    Args:
        name: what the user calls it.
        rate: frames per second, where it is known.

    Attributes:
        is_live: whether it goes on whether or not somebody looks.
        dropped: frames that were left out because a newer one was there.
    """

    is_live = False

    def __init__(self, name: str, rate: float | None = None) -> None:
        self.name, self.rate, self.dropped = name, rate, 0

    def pulse(self) -> Pulse:
        """Yield the frames, and the time while none comes; closing the iterator closes the source."""
        raise NotImplementedError

    def frames(self) -> Frames:
        """Yield the frames alone; raises as `pulse`."""
        with closing(self.pulse()) as pulse:
            yield from (item for item in pulse if isinstance(item, Decoded))


class StoredSource(Source):
    """A file or a folder, read as fast as it is asked for; it never keeps anyone waiting."""

    def __init__(self, name: str, read: Callable[[], Frames], rate: float | None = None) -> None:
        super().__init__(name, rate)
        self._read = read

    def pulse(self) -> Pulse:
        """Yield every frame in order."""
        yield from self._read()


class Live(Source):
    """A camera or an address: the newest frame, taken by a thread of its own.

    Args:
        name: what the user calls it.
        connect: opens it.
        report: called with a line when it is lost, and when it is back.
        first_pause: seconds before it is asked again for the first time.
    """

    is_live = True

    def __init__(
        self, name: str, connect: Connect, report: Callable[[str], None], first_pause: float = FIRST_PAUSE
    ) -> None:
        super().__init__(name)
        self._connect, self._report, self._first_pause = connect, report, first_pause
        self._ended, self._fresh = threading.Event(), threading.Condition()
        self._newest: Decoded | None = None
        self._count = 0

    def pulse(self) -> Pulse:
        """Yield the newest frame whenever there is a new one, and the time while there is none, for ever.

        Raises:
            MediaError: it cannot be opened at all. Once it has been, it is waited for.
        """
        opened = self._connect()
        try:
            first = next(opened, None)
        except (OSError, av.FFmpegError) as error:
            raise _no_pictures(self.name, _reason(error)) from error
        if first is None:
            raise _no_pictures(self.name, "no answer")
        begun = monotonic()
        self._put(first, begun)
        thread = threading.Thread(target=self._follow, args=(opened, begun), name="source", daemon=True)
        thread.start()
        try:
            while True:
                newest = self._take()
                yield monotonic() - begun if newest is None else newest
        finally:
            self._ended.set()
            thread.join(timeout=PATIENCE[1])

    def _follow(self, opened: Generator[np.ndarray, None, None], begun: float) -> None:
        pause, lost = self._first_pause, False
        while not self._ended.is_set():
            reason = "it gives no more pictures"
            try:
                with closing(opened):
                    for picture in opened:
                        if lost:
                            self._report(f"{self.name} is back.")
                        pause, lost = self._first_pause, False
                        self._put(picture, begun)
                        if self._ended.is_set():
                            return
            except Exception as error:  # whatever it is: without this thread the watching would never end
                reason = _reason(error)
            lost = True
            self._report(f"{self.name} is lost ({reason}). Trying again in {pause:g} s.")
            self._ended.wait(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
            opened = self._connect()

    def _put(self, picture: np.ndarray, begun: float) -> None:
        with self._fresh:
            self.dropped += self._newest is not None
            self._newest = Decoded(self._count, monotonic() - begun, picture)
            self._count += 1
            self._fresh.notify()

    def _take(self) -> Decoded | None:
        with self._fresh:
            if self._newest is None:
                self._fresh.wait(BEAT)
            newest, self._newest = self._newest, None
            return newest


def find_source(
    workspace: Workspace, text: str | Path | int, report: Callable[[str], None] = lambda line: None
) -> Source:
    """Return what ``text`` names: a video of the workspace, a file, a folder, an address, or a camera's number.

    Args:
        workspace: whose videos may be named.
        text: what the user says.
        report: called with a line when a camera is lost or back, and once for each correction of the pictures, as `decode`
            reports them.

    Raises:
        MediaError: there is no such source.
    """
    name = str(text)
    note = _once(report)
    if name.lower().startswith(CAMERA_SCHEMES):
        return Live(shown(name), partial(open_address, name, note), report)
    if name in {video.key for video in videos(workspace)}:
        video = get_video(workspace, name)
        if video.file is not None:
            return StoredSource(name, partial(_file, workspace.path / video.file, note), video.frame_rate)
        table = frame_table(workspace, name)
        files = [workspace.path / file for file in table["file"]]
        return StoredSource(name, partial(_frames, files, table["index"].tolist()), 1.0)
    path, kind = Path(name), ""
    with suppress(OSError):  # too long for a path
        kind = "folder" if path.is_dir() else "file" if path.is_file() else ""
    if kind == "folder":
        if not (pictures := pictures_of(path)):
            raise MediaError(f"The folder {path} holds no pictures.", "Name another folder.")
        return StoredSource(name, partial(_pictures, pictures, note), 1.0)
    if kind == "file":
        return StoredSource(name, partial(_file, path, note), frame_rate(path))
    if name.isdecimal() and len(name) <= DIGITS:
        return Live(f"camera {name}", partial(open_camera, int(name)), report)
    raise MediaError(
        f"There is no source {shown(name) if '://' in name else name!r}.",
        "Name a video of this workspace, a video file, a folder of pictures, the number of a camera, or an rtsp or http "
        "address.",
    )


def _once(report: Report) -> Report:
    """Return a function that reports each sentence the first time only: a source may be opened again."""
    told: set[str] = set()

    def tell(sentence: str) -> None:
        if sentence not in told:
            told.add(sentence)
            report(sentence)

    return tell


def paced(pulse: Pulse | Frames, fps: float | None = None, until: float | None = None) -> Pulse:
    """Yield not more than ``fps`` frames per second of the source's own time, up to ``until`` seconds; close it."""
    slot = -1
    with closing(pulse):
        for item in pulse:
            time = item.time if isinstance(item, Decoded) else item
            if until is not None and time > until:
                return
            if isinstance(item, Decoded) and fps is not None:
                if int(time * fps + 1e-6) == slot:
                    continue
                slot = int(time * fps + 1e-6)
            yield item


def _file(path: Path, report: Report) -> Frames:
    with closing(decode(path, report=report)) as frames:
        yield from frames


def _frames(files: list[Path], indexes: list[int]) -> Frames:
    """Yield frames that are pictures of the workspace as if they came once a second."""
    for place, file in enumerate(files):
        yield Decoded(indexes[place], float(place), read_picture(file))


def _pictures(files: list[Path], report: Report) -> Frames:
    """Yield pictures as if they came once a second."""
    pictures = list(look_at(files))
    for place, picture in enumerate(pictures):
        yield Decoded(place, float(place), picture.read())
    for note in notes(pictures):
        report(note)


def open_camera(number: int) -> Generator[np.ndarray, None, None]:
    """Yield the pictures, (H, W, 3) uint8 BGR, of the camera of this machine with that number."""
    quieten_opencv()
    camera = cv2.VideoCapture(number)
    try:
        while True:
            is_there, picture = camera.read()
            if not is_there:
                return
            yield picture
    finally:
        camera.release()


def open_address(url: str, report: Report = lambda sentence: None) -> Generator[np.ndarray, None, None]:
    """Yield the pictures, (H, W, 3) uint8 BGR, that come from an rtsp or http address; ``report`` as of `decode`."""
    options = {"protocol_whitelist": PROTOCOLS}
    if url.lower().startswith("rtsp"):
        options["rtsp_transport"] = "tcp"  # over UDP a busy network tears the pictures
    with av.open(url, options=options, timeout=PATIENCE) as container:
        stream = container.streams.best("video")
        if not isinstance(stream, VideoStream):
            return
        stream.codec_context.flags |= 0x80000  # low delay: frames are not held back for threads
        maker = PictureMaker(stream, 0, report)
        for frame in container.decode(stream):
            if not frame.is_corrupt:
                yield maker.picture(frame, display_matrix(frame))


def _reason(error: Exception) -> str:
    """Return what went wrong; never more of the error, which may hold the address and a password."""
    reason = getattr(error, "strerror", None) or type(error).__name__
    return " ".join(str(reason).split())


def _no_pictures(name: str, reason: str) -> MediaError:
    return MediaError(f"No pictures come from {name} ({reason}).", "Connect it, or name another source.")
