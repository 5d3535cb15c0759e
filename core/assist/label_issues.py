"""Label issues: labels that are doubted by networks which have not learned from them.

k runs by video test every labelled frame exactly once, so that each label meets a network that has never seen its video.
Which labels then are issues is decided by cleanlab. Source: Northcutt, Jiang and Chuang, "Confident Learning: Estimating
Uncertainty in Dataset Labels", Journal of Artificial Intelligence Research 70 (2021). Attributes are judged one by one,
each as true or false, on the frames where it is labelled; classes all at once.
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
from core.labels import corrections
from core.labels.consensus import consensus
from core.labels.frame_stretches import numbered
from core.labels.label_table import of_one_class
from core.runs.predictions import column, columns
from core.runs.settings import TrainSettings
from core.splits import make_split
from core.splits import split as splits
from core.workspace import Workspace

FOLDS = 5
"""Networks, where there are as many videos: each learns from four fifths of the labels and judges one fifth."""
SCORES = "self_confidence"
"""cleanlab's measure of a label's quality: the probability that the network gives to what was labelled."""
_JUDGED = ("attribute", "label", "probability", "score", "is_issue", "instead")
COLUMNS = ("frame", "video", "index", *_JUDGED, "stretch", "run")


@dataclass(frozen=True)
class LabelIssues:
    """Labels, the most doubtful first.

    Args:
        table: ``frame``, ``video`` (key), ``index`` (int), ``attribute`` (of classes the labelled one), ``label`` (bool),
            ``probability`` (float, 0 to 1, of the attribute being true), ``score`` (float, 0 to 1, quality of the label:
            lower is more doubtful), ``is_issue`` (bool, by cleanlab), ``instead`` (the most probable class; empty without
            classes), ``stretch`` (int: neighbouring frames with the same doubt share one) and ``run`` (id, of which the
            frame was in the test part).
        changed: how many labels have changed or gone since the networks were trained; they are not in the table.
        accepted: how many somebody has reviewed and accepted; they are not in the table either.
    """

    table: pd.DataFrame
    changed: int = 0
    accepted: int = 0

    def counts(self) -> dict[str, tuple[int, int]]:
        """Return per attribute how many labels were judged, and how many of them are issues."""
        by_attribute = self.table.groupby("attribute", sort=False)["is_issue"]
        return {str(name): (len(issues), int(issues.sum())) for name, issues in by_attribute}

    def unlearned(self) -> list[str]:
        """Return the attributes for which the networks do no better on unseen videos than always giving the more frequent
        answer; of classes all or none.
        """
        if self.table["instead"].any():
            names, shares = self.table["attribute"], self.table["attribute"].value_counts(normalize=True)
            return list(shares.index) if (self.table["instead"] == names).mean() <= shares.max() < 1 else []
        unlearned = []
        for name, labels in self.table.groupby("attribute", sort=False):
            true = labels["label"].mean()
            accuracy = ((labels["probability"] >= 0.5) == labels["label"]).mean()
            if accuracy <= max(true, 1 - true) < 1:
                unlearned.append(str(name))
        return unlearned

    def to_json(self, top: int | None = None) -> list[dict[str, Any]]:
        """Return the labels as plain values, the most doubtful first; ``instead`` only of classes."""
        columns = ["frame", "attribute", "label", "probability", "score", "suspect"]
        if self.table["instead"].any():
            columns.append("instead")
        table = self.table.rename(columns={"is_issue": "suspect"})[columns].head(top or len(self.table))
        rows = table.round({"probability": 6, "score": 6}).to_dict("records")
        return [{str(name): value for name, value in row.items()} for row in rows]


def caution(unlearned: Sequence[str]) -> str:
    """Say that doubts about these attributes mean little; empty where there are none."""
    frequent = f"learned no more about {', '.join(unlearned)} than which answer is more frequent"
    doubts = "so their doubts mean little. More epochs or more labelled videos help."
    return f"These networks {frequent}, {doubts}" if unlearned else ""


def unchecked(folds: Series, attributes: Sequence[str]) -> str:
    """Say of which ``attributes`` some labels were not checked, as a network had nothing to learn them from."""
    notes = [note for run in folds.runs for note in run.config.notes]
    # An attribute that no run mentions was added since.
    names = [name for name in attributes if any(note.startswith(f"“{name}” ") for note in notes)]
    if not names:
        return ""
    return (
        f"{', '.join(names)}: too few videos show both answers, so some networks could not learn it, and its labels in the "
        "videos that these networks judged were not checked. More videos with the rarer answer help."
    )


def plan(workspace: Workspace, settings: TrainSettings, folds: int | None = None) -> Plan:
    """Return the runs that together test every labelled video once; by default `FOLDS`, or as many as there are videos.

    A near-duplicate in training may hide an issue, but flatters nobody: leaking folds are trained.

    Raises:
        SplitError: no labels, fewer than three folds, or fewer videos than folds.
    """
    labels = consensus(workspace)
    videos = splits.labelled_frames(labels)["video"].nunique()
    made = make_split.folds(labels, folds or max(len(splits.PARTS), min(FOLDS, videos)), settings.seed)
    return [(replace(settings, leaking=True), split) for split in made]


def find_issues(
    workspace: Workspace,
    folds: Series,
    attributes: Sequence[str] | None = None,
    progress: Progress | None = None,
) -> LabelIssues:
    """Judge the labels as they are now, of all ``attributes`` or only of these. ``progress`` counts runs.

    Raises:
        RunError: a run of the series has not finished.
    """
    now, names = consensus(workspace), workspace.attributes.names
    judged = judge(out_of_fold(folds, progress), names, workspace.attributes.exclusive)
    judged = judged[judged["attribute"].isin(attributes or names)]
    current, reviewed = _is_current(judged, now, names), corrections.is_accepted(workspace, judged)
    table = _in_stretches(judged[current & ~reviewed], now)
    return LabelIssues(table, int((~current).sum()), int((current & reviewed).sum()))


def out_of_fold(folds: Series, progress: Progress | None = None) -> pd.DataFrame:
    """Return what the networks predict for frames whose video they have not seen.

    Returns:
        ``name``, ``video``, ``run`` (id), and per attribute its label then (nullable boolean) and
        ``<attribute>_probability`` (float).

    Raises:
        RunError: a run of the series has not finished.
    """
    if not folds.is_done:
        states = ", ".join(f"{run.id} is {run.state}" for run in folds.runs)
        raise RunError(f"Not all {folds.of} networks have finished: {states}.", "Check the labels again.")
    tables = []
    for number, run in enumerate(folds.runs, 1):
        tables.append(evaluate.on_test_part(run).reset_index().assign(run=run.id))
        if progress:
            progress(number, folds.of)
    return pd.concat(tables, ignore_index=True)


def judge(predicted: pd.DataFrame, attributes: Sequence[str], exclusive: bool) -> pd.DataFrame:
    """Judge every label of ``predicted``, as `out_of_fold` returns it, of those ``attributes`` that were learned.

    Of classes (``exclusive``) frames of which not exactly one is true are left out.

    Returns:
        The columns of `LabelIssues` without ``index`` and ``stretch``, the lowest score first.
    """
    learned = [name for name in attributes if column(name) in predicted]
    parts = [_classes(predicted, learned)] if exclusive else [_attribute(predicted, name) for name in learned]
    return pd.concat(parts, ignore_index=True).sort_values("score", kind="stable", ignore_index=True)


def _attribute(predicted: pd.DataFrame, name: str) -> pd.DataFrame:
    probability = predicted[column(name)]
    frames = predicted[predicted[name].notna() & probability.notna()]
    true = frames[column(name)].to_numpy(float)  # (N,)
    labels = frames[name].to_numpy(bool)
    return _judged(frames, labels.astype(np.int64), np.column_stack([1 - true, true])).assign(
        attribute=name, label=labels, probability=true, instead=""
    )


def _classes(predicted: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    frames = predicted[of_one_class(predicted, names)]
    labels = frames[names].fillna(False).to_numpy(bool).argmax(axis=1)  # (N,)
    # A class that the network of a fold has not met is one that it never predicts.
    probabilities = frames[columns(names)].fillna(0.0).to_numpy(float)  # (N, classes)
    classes = np.array(names, object)
    return _judged(frames, labels, probabilities).assign(
        attribute=classes[labels],
        label=True,
        probability=probabilities[np.arange(len(frames)), labels],
        instead=classes[probabilities.argmax(axis=1)],
    )


def _judged(frames: pd.DataFrame, labels: np.ndarray, probabilities: np.ndarray) -> pd.DataFrame:
    """Let cleanlab judge labels (N,) int64 below K against probabilities (N, K) float64."""
    # Imported here: it brings scikit-learn, which takes seconds.
    from cleanlab.filter import find_label_issues
    from cleanlab.rank import get_label_quality_scores

    judged = frames[["name", "video", "run"]].rename(columns={"name": "frame"})
    if len(np.unique(labels)) < 2:  # nothing to confuse it with
        return judged.assign(score=probabilities[np.arange(len(labels)), labels], is_issue=False)
    with warnings.catch_warnings():  # of few frames it warns that it may find fewer than there are
        warnings.simplefilter("ignore")
        return judged.assign(
            score=get_label_quality_scores(labels, probabilities, method=SCORES),
            is_issue=find_label_issues(labels, probabilities, n_jobs=1),
        )


def _is_current(judged: pd.DataFrame, now: pd.DataFrame, names: Sequence[str]) -> pd.Series:
    """Return for each judged label whether the consensus ``now`` is still the same."""
    cells = now.melt("name", list(names), "attribute", "now")
    labels = pd.Series(cells["now"].to_numpy(object), pd.MultiIndex.from_frame(cells[["name", "attribute"]]))
    labels = labels.reindex(pd.MultiIndex.from_frame(judged[["frame", "attribute"]]))
    labels = labels.astype("boolean").set_axis(judged.index)
    return labels.eq(judged["label"].astype("boolean")).fillna(False).astype(bool)


def _in_stretches(judged: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """Add ``index`` and ``stretch``; the order stays."""
    places = pd.Series(range(len(now)), now["name"])
    table = judged.join(now.set_index("name")["index"], on="frame")
    ordered = table.assign(name=table["frame"], place=table["frame"].map(places))
    ordered = ordered.sort_values(["attribute", "place"])
    stretches = numbered(ordered, ["attribute", "label", "is_issue", "instead"], places)
    return table.assign(stretch=stretches)[list(COLUMNS)].reset_index(drop=True)
