"""How right each network is after few labels: learning curves on demo classes, or on pictures with lookup tables.

Of the training videos of the split, `--videos` are chosen at random (of a demo class with both stitch lengths among them),
and of these together so many frames, evenly spread. Epochs are chosen on 20 frames of each validation video; where `--test`
names the videos of the test, on 20 other frames of each of the rest. Accuracy is that of the test videos, which nothing else has
seen. `:head` behind a network learns its head only.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.harness import main, scratch_folder, seconds
from benchmarks.quality import divide
from core.demo.make import make_demo
from core.evaluation import evaluate
from core.exchange.add_pictures import add_folder
from core.jobs import worker
from core.labels.consensus import consensus
from core.lookup_tables.column_meanings import TableOptions
from core.runs.settings import TrainSettings
from core.splits import split as splits
from core.splits import stored_split
from core.splits.make_split import split_by_video
from core.training.create_run import create_run
from core.workspace import Workspace, open_workspace

VALID = 20
LENGTH = "length"


def measure(
    data: Path | None, attributes: str, frames: str, videos: int, networks: str, seed: int, test: str
) -> dict[str, Any]:
    """Return per number of frames and network the accuracy of each attribute, their mean, and the seconds of the training."""
    with scratch_folder() as folder:
        workspace = made(folder / "class", data, attributes, seed)
        labels = consensus(workspace)
        part = held_back(labels, test.split(",")) if test else split_of(workspace, labels)
        figures: dict[str, Any] = {}
        for number in map(int, frames.split(",")):
            split = few(labels, part, number, videos, seed)
            for name in networks.split(","):
                print(f"{number} frames, {name} …", file=sys.stderr)
                figures.setdefault(f"{number} frames", {})[name] = trained(workspace, split, name, seed)
        return figures


def made(folder: Path, data: Path | None, attributes: str, seed: int) -> Workspace:
    if data is None:
        make_demo(folder, seed)
    else:
        add_folder(folder, data, options=TableOptions(tuple(attributes.split(",")) if attributes else None))
        divide(folder, None, None)
    return open_workspace(folder)


def split_of(workspace: Workspace, labels: pd.DataFrame) -> pd.Series:
    """Return the part of each frame in the stored split, or in one by video."""
    split = stored_split.load(workspace) or split_by_video(labels)
    return labels["name"].map(split.table.set_index("name")["part"])


def held_back(labels: pd.DataFrame, test: list[str]) -> pd.Series:
    """Return the part of each frame: the videos of the test, 20 frames of each other video to validate, the rest to learn from."""
    if unknown := set(test) - set(labels["video"]):
        raise SystemExit(f"--test: there is no {unknown.pop()} among {', '.join(labels['video'].unique())}.")
    part = labels["video"].isin(test).map({True: "test", False: "train"})
    for _, frames in labels[part == "train"].groupby("video"):
        part[list(spread(frames, VALID))] = "valid"
    return part


def few(labels: pd.DataFrame, part: pd.Series, frames: int, videos: int, seed: int) -> splits.Split:
    """Return a split with so many training frames of so many videos; the other training frames are in no part."""
    rng = np.random.default_rng(seed)
    training = labels[part == "train"]
    chosen = choose(training, videos, rng)
    rows = [*spread(training[training["video"].isin(chosen)], frames)]
    for _, frames_of_one in labels[part == "valid"].groupby("video"):
        rows += spread(frames_of_one, VALID)
    rows += list(labels.index[part == "test"])
    table = labels.loc[rows, ["name", "video"]].assign(part=part[rows])
    return splits.Split(
        table.reset_index(drop=True), "blocks"
    )  # not by video: other frames do not follow theirs


def choose(training: pd.DataFrame, videos: int, rng: np.random.Generator) -> list[str]:
    """Return so many videos; where there is a length, at least one in three of each."""
    names = training["video"].unique()
    while True:
        chosen = rng.choice(names, min(videos, len(names)), replace=False)
        if LENGTH not in training:
            return list(chosen)
        long = training[training["video"].isin(chosen)].groupby("video")[LENGTH].mean() > 0.5
        if videos // 3 <= long.sum() <= len(chosen) - videos // 3:
            return list(chosen)


def spread(frames: pd.DataFrame, count: int) -> Iterator[int]:
    """Yield the rows of so many of ``frames``, evenly spread."""
    yield from frames.index[np.unique(np.linspace(0, len(frames) - 1, count).round().astype(int))]


def trained(workspace: Workspace, split: splits.Split, name: str, seed: int) -> dict[str, float]:
    network, _, kind = name.partition(":")
    settings = TrainSettings(network, seed=seed, leaking=True, head_only=kind == "head")
    run = create_run(workspace, settings, split)
    taken = seconds(lambda: worker.train(run))
    evaluate.test(run)
    accuracy = {name: row.accuracy for name, row in evaluate.measure(run).attributes.items()}
    return accuracy | {"mean": mean(accuracy.values()), "seconds": taken}


OPTIONS = {
    "--data": {"type": Path, "help": "pictures with lookup tables that have a group; without, a demo class"},
    "--attributes": {
        "default": "",
        "help": "columns of the tables, with commas; without, those that surely are",
    },
    "--frames": {"default": "20,100,300", "help": "numbers of training frames"},
    "--videos": {"default": 5, "help": "that they come from"},
    "--networks": {"default": "seam_lite,seam_pretrained", "help": "one after the other"},
    "--test": {"default": "", "help": "videos to test on, with commas; otherwise those of the split"},
    "--seed": {"default": 1, "help": "of the demo class, of the choice and of the trainings"},
}

if __name__ == "__main__":
    main(__doc__, measure, OPTIONS)
