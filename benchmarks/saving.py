"""Saving one label with 15,000 labelled frames stored, against rewriting a CSV of 15,000 rows with pandas.

The table stays in memory and is only written, not read again. First neither side waits for the disk to be flushed, then
both do; ``bare_flush`` is what the disk takes to flush as many bytes as a label adds, whoever writes them.
"""

from collections import defaultdict
from itertools import cycle
from pathlib import Path
from statistics import median
from unittest.mock import patch

import numpy as np
import pandas as pd

from benchmarks.harness import main, scratch_folder, seconds
from benchmarks.stored_videos import add_video
from core import workspace
from core.files import sync_file
from core.labels.labels import record, record_table
from core.storage.shared_flush import SharedFlush
from core.workspace import Workspace

VIDEOS, FRAMES = 15, 1000
SAVES = 20  # a round, since one is short
LOGGED = 8 * 4096  # bytes: the pages that a label changes


def labelled(folder: Path, seed: int = 0) -> tuple[Workspace, pd.DataFrame]:
    """Make a workspace in which every frame is labelled, and the lookup table of the same labels."""
    fresh = workspace.create(folder)
    keys = [f"seam_{number}" for number in range(1, VIDEOS + 1)]
    for key in keys:
        add_video(fresh, key, FRAMES)
    random = np.random.default_rng(seed)
    rows = pd.DataFrame({"video": np.repeat(keys, FRAMES), "index": np.tile(np.arange(FRAMES), VIDEOS)})
    answers = {name: random.random(len(rows)) < 0.5 for name in fresh.attributes.names}
    record_table(fresh, "benchmark", rows.assign(**answers))
    names = rows["video"] + "_" + rows["index"].astype(str) + ".png"
    return fresh, pd.DataFrame({"name": names, **answers})


def measure(rounds: int) -> dict[str, float]:
    with scratch_folder() as folder:
        fresh, table = labelled(folder / "workspace")
        rows, indexes = cycle(table.index), cycle(range(FRAMES))

        def rewrite() -> None:
            row = next(rows)
            table.loc[row, "error"] = not table.loc[row, "error"]
            table.to_csv(folder / "labels.csv")

        def rewrite_flushed() -> None:
            rewrite()
            sync_file(folder / "labels.csv")

        def flush() -> None:
            with (folder / "log").open("ab") as file:
                file.write(bytes(LOGGED))
            sync_file(folder / "log")

        def save(attributes: tuple[str, ...]) -> None:
            index = next(indexes)
            record(fresh, "benchmark", "seam_7", index, index, dict.fromkeys(attributes, index % 2 == 0))

        taken: dict[str, list[float]] = defaultdict(list)
        for turn in range(rounds + 1):
            if turn == 1:
                taken.clear()  # the first warms up
            with patch.object(SharedFlush, "wait", lambda self: None):
                taken["csv"] += [seconds(rewrite)]
                taken["label"] += [seconds(lambda: save(("error",))) for _ in range(SAVES)]
                taken["frame"] += [seconds(lambda: save(fresh.attributes.names)) for _ in range(SAVES)]
            taken["csv flushed"] += [seconds(rewrite_flushed)]
            taken["label flushed"] += [seconds(lambda: save(("error",))) for _ in range(SAVES)]
            taken["frame flushed"] += [seconds(lambda: save(fresh.attributes.names)) for _ in range(SAVES)]
            taken["flush"] += [seconds(flush) for _ in range(SAVES)]
    took = {name: median(times) * 1e6 for name, times in taken.items()}
    return {
        "times_csv_rewrite": took["csv"] / took["label"],
        "one_label_microseconds": took["label"],
        "whole_frame_microseconds": took["frame"],
        "csv_rewrite_microseconds": took["csv"],
        "flushed_times_csv_rewrite": took["csv flushed"] / took["label flushed"],
        "flushed_one_label_microseconds": took["label flushed"],
        "flushed_whole_frame_microseconds": took["frame flushed"],
        "flushed_csv_rewrite_microseconds": took["csv flushed"],
        "bare_flush_microseconds": took["flush"],
    }


if __name__ == "__main__":
    main(__doc__, measure)
