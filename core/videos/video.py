"""Video files: decoded once, in order, picture by picture.

Nothing here seeks: a frame's index is how many were decoded before it, the only count on which every container, rate
and decoder agrees.
"""

from bisect import insort
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import av
import numpy as np
from av.video.stream import VideoStream

from core.errors import MediaError
from core.text import count, listed, spans
from core.videos.damage import JpegCheck, Numbered, Sieve, bytes_missing
from core.videos.video_frames import (
    UPRIGHT,
    Deinterlacer,
    FrameTimes,
    Matrix,
    PictureMaker,
    Report,
    display_matrix,
)

CONTAINERS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpeg,mpegts,asf,flv"
"""Only real containers are opened: a playlist dressed up as .mp4 would make the decoder read other files."""

FASTEST = 500
"""Frames a second of the slow motion of phones; more is mostly an error of the writer."""


@dataclass(frozen=True)
class Decoded:
    """One decoded frame.

    Args:
        index: how many frames come before it in the film, damaged ones too.
        time: seconds from the first frame; rising.
        picture: (H, W, 3) uint8, BGR, sRGB, the right way up, with square pixels; of one size in a film.
    """

    index: int
    time: float
    picture: np.ndarray


def decode(
    path: Path,
    wanted: Callable[[int], bool] = lambda index: True,
    threads: int = 0,
    report: Report = lambda sentence: None,
    salvage: bool = False,
    raw: bool = False,
) -> Generator[Decoded, None, None]:
    """Yield the whole frames of a video in order; the file is closed also when the caller stops early.

    Frames that the decoder had to patch, and those made from them, are left out; the others keep their indexes.

    Args:
        path: the video.
        wanted: of which indexes the picture is wanted; the others are decoded and counted only.
        threads: how many the decoder may use; 0 is one per core.
        report: called with a sentence about what was corrected or left out, at the latest at the end.
        salvage: of a film that is cut off or has a hole, yield what can be decoded.
        raw: yield pictures as versions up to 0.6 stored them: damaged ones too, and none corrected.

    Raises:
        MediaError: not a video, no whole frames in it, or without ``salvage`` it is broken or cut off; how many frames
            can be read is in the message.
    """
    with opened_video(path) as (container, stream):
        if salvage:  # frames that wait in other threads would be lost with the one that fails
            stream.thread_type, stream.thread_count = "NONE", 1
        else:
            stream.thread_type, stream.thread_count = "AUTO", threads
        film = _Film(path, container, stream, salvage, report, raw)
        maker, deinterlacer = PictureMaker(stream, threads, report, raw), Deinterlacer(stream, report, raw)
        matrix, matrices = UPRIGHT, dict[int, Matrix]()
        whole = 0
        times = FrameTimes(stream)
        for item in film.frames():
            assert item.frame is not None
            whole += 1
            if item.frame.key_frame or whole == 1:  # a camera is not turned between two of them
                matrix = display_matrix(item.frame)
            matrices[item.index] = matrix
            for index, time, frame in deinterlacer.push(item.index, times.of(item.time), item.frame):
                turn = matrices.pop(index)
                if wanted(index):
                    yield Decoded(index, time, maker.picture(frame, turn, index))
        for index, time, frame in deinterlacer.flush():
            if wanted(index):
                yield Decoded(index, time, maker.picture(frame, matrices[index], index))
    film.check_end(whole)


class _Film:
    """The frames of an opened video: numbered, with their times, without the damaged ones."""

    def __init__(
        self,
        path: Path,
        container: av.container.InputContainer,
        stream: VideoStream,
        salvage: bool,
        report: Report,
        raw: bool = False,
    ) -> None:
        self._path, self._container, self._stream = path, container, stream
        self._salvage, self._report = salvage, report
        codec = stream.codec_context.codec
        self._is_intra = codec.intra_only
        self._jpegs = JpegCheck(path) if codec.name == "mjpeg" else None
        # Packets of avi have no time at which they are shown: those at which they are decoded are the same, in order.
        self._by_order = codec.reorder and "avi" in container.format.name
        self._sieve = Sieve(self._is_intra, raw)
        self._count, self._packets, self._failed = 0, 0, ""

    def frames(self) -> Iterator[Numbered]:
        """Yield the whole frames in order."""
        try:
            for item in self._received():
                self._count = item.index + 1
                yield from self._sieve.push(item)
        except av.FFmpegError as error:
            if not self._salvage:
                raise _incomplete(self._path, _readable(self._path), _reason(error)) from error
            self._failed = _reason(error)
        yield from self._sieve.rest()

    def check_end(self, whole: int) -> None:
        """Report what was left out; refuse a film that is cut off, and one without a whole frame."""
        claimed = self._stream.frames
        if not self._salvage:
            if (missing := bytes_missing(self._path)) and self._count < (claimed or self._count + 1):
                reason = f"the last {missing} bytes are missing"
                raise _incomplete(self._path, _readable(self._path), reason)
            # Where the last frames are damaged, whole ones may be lost in the decoder's threads without a word.
            if self._count < max(claimed, self._packets) and (readable := _readable(self._path)) > whole:
                raise _incomplete(self._path, readable, "its end is damaged")
        if not self._count:
            raise _without_frames(self._path)
        if self._salvage and self._count < self._stream.frames:
            self._report("Its end is missing: it was read up to its last whole frame.")
        rate = float(self._stream.average_rate or 0)
        if rate > FASTEST:
            self._report(f"By its container it shows {rate:,.0f} frames a second: its times may be wrong.")
        if self._failed:
            self._report(f"It could be read up to frame {self._count - 1} only ({self._failed}).")
        if not whole:
            raise MediaError(f"Every frame of {self._path.name} is damaged.", "Copy or record it again.")
        if damaged := self._sieve.damaged:
            frames = count(len(damaged), "damaged frame")
            were = "was" if len(damaged) == 1 else "were"
            self._report(f"{frames} {were} left out: {listed(spans(damaged), most=8)}.")

    def _received(self) -> Iterator[Numbered]:
        """Yield what the decoder gives, and nothing in its place where it gives up on a frame that stands alone."""
        stamps, torn, lost = list[float | None](), set[int | None](), list[int]()
        index = 0
        for packet in self._container.demux(self._stream):
            if packet.size and not packet.is_discard:
                self._packets += 1
                stamp = packet.pts if packet.dts is None else packet.dts
                stamps.append(self._seconds(stamp))
            if self._jpegs and self._jpegs.is_damaged(bytes(packet)):
                torn.add(packet.pts)
            try:
                frames = packet.decode()
            except av.FFmpegError:
                if not (self._is_intra or self._salvage):
                    raise
                frames = []
                insort(lost, packet.pts or 0)
            for frame in frames:
                while lost and lost[0] < (frame.pts or 0):
                    yield Numbered(index, self._time(stamps, index, lost.pop(0)), None, True)
                    index += 1
                time = self._time(stamps, index, frame.pts)
                yield Numbered(index, time, frame, frame.pts in torn)
                index += 1
        for pts in lost:
            yield Numbered(index, self._time(stamps, index, pts), None, True)
            index += 1

    def _time(self, stamps: list[float | None], index: int, pts: int | None) -> float | None:
        """Return the seconds of a frame by the container; ``stamps`` are those of the packets, as they came."""
        if self._by_order:
            return stamps[index] if index < len(stamps) else None
        return self._seconds(pts)

    def _seconds(self, stamp: int | None) -> float | None:
        return None if stamp is None else float(stamp * (self._stream.time_base or 1))


def _readable(path: Path) -> int:
    """Return how many whole frames a damaged film has."""
    try:
        with opened_video(path) as (container, stream):
            stream.thread_type, stream.thread_count = "NONE", 1
            return sum(1 for _ in _Film(path, container, stream, True, lambda sentence: None).frames())
    except MediaError:
        return 0


def frame_rate(path: Path) -> float | None:
    """Return the average frames per second of a video, where its container says so.

    Raises:
        MediaError: not a video, or its first frame cannot be decoded.
    """
    frames = decode(path)
    try:
        next(frames)
    finally:
        frames.close()
    with opened_video(path) as (_, stream):
        return float(stream.average_rate) if stream.average_rate else None


def claimed_frames(path: Path) -> int | None:
    """Return how many frames the container says it has, if it does; good for a progress bar only.

    Raises:
        MediaError: not a video.
    """
    with opened_video(path) as (_, stream):
        return stream.frames or None


@contextmanager
def opened_video(source: Path | BinaryIO) -> Iterator[tuple[av.container.InputContainer, VideoStream]]:
    """Open a video, a file or one that is open, and its best stream.

    Raises:
        MediaError: not a video.
    """
    options = {"format_whitelist": CONTAINERS, "protocol_whitelist": "file"}
    path = source if isinstance(source, Path) else Path(getattr(source, "name", "video"))
    try:
        file = str(source) if isinstance(source, Path) else source
        container = av.open(file, "r", container_options=options)
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


def _incomplete(path: Path, frames: int, reason: str) -> MediaError:
    return MediaError(
        f"{path.name} is cut off or damaged: only {count(frames, 'frame')} can be read ({reason}).",
        "Copy or record it again; or tick “Add what can be read of damaged videos” on the page, or use add --salvage.",
    )


def _without_frames(path: Path) -> MediaError:
    return MediaError(f"There are no frames in {path.name}.", "Record it again.")


def _reason(error: OSError | av.FFmpegError) -> str:
    return (error.strerror or type(error).__name__).lower()
