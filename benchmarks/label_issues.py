"""How many planted label errors `suspects` finds: 5 % of the labels of ``break`` of a rendered class are turned round.

- planted, found: wrong labels, and those of them that are among as many labels ranked worst.
"""

from time import perf_counter

import numpy as np
import pandas as pd

from benchmarks.harness import demo_class, main, scratch_folder
from core.assist import label_issues
from core.jobs import series
from core.labels import labels
from core.labels.consensus import consensus
from core.runs.settings import TrainSettings
from core.workspace import Workspace

ATTRIBUTE, SHARE, SEED = "break", 0.05, 5


def measure(videos: int, frames: int, folds: int, epochs: int, size: int) -> dict[str, float]:
    with scratch_folder() as folder:
        workspace = demo_class(folder, videos, frames)
        wrong = turn_labels(workspace)
        start = perf_counter()
        settings = TrainSettings(epochs=epochs, size=(size, size))
        runs = series.train(workspace, "folds", label_issues.plan(workspace, settings, folds))
        ranked = label_issues.find_issues(workspace, runs, [ATTRIBUTE]).table
        minutes = (perf_counter() - start) / 60
    hits = int(ranked.head(len(wrong))["frame"].isin(wrong).sum())
    return {"planted": len(wrong), "found": hits, "share": hits / len(wrong), "minutes": minutes}


def turn_labels(workspace: Workspace) -> set[str]:
    """Give a share of the labelled frames the other answer; return their names."""
    table = consensus(workspace)
    labelled = table[table[ATTRIBUTE].notna()]
    rng = np.random.default_rng(SEED)
    chosen = labelled.iloc[rng.choice(len(labelled), round(SHARE * len(labelled)), replace=False)]
    rows = pd.DataFrame({"video": chosen["video"], "index": chosen["index"], ATTRIBUTE: ~chosen[ATTRIBUTE]})
    labels.record_table(workspace, labels.annotators(workspace)[0], rows)
    return set(chosen["name"])


OPTIONS = {
    "--videos": {"default": 18, "help": "of the class"},
    "--frames": {"default": 200, "help": "of each video"},
    "--folds": {"default": 5, "help": "networks, each judging the videos it has not seen"},
    "--epochs": {"default": 16, "help": "of each training"},
    "--size": {"default": 128, "help": "width and height of the input in pixels"},
}

if __name__ == "__main__":
    main(__doc__, measure, OPTIONS)
