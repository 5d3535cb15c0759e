"""Adding a video (decode, hash, compress, write) against a bare PyAV loop that only decodes to BGR arrays.

    python -m benchmarks.decode [--json] [--rounds N]

The bare loop is PyAV as it comes, ``share_of_bare_pyav``. Told to decode in threads it takes every core, and adding
a video can then only share them: ``share_of_threaded_pyav``.
"""

import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

import av
import cv2
import numpy as np

from benchmarks.report import report
from core import workspace
from core.media.add_video import add_video
from core.media.library import videos
from core.media.video import write_video

FRAMES, WIDTH, HEIGHT = 300, 640, 480


def film(seed: int = 0) -> Iterator[np.ndarray]:
    """Yield pictures of woven cloth that runs past a noisy camera: (H, W, 3) uint8, BGR.

    Weave and noise are so strong that a frame takes as much room as one of the demo class, as video (about
    15 kB) and as JPEG (about 150 kB).
    """
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0 : HEIGHT + FRAMES, 0:WIDTH]
    weave = 8 * np.sin(x / 4) * np.sin(y / 3.6) + random.normal(0, 1, x.shape)
    blotches = cv2.resize(random.normal(0, 40, (40, 32, 3)), (WIDTH, HEIGHT + FRAMES))
    cloth = 120 + weave[..., None] + blotches
    for index in range(FRAMES):
        picture = cloth[index : index + HEIGHT] + random.normal(0, 5, (HEIGHT, WIDTH, 3))
        yield np.clip(picture, 0, 255).astype(np.uint8)


def bare(path: Path, threaded: bool = False) -> float:
    """Return the seconds of decoding every frame to a BGR array and dropping it."""
    start = perf_counter()
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        if threaded:
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
    """Take all in turn ``rounds`` times, after one round to warm up; return medians."""
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "film.mp4"
        write_video(path, film(), 25, crf=18)
        turns = [
            (bare(path), bare(path, threaded=True), ours(path, Path(scratch) / str(turn)))
            for turn in range(rounds + 1)
        ]
    plain, threaded, added = (FRAMES / statistics.median(side) for side in zip(*turns[1:], strict=True))
    return {
        "share_of_bare_pyav": added / plain,
        "share_of_threaded_pyav": added / threaded,
        "bare_frames_per_second": plain,
        "threaded_frames_per_second": threaded,
        "add_frames_per_second": added,
    }


if __name__ == "__main__":
    report(__doc__, measure)
