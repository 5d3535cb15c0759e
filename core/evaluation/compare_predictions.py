"""Two runs on the same test frames: which is better, by how much, and on which frames. Without TensorFlow where both were
tested.

Only frames with the same label in both runs are compared, so that a difference never comes from the labels; and only test
frames of both, so that neither has learned from them. With the current labels a run can be compared with the one before
labels were corrected: both are measured against the labels as they are now.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from core.errors import RunError
from core.evaluation import evaluate
from core.evaluation.intervals import of_difference
from core.evaluation.label_changes import with_current_labels
from core.files import Progress
from core.labels.label_table import of_one_class
from core.runs import predictions
from core.runs.results import Interval
from core.runs.run import Run
from core.text import count

GAINED, LOST = "gained", "lost"
CLASSES = "all classes"
COLUMNS = ["name", "video", "attribute", "label", "first", "second", "first_probability", "second_probability", "side"]  # fmt: skip


@dataclass(frozen=True)
class PairedDifference:
    """Both runs on one attribute.

    Args:
        frames: that both are tested on, with the same label.
        videos: of how many videos.
        first: accuracy of the first run on them; none without frames.
        second: that of the second run.
        difference: second minus first.
        interval: 95 % interval of the difference over videos; none of too few.
        gained: frames that only the second decided right.
        lost: frames that only the first decided right.
    """

    frames: int
    videos: int
    first: float | None
    second: float | None
    difference: float | None
    interval: Interval | None
    gained: int
    lost: int

    @property
    def meaning(self) -> str:
        """Say what the difference says of other videos."""
        if self.difference is None:
            return "no label in common"
        if self.interval is None:
            return "too few videos"
        if self.interval.low > 0:
            return "second better"
        return "first better" if self.interval.high < 0 else "may be chance"


@dataclass(frozen=True)
class Comparison:
    """Two runs on the same test frames.

    Args:
        first: id of a run.
        second: id of the other.
        frames: that are in the test part of both.
        videos: of how many videos.
        first_frames: of the test part of the first.
        second_frames: of that of the second.
        other_labels: how many labels of these frames the runs do not share; they are left out.
        labels: ``run`` where the labels of the runs count, ``current`` where those of now.
        attributes: by name; of classes all at once.
        changed: frames that only one of the two decided right, those that a network was surest about first: `COLUMNS`, with
            labels and decisions in words and the probabilities of true, or of the labelled class.
    """

    first: str
    second: str
    frames: int
    videos: int
    first_frames: int
    second_frames: int
    other_labels: int
    labels: str
    attributes: Mapping[str, PairedDifference]
    changed: pd.DataFrame

    def sentence(self) -> str:
        """Say which frames they are compared on."""
        frames = f"{self.frames:,} frames of {count(self.videos, 'video')}"
        whole = ""
        if (self.first_frames, self.second_frames) != (self.frames, self.frames):
            whole = f" (of {self.first_frames:,} and {self.second_frames:,})"
        current = " against the current labels" if self.labels == "current" else ""
        left_out = ""
        if self.other_labels:
            left_out = f" {self.other_labels:,} labels differ between the runs and are left out."
        return f"Compared{current} on the {frames} that both are tested on{whole}.{left_out}"

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        pairs = {name: vars(pair) | {"meaning": pair.meaning} for name, pair in self.attributes.items()}
        plain = vars(self) | {"attributes": pairs, "changed": self.changed.to_dict("records")}
        if self.labels == "run":
            del plain["labels"]
        return plain


def compare_predictions(
    first: Run, second: Run, progress: Progress | None = None, current_labels: bool = False
) -> Comparison:
    """Compare two runs on the test frames that they share; one that was not tested is tested now.

    With ``current_labels`` both are measured against the labels as they are now, instead of those that the runs share.

    Raises:
        RunError: both are the same run, they share no test frame or no attribute, or one has no network yet.
    """
    _check(first, second)
    tables = []
    for run in (first, second):
        table = evaluate.on_test_part(run, progress)
        if current_labels:
            table = with_current_labels(run, table.reset_index()).set_index("name")
        tables.append(table)
    names = tables[0].index.intersection(tables[1].index, sort=False)
    if names.empty:
        raise RunError(
            f"{first.id} and {second.id} share no test frame: {first.id} was tested on {_videos(tables[0])}, "
            f"{second.id} on {_videos(tables[1])}.",
            "Train both on the same split.",
        )
    shared = [table.loc[names] for table in tables]
    of = _of_classes if first.attributes.exclusive else _of_attributes
    pairs, changed, left_out = of(first, second, *shared)
    together = pd.concat(changed).sort_values("sureness", ascending=False, kind="stable")[COLUMNS]
    return Comparison(
        first.id,
        second.id,
        len(names),
        int(shared[0]["video"].nunique()),
        len(tables[0]),
        len(tables[1]),
        left_out,
        "current" if current_labels else "run",
        pairs,
        together.reset_index(drop=True),
    )


def _check(first: Run, second: Run) -> None:
    if first.id == second.id:
        raise RunError(f"{first.id} cannot be compared with itself.", "Choose another run.")
    same_kind = first.attributes.exclusive == second.attributes.exclusive
    if not (same_kind and set(first.attributes.names) & set(second.attributes.names)):
        raise RunError(
            f"{first.id} learned {', '.join(first.attributes.names)}; {second.id} learned "
            f"{', '.join(second.attributes.names)}.",
            "Compare runs that learned the same attributes.",
        )


def _videos(table: pd.DataFrame) -> str:
    names = list(table["video"].unique())
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


Compared = tuple[dict[str, PairedDifference], list[pd.DataFrame], int]
"""Pairs by attribute, the tables of `_changed`, and how many labels are left out."""


def _of_attributes(first: Run, second: Run, ours: pd.DataFrame, theirs: pd.DataFrame) -> Compared:
    pairs, changed, left_out = {}, [], 0
    decided = [
        pd.DataFrame(evaluate.decisions(table, run), table.index, list(run.attributes.names))
        for run, table in ((first, ours), (second, theirs))
    ]
    for name in _shared(first, second):
        same = (ours[name] == theirs[name]).fillna(False).to_numpy(dtype=bool)
        left_out += int(((ours[name].notna() | theirs[name].notna()).to_numpy(dtype=bool) & ~same).sum())
        answers = [table.loc[same, name].astype(bool) for table in (ours, *decided)]
        chances = [table.loc[same, predictions.column(name)] for table in (ours, theirs)]
        words = [values.map({True: "true", False: "false"}) for values in answers]
        wrong = [(chance - answers[0]).abs() for chance in chances]
        pairs[name], rows = _compared(ours.loc[same, "video"], name, words, chances, wrong)
        changed.append(rows)
    return pairs, changed, left_out


def _of_classes(first: Run, second: Run, ours: pd.DataFrame, theirs: pd.DataFrame) -> Compared:
    names = _shared(first, second)
    labels = [table[names].fillna(False).to_numpy(dtype=bool) for table in (ours, theirs)]
    is_labelled = [of_one_class(table, names).to_numpy(bool) for table in (ours, theirs)]
    same = is_labelled[0] & is_labelled[1] & (labels[0] == labels[1]).all(axis=1)
    left_out = int(((is_labelled[0] | is_labelled[1]) & ~same).sum())
    place, videos = labels[0][same].argmax(axis=1), ours.loc[same, "video"]
    label = pd.Series(np.array(names, object)[place], videos.index)
    answers, chances = [], []
    for run, table in ((first, ours[same]), (second, theirs[same])):
        winner = evaluate.decisions(table, run).argmax(axis=1)
        answers.append(pd.Series(np.array(run.attributes.names, object)[winner], label.index))
        likely = predictions.probabilities(table, names)
        chances.append(pd.Series(likely[np.arange(len(likely)), place], label.index))
    wrong = [1 - chance for chance in chances]
    pair, changed = _compared(videos, label, [label, *answers], chances, wrong)
    return {CLASSES: pair}, [changed], left_out


def _shared(first: Run, second: Run) -> list[str]:
    return [name for name in first.attributes.names if name in second.attributes.names]


def _difference(first: np.ndarray, second: np.ndarray, videos: np.ndarray) -> PairedDifference:
    """Compare where both are right: (N,) bool each, of ``videos`` (N,)."""
    if not len(videos):
        return PairedDifference(0, 0, None, None, None, None, 0, 0)
    return PairedDifference(
        len(videos),
        len(np.unique(videos)),
        float(first.mean()),
        float(second.mean()),
        float(second.mean() - first.mean()),
        of_difference(first, second, videos),
        int((second & ~first).sum()),
        int((first & ~second).sum()),
    )


Columns = list[pd.Series]


def _compared(
    videos: pd.Series, attribute: str | pd.Series, words: Columns, chances: Columns, wrong: Columns
) -> tuple[PairedDifference, pd.DataFrame]:
    """Return the difference, and the frames that only one decided right: ``words`` are the label and both decisions, ``wrong``
    is how far each was from the label, 0 to 1.
    """
    right = [(answer == words[0]).to_numpy() for answer in words[1:]]
    table = pd.DataFrame({"name": videos.index, "video": videos.to_numpy()}, index=videos.index)
    table = table.assign(attribute=attribute, label=words[0], first=words[1], second=words[2])
    table = table.assign(first_probability=chances[0], second_probability=chances[1])
    sureness = np.where(right[1], wrong[0], wrong[1])
    table = table.assign(side=np.where(right[1], GAINED, LOST), sureness=sureness)
    pair = _difference(right[0], right[1], videos.to_numpy(dtype=object))
    return pair, table[right[0] != right[1]]
