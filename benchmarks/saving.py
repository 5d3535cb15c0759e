"""Saving one label with 15,000 labelled frames stored, against rewriting a CSV of 15,000 rows with pandas.

The table stays in memory and is only written, not read again; neither side waits for the disk to be flushed.
"""

from itertools import cycle
from pathlib import Path
from statistics import median

import numpy as np
import pandas as pd

from benchmarks.harness import main, scratch_folder, seconds
from benchmarks.stored_videos import add_video
from core import workspace
from core.labels.labels import record, record_table
from core.workspace import Workspace

VIDEOS, FRAMES = 15, 1000
SAVES = 20  # a round, since one is short


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

        def save(attributes: tuple[str, ...]) -> None:
            index = next(indexes)
            record(fresh, "benchmark", "seam_7", index, index, dict.fromkeys(attributes, index % 2 == 0))

        csv, label, frame = [], [], []
        for _ in range(rounds + 1):  # the first warms up
            csv += [seconds(rewrite)]
            label += [seconds(lambda: save(("error",))) for _ in range(SAVES)]
            frame += [seconds(lambda: save(fresh.attributes.names)) for _ in range(SAVES)]
    rewriting, saving, whole = median(csv[1:]), median(label[SAVES:]), median(frame[SAVES:])
    return {
        "times_csv_rewrite": rewriting / saving,
        "one_label_microseconds": saving * 1e6,
        "whole_frame_microseconds": whole * 1e6,
        "csv_rewrite_microseconds": rewriting * 1e6,
    }


if __name__ == "__main__":
    main(__doc__, measure)
