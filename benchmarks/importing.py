"""Importing a lookup table of 1,000,000 rows: processor seconds and memory of a fresh process.

Frames of videos with four attributes, whose answers change every 50 frames. The pictures are only rows of the database.
- first: all labels are new.
- again: the same table once more, so that every label is compared and none is stored.
- preview: what a third time would change.
"""

import resource
import shutil
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks.harness import SEED, main, scratch_folder
from benchmarks.stored_videos import add_video
from core import workspace
from core.exchange.import_tables import import_tables, preview_tables

FRAMES, STRETCH = 5000, 50
"""Of a video; and frames with the same answers."""


def table_of_videos(folder: Path, rows: int) -> None:
    """Make the workspace ``folder``/class and its table ``folder``/labels.csv."""
    made = workspace.create(folder / "class")
    random = np.random.default_rng(SEED)
    names = made.attributes.names
    with (folder / "labels.csv").open("w", encoding="utf-8") as file:
        file.write(f",name,{','.join(names)}\n")
        for first in range(0, rows, FRAMES):
            key, number = f"seam_{first // FRAMES}", min(FRAMES, rows - first)
            add_video(made, key, number, seed=first)
            answers = np.repeat(random.random((FRAMES // STRETCH, len(names))) < 0.5, STRETCH, axis=0)
            for index, row in enumerate(answers[:number].tolist()):
                file.write(f"{first + index},{key}_{index}.jpg,{','.join(map(str, row))}\n")


def first(folder: Path) -> None:
    import_tables(folder / "class", [folder / "labels.csv"], "Ann")


def preview(folder: Path) -> None:
    preview_tables(folder / "class", [folder / "labels.csv"], "Ann")


def used(work: Callable[[Path], None], folder: Path) -> tuple[float, float]:
    """Return the processor seconds that ``work`` takes, and the megabytes of this process at most."""
    before = resource.getrusage(resource.RUSAGE_SELF)
    work(folder)
    after = resource.getrusage(resource.RUSAGE_SELF)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seconds, after.ru_maxrss * 1024 / 1e6


def in_fresh_process(work: Callable[[Path], None], folder: Path) -> tuple[float, float]:
    with get_context("spawn").Pool(1) as pool:
        return pool.apply(used, (work, folder))


def measure(rows: int, rounds: int) -> dict[str, float]:
    sides = {"first": first, "again": first, "preview": preview}
    results: dict[str, list[tuple[float, float]]] = {name: [] for name in sides}
    with scratch_folder() as folder:
        table_of_videos(folder / "made", rows)
        for turn in range(rounds):
            here = Path(shutil.copytree(folder / "made", folder / str(turn)))
            for name, work in sides.items():
                results[name].append(in_fresh_process(work, here))
            shutil.rmtree(here)
    figures = {}
    for name, rounds_of in results.items():
        seconds, megabytes = zip(*rounds_of, strict=True)
        figures |= {f"{name}_cpu_seconds": median(seconds), f"{name}_megabytes": max(megabytes)}
    return figures


if __name__ == "__main__":
    main(
        __doc__,
        measure,
        {
            "--rows": {"default": 1_000_000, "help": "of the table"},
            "--rounds": {"default": 3, "help": "the figures are medians of so many rounds"},
        },
    )
