"""Pictures as people bring them, made into what is stored: 8 bits a colour, sRGB, no transparency, for every browser.

What is that already is stored unchanged. Everything else (more bits, other colours, HEIC, TIFF …) is converted once, here,
so that the labeller, training, live view and export show the same picture.
"""

import os
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
import simplejpeg
from PIL import Image, ImageOps, TiffImagePlugin
from pillow_heif import register_heif_opener

from core.errors import MediaError
from core.media.images import decode_picture, encode_jpeg
from core.media.picture_colours import (
    BITS,
    brightest,
    by_opencv,
    deep_numbers,
    in_srgb,
    is_srgb,
    over_white,
    tiff_tag,
    white_of,
)
from core.media.picture_limits import (
    check_bytes,
    check_converted,
    check_size,
    one_at_a_time,
    too_many_pixels,
    webp_size,
)
from core.text import count, listed

register_heif_opener(thumbnails=False)
with suppress(ImportError):  # somebody may have installed it; its licence (GPL) is not that of SeamLens
    import pillow_jxl  # noqa: F401

SHOWN = {
    "JPEG": (".jpg", ".jpeg"),
    "MPO": (".jpg", ".jpeg"),
    "PNG": (".png",),
    "BMP": (".bmp",),
    "WEBP": (".webp",),
}
"""Formats that every browser shows, with their endings."""

LOSSY = ("JPEG", "MPO", "HEIF", "AVIF", "JXL")
"""Formats that are stored as JPEG where they have to be converted, for PNG would be ten times as large; others as PNG."""


_JPEG_XL = (b"\xff\x0a", b"\0\0\0\x0cJXL ")
_SUBFILE, _REDUCED = 254, 1  # of TIFF

Whites = Mapping[str, float]
"""What is white in deep pictures, by the kind of number: ``integer`` or ``float``."""


@dataclass(frozen=True)
class Incoming:
    """A picture file that was looked at.

    Args:
        file: where it is.
        format: as Pillow calls it; empty where only OpenCV reads it.
        pages: how many pictures it holds; the first one counts.
        kind: ``integer`` or ``float`` where its numbers have more than 8 bits, else empty.
        is_plain: stored unchanged.
        size: width and height in pixels, as they are stored in the file.
        whites: what is white in deep pictures that came together with it.
    """

    file: Path
    format: str
    pages: int = 1
    kind: str = ""
    is_plain: bool = False
    size: tuple[int, int] = (0, 0)
    whites: Whites = field(default_factory=dict)

    @property
    def suffix(self) -> str:
        """The ending of the file that is stored."""
        if not self.is_plain:
            return ".jpg" if self.format in LOSSY else ".png"
        own = self.file.suffix
        return own if own.lower() in SHOWN[self.format] else SHOWN[self.format][0]

    def read(self) -> np.ndarray:
        """Return the picture: (H, W, 3) uint8 BGR, sRGB, the right way up, over white.

        Raises:
            MediaError: it cannot be read.
        """
        return _read(_content(self.file), self)

    def content(self, picture: np.ndarray | None = None) -> bytes:
        """Return the file that is stored; ``picture`` is what `read` returned, where it is at hand."""
        if self.is_plain:
            return _content(self.file)
        picture = self.read() if picture is None else picture
        if self.suffix == ".jpg":
            return encode_jpeg(picture)
        return cv2.imencode(".png", picture)[1].tobytes()


def look_at(files: Iterable[Path]) -> list[Incoming]:
    """Read the headers of pictures that come together; of deep ones also what is white in them.

    Raises:
        MediaError: one is no picture, or is too large: see `core.media.picture_limits`.
    """
    with ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as pool:
        pictures = list(pool.map(_look_at, files))
        deep = [picture for picture in pictures if picture.kind]
        tops = list(pool.map(_brightest, deep))
    whites = {
        kind: white_of(max(top for top, each in zip(tops, deep, strict=True) if each.kind == kind), kind)
        for kind in {picture.kind for picture in deep}
    }
    return [replace(picture, whites=whites) if picture.kind else picture for picture in pictures]


def read_incoming(file: Path) -> np.ndarray:
    """Read a single picture file as people bring it; see `Incoming.read`."""
    return look_at([file])[0].read()


def read_content(content: bytes, file: Path) -> np.ndarray:
    """Read the content of the picture called ``file``; see `Incoming.read`."""
    return _read(content, _header(content, file))


def notes(pictures: Iterable[Incoming]) -> list[str]:
    """Say, in a sentence for each kind, what was not taken as it is."""
    pictures = list(pictures)
    deep = [each for each in pictures if each.kind]
    several = [each for each in pictures if each.pages > 1]
    converted = [each for each in pictures if not each.is_plain]
    said = []
    for kind, white in deep[0].whites.items() if deep else ():
        names = listed([each.file.name for each in deep if each.kind == kind], most=3)
        said.append(
            f"Brightness was scaled so that {white:,.0f} is white, by the brightest of these pictures: {names}."
        )
    if several:
        names = listed([f"{each.file.name} ({each.pages})" for each in several], most=3)
        said.append(
            f"Only the first page of files with several pages is used: {names}. Save the others as files of their own."
        )
    if converted:
        names = listed(sorted({each.format or "TIFF" for each in converted}))
        said.append(f"{count(len(converted), 'picture')} converted to 8-bit sRGB ({names}).")
    return said


def _look_at(file: Path) -> Incoming:
    return _header(_content(file), file)


def _content(file: Path) -> bytes:
    try:
        check_bytes(file)
        return file.read_bytes()
    except OSError as error:
        raise MediaError(
            f"The picture {file} cannot be read ({error.strerror}).",
            "Check that it is there and that you may read it.",
        ) from error


def _header(content: bytes, file: Path) -> Incoming:
    """Look at the header of a picture; of one with an alpha channel also at that. All pictures that people bring pass here,
    and are not decoded before.
    """
    try:
        if webp := webp_size(content):
            check_size(webp, content, file)
        with Image.open(BytesIO(content)) as image:
            check_size(image.size, content, file)
            name = str(image.format)
            kind = _kind(image, content)
            pages = 1 if name == "MPO" else _pages(image)
            is_plain = (
                name in SHOWN and not kind and pages == 1 and is_srgb(image) and _is_opaque(image, file)
            )
            if is_plain and name in ("JPEG", "MPO"):
                _check_end(content, file)
            if not is_plain:
                check_converted(image.size, file)
            return Incoming(file, name, pages, kind, is_plain, image.size)
    except MediaError:
        raise
    except Image.DecompressionBombError:
        raise too_many_pixels(file) from None
    except Exception as error:  # readers of damaged files raise whatever they meet
        if content.startswith(_JPEG_XL):
            raise MediaError(
                f"{file} is a JPEG XL picture, which SeamLens does not read by itself.",
                "Save it as JPEG or PNG, or install pillow-jxl-plugin.",
            ) from error
        return _strange(content, file)


def _strange(content: bytes, file: Path) -> Incoming:
    """Look at a TIFF that Pillow does not know, such as one of floats in three colours."""
    try:
        head = content[:8]
        tags = TiffImagePlugin.ImageFileDirectory_v2(head)
        stream = BytesIO(content)
        stream.seek(tags.next)
        tags.load(stream)
        size = int(tags[256]), int(tags[257])
        check_size(size, content, file)
        check_converted(size, file)
        with one_at_a_time(size):
            whole = by_opencv(content)
        kind = "" if whole.dtype == np.uint8 else "float" if whole.dtype.kind == "f" else "integer"
        return Incoming(file, "", 1, kind, size=size)
    except MediaError:
        raise
    except Exception as error:  # as above
        raise _unreadable(file) from error


def _read(content: bytes, picture: Incoming) -> np.ndarray:
    """Return the picture (H, W, 3) uint8 BGR of a file that was looked at."""
    with one_at_a_time(picture.size):
        return _decoded(content, picture)


def _decoded(content: bytes, picture: Incoming) -> np.ndarray:
    if picture.is_plain:
        return decode_picture(content, picture.file)
    try:
        if picture.kind:
            deep = _deep(content, picture)
            white = picture.whites.get(picture.kind) or white_of(brightest(deep), picture.kind)
            return over_white(np.round(deep.clip(0, white) * (255 / white)).astype(np.uint8))
        if not picture.format:
            return over_white(by_opencv(content))
        with Image.open(BytesIO(content)) as image:
            return over_white(cv2.cvtColor(in_srgb(ImageOps.exif_transpose(image)), cv2.COLOR_RGBA2BGRA))
    except MediaError:
        raise
    except Exception as error:  # readers of damaged files raise whatever they meet
        raise _unreadable(picture.file) from error


def _deep(content: bytes, picture: Incoming) -> np.ndarray:
    """Return the numbers of a deep picture; see `deep_numbers`."""
    try:
        return deep_numbers(content, bool(picture.format))
    except Exception as error:  # readers of damaged files raise whatever they meet
        raise _unreadable(picture.file) from error


def _brightest(picture: Incoming) -> float:
    with one_at_a_time(picture.size):
        return brightest(_deep(_content(picture.file), picture))


def _kind(image: Image.Image, content: bytes) -> str:
    """Return ``integer`` or ``float`` where the numbers of a picture have more than 8 bits, else an empty text."""
    if image.mode == "F":
        return "float"
    if image.mode.startswith("I"):
        return "integer"
    is_deep_png = image.format == "PNG" and content[24:25] == b"\x10"
    is_deep_jp2 = image.format == "JPEG2000" and _jp2_bits(content) > 8
    return "integer" if is_deep_png or is_deep_jp2 or (tiff_tag(image, BITS) or 8) > 8 else ""


def _jp2_bits(content: bytes) -> int:
    """Return the bits of a colour in JPEG 2000: of the SIZ marker, where the components begin."""
    at = content.find(b"\xff\x4f\xff\x51")
    return (content[at + 42] & 127) + 1 if 0 <= at < len(content) - 42 else 8


def _pages(image: Image.Image) -> int:
    """Return how many pictures a file holds, small copies of the first apart."""
    pages = getattr(image, "n_frames", 1)
    if pages == 1 or image.format != "TIFF":
        return pages
    full = 0
    for page in range(pages):
        image.seek(page)
        full += not (tiff_tag(image, _SUBFILE) or 0) & _REDUCED
    image.seek(0)
    return max(1, full)


def _is_opaque(image: Image.Image, file: Path) -> bool:
    if image.mode in ("RGB", "L", "1") or not image.has_transparency_data:
        return image.mode in ("RGB", "L", "1", "P")
    check_converted(image.size, file)
    with one_at_a_time(image.size):
        return image.convert("RGBA").getchannel("A").getextrema() == (255, 255)


def _check_end(content: bytes, file: Path) -> None:
    """Refuse a JPEG whose lower part is missing: readers make it grey without a word."""
    if content.rstrip(b"\0")[-2:] == b"\xff\xd9":
        return
    try:
        simplejpeg.decode_jpeg(content, "GRAY", min_factor=8)
    except ValueError as error:
        if "end" in str(error).lower():
            raise MediaError(
                f"{file} is cut off: its lower part is missing.", "Copy it again, or remove the file."
            ) from error


def _unreadable(file: Path) -> MediaError:
    return MediaError(f"{file} is not a readable picture.", "Use PNG or JPEG, or remove the file.")
