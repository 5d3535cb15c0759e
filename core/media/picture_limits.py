"""How large a picture may be, known from its header before anything of it is decoded, from wherever it comes."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from core.errors import PictureTooLargeError

MOST_PIXELS = 100_000_000
MOST_CONVERTED = 50_000_000
"""Pixels of a picture that has to be converted, which takes several times its memory."""
MOST_BYTES = 600_000_000
"""Of a file: 100 megapixels in three colours of 16 bits."""
LARGE = 16_000_000
"""Pixels from which on pictures are decoded one at a time, and must not be packed more tightly than `TIGHTEST`."""
TIGHTEST = 250
"""Pixels for each byte of a large file. Photos have under 30, flat drawings under 200; a picture made to fill the memory of
whoever opens it has 800 and more."""

_one_large = Lock()


def check_size(size: tuple[int, int], content: bytes, file: Path) -> None:
    """Refuse a picture (width, height) with too many pixels, or with far more than its file can hold.

    Raises:
        PictureTooLargeError: it is too large.
    """
    pixels = size[0] * size[1]
    if pixels > MOST_PIXELS:
        raise too_many_pixels(file, size)
    if pixels > LARGE and pixels > TIGHTEST * len(content):
        problem = f"{file} would be {size[0]:,} × {size[1]:,} pixels from {len(content) // 1000:,} kB, which no camera makes."
        raise PictureTooLargeError(problem, "Make it smaller, or save it as JPEG.")


def check_converted(size: tuple[int, int], file: Path) -> None:
    """Refuse a picture (width, height) that is too large to be converted, with a `PictureTooLargeError`."""
    if size[0] * size[1] > MOST_CONVERTED:
        problem = (
            f"{file} has more than {MOST_CONVERTED // 1_000_000} megapixels and would have to be converted."
        )
        raise PictureTooLargeError(
            problem, "Save it as JPEG, or as PNG with 8 bits a colour and without transparency."
        )


def check_bytes(file: Path) -> None:
    """Refuse a file that is too large to be read at once.

    Raises:
        PictureTooLargeError: it is too large.
        OSError: it cannot be looked at.
    """
    if (size := file.stat().st_size) > MOST_BYTES:
        problem = f"{file} has {size / 1e6:,.0f} MB; a picture may have {MOST_BYTES / 1e6:,.0f} MB."
        raise PictureTooLargeError(problem, "Save it as PNG or JPEG, or cut it into several pictures.")


def too_many_pixels(file: Path, size: tuple[int, int] | None = None) -> PictureTooLargeError:
    """Return the error of a picture with more than `MOST_PIXELS`."""
    shown = f" ({size[0]:,} × {size[1]:,} pixels)" if size else ""
    most = MOST_PIXELS // 1_000_000
    advice = "Make it smaller, or cut it into several pictures."
    return PictureTooLargeError(f"{file} has more than {most} megapixels{shown}.", advice)


def webp_size(content: bytes) -> tuple[int, int] | None:
    """Return width and height of a WebP picture, None of another: Pillow makes room for all of one as soon as it is opened.

    By RFC 9649, sections 2.5 to 2.7.
    """
    if content[:4] != b"RIFF" or content[8:12] != b"WEBP" or len(content) < 30:
        return None

    def number(at: int, bytes_: int) -> int:
        return int.from_bytes(content[at : at + bytes_], "little")

    kind = content[12:16]
    if kind == b"VP8X":
        return 1 + number(24, 3), 1 + number(27, 3)
    if kind == b"VP8L":
        bits = number(21, 4)
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    return number(26, 2) & 0x3FFF, number(28, 2) & 0x3FFF


@contextmanager
def one_at_a_time(size: tuple[int, int]) -> Iterator[None]:
    """Let a large picture (width, height) be decoded in the block while no other one is, whatever threads there are."""
    if size[0] * size[1] <= LARGE:
        yield
        return
    with _one_large:
        yield
