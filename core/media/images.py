"""Single pictures: read from disk, written to it, and compared."""

import base64
from hashlib import sha256
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from core.errors import MediaError
from core.json_files import readable

QUALITY = 95
"""Of a JPEG that is stored, unless the workspace says otherwise."""
_COLOURS = {False: cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444, True: cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420}
_HASH_SIDE = 32  # pixels of the square that the perceptual hash looks at
_COSINES = np.cos(np.pi / _HASH_SIDE * np.outer(np.arange(8), np.arange(_HASH_SIDE) + 0.5))
"""The 8 lowest frequencies of the discrete cosine transform: (8, 32) float64."""

PICTURE_FORMATS = (
    ".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp", ".jfif", ".mpo", ".heic", ".heif", ".hif", ".avif", ".jp2",
    ".j2k", ".gif", ".pgm", ".ppm", ".jxl",
)  # fmt: skip
"""Endings of pictures that can be added; see `core.media.incoming_pictures`. Stored are PNG, JPEG, BMP and WebP."""
SHOWN_ENDINGS = (".png", ".jpg", ".jpeg", ".bmp", ".webp")
"""Endings of pictures that every browser shows."""


def read_picture(path: Path) -> np.ndarray:
    """Read a picture file of the workspace: (H, W, 3) uint8, BGR, the right way up; grey becomes BGR.

    Pictures that people bring are read by `core.media.incoming_pictures`.

    Raises:
        MediaError: no file, or not a picture.
    """
    try:
        content = readable(path).read_bytes()
    except OSError as error:
        raise MediaError(
            f"The picture {path} cannot be read ({error.strerror}).",
            "Check that it is there and that you may read it.",
        ) from error
    return decode_picture(content, path)


def decode_picture(content: bytes, path: Path) -> np.ndarray:
    """Decode the content of the picture file called ``path``; see `read_picture`."""
    # Not cv2.imread: on Windows it knows only names in the system's code page.
    picture = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR) if content else None
    if picture is None:
        raise MediaError(f"{path} is not a readable picture.", "Use PNG or JPEG, or remove the file.")
    return picture


def write_jpeg(
    path: Path, picture: np.ndarray, quality: int = QUALITY, half_colour: bool = False
) -> dict[str, Any]:
    """Write (H, W, 3) uint8 BGR as JPEG, see `encode_jpeg`; return ``size`` (bytes) and ``sha256`` of the file."""
    content = encode_jpeg(picture, quality, half_colour)
    path.write_bytes(content)
    return {"size": len(content), "sha256": sha256(content).hexdigest()}


def encode_jpeg(picture: np.ndarray, quality: int = QUALITY, half_colour: bool = False) -> bytes:
    """Return (H, W, 3) uint8 BGR as JPEG with full colour (4:4:4), for red and blue threads are thin; or half (4:2:0)."""
    settings = [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, _COLOURS[half_colour]]
    return cv2.imencode(".jpg", picture, settings)[1].tobytes()


def small_jpeg(picture: np.ndarray, width: int, quality: int = 88) -> bytes:
    """Return (H, W, 3) uint8 BGR as JPEG for the eye, shrunk where it is more than ``width`` pixels wide."""
    if picture.shape[1] > width:
        height = max(1, round(picture.shape[0] * width / picture.shape[1]))
        picture = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
    return cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()


def data_address(content: bytes) -> str:
    """Return a JPEG as an address that holds it whole, for HTML."""
    return "data:image/jpeg;base64," + base64.b64encode(content).decode()


def perceptual_hash(picture: np.ndarray) -> str:
    """Return 16 hexadecimal digits (64 bits) that differ little where pictures (H, W, 3) uint8 BGR look alike.

    The bits say which of the 8x8 lowest frequencies of the grey picture, averaged to 32x32 pixels, lie above
    their median. It is what `imagehash.phash` finds for those 32x32 pixels, at a tenth of its time.
    """
    small = _averaged(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY))
    lowest = _COSINES @ small.astype(np.float64) @ _COSINES.T  # (8, 8)
    return np.packbits(lowest > np.median(lowest)).tobytes().hex()


def _averaged(grey: np.ndarray) -> np.ndarray:
    """Return (32, 32) uint8 of a picture (H, W) uint8; whole blocks first: OpenCV averages them seven times as fast."""
    height, width = grey.shape
    down, across = max(1, height // (2 * _HASH_SIDE)), max(1, width // (2 * _HASH_SIDE))
    blocks = grey[: height // down * down, : width // across * across]
    some = cv2.resize(blocks, (width // across, height // down), interpolation=cv2.INTER_AREA)
    return cv2.resize(some, (_HASH_SIDE, _HASH_SIDE), interpolation=cv2.INTER_AREA)


def hash_distances(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return how many of 64 bits differ: two broadcastable arrays of uint64 hashes to one of uint8."""
    return np.bitwise_count(one ^ other)


def hash_numbers(hashes: list[str]) -> np.ndarray:
    """Return hexadecimal hashes as (N,) uint64."""
    return np.array([int(digits, 16) for digits in hashes], np.uint64)
