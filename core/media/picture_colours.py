"""The numbers of a picture file made into 8 bits a colour, sRGB, over white."""

from contextlib import suppress
from io import BytesIO

import cv2
import numpy as np
from PIL import Image, ImageCms, TiffImagePlugin

DEPTHS = (255, 1023, 4095, 16383, 65535, 2**24 - 1, 2**32 - 1)
"""White of 8, 10, 12, 14 and more bits, in files that have room for 16 or 32."""


_PHOTOMETRIC, BITS, _WHITE_IS_ZERO = 262, 258, 0  # of TIFF


_ORIENTATION = 274  # of EXIF


def white_of(maximum: float, kind: str) -> float:
    """Return what is white in numbers up to ``maximum``: the full scale of the fewest bits that hold it.

    >>> white_of(3685, "integer"), white_of(0.8, "float"), white_of(65535, "integer")
    (4095, 1.0, 65535)
    """
    if kind == "float" and maximum <= 1:
        return 1.0
    return next((white for white in DEPTHS if maximum <= white), max(maximum, 1.0))


def deep_numbers(content: bytes, is_known: bool) -> np.ndarray:
    """Return the numbers of a deep picture: (H, W) or (H, W, 3 or 4, BGR) float32, the right way up.

    ``is_known``: Pillow knows its format. Raises whatever the readers of damaged files raise.
    """
    if not is_known:
        return by_opencv(content).astype(np.float32)
    with Image.open(BytesIO(content)) as image:
        turned = image.getexif().get(_ORIENTATION, 1)
        if image.mode[0] in "IF":
            numbers = np.asarray(image).astype(np.float32)
            if image.format == "TIFF":
                turned = 1  # Pillow turns these itself
            if tiff_tag(image, _PHOTOMETRIC) == _WHITE_IS_ZERO:
                numbers = 2 ** (tiff_tag(image, BITS) or 16) - 1 - numbers
        else:  # Pillow keeps only 8 bits of three colours
            numbers = by_opencv(content).astype(np.float32)
    return _upright(np.nan_to_num(numbers, posinf=0, neginf=0), turned)


def by_opencv(content: bytes) -> np.ndarray:
    """Return the numbers of a picture as OpenCV reads them: (H, W) or (H, W, 3 or 4, BGR)."""
    picture = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    if picture is None:
        raise ValueError("OpenCV does not read it")
    return picture


def brightest(deep: np.ndarray) -> float:
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


def in_srgb(image: Image.Image) -> np.ndarray:
    """Return (H, W, 4) uint8 RGBA of a picture of any mode, its colours by its own profile."""
    has_alpha = image.has_transparency_data
    alpha = image.convert("RGBA").getchannel("A") if has_alpha else None
    if "icc_profile" in image.info and not is_srgb(image):
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


_STRIP = 256
"""Rows."""


def over_white(picture: np.ndarray) -> np.ndarray:
    """Return (H, W, 3) uint8 BGR of a picture that is grey, BGR or BGRA: transparent parts are white."""
    if picture.ndim == 2:
        return cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR)
    if picture.shape[2] == 3:
        return picture
    result = np.empty((*picture.shape[:2], 3), np.uint8)
    for top in range(0, len(picture), _STRIP):  # numbers of 16 bits of a whole picture take a gigabyte
        strip = picture[top : top + _STRIP]
        share = strip[..., 3:].astype(np.uint16)
        result[top : top + _STRIP] = (strip[..., :3] * share + 255 * (255 - share) + 127) // 255
    return result


def tiff_tag(image: Image.Image, tag: int) -> int | None:
    """Return a number among the tags of a TIFF."""
    if not isinstance(image, TiffImagePlugin.TiffImageFile):
        return None
    value = image.tag_v2.get(tag)
    return max(value) if isinstance(value, tuple) else value


def is_srgb(image: Image.Image) -> bool:
    """Return whether the colours are those of sRGB, as where no profile says otherwise."""
    if image.mode in ("CMYK", "LAB"):
        return False
    if not (profile := image.info.get("icc_profile")):
        return True
    with suppress(ImageCms.PyCMSError, OSError, ValueError):
        name = ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(BytesIO(profile)))
        return "srgb" in name.lower() and image.mode != "L"
    return True
