"""How right each network is on pictures of things that nobody drew: each group is held out once, and all are counted together.

Of real seams a group is a fabric. A trained network learns from all groups but two: the one held out, and the next one,
on which its epoch is chosen. The instant network learns its head from all groups but one, the starter from none. Per
attribute: AUROC, and accuracy at a threshold of 0.5, each with the 95 % interval of drawing the groups anew
(percentiles of 1,000 draws); `broken` is the AUROC of “break” among pictures that are either broken or good.
"""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from benchmarks.harness import main, scratch_folder
from core.assist.starter import starter
from core.evaluation import evaluate
from core.exchange.add_pictures import add_folder
from core.inputs import batches, feature_cache
from core.jobs import worker
from core.labels.consensus import consensus
from core.networks.pretrained.head import fit_head
from core.networks.pretrained.starter_head import base_for
from core.runs.predictions import columns
from core.runs.settings import TrainSettings
from core.splits import split as splits
from core.training.create_run import create_run
from core.workspace import Workspace, open_workspace

DRAWS = 1000
LEAST = 0.5
"""Share of the draws that must have both answers for an interval."""

NETWORKS = ("starter", "instant", "seam_pretrained", "seam_pretrained:head", "seam_lite", "seam_resnet")

Answers = pd.DataFrame
"""The labels of frames, as `consensus` returns them, and ``<attribute>_probability``, NaN where the network has not learned it."""


def measure(data: Path, networks: str, seed: int, minutes: float) -> dict[str, Any]:
    """Return per network and attribute ``auroc`` and ``accuracy`` with their intervals."""
    with scratch_folder() as scratch:
        add_folder(scratch / "class", data)
        workspace = open_workspace(scratch / "class")
        labels = consensus(workspace)
        figures = {}
        for name in networks.split(","):
            print(f"{name} …", file=sys.stderr)
            figures[name] = scores(
                answered(workspace, labels, name, seed, minutes), workspace.attributes.names
            )
        return figures


def answered(workspace: Workspace, labels: pd.DataFrame, name: str, seed: int, minutes: float) -> Answers:
    """Return what a network says of every frame while its group was held out."""
    if name in ("starter", "instant"):
        return by_features(workspace, labels, name)
    network, _, kind = name.partition(":")
    settings = TrainSettings(
        network, seed=seed, minutes=minutes or None, leaking=True, head_only=kind == "head"
    )
    return pd.concat([by_run(workspace, labels, settings, *groups) for groups in folds(labels)])


def by_features(workspace: Workspace, labels: pd.DataFrame, name: str) -> Answers:
    sources = batches.sources_of(workspace, labels["name"].tolist())
    feature_cache.add(workspace, feature_cache.missing(workspace, sources))
    peaks = feature_cache.read(workspace, sources).values.astype(np.float32)
    names = list(workspace.attributes.names)
    found = pd.DataFrame(np.nan, labels.index, columns(names))
    if name == "starter":
        network = starter(workspace.attributes, peaks)
        if network:
            found[columns(network.attributes.names)] = network.probabilities(peaks)
        return labels.join(found)
    targets = batches.targets_of(labels, workspace.attributes)
    exclusive = workspace.attributes.exclusive
    base = None if exclusive else base_for(workspace.attributes.names)
    for group, _ in folds(labels):
        held_out = (labels["video"] == group).to_numpy()
        head = fit_head(peaks[~held_out], targets[~held_out], exclusive, base=base)
        found.loc[held_out] = head.probabilities(head.logits(peaks[held_out]), exclusive)
    return labels.join(found)


def by_run(
    workspace: Workspace, labels: pd.DataFrame, settings: TrainSettings, test: str, valid: str
) -> Answers:
    """Train a network without the groups ``test`` and ``valid``, and return its answers about the first of them."""
    part = labels["video"].map({valid: "valid", test: "test"}).fillna("train")
    run = create_run(workspace, settings, splits.Split(labels[["name", "video"]].assign(part=part), "file"))
    worker.train(run)
    return evaluate.on_test_part(run).reset_index().reindex(columns=labels_and_probabilities(labels))


def labels_and_probabilities(labels: pd.DataFrame) -> list[str]:
    names = [name for name in labels if name not in ("name", "video", "index")]
    return ["name", "video", *names, *columns(names)]


def folds(labels: pd.DataFrame) -> Iterator[tuple[str, str]]:
    """Yield each group, and the one after it."""
    groups = list(labels["video"].unique())
    yield from zip(groups, [*groups[1:], groups[0]], strict=True)


def scores(answers: Answers, names: tuple[str, ...]) -> dict[str, Any]:
    """Return the figures of each attribute, and ``broken``."""
    figures: dict[str, Any] = {}
    for name in names:
        frames = answers[answers[name].notna() & answers[f"{name}_probability"].notna()]
        if frames[name].nunique() == 2:
            figures[name] = {**figure(auroc, frames, name), **figure(accuracy, frames, name)}
    if {"good", "break"} <= set(figures):
        either = answers["good"].fillna(False) != answers["break"].fillna(False)
        figures["broken"] = figure(auroc, answers[either], "break")
    return figures


Score = Callable[[np.ndarray, np.ndarray], float]
"""Of labels (N,) bool and probabilities (N,)."""


def auroc(labels: np.ndarray, probabilities: np.ndarray) -> float:
    return float(roc_auc_score(labels, probabilities)) if 0 < labels.mean() < 1 else np.nan


def accuracy(labels: np.ndarray, probabilities: np.ndarray) -> float:
    return float(((probabilities >= 0.5) == labels).mean())


def figure(score: Score, frames: pd.DataFrame, name: str) -> dict[str, Any]:
    """Return a score of an attribute over all ``frames``, and its interval over draws of their groups."""
    labels = frames[name].to_numpy(bool)
    probabilities = frames[f"{name}_probability"].to_numpy(float)
    groups = list(frames.reset_index().groupby("video").indices.values())
    rng = np.random.default_rng(0)
    drawn = []
    for _ in range(DRAWS):
        rows = np.concatenate([groups[n] for n in rng.integers(len(groups), size=len(groups))])
        drawn.append(score(labels[rows], probabilities[rows]))
    is_enough = np.isfinite(drawn).mean() >= LEAST
    interval = tuple(np.nanpercentile(drawn, (2.5, 97.5)).tolist()) if is_enough else (None, None)
    return {score.__name__: score(labels, probabilities), f"{score.__name__}_interval": interval}


OPTIONS = {
    "--data": {"type": Path, "required": True, "help": "pictures with lookup tables that have a group"},
    "--networks": {"default": ",".join(NETWORKS), "help": "one after the other; with “:head” its head only"},
    "--seed": {"default": 0, "help": "of the trainings"},
    "--minutes": {"default": 0.0, "help": "of each training at most; 0: as long as its recipe says"},
}

if __name__ == "__main__":
    main(__doc__, measure, OPTIONS)
