"""Suspect labels: those that networks doubt which have not learned from them.

k runs by video test every labelled frame exactly once, so that each label meets a network which has never seen its
video. Which labels then are suspect, and how much, says cleanlab. Source: Northcutt, Jiang and Chuang, "Confident
Learning: Estimating Uncertainty in Dataset Labels", Journal of Artificial Intelligence Research 70 (2021). Attributes
are judged one by one, each as true or false, on the frames where it is labelled; classes all at once.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from core.errors import RunError
from core.evaluation import evaluate
from core.files import Progress
from core.jobs.series import Plan, Series
from core.labels import accepted
from core.labels.labels import consensus, of_one_class
from core.runs.predictions import column, columns
from core.runs.settings import TrainSettings
from core.splits import split as splits
from core.workspace import Workspace

FOLDS = 5
"""So many where there are as many videos: four fifths of the labels judge and choose, one fifth is judged."""
SCORES = "self_confidence"
"""cleanlab's measure of a label's quality: the probability that the network gives to what was labelled."""


@dataclass(frozen=True)
class Suspects:
    """Labels, the most suspect first.

    Args:
        table: ``frame``, ``video`` (key), ``index`` (int), ``attribute`` (of classes the labelled one), ``label`` (bool),
            ``probability`` (float, 0 to 1, of the attribute being true), ``score`` (float, 0 to 1, quality of the label:
            the lower, the more suspect), ``suspect`` (bool: cleanlab counts the label as an issue), ``instead`` (the most
            probable class; without classes empty), ``stretch`` (int: neighbouring frames with the same doubt share
            one) and ``run`` (id, of which the frame was in the test part).
        changed: how many labels have changed or gone since the networks were trained; they are not in the table.
        accepted: how many were looked at and accepted; they are not in the table either.
    """

    table: pd.DataFrame
    changed: int = 0
    accepted: int = 0

    def counts(self) -> dict[str, dict[str, int]]:
        """Return per attribute how many ``labels`` were judged and how many are ``suspect``."""
        by = self.table.groupby("attribute", sort=False)["suspect"]
        return {str(name): {"labels": len(one), "suspect": int(one.sum())} for name, one in by}

    def unlearned(self) -> list[str]:
        """Return the attributes of which the networks know no more than which answer is the more frequent.

        They decide no more labels of unseen videos right than always giving that answer does; of classes, all are told.
        """
        if self.table["instead"].any():
            names, most = self.table["attribute"], self.table["attribute"].value_counts(normalize=True)
            return list(most.index) if (self.table["instead"] == names).mean() <= most.max() < 1 else []
        found = []
        for name, one in self.table.groupby("attribute", sort=False):
            true = one["label"].mean()
            right = ((one["probability"] >= 0.5) == one["label"]).mean()
            if right <= max(true, 1 - true) < 1:
                found.append(str(name))
        return found

    def to_json(self, top: int | None = None) -> list[dict[str, Any]]:
        """Return the labels as plain values, the most suspect first; ``instead`` only of classes."""
        columns = ["frame", "attribute", "label", "probability", "score", "suspect"]
        if self.table["instead"].any():
            columns.append("instead")
        table = self.table[columns].round({"probability": 6, "score": 6}).head(top or len(self.table))
        return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def caution(unlearned: Sequence[str]) -> str:
    """Say what the doubts about these attributes are worth; empty where there are none."""
    if not unlearned:
        return ""
    return (
        f"About {', '.join(unlearned)} these networks know no more than which answer is the more frequent: what they doubt there "
        "says little. More epochs or more labelled videos help."
    )


def unmet(folds: Series, attributes: Sequence[str]) -> str:
    """Say about which of ``attributes`` not every label was judged, as some networks had nothing to learn them from."""
    notes = [note for run in folds.runs for note in run.config.notes]
    # One that no run speaks of was added since.
    names = [name for name in attributes if any(note.startswith(f"“{name}” has ") for note in notes)]
    if not names:
        return ""
    return (
        f"{', '.join(names)}: too few videos show both answers, so that some networks could not learn it. Its labels in the "
        "videos that those networks judged were not checked. More videos with the rarer answer help."
    )


def plan(workspace: Workspace, settings: TrainSettings, folds: int | None = None) -> Plan:
    """Return the runs that together test every labelled video once.

    Args:
        workspace: whose labels are doubted.
        settings: of each run. A twin in training may hide a wrong label, but flatters nobody: leaking folds are trained.
        folds: how many; none is `FOLDS`, or as many as there are videos where these are fewer.

    Raises:
        SplitError: no labels, fewer than three folds, or fewer videos than folds.
    """
    labels = consensus(workspace)
    videos = splits.labelled_frames(labels)["group"].nunique()
    made = splits.folds(labels, folds or max(len(splits.PARTS), min(FOLDS, videos)), settings.seed)
    return [(replace(settings, leaking=True), split) for split in made]


def suspects(
    workspace: Workspace,
    folds: Series,
    attributes: Sequence[str] | None = None,
    progress: Progress | None = None,
) -> Suspects:
    """Return the labels that are there now, the most suspect first.

    Args:
        workspace: whose labels.
        folds: that were trained to their end.
        attributes: only these; none is all of them.
        progress: called as ``progress(runs done, runs in all)`` where they were not tested yet.

    Raises:
        RunError: the series has not ended well.
    """
    now = consensus(workspace)
    judged = judge(out_of_fold(folds, progress), workspace.attributes.names, workspace.attributes.exclusive)
    judged = judged[judged["attribute"].isin(attributes or workspace.attributes.names)]
    current = _is_current(judged, now)
    known = accepted.is_accepted(workspace, judged)
    table = _in_stretches(judged[current & ~known], now)
    return Suspects(table, int((~current).sum()), int((current & known).sum()))


def out_of_fold(folds: Series, progress: Progress | None = None) -> pd.DataFrame:
    """Return what the networks say of frames whose video they have not seen.

    Returns:
        ``name``, ``group``, ``run`` (id), and per attribute its label then (nullable boolean) and
        ``<attribute>_probability`` (float).

    Raises:
        RunError: the series has not ended well.
    """
    if not folds.is_done:
        states = ", ".join(f"{run.id}: {run.state}" for run in folds.runs)
        raise RunError(f"{folds.of} runs, all trained to their end", states, "Look for suspect labels anew.")
    tables = []
    for number, run in enumerate(folds.runs, 1):
        tables.append(evaluate.on_test_part(run).reset_index().assign(run=run.id))
        if progress:
            progress(number, folds.of)
    return pd.concat(tables, ignore_index=True)


def judge(predicted: pd.DataFrame, attributes: Sequence[str], exclusive: bool) -> pd.DataFrame:
    """Judge every label of ``predicted``, as `out_of_fold` returns it.

    Args:
        predicted: labels and probabilities.
        attributes: that are judged, where they were learned.
        exclusive: they are classes; frames of which not exactly one is true are left out.

    Returns:
        ``frame``, ``video``, ``attribute``, ``label``, ``probability``, ``score``, ``suspect``, ``instead`` and ``run`` as
        in `Suspects`, the lowest score first.
    """
    learned = [name for name in attributes if column(name) in predicted]
    parts = [_classes(predicted, learned)] if exclusive else [_attribute(predicted, name) for name in learned]
    together = pd.concat(parts, ignore_index=True)
    return together.sort_values("score", kind="stable", ignore_index=True)


def _attribute(predicted: pd.DataFrame, name: str) -> pd.DataFrame:
    probability = predicted[column(name)]
    kept = predicted[predicted[name].notna() & probability.notna()]
    true = kept[column(name)].to_numpy(float)  # (N,)
    labels = kept[name].to_numpy(bool)
    return _judged(kept, labels.astype(np.int64), np.column_stack([1 - true, true])).assign(
        attribute=name, label=labels, probability=true, instead=""
    )


def _classes(predicted: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    kept = predicted[of_one_class(predicted, names)]
    labels = kept[names].fillna(False).to_numpy(bool).argmax(axis=1)  # (N,)
    # A class that the network of a fold has not met is one that it never thinks of.
    likely = kept[columns(names)].fillna(0.0)
    probabilities = likely.to_numpy(float)  # (N, classes)
    called = np.array(names, object)
    return _judged(kept, labels, probabilities).assign(
        attribute=called[labels],
        label=True,
        probability=probabilities[np.arange(len(kept)), labels],
        instead=called[probabilities.argmax(axis=1)],
    )


def _judged(kept: pd.DataFrame, labels: np.ndarray, probabilities: np.ndarray) -> pd.DataFrame:
    """Let cleanlab judge labels (N,) int64 below K against probabilities (N, K) float64."""
    # Imported here: it brings scikit-learn, seconds that no other page or command shall wait for.
    from cleanlab.filter import find_label_issues
    from cleanlab.rank import get_label_quality_scores

    found = kept[["name", "group", "run"]].rename(columns={"name": "frame", "group": "video"})
    if len(np.unique(labels)) < 2:  # nothing to confuse it with
        chosen = probabilities[np.arange(len(labels)), labels]
        return found.assign(score=chosen, suspect=False)
    with warnings.catch_warnings():  # of few frames it warns that it may find fewer than there are
        warnings.simplefilter("ignore")
        return found.assign(
            score=get_label_quality_scores(labels, probabilities, method=SCORES),
            suspect=find_label_issues(labels, probabilities, n_jobs=1),
        )


def _is_current(judged: pd.DataFrame, now: pd.DataFrame) -> pd.Series:
    """Return for each judged label whether the consensus still says so."""
    cells = now.melt(["name", "group", "index"], var_name="attribute", value_name="said")
    keys = pd.MultiIndex.from_frame(cells[["name", "attribute"]])
    said = pd.Series(cells["said"].to_numpy(object), keys)
    found = said.reindex(pd.MultiIndex.from_frame(judged[["frame", "attribute"]]))
    equal = [value is not None and not pd.isna(value) and value == label
             for value, label in zip(found, judged["label"], strict=True)]  # fmt: skip
    return pd.Series(equal, judged.index, dtype=bool)


def _in_stretches(judged: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """Add ``index`` and ``stretch``; the order stays."""
    places = now.assign(place=range(len(now))).set_index("name")[["index", "place"]]
    table = judged.join(places, on="frame")
    same = ["attribute", "video", "label", "suspect", "instead"]
    ordered = table.sort_values(["attribute", "place"])
    begins = (ordered[same] != ordered[same].shift()).any(axis=1) | (ordered["place"].diff() != 1)
    columns = [
        "frame",
        "video",
        "index",
        "attribute",
        "label",
        "probability",
        "score",
        "suspect",
        "instead",
        "stretch",
        "run",
    ]
    return table.assign(stretch=begins.cumsum() - 1)[columns].reset_index(drop=True)
