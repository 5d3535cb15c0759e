"""Adding a rendered video (decode, hash, compress, write) against a bare PyAV loop that only decodes to BGR arrays.

- share_of_bare_pyav: of the frames per second of PyAV as it comes.
- share_of_threaded_pyav: of those of PyAV told to decode in threads. It takes every core then, and adding a video can
  only share them.
"""

from pathlib import Path

import av

from benchmarks.harness import SEED, main, medians, scratch_folder
from core import workspace
from core.demo.render import render_video
from core.demo.sample_plan import video_plan
from core.media.add_video import add_video
from core.media.library import videos
from core.workspace import Workspace

FRAMES = 300


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


def measure(rounds: int) -> dict[str, float]:
    with scratch_folder() as folder:
        path = render_video(video_plan(SEED, 1, FRAMES)[0], folder).path
        empty = iter([empty_workspace(folder / str(turn)) for turn in range(rounds + 1)])
        sides = (lambda: bare(path), lambda: bare(path, threaded=True), lambda: add_video(next(empty), path))
        plain, threaded, added = (FRAMES / seconds for seconds in medians(rounds, *sides))
    return {
        "share_of_bare_pyav": added / plain,
        "share_of_threaded_pyav": added / threaded,
        "bare_frames_per_second": plain,
        "threaded_frames_per_second": threaded,
        "add_frames_per_second": added,
    }


if __name__ == "__main__":
    main(__doc__, measure)
