"""What is wrong with a video file: frames that its decoder had to guess, and bytes that are missing at its end."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import av
import simplejpeg
from av.video.frame import PictureType, VideoFrame

MOST_HELD = 16
"""Frames between two that others refer to: what a codec may put there at most."""

JPEG_SAMPLE = 12
"""Packets from which the habits of a camera are learned."""


@dataclass(frozen=True)
class Numbered:
    """A frame as the decoder gave it, or none where it gave up on it; its index, and seconds by the container."""

    index: int
    time: float | None
    frame: VideoFrame | None
    is_damaged: bool


class Sieve:
    """Keeps back what shows damage: the frames that the decoder patched, and those that may have been made from them.

    A frame is made from earlier ones up to the last key frame; a B-frame also from the next frame that is none.

    Args:
        is_intra: every frame of this codec stands alone.
        is_open: let damaged frames through.

    Attributes:
        damaged: indexes of the frames that were kept back.
    """

    def __init__(self, is_intra: bool, is_open: bool = False) -> None:
        self.damaged: list[int] = []
        self._is_intra, self._is_open, self._spoilt = is_intra, is_open, False
        self._held: list[Numbered] = []

    def push(self, item: Numbered) -> list[Numbered]:
        """Take the next frame in the order of the film; return those that are certain to be whole now."""
        frame = item.frame
        if self._is_open and frame is not None:
            return [item]
        if self._is_intra or (frame is not None and frame.key_frame):
            self._spoilt = False
        self._spoilt |= frame is None or item.is_damaged or frame.is_corrupt
        if self._spoilt:
            self.damaged += [held.index for held in self._held] + [item.index]
            self._held = []
            return []
        self._held.append(item)
        assert frame is not None
        if frame.pict_type == PictureType.B and len(self._held) < MOST_HELD and not self._is_intra:
            return []
        return self.rest()

    def rest(self) -> list[Numbered]:
        """Return what was held for the frame after it, at the end."""
        held, self._held = self._held, []
        return held


class JpegCheck:
    """Tells damaged pictures of MJPEG, which FFmpeg decodes without a word, by the complaints of libjpeg.

    Some cameras write every picture a little wrong; what most of their first pictures have is no damage.
    """

    def __init__(self, path: Path) -> None:
        with av.open(str(path)) as container:
            packets = container.demux(container.streams.video[0])
            complaints = Counter(_complaint(bytes(packet)) for packet in islice(packets, JPEG_SAMPLE))
        self._habits = {text for text, times in complaints.items() if 2 * times > JPEG_SAMPLE} | {""}

    def is_damaged(self, content: bytes) -> bool:
        """Return whether the JPEG of a packet is damaged."""
        return _complaint(content) not in self._habits


def _complaint(content: bytes) -> str:
    try:
        if content:
            simplejpeg.decode_jpeg(content, "GRAY", min_factor=8)
    except ValueError as error:
        return re.sub(r"[0-9]+", "#", str(error))
    return ""


ISO = (b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"styp", b"moof", b"uuid")
"""Types of the boxes that a mp4, mov, m4v or 3gp file begins with."""

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
        elif head[4:8] in ISO:
            ends = _box_ends(file, size)
        else:  # the other containers are streams: nothing states their size
            return 0
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
