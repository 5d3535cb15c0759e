"""Testing a run against the bare inference of its network: reading, labels, numbers and files shall cost next to nothing.

- share_of_bare_inference: seconds of the compiled network alone on 3,000 frames that lie in memory, in batches as testing
  makes them, over the seconds of the whole test (`core.evaluation.evaluate.test`, its frames prepared before) of the same compiled
  network on the same frames. Loading and compiling the network are left out on both sides.

python -m benchmarks.testing [--json] [--rounds N]
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import numpy as np
import pandas as pd

from benchmarks.pipeline import in_turn
from benchmarks.report import report
from core.demo.make import make_demo
from core.evaluation import evaluate
from core.inputs import batches
from core.runs.run import Run
from core.runs.settings import TrainSettings
from core.training.create_run import create_run

VIDEOS, FRAMES, SEED = 15, 225, 1
TESTED, VALIDATED = 3000, 15
NETWORK = "seam_lite"


def tested_run(folder: Path) -> Run:
    """Make a run with an untrained network and 3,000 test frames of 14 videos."""
    workspace = make_demo(folder, SEED, VIDEOS, FRAMES).workspace
    run = create_run(workspace, TrainSettings(NETWORK, seed=SEED, leaking=True))
    table = pd.read_csv(run.path / "frames.csv", dtype=str, keep_default_na=False)
    table = table.sort_values(
        "part", key=lambda part: part.map({"test": 0, "valid": 1, "train": 2}), kind="stable"
    )
    table["part"] = np.where(np.arange(len(table)) < TESTED, "test", "train")
    table.loc[table.index[-VALIDATED:], "part"] = "valid"
    table.to_csv(run.path / "frames.csv", index=False, lineterminator="\n")
    run.network.build(len(run.attributes), run.attributes.exclusive, run.size).save(run.model_file)
    return Run(workspace, run.id)


@contextmanager
def compiled(run: Run) -> Iterator[evaluate.Forward]:
    """Let testing use one compiled network, and give it."""
    forward = evaluate.compiled(run)
    with mock.patch.object(evaluate, "compiled", lambda run: forward):
        yield forward


def measure(rounds: int) -> dict[str, float]:
    """Take both sides in turn ``rounds`` times; return medians."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        run = tested_run(Path(scratch) / "class")
        pictures = np.concatenate([batches.load(run, part).pictures[:] for part in ("valid", "test")])
        with compiled(run) as forward:

            def bare() -> None:
                for first in range(0, len(pictures), evaluate.BATCH):
                    forward(pictures[first : first + evaluate.BATCH]).numpy()

            alone, whole = in_turn(rounds, bare, lambda: evaluate.test(run))
    return {
        "share_of_bare_inference": alone / whole,
        "frames": len(pictures),
        "bare_seconds": alone,
        "test_seconds": whole,
        "frames_per_second": len(pictures) / whole,
    }


if __name__ == "__main__":
    report(__doc__, measure)
