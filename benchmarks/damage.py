"""How many frames of damaged films are stored, and how many of these are wrong: `FLIPPED` bytes in films of several codecs.

- kept: share of all frames that are stored.
- wrong: share of the stored frames that differ by more than `VISIBLE` grey levels in the mean from those of the whole film.
"""

from pathlib import Path
from random import Random

import av
import cv2
import numpy as np
from av.video.frame import VideoFrame

from benchmarks.harness import SEED, main, scratch_folder
from core.errors import MediaError
from core.videos.video import decode

FRAMES, FILMS, FLIPPED, VISIBLE = 60, 30, 3, 2.0
CODECS = {
    "h264": ("a.mp4", "libx264", "yuv420p", {"g": "12"}),
    "mjpeg": ("a.avi", "mjpeg", "yuvj420p", {"q:v": "3"}),
    "mpeg4": ("a.avi", "mpeg4", "yuv420p", {"g": "12"}),
    "hevc": ("a.mp4", "libx265", "yuv420p", {"x265-params": "log-level=none:keyint=12"}),
    "vp9": ("a.webm", "libvpx-vp9", "yuv420p", {"g": "12"}),
}


def make(path: Path, codec: str, pixels: str, options: dict[str, str]) -> list[tuple[int, int]]:
    """Write a film of 320 x 240 pixels; return where its packets lie in the file, and their sizes."""
    blobs = np.random.default_rng(SEED).integers(0, 255, (30, 400, 3), dtype=np.uint8)
    pattern = cv2.resize(blobs, (3200, 240), interpolation=cv2.INTER_CUBIC)
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25, options=options)
        stream.width, stream.height, stream.pix_fmt = 320, 240, pixels
        for index in range(FRAMES):
            picture = np.ascontiguousarray(pattern[:, 8 * index : 8 * index + 320])
            container.mux(stream.encode(VideoFrame.from_ndarray(picture, "bgr24")))
        container.mux(stream.encode(None))
    with av.open(str(path)) as container:
        return [(packet.pos, packet.size) for packet in container.demux(video=0) if packet.size]


def stored(path: Path) -> dict[int, np.ndarray]:
    """Return the frames that would be stored, as (H, W) int16 of their green, by index; of a refused film none."""
    try:
        return {frame.index: frame.picture[..., 1].astype(np.int16) for frame in decode(path)}
    except MediaError:
        return {}


def damaged(folder: Path, name: str, codec: str, pixels: str, options: dict[str, str]) -> tuple[float, float]:
    """Return which share of the frames of damaged films is kept, and which share of these is wrong."""
    whole = folder / name
    packets = make(whole, codec, pixels, options)
    content, right, chance = whole.read_bytes(), stored(whole), Random(SEED)
    kept = wrong = 0
    for _ in range(FILMS):
        changed = bytearray(content)
        for _ in range(FLIPPED):
            changed[chance.randrange(packets[0][0], sum(packets[-1]))] ^= chance.randrange(1, 256)
        (folder / f"damaged_{name}").write_bytes(changed)
        frames = stored(folder / f"damaged_{name}")
        kept += len(frames)
        wrong += sum(
            i not in right or np.abs(frame - right[i]).mean() > VISIBLE for i, frame in frames.items()
        )
    return kept / FRAMES / FILMS, wrong / max(1, kept)


def measure(rounds: int) -> dict[str, float]:
    """Measure every codec; it is the same in every round."""
    result = {}
    with scratch_folder() as folder:
        for codec, how in CODECS.items():
            result[f"{codec}_kept"], result[f"{codec}_wrong"] = damaged(folder, *how)
    return result


if __name__ == "__main__":
    main(__doc__, measure)
