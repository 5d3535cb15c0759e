"""Saving one label with 15,000 labelled frames stored, against re-writing a CSV of 15,000 rows with pandas.

The table stays in memory and is only written, not read again; neither side waits for the disk to be flushed.

python -m benchmarks.saving [--json] [--rounds N]
"""

import statistics
import tempfile
from pathlib import Path
from time import perf_counter

import numpy as np
import pandas as pd

from benchmarks.report import report
from core import workspace
from core.labels.labels import record, record_table
from core.storage import database as db
from core.workspace import Workspace

VIDEOS, FRAMES = 15, 1000
SAVES = 20  # per round, since one is short


def stored(folder: Path, seed: int = 0) -> tuple[Workspace, pd.DataFrame]:
    """Make a workspace in which every frame is labelled, and the lookup table of the same labels."""
    fresh = workspace.create(folder)
    about = {"origin": "rendered", "width": 640, "height": 480, "added": "", "hidden": False}
    names = [(v, i, f"seam_{v}_{i}") for v in range(1, VIDEOS + 1) for i in range(FRAMES)]
    with db.writing(fresh) as connection:
        connection.execute(
            db.videos.insert(), [{"id": v, "key": f"seam_{v}", **about} for v in range(1, VIDEOS + 1)]
        )
        connection.execute(
            db.frames.insert(),
            [
                {"video_id": v, "index": i, "name": n, "file": f"{n}.jpg", "phash": "0" * 16}
                for v, i, n in names
            ],
        )
    random = np.random.default_rng(seed)
    answers = {name: random.random(len(names)) < 0.5 for name in fresh.attributes.names}
    rows = pd.DataFrame({"video": [f"seam_{v}" for v, _, _ in names], "index": [i for _, i, _ in names]})
    record_table(fresh, "benchmark", rows.assign(**answers))
    return fresh, pd.DataFrame({"name": [f"{name}.png" for _, _, name in names], **answers})


def rewrite(table: pd.DataFrame, path: Path, row: int) -> float:
    """Return the seconds of changing one cell and writing the table."""
    start = perf_counter()
    table.loc[row, "error"] = not table.loc[row, "error"]
    table.to_csv(path)
    return perf_counter() - start


def save(fresh: Workspace, index: int, attributes: tuple[str, ...]) -> float:
    """Return the seconds of saving what is said of one frame."""
    start = perf_counter()
    record(fresh, "benchmark", "seam_7", index, index, dict.fromkeys(attributes, index % 2 == 0))
    return perf_counter() - start


def measure(rounds: int) -> dict[str, float]:
    """Take both sides in turn ``rounds`` times, after one round to warm up; return medians."""
    one, frame, csv = [], [], []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        fresh, table = stored(Path(scratch) / "workspace")
        for i in range(-1, rounds):
            indexes = [(i * SAVES + k) % FRAMES for k in range(SAVES)]
            round_csv = rewrite(table, Path(scratch) / "labels.csv", i % len(table))
            round_one = [save(fresh, index, ("error",)) for index in indexes]
            round_frame = [save(fresh, index, fresh.attributes.names) for index in indexes]
            if i >= 0:
                csv.append(round_csv)
                one += round_one
                frame += round_frame
    seconds = [statistics.median(side) for side in (one, frame, csv)]
    return {
        "times_csv_rewrite": seconds[2] / seconds[0],
        "one_label_microseconds": seconds[0] * 1e6,
        "whole_frame_microseconds": seconds[1] * 1e6,
        "csv_rewrite_microseconds": seconds[2] * 1e6,
    }


if __name__ == "__main__":
    report(__doc__, measure)
