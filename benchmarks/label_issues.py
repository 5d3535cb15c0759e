"""How many planted label errors the label doctor finds: 5 % of the labels of ``break`` of a rendered class turned round.

python -m benchmarks.label_issues [--json] [--videos N] [--frames N] [--folds K] [--epochs N] [--size PIXELS]
"""

import argparse
import json
import tempfile
from pathlib import Path
from time import perf_counter

import numpy as np
import pandas as pd

from core.assist import label_issues
from core.demo.make import make_demo
from core.jobs import series
from core.labels import labels
from core.labels.consensus import consensus
from core.runs.settings import TrainSettings
from core.workspace import Workspace

ATTRIBUTE, SHARE, SEED = "break", 0.05, 5


def measure(choice: argparse.Namespace) -> dict[str, float]:
    """Return how many labels were turned round, how many of them are among as many top label issues, and the minutes."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        workspace = make_demo(Path(scratch) / "class", videos=choice.videos, frames=choice.frames).workspace
        wrong = turn_round(workspace)
        start = perf_counter()
        settings = TrainSettings(epochs=choice.epochs, size=(choice.size, choice.size))
        folds = series.train(workspace, "folds", label_issues.plan(workspace, settings, choice.folds))
        ranked = label_issues.find_issues(workspace, folds, [ATTRIBUTE]).table
    found = int(ranked.head(len(wrong))["frame"].isin(wrong).sum())
    return {
        "planted": len(wrong),
        "found": found,
        "share": found / len(wrong),
        "minutes": (perf_counter() - start) / 60,
    }


def turn_round(workspace: Workspace) -> set[str]:
    """Give a share of the labelled frames the other answer; return their names."""
    table = consensus(workspace)
    said = table[table[ATTRIBUTE].notna()]
    rng = np.random.default_rng(SEED)
    chosen = said.iloc[rng.choice(len(said), round(SHARE * len(said)), replace=False)]
    rows = pd.DataFrame({"video": chosen["video"], "index": chosen["index"], ATTRIBUTE: ~chosen[ATTRIBUTE]})
    labels.record_table(workspace, labels.annotators(workspace)[0], rows)
    return set(chosen["name"])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--videos", type=int, default=18)
    parser.add_argument("--frames", type=int, default=200, help="of each video")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=16)
    parser.add_argument("--size", type=int, default=128, help="width and height of the input in pixels")
    choice = parser.parse_args()
    found = measure(choice)
    if choice.json:
        print(json.dumps(found))
        return
    for name, value in found.items():
        print(f"{name:12} {value:8.4g}")


if __name__ == "__main__":
    main()
