"""A shift before a camera: whether memory, threads, files and delay of the live path stay flat.

A camera of 30 pictures a second is simulated, as fast as a shift has it; each picture goes the way of the Live page (drawn at once, the
newest inspected, measured, events kept), and the page reads it back after a random while. So many minutes, by default an hour, are
run by the clock; slopes are those of the straight line through one sample a second after the first tenth, which fills caches.

- pictures_per_second, inspected_per_second: at the end.
- memory_mb_per_hour, threads_per_hour, files_per_hour, delay_ms_per_hour: slopes. Bars: 20, 0, 0, 10.
- memory_mb, threads, files, delay_ms: at the end.

With SEAMLENS_RUN=FOLDER in the environment, a trained run is taken instead of a new one. Its session is written as on the page.
"""

import random
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from time import monotonic, sleep, time

import numpy as np
import psutil

from benchmarks.harness import SEED, main, scratch_folder, trained_run
from core.events.detector import default_rules
from core.inspection.inspector import Inspector
from core.inspection.panel import DisplayOptions
from core.live.camera_feed import CameraFeed
from core.live.recording import Recording, begin_recording
from core.live.viewer import Viewer
from core.media.add_frames import stream_origin
from core.media.library import frame_table, read_frame, videos
from core.runs.run import Run

NAMES = {"memory_mb": "memory", "threads": "threads", "files": "files", "delay_ms": "delay"}
"""Of figures, and what of a sample they are."""
RATE = 30
PICTURES = 200
WAY = (0.05, 0.15)
"""Seconds that a simulated page takes to show a picture."""


@dataclass(frozen=True)
class Sample:
    """The process at a moment."""

    seconds: float
    memory: float  # MB, resident
    threads: int
    files: int
    delay: float  # ms


def measure(minutes: int) -> dict[str, float]:
    """Run a shift of so many minutes."""
    with scratch_folder() as folder:
        run = trained_run(folder)
        feed = CameraFeed(_viewer(run))
        pictures = _pictures(run)
        samples = list(_shift(feed, pictures, 60 * minutes))
        figures = feed.viewer.figures()
        feed.close()
        while (
            not feed.viewer.is_over
        ):  # the network must not be in the middle of a picture when the process ends
            sleep(0.05)
    kept = samples[len(samples) // 10 :]
    last = kept[-1]
    slopes = {f"{name}_per_hour": _slope(kept, key) for name, key in NAMES.items()}
    ends = {name: float(getattr(last, key)) for name, key in NAMES.items()}
    return slopes | ends | {"inspected_per_second": figures.inspected, "pictures_per_second": figures.shown}


def _viewer(run: Run) -> Viewer:
    inspector = Inspector.load(run).measuring(run)[0].warm_up()
    rules = default_rules(run.attributes, run.thresholds)
    origin = stream_origin()

    def begin(smooth: float) -> Recording:
        return begin_recording(run, "camera of a shift", rules, inspector, live=origin)

    return Viewer(inspector, DisplayOptions(), begin)


def _pictures(run: Run) -> list[np.ndarray]:
    names = frame_table(run.workspace, videos(run.workspace)[-1].key)["name"]
    there = [read_frame(run.workspace, name) for name in names[:PICTURES]]
    return there + there[::-1]


def _shift(feed: CameraFeed, pictures: list[np.ndarray], seconds: float) -> Iterator[Sample]:
    """Feed pictures at the camera's pace, and yield a sample a second."""
    chance, viewer, began, number = random.Random(SEED), feed.viewer, monotonic(), 0
    ahead, sampled = began - time(), 0.0
    process = psutil.Process()
    while (now := monotonic() - began) < seconds:
        feed.show(pictures[number % len(pictures)], captured=time())
        number += 1
        viewer.tell_shown(viewer.number, time() + chance.uniform(*WAY), ahead)
        if now - sampled >= 1:
            sampled = now
            delay = viewer.meter.now
            yield Sample(
                now,
                process.memory_info().rss / 2**20,
                threading.active_count(),
                process.num_fds() if hasattr(process, "num_fds") else process.num_handles(),
                1000 * delay.seconds if delay else 0.0,
            )
        sleep(max(0.0, began + number / RATE - monotonic()))


def _slope(samples: list[Sample], key: str) -> float:
    """Return by how much a figure grows an hour."""
    line = np.polyfit([s.seconds / 3600 for s in samples], [getattr(s, key) for s in samples], 1)
    return float(line[0])


OPTIONS = {"--minutes": {"default": 60, "help": "of the shift"}}

if __name__ == "__main__":
    main(__doc__, measure, OPTIONS)
