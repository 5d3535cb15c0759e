"""Small videos whose every picture shows its own index, as eight black or white squares."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import av
import cv2
import numpy as np

from core.videos.video_writer import VideoWriter

BITS, SQUARE = 8, 16
WIDTH, HEIGHT = BITS * SQUARE, 96

TURNS = {  # clockwise degrees that a player applies: matrix a b c d of the track header
    0: (1, 0, 0, 1),
    90: (0, 1, -1, 0),
    180: (-1, 0, 0, -1),
    270: (0, -1, 1, 0),
}


def numbered(index: int) -> np.ndarray:
    """Return a picture (96, 128, 3) uint8 BGR that shows ``index``: blue above, the squares, red below."""
    picture = np.full((HEIGHT, WIDTH, 3), (160, 90, 60), np.uint8)
    picture[HEIGHT // 2 :] = (60, 90, 160)
    for bit in range(BITS):
        picture[:SQUARE, bit * SQUARE : (bit + 1) * SQUARE] = 255 * (index >> bit & 1)
    return picture


def shown(picture: np.ndarray) -> int:
    """Read the index back from a picture of `numbered`, or of one of its size."""
    squares = picture[4 : SQUARE - 4].mean(axis=(0, 2)).reshape(BITS, SQUARE)[:, 4:-4].mean(axis=1)
    return int(sum(1 << bit for bit in range(BITS) if squares[bit] > 128))


def film(
    path: Path, frames: int = 30, times: Iterable[float] | None = None, turn: int = 0, start: int = 0
) -> Path:
    """Write a video of numbered pictures, as a phone does that is held ``turn`` degrees anticlockwise."""
    with VideoWriter(path, 25) as writer:
        for index, time in zip(range(start, start + frames), times or _even(), strict=False):
            writer.write(np.rot90(numbered(index), turn // 90), time)
    if turn:
        set_matrix(path, TURNS[turn])
    return path


def set_matrix(path: Path, matrix: tuple[int, int, int, int]) -> None:
    """Write the display matrix a b c d into the track header of an mp4."""
    content = bytearray(path.read_bytes())
    at = content.index(b"tkhd") + 44  # version, times, id, duration, layer, volume come first
    a, b, c, d = matrix
    # A player moves the picture back into view, so the translation may stay zero.
    values = np.array([a << 16, b << 16, 0, c << 16, d << 16, 0, 0, 0, 1 << 30], ">i4")
    content[at : at + 36] = values.tobytes()
    path.write_bytes(content)


def encoded(path: Path, codec: str, pixels: str, frames: int = 20, rate: int = 20) -> Path:
    """Write numbered pictures with another codec or container."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, pixels
        for index in range(frames):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(numbered(index), "bgr24")))
        container.mux(stream.encode(None))
    return path


def save(path: Path, picture: np.ndarray) -> Path:
    """Write a picture file, with the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), picture)
    return path


def textured(seed: int, height: int = 48, width: int = 64) -> np.ndarray:
    """Return a picture (H, W, 3) uint8 BGR that looks like no other seed's."""
    blobs = np.random.default_rng(seed).integers(0, 255, (6, 8, 3), dtype=np.uint8)
    return cv2.resize(blobs, (width, height), interpolation=cv2.INTER_CUBIC)


def _even() -> Iterator[None]:
    while True:
        yield None
