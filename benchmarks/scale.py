"""What grows with what: the same work on workspaces of more and more labelled frames, and with more and more runs.

Times are medians in milliseconds. ``slope`` is that of a line through the larger half of the sizes on logarithmic axes: 0 does not
grow, 1 grows as fast as the number. Frames are rows of the database without pictures: of videos of 1,000, all of them labelled by Ann,
every ninth by Ben too.
"""

from collections.abc import Callable
from pathlib import Path
from shutil import copytree
from statistics import median
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.harness import ROUNDS, Options, main, scratch_folder, seconds
from benchmarks.stored_videos import add_video
from core import workspace
from core.labels.consensus import consensus, labels_of
from core.labels.labels import record, record_table
from core.labels.progress import per_annotator
from core.media.library import frame_table
from core.review.agreement import agreement
from core.review.balance import balance
from core.runs.run_store import list_runs
from core.runs.settings import TrainSettings
from core.splits.make_split import split_by_video
from core.splits.stored_split import store
from core.training.create_run import create_run
from core.workspace import Workspace

Work = Callable[[], object]

FRAMES, NINTH, STRETCH = 1000, 9, 20
OPTIONS: Options = {
    **ROUNDS,
    "--frames": {"default": "5000,15000,50000,150000", "help": "sizes, in frames"},
    "--runs": {"default": "10,100,1000", "help": "numbers of runs"},
}


def labelled(folder: Path, frames: int) -> Workspace:
    """Make a workspace of so many frames, in which people answered."""
    fresh = workspace.create(folder)
    random = np.random.default_rng(0)
    for number in range(frames // FRAMES):
        key = f"seam_{number}"
        add_video(fresh, key, FRAMES)
        rows = pd.DataFrame({"video": key, "index": np.arange(FRAMES)})
        answers = {
            name: np.repeat(random.random(FRAMES // STRETCH) < 0.5, STRETCH)
            for name in fresh.attributes.names
        }
        record_table(fresh, "Ann", rows.assign(**answers))
        record_table(fresh, "Ben", rows.assign(**answers)[::NINTH])
    return fresh


def works(fresh: Workspace) -> dict[str, Work]:
    """Return what is done with a workspace, by name."""
    answers = iter(np.arange(10**6) % 2 == 0)
    split = split_by_video(consensus(fresh))
    return {
        "save one label": lambda: record(fresh, "Ann", "seam_0", 7, 7, {"break": bool(next(answers))}),
        "open a video to label": lambda: labels_of(fresh, "Ann", "seam_0"),
        "who labelled how much": lambda: per_annotator(fresh),
        "balance": lambda: balance(fresh),
        "agreement": lambda: agreement(fresh),
        "all frames": lambda: frame_table(fresh),
        "all labels": lambda: consensus(fresh),
        "split by video": lambda: split_by_video(consensus(fresh)),
        "store the split": lambda: store(fresh, split),
    }


def of_frames(folder: Path, sizes: list[int], rounds: int) -> dict[str, dict[int, float]]:
    """Return the milliseconds of each work by size, and the bytes of the database for each frame."""
    figures: dict[str, dict[int, float]] = {}
    for size in sizes:
        fresh = labelled(folder / f"class_{size}", size)
        for name, work in works(fresh).items():
            figures.setdefault(name, {})[size] = _milliseconds(work, rounds)
        stored = sum(file.stat().st_size for file in fresh.path.glob("labels.db*"))
        figures.setdefault("database", {})[size] = stored / 1e6
    return figures


def of_runs(folder: Path, counts: list[int], rounds: int) -> dict[int, float]:
    """Return the milliseconds of listing so many runs."""
    fresh = labelled(folder / "runs", 5 * FRAMES)
    store(fresh, split_by_video(consensus(fresh)))
    first = create_run(fresh, TrainSettings())
    times = {}
    for count in counts:
        for number in range(len(list_runs(fresh)), count):
            copytree(first.path, first.path.with_name(f"{first.id}-{number + 1}"))
        times[count] = _milliseconds(lambda: list_runs(fresh), rounds)
    return times


def slope(figures: dict[int, float]) -> float:
    """Return how a figure grows over the larger half of the sizes."""
    sizes = sorted(figures)[len(figures) // 2 - 1 :]
    return float(np.polyfit(np.log(sizes), np.log([max(figures[size], 1e-6) for size in sizes]), 1)[0])


def _milliseconds(work: Work, rounds: int) -> float:
    work()
    return 1e3 * median(seconds(work) for _ in range(rounds))


def measure(rounds: int, frames: str, runs: str) -> dict[str, Any]:
    """Measure each size after the other."""
    with scratch_folder() as folder:
        figures = of_frames(folder, [int(size) for size in frames.split(",")], rounds)
        figures["list the runs"] = of_runs(folder, [int(count) for count in runs.split(",")], rounds)
    database = figures.pop("database")
    return {
        **{
            name: {**{f"at {size:,}": value for size, value in by_size.items()}, "slope": slope(by_size)}
            for name, by_size in figures.items()
        },
        "database MB": {f"at {size:,}": value for size, value in database.items()},
    }


if __name__ == "__main__":
    main(__doc__, measure, OPTIONS)
