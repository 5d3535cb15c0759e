"""Adding a video (decode, hash, compress, write) against a bare PyAV loop that only decodes to BGR arrays.

python -m benchmarks.decode [--json] [--rounds N]
"""

import argparse
import json
import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

import av
import cv2
import numpy as np

from core import workspace
from core.data.frames import add_video, videos
from core.data.video import write_video

FRAMES, WIDTH, HEIGHT = 300, 640, 480


def film(seed: int = 0) -> Iterator[np.ndarray]:
    """Yield pictures of a woven texture that runs past a noisy camera: (H, W, 3) uint8, BGR."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0 : HEIGHT + FRAMES, 0:WIDTH]
    weave = 18 * np.sin(x / 1.7) * np.sin(y / 1.9)
    blotches = cv2.resize(random.normal(0, 40, (40, 32, 3)), (WIDTH, HEIGHT + FRAMES))
    cloth = 120 + weave[..., None] + blotches + random.normal(0, 6, (*weave.shape, 3))
    for index in range(FRAMES):
        picture = cloth[index : index + HEIGHT] + random.normal(0, 4, (HEIGHT, WIDTH, 3))
        yield np.clip(picture, 0, 255).astype(np.uint8)


def bare(path: Path) -> float:
    """Return the seconds of decoding every frame to a BGR array and dropping it."""
    start = perf_counter()
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        for frame in container.decode(stream):
            frame.to_ndarray(format="bgr24")
    return perf_counter() - start


def ours(path: Path, folder: Path) -> float:
    """Return the seconds of adding the video to a fresh workspace."""
    fresh = workspace.create(folder)
    videos(fresh)  # makes the database
    start = perf_counter()
    add_video(fresh, path)
    return perf_counter() - start


def measure(rounds: int) -> dict[str, float]:
    """Take both in turn ``rounds`` times, after one round to warm up; return medians."""
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "film.mp4"
        write_video(path, film(), 25)
        bare(path), ours(path, Path(scratch) / "warm")
        pairs = [(bare(path), ours(path, Path(scratch) / str(i))) for i in range(rounds)]
    bare_rate, our_rate = (FRAMES / statistics.median(side) for side in zip(*pairs, strict=True))
    return {
        "share_of_bare_pyav": our_rate / bare_rate,
        "bare_frames_per_second": bare_rate,
        "add_frames_per_second": our_rate,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rounds", type=int, default=5)
    choice = parser.parse_args()
    found = measure(choice.rounds)
    if choice.json:
        print(json.dumps(found))
        return
    for name, value in found.items():
        print(f"{name:24} {value:10.2f}")


if __name__ == "__main__":
    main()
