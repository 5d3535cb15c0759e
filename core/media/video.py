"""Video files: decoded once, in order, picture by picture; and written so that a browser plays them.

Nothing here seeks: a frame's index is how many were decoded before it, the only count on which every container, rate
and decoder agrees.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from fractions import Fraction
from math import cos, radians, sin
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, cast

import av
import numpy as np
from av.buffer import Buffer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from core.errors import MediaError
from core.files import replacing
from core.text import count

CONTAINERS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi"
"""Only real containers are opened: a playlist dressed up as .mp4 would make the decoder read other files."""

CLOCK = 90_000
"""Ticks per second of the videos that are written: fine enough for any camera's time stamps."""


Matrix = tuple[float, float, float, float]
UPRIGHT: Matrix = (1, 0, 0, 1)


@dataclass(frozen=True)
class Decoded:
    """One decoded frame.

    Args:
        index: how many frames were decoded before it.
        time: presentation time in seconds, as the container says.
        picture: (H, W, 3) uint8, BGR, the right way up.
    """

    index: int
    time: float
    picture: np.ndarray


def decode(
    path: Path, wanted: Callable[[int], bool] = lambda index: True, threads: int = 0
) -> Iterator[Decoded]:
    """Yield every frame of a video in order; the file is closed also when the caller stops early.

    Args:
        path: the video.
        wanted: of which indexes the picture is wanted; the others are decoded and counted only.
        threads: how many the decoder may use; 0 is one per core.

    Raises:
        MediaError: not a video, no frames in it, or it is broken or cut off; how many frames came before
            is in the message.
    """
    decoded = 0
    with _opened(path) as (container, stream):
        stream.thread_type, stream.thread_count = "AUTO", threads
        times, matrix = FrameTimes(stream), UPRIGHT
        try:
            for index, frame in enumerate(container.decode(stream)):
                decoded = index + 1
                time = times.of(frame)
                if frame.key_frame or not index:  # a camera is not turned between two of them
                    matrix = display_matrix(frame)
                if wanted(index):
                    yield Decoded(index, time, _upright(frame, matrix, threads))
        except av.FFmpegError as error:
            raise _incomplete(path, decoded, _reason(error)) from error
        claimed = stream.frames
    if (missing := bytes_missing(path)) and decoded < (claimed or decoded + 1):
        raise _incomplete(path, decoded, f"the last {missing} bytes are missing")
    if decoded == 0:
        raise _without_frames(path)


def frame_rate(path: Path) -> float | None:
    """Return the average frames per second of a video, where its container says so.

    Raises:
        MediaError: not a video, or its first frame cannot be decoded.
    """
    frames = decode(path)
    try:
        next(frames)
    finally:
        frames.close()  # type: ignore[attr-defined]
    with _opened(path) as (_, stream):
        return float(stream.average_rate) if stream.average_rate else None


def claimed_frames(path: Path) -> int | None:
    """Return how many frames the container says it has, if it does; good for a progress bar only.

    Raises:
        MediaError: not a video.
    """
    with _opened(path) as (_, stream):
        return stream.frames or None


class VideoWriter:
    """Writes H.264 in an mp4 that a browser plays and starts at once; the file appears when the block ends well.

    Args:
        path: the new file.
        fps: frames per second, for frames written without a time.
        crf: quality of the encoder, 0 (lossless) to 51.
        preset: the encoder's trade of speed for size.

    A picture of odd width or height loses its last column or row, for the colours are stored at half size.
    """

    def __init__(self, path: Path, fps: float, crf: int = 20, preset: str = "veryfast") -> None:
        self.path, self.frames = path, 0
        self._fps, self._options = fps, {"crf": str(crf), "preset": preset}
        self._last = -1  # ticks
        self._stack = ExitStack()
        self._container: av.container.OutputContainer | None = None
        self._stream: VideoStream | None = None

    def __enter__(self) -> "VideoWriter":
        partial = self._stack.enter_context(replacing(self.path))
        container = av.open(str(partial), "w", format="mp4", options={"movflags": "+faststart"})
        self._container = self._stack.enter_context(container)
        return self

    def write(self, picture: np.ndarray, time: float | None = None) -> None:
        """Append one picture.

        Args:
            picture: (H, W, 3) uint8, BGR; all of one size.
            time: seconds since the start; without it the frames follow each other at the frame rate.
        """
        stream = self._stream or self._start(picture)
        cut = np.ascontiguousarray(picture[: stream.height, : stream.width])
        frame = VideoFrame.from_ndarray(cut, "bgr24")
        seconds = self.frames / self._fps if time is None else time
        self._last = max(self._last + 1, round(seconds * CLOCK))
        frame.pts, frame.time_base = self._last, Fraction(1, CLOCK)
        self._mux(stream, frame)
        self.frames += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            # replacing() must hear of the error, else it would keep the broken file.
            self._stack.__exit__(kind, error, trace)
            return
        with self._stack:
            if self._stream is None:
                raise MediaError(f"{self.path.name} would be a video without pictures.", "Record for longer.")
            self._mux(self._stream, None)

    def _start(self, picture: np.ndarray) -> VideoStream:
        assert self._container is not None, "use VideoWriter in a with block"
        rate = Fraction(self._fps).limit_denominator(1001)
        stream = self._container.add_stream("libx264", rate=rate, options=self._options)
        stream.height, stream.width = (side // 2 * 2 for side in picture.shape[:2])
        stream.pix_fmt = "yuv420p"
        stream.gop_size = 25
        stream.time_base = stream.codec_context.time_base = Fraction(1, CLOCK)
        self._stream = stream
        return stream

    def _mux(self, stream: VideoStream, frame: VideoFrame | None) -> None:
        assert self._container is not None
        for packet in stream.encode(frame):
            self._container.mux(packet)


def write_video(
    path: Path, frames: Iterable[np.ndarray], fps: float, crf: int = 20, preset: str = "veryfast"
) -> None:
    """Write pictures, each (H, W, 3) uint8 BGR, as an mp4; see `VideoWriter`."""
    with VideoWriter(path, fps, crf, preset) as writer:
        for frame in frames:
            writer.write(frame)


@contextmanager
def _opened(path: Path) -> Iterator[tuple[av.container.InputContainer, VideoStream]]:
    options = {"format_whitelist": CONTAINERS, "protocol_whitelist": "file"}
    try:
        container = av.open(str(path), container_options=options)
    except (av.FFmpegError, OSError) as error:
        raise MediaError(
            f"{path.name} cannot be opened as a video ({_reason(error)}).",
            "Use mp4, mov, avi, mkv or webm; if its end is missing, copy or download it again.",
        ) from error
    with container:
        stream = container.streams.best("video")
        if not isinstance(stream, VideoStream):
            raise _without_frames(path)
        yield container, stream


class FrameTimes:
    """Presentation times in seconds; a frame without one follows the last at the average rate."""

    def __init__(self, stream: VideoStream) -> None:
        self._step = 1 / float(stream.average_rate or 25)
        self._next = 0.0

    def of(self, frame: VideoFrame) -> float:
        time = self._next if frame.pts is None else float(frame.time)
        self._next = time + self._step
        return time


def _upright(frame: VideoFrame, matrix: Matrix, threads: int) -> np.ndarray:
    """Return the picture (H, W, 3) uint8 BGR, turned and mirrored as the camera's display matrix says."""
    # Threads of its own for each picture cost the conversion more than they bring.
    picture = frame.to_ndarray(format="bgr24", threads=threads or None)
    a, b, c, d = matrix
    if abs(b) > abs(a):
        picture, across, down = picture.transpose(1, 0, 2), c, b
    else:
        across, down = a, d
    return np.ascontiguousarray(picture[:: -1 if down < 0 else 1, :: -1 if across < 0 else 1])


def display_matrix(frame: VideoFrame) -> Matrix:
    """Return a, b, c, d, which send pixel (x, y) to (ax + cy, bx + dy)."""
    try:
        stored = frame.side_data.get("DISPLAYMATRIX")
    except ValueError:  # another kind of side data, unknown to PyAV, hides them all (spatial videos)
        sine, cosine = sin(radians(frame.rotation)), cos(radians(frame.rotation))
        return cosine, -sine, sine, cosine
    if stored is None:
        return UPRIGHT
    a, b, _, c, d = np.frombuffer(bytes(cast(Buffer, stored)), np.int32, count=5).tolist()
    return a, b, c, d


def _incomplete(path: Path, frames: int, reason: str) -> MediaError:
    return MediaError(
        f"{path.name} is cut off or damaged: only {count(frames, 'frame')} can be read ({reason}).",
        "Copy or record it again.",
    )


def _without_frames(path: Path) -> MediaError:
    return MediaError(f"There are no frames in {path.name}.", "Record it again.")


def _reason(error: OSError | av.FFmpegError) -> str:
    return (error.strerror or type(error).__name__).lower()


UNKNOWN = -1
"""A part whose size the writer did not know, as of a live recording: it ends with the file."""


def bytes_missing(path: Path) -> int:
    """Return how many bytes a mp4, mov, avi, mkv or webm file lacks at its end; 0 where nothing says so.

    A decoder stops quietly where a cut-off file ends, and frame counts in headers are often imprecise; the sizes of the
    container's own parts are not.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(12)
        if head[:4] == b"RIFF":
            ends = _riff_ends(file, size)
        elif head[:4] == b"\x1a\x45\xdf\xa3":
            ends = _matroska_ends(file, size)
        else:
            ends = _box_ends(file, size)
        return max(0, max(ends, default=0) - size)


def _box_ends(file: BinaryIO, size: int) -> Iterator[int]:
    """Yield where each top-level box of an ISO file (mp4, mov) ends."""
    at = 0
    while at + 8 <= size:
        file.seek(at)
        head = file.read(16)
        length = int.from_bytes(head[:4], "big")
        if length == 1:
            length = int.from_bytes(head[8:16], "big")
        if length < 8:  # 0: up to the end of the file
            return
        at += length
        yield at


def _riff_ends(file: BinaryIO, size: int) -> Iterator[int]:
    """Yield where each RIFF chunk of an avi ends; big files have several."""
    at = 0
    while at + 12 <= size:
        file.seek(at)
        head = file.read(8)
        length = int.from_bytes(head[4:8], "little")
        if head[:4] != b"RIFF" or length in (0, 0xFFFFFFFF):  # 0 and all ones: written without a known size
            return
        at += 8 + length
        yield at


def _matroska_ends(file: BinaryIO, size: int) -> Iterator[int]:
    """Yield where each top-level element of a Matroska file (mkv, webm) ends: the header and the segment."""
    at = 0
    while at + 12 <= size:
        file.seek(at)
        head = file.read(12)
        id_length = _vint_length(head[0])
        length, width = _vint(head[id_length:])
        if length == UNKNOWN:
            return
        at += id_length + width + length
        yield at


def _vint_length(first: int) -> int:
    return 9 - first.bit_length() if first else 8


def _vint(data: bytes) -> tuple[int, int]:
    """Read a Matroska size: leading zero bits say how many bytes it takes; all ones mean unknown."""
    width = _vint_length(data[0])
    value = int.from_bytes(data[:width], "big") & ((1 << 7 * width) - 1)
    return (UNKNOWN if value == (1 << 7 * width) - 1 else value), width
