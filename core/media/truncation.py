"""Whether a video file ends before its container says so.

A decoder stops quietly where a cut-off file ends, and frame counts in headers are often imprecise; the sizes
of the container's own parts are not.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

UNKNOWN = -1
"""A part whose size the writer did not know, as of a live recording: it ends with the file."""


def bytes_missing(path: Path) -> int:
    """Return how many bytes a mp4, mov, avi, mkv or webm file lacks at its end; 0 where nothing says so."""
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
