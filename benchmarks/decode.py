"""Adding a rendered video (decode, hash, compress, write) against a bare PyAV loop that only decodes to BGR arrays.

- share_of_bare_pyav: of the frames per second of PyAV as it comes.
- share_of_threaded_pyav: of those of PyAV told to decode in threads. It takes every core then, and adding a video can
  only share them.
- grainy: the same for a film of 1920 × 1080 pixels with grain, as the workspace stores frames and with ``quality = 90`` and
  ``half_colour``; and the kilobytes of a frame of each.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np

from benchmarks.harness import SEED, main, medians, scratch_folder
from core import workspace
from core.demo.render import render_video
from core.demo.sample_plan import video_plan
from core.media.library import videos
from core.videos.add_video import add_video
from core.videos.video_writer import write_video
from core.workspace import Workspace

FRAMES = 300
GRAINY = 100
GRAIN = 4.0
"""Standard deviation in grey levels."""


def bare(path: Path, threaded: bool = False) -> None:
    """Decode every frame to a BGR array and drop it."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        if threaded:
            stream.thread_type = "AUTO"
        for frame in container.decode(stream):
            frame.to_ndarray(format="bgr24")


def empty_workspace(folder: Path) -> Workspace:
    """Make a workspace that has its database."""
    fresh = workspace.create(folder)
    videos(fresh)
    return fresh


def grainy_film(path: Path) -> Path:
    """Write a film of `GRAINY` frames of a moving pattern with grain."""
    chance = np.random.default_rng(SEED)
    pattern = cv2.resize(
        chance.integers(40, 220, (34, 120, 3), dtype=np.uint8), (3840, 1080), interpolation=cv2.INTER_CUBIC
    )
    grain = [chance.normal(0, GRAIN, (1080, 1920, 1)) for _ in range(8)]

    def pictures() -> Iterator[np.ndarray]:
        for index in range(GRAINY):
            shown = pattern[:, 8 * index : 8 * index + 1920] + grain[index % len(grain)]
            yield shown.clip(0, 255).astype(np.uint8)

    write_video(path, pictures(), 25)
    return path


def grainy(folder: Path, rounds: int) -> dict[str, float]:
    """Measure the grainy film, as it is stored without settings and small."""
    path = grainy_film(folder / "grainy.mp4")
    empty = (empty_workspace(folder / f"grainy{turn}") for turn in count())
    used: dict[str, Workspace] = {}

    def add(name: str, **settings: Any) -> None:
        used[name] = replace(next(empty), **settings)
        add_video(used[name], path)

    sides = (
        lambda: bare(path, threaded=True),
        lambda: add("whole"),
        lambda: add("small", quality=90, half_colour=True),
    )
    threaded, whole, small = (GRAINY / seconds for seconds in medians(rounds, *sides))
    sizes = {name: sum(file.stat().st_size for file in ws.frames.rglob("*.jpg")) for name, ws in used.items()}
    return {
        "grainy_share_of_threaded_pyav": whole / threaded,
        "grainy_small_share_of_threaded_pyav": small / threaded,
        "grainy_kilobytes": sizes["whole"] / GRAINY / 1000,
        "grainy_small_kilobytes": sizes["small"] / GRAINY / 1000,
    }


def measure(rounds: int) -> dict[str, float]:
    with scratch_folder() as folder:
        path = render_video(video_plan(SEED, 1, FRAMES)[0], folder).path
        empty = iter([empty_workspace(folder / str(turn)) for turn in range(rounds + 1)])
        sides = (lambda: bare(path), lambda: bare(path, threaded=True), lambda: add_video(next(empty), path))
        plain, threaded, added = (FRAMES / seconds for seconds in medians(rounds, *sides))
        of_grainy = grainy(folder, rounds)
    return of_grainy | {
        "share_of_bare_pyav": added / plain,
        "share_of_threaded_pyav": added / threaded,
        "bare_frames_per_second": plain,
        "threaded_frames_per_second": threaded,
        "add_frames_per_second": added,
    }


if __name__ == "__main__":
    main(__doc__, measure)
