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
from PIL import Image, ImageCms, ImageOps, TiffImagePlugin
from pillow_heif import register_heif_opener

from core.errors import MediaError
from core.media.images import decode_picture, encode_jpeg
from core.text import count, listed

register_heif_opener(thumbnails=False)
with suppress(ImportError):  # somebody may have installed it; its licence (GPL) is not that of SeamLens
    import pillow_jxl  # noqa: F401

MOST_PIXELS = 100_000_000

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

DEPTHS = (255, 1023, 4095, 16383, 65535, 2**24 - 1, 2**32 - 1)
"""White of 8, 10, 12, 14 and more bits, in files that have room for 16 or 32."""

_JPEG_XL = (b"\xff\x0a", b"\0\0\0\x0cJXL ")
_PHOTOMETRIC, _BITS, _WHITE_IS_ZERO, _SUBFILE, _REDUCED = 262, 258, 0, 254, 1  # of TIFF
_ORIENTATION = 274  # of EXIF

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
        whites: what is white in deep pictures that came together with it.
    """

    file: Path
    format: str
    pages: int = 1
    kind: str = ""
    is_plain: bool = False
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
        MediaError: one is no picture, or has more than `MOST_PIXELS`.
    """
    with ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as pool:
        pictures = list(pool.map(_look_at, files))
        deep = [picture for picture in pictures if picture.kind]
        tops = list(pool.map(lambda picture: _top(_deep(_content(picture.file), picture)), deep))
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


def white_of(maximum: float, kind: str) -> float:
    """Return what is white in numbers up to ``maximum``: the full scale of the fewest bits that hold it.

    >>> white_of(3685, "integer"), white_of(0.8, "float"), white_of(65535, "integer")
    (4095, 1.0, 65535)
    """
    if kind == "float" and maximum <= 1:
        return 1.0
    return next((white for white in DEPTHS if maximum <= white), max(maximum, 1.0))


def _look_at(file: Path) -> Incoming:
    return _header(_content(file), file)


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise MediaError(
            f"The picture {file} cannot be read ({error.strerror}).",
            "Check that it is there and that you may read it.",
        ) from error


def _header(content: bytes, file: Path) -> Incoming:
    """Look at the header of a picture; of one with an alpha channel also at that."""
    try:
        with Image.open(BytesIO(content)) as image:
            _check_size(image.size, file)
            name = str(image.format)
            kind = _kind(image, content)
            pages = 1 if name == "MPO" else _pages(image)
            is_plain = name in SHOWN and not kind and pages == 1 and _is_srgb(image) and _is_opaque(image)
            if is_plain and name in ("JPEG", "MPO"):
                _check_end(content, file)
            return Incoming(file, name, pages, kind, is_plain)
    except MediaError:
        raise
    except Image.DecompressionBombError:
        raise _too_large(file) from None
    except Exception as error:  # readers of damaged files raise whatever they meet
        if content.startswith(_JPEG_XL):
            raise MediaError(
                f"{file} is a JPEG XL picture, which SeamLens does not read by itself.",
                "Save it as JPEG or PNG, or install pillow-jxl-plugin.",
            ) from error
        return _strange(content, file)


def _strange(content: bytes, file: Path) -> Incoming:
    """Look at a TIFF that Pillow does not know, such as one of floats in three colours."""
    with suppress(Exception):  # as above
        head = content[:8]
        tags = TiffImagePlugin.ImageFileDirectory_v2(head)
        stream = BytesIO(content)
        stream.seek(tags.next)
        tags.load(stream)
        _check_size((int(tags[256]), int(tags[257])), file)
        whole = _by_opencv(content)
        kind = "" if whole.dtype == np.uint8 else "float" if whole.dtype.kind == "f" else "integer"
        return Incoming(file, "", 1, kind)
    raise _unreadable(file)


def _read(content: bytes, picture: Incoming) -> np.ndarray:
    """Return the picture (H, W, 3) uint8 BGR of a file that was looked at."""
    if picture.is_plain:
        return decode_picture(content, picture.file)
    try:
        if picture.kind:
            deep = _deep(content, picture)
            white = picture.whites.get(picture.kind) or white_of(_top(deep), picture.kind)
            return _over_white(np.round(deep.clip(0, white) * (255 / white)).astype(np.uint8))
        if not picture.format:
            return _over_white(_by_opencv(content))
        with Image.open(BytesIO(content)) as image:
            return _over_white(cv2.cvtColor(_in_srgb(ImageOps.exif_transpose(image)), cv2.COLOR_RGBA2BGRA))
    except MediaError:
        raise
    except Exception as error:  # readers of damaged files raise whatever they meet
        raise _unreadable(picture.file) from error


def _deep(content: bytes, picture: Incoming) -> np.ndarray:
    """Return the numbers of a deep picture: (H, W) or (H, W, 3 or 4, BGR) float32, the right way up."""
    try:
        if not picture.format:
            return _by_opencv(content).astype(np.float32)
        with Image.open(BytesIO(content)) as image:
            turned = image.getexif().get(_ORIENTATION, 1)
            if image.mode[0] in "IF":
                numbers = np.asarray(image).astype(np.float32)
                if image.format == "TIFF":
                    turned = 1  # Pillow turns these itself
                if _tag(image, _PHOTOMETRIC) == _WHITE_IS_ZERO:
                    numbers = 2 ** (_tag(image, _BITS) or 16) - 1 - numbers
            else:  # Pillow keeps only 8 bits of three colours
                numbers = _by_opencv(content).astype(np.float32)
        return _upright(np.nan_to_num(numbers, posinf=0, neginf=0), turned)
    except Exception as error:  # readers of damaged files raise whatever they meet
        raise _unreadable(picture.file) from error


def _by_opencv(content: bytes) -> np.ndarray:
    picture = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    if picture is None:
        raise ValueError("OpenCV does not read it")
    return picture


def _top(deep: np.ndarray) -> float:
    """Return the largest number of a deep picture, transparency apart."""
    return float((deep[..., :3] if deep.ndim == 3 else deep).max(initial=0))


def _upright(picture: np.ndarray, orientation: int) -> np.ndarray:
    """Return a picture turned and mirrored as EXIF says (1 to 8)."""
    if orientation in (5, 6, 7, 8):
        picture = picture.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        picture = picture[::-1]
    if orientation in (2, 3, 6, 7):
        picture = picture[:, ::-1]
    return np.ascontiguousarray(picture)


def _in_srgb(image: Image.Image) -> np.ndarray:
    """Return (H, W, 4) uint8 RGBA of a picture of any mode, its colours by its own profile."""
    has_alpha = image.has_transparency_data
    alpha = image.convert("RGBA").getchannel("A") if has_alpha else None
    if "icc_profile" in image.info and not _is_srgb(image):
        colours = image if image.mode in ("RGB", "CMYK", "L", "LAB") else image.convert("RGB")
        with suppress(
            ImageCms.PyCMSError, OSError, ValueError
        ):  # a profile of another kind of colours says nothing
            profile = ImageCms.ImageCmsProfile(BytesIO(image.info["icc_profile"]))
            srgb = ImageCms.createProfile("sRGB")
            image = ImageCms.profileToProfile(colours, profile, srgb, outputMode="RGB") or image
    rgba = image.convert("RGBA")
    if alpha is not None:
        rgba.putalpha(alpha)
    return np.asarray(rgba)


def _over_white(picture: np.ndarray) -> np.ndarray:
    """Return (H, W, 3) uint8 BGR of a picture that is grey, BGR or BGRA: transparent parts are white."""
    if picture.ndim == 2:
        return cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR)
    if picture.shape[2] == 3:
        return picture
    share = picture[..., 3:].astype(np.uint16)
    return ((picture[..., :3] * share + 255 * (255 - share) + 127) // 255).astype(np.uint8)


def _kind(image: Image.Image, content: bytes) -> str:
    """Return ``integer`` or ``float`` where the numbers of a picture have more than 8 bits, else an empty text."""
    if image.mode == "F":
        return "float"
    if image.mode.startswith("I"):
        return "integer"
    is_deep_png = image.format == "PNG" and content[24:25] == b"\x10"
    is_deep_jp2 = image.format == "JPEG2000" and _jp2_bits(content) > 8
    return "integer" if is_deep_png or is_deep_jp2 or (_tag(image, _BITS) or 8) > 8 else ""


def _jp2_bits(content: bytes) -> int:
    """Return the bits of a colour in JPEG 2000: of the SIZ marker, where the components begin."""
    at = content.find(b"\xff\x4f\xff\x51")
    return (content[at + 42] & 127) + 1 if 0 <= at < len(content) - 42 else 8


def _tag(image: Image.Image, tag: int) -> int | None:
    """Return a number among the tags of a TIFF."""
    if not isinstance(image, TiffImagePlugin.TiffImageFile):
        return None
    value = image.tag_v2.get(tag)
    return max(value) if isinstance(value, tuple) else value


def _pages(image: Image.Image) -> int:
    """Return how many pictures a file holds, small copies of the first apart."""
    pages = getattr(image, "n_frames", 1)
    if pages == 1 or image.format != "TIFF":
        return pages
    full = 0
    for page in range(pages):
        image.seek(page)
        full += not (_tag(image, _SUBFILE) or 0) & _REDUCED
    image.seek(0)
    return max(1, full)


def _is_srgb(image: Image.Image) -> bool:
    """Return whether the colours are those of sRGB, as where no profile says otherwise."""
    if image.mode in ("CMYK", "LAB"):
        return False
    if not (profile := image.info.get("icc_profile")):
        return True
    with suppress(ImageCms.PyCMSError, OSError, ValueError):
        name = ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(BytesIO(profile)))
        return "srgb" in name.lower() and image.mode != "L"
    return True


def _is_opaque(image: Image.Image) -> bool:
    if image.mode in ("RGB", "L", "1") or not image.has_transparency_data:
        return image.mode in ("RGB", "L", "1", "P")
    return image.convert("RGBA").getchannel("A").getextrema() == (255, 255)


def _check_size(size: tuple[int, int], file: Path) -> None:
    if size[0] * size[1] > MOST_PIXELS:
        raise _too_large(file, f" ({size[0]:,} × {size[1]:,} pixels)")


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


def _too_large(file: Path, size: str = "") -> MediaError:
    most = MOST_PIXELS // 1_000_000
    return MediaError(
        f"{file} has more than {most} megapixels{size}.", "Make it smaller, or cut it into several pictures."
    )


def _unreadable(file: Path) -> MediaError:
    return MediaError(f"{file} is not a readable picture.", "Use PNG or JPEG, or remove the file.")
