"""Testing a run against the bare inference of its network: reading, labels, numbers and files shall cost next to nothing.

- share_of_bare_inference: seconds of the compiled network alone on 3,000 frames in memory, in batches as testing makes
  them, over the seconds of the whole test of the same network on the same frames, which were prepared before. Loading
  and compiling the network are left out on both sides.
"""

from pathlib import Path
from unittest import mock

import numpy as np
import pandas as pd

from benchmarks.harness import SEED, demo_class, main, medians, scratch_folder
from core.evaluation import evaluate
from core.inputs import batches
from core.runs.run import Run
from core.runs.settings import TrainSettings
from core.training.create_run import create_run

VIDEOS, FRAMES = 15, 225
TESTED, VALIDATED = 3000, 15


def untrained_run(folder: Path) -> Run:
    """Make a run with an untrained network and 3,000 test frames of 14 videos."""
    workspace = demo_class(folder, VIDEOS, FRAMES)
    run = create_run(workspace, TrainSettings("seam_lite", seed=SEED, leaking=True))
    table = pd.read_csv(run.path / "frames.csv", dtype=str, keep_default_na=False)
    order = {"test": 0, "valid": 1, "train": 2}
    table = table.sort_values("part", key=lambda part: part.map(order), kind="stable")
    table["part"] = np.where(np.arange(len(table)) < TESTED, "test", "train")
    table.loc[table.index[-VALIDATED:], "part"] = "valid"
    table.to_csv(run.path / "frames.csv", index=False, lineterminator="\n")
    run.network.build(len(run.attributes), run.attributes.exclusive, run.size).save(run.model_file)
    return Run(workspace, run.id)


def measure(rounds: int) -> dict[str, float]:
    with scratch_folder() as folder:
        run = untrained_run(folder)
        pictures = np.concatenate([batches.load(run, part).pictures[:] for part in ("valid", "test")])
        forward = evaluate.compiled(run)

        def bare() -> None:
            for first in range(0, len(pictures), evaluate.BATCH):
                forward(pictures[first : first + evaluate.BATCH]).numpy()

        with mock.patch.object(evaluate, "compiled", lambda run: forward):
            alone, whole = medians(rounds, bare, lambda: evaluate.test(run))
    return {
        "share_of_bare_inference": alone / whole,
        "frames": len(pictures),
        "bare_seconds": alone,
        "test_seconds": whole,
        "frames_per_second": len(pictures) / whole,
    }


if __name__ == "__main__":
    main(__doc__, measure)
