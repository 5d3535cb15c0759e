"""Balance: how often each answer was given, per attribute, per video and per combination."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from core.data.labels import consensus
from core.workspace import Workspace

Counts = dict[str, int]


@dataclass(frozen=True)
class Balance:
    """How the labels are spread.

    Args:
        frames: how many there are.
        labelled: how many of them have at least one label.
        attributes: per attribute ``true``, ``false`` and ``unset``, which add up to ``frames``.
        videos: per video ``frames``, ``labelled`` and ``attributes``, counted in the same way.
        combinations: one row per combination of answers of labelled frames, the most frequent first: one
            nullable boolean column per attribute, and ``frames`` (int).
    """

    frames: int
    labelled: int
    attributes: dict[str, Counts]
    videos: dict[str, dict[str, Any]]
    combinations: pd.DataFrame

    def to_json(self) -> dict[str, Any]:
        """Return what ``balance --json`` prints."""
        return {
            "frames": self.frames,
            "labelled": self.labelled,
            "attributes": self.attributes,
            "videos": self.videos,
        }


def balance(workspace: Workspace, annotator: str | None = None) -> Balance:
    """Count the consensus labels, or those of one annotator."""
    return balance_of(consensus(workspace, annotator))


def balance_of(labels: pd.DataFrame) -> Balance:
    """Count labels.

    Args:
        labels: ``name``, ``group``, ``index`` and one nullable boolean column per attribute, as `consensus`
            returns them.
    """
    names = [name for name in labels.columns if name not in ("name", "group", "index")]
    answers = labels[names].to_numpy(np.float32, na_value=np.nan)  # (frames, attributes): 1, 0, NaN is unset
    groups, keys = pd.factorize(labels["group"])
    labelled = ~np.isnan(answers).all(axis=1)
    # One row per video, one column per attribute.
    true = _sums(answers == 1, groups, len(keys))
    false = _sums(answers == 0, groups, len(keys))
    frames = np.bincount(groups, minlength=len(keys))
    done = np.bincount(groups[labelled], minlength=len(keys))
    return Balance(
        len(labels),
        int(labelled.sum()),
        _counts(names, true.sum(axis=0), false.sum(axis=0), len(labels)),
        {
            str(key): {
                "frames": int(frames[i]),
                "labelled": int(done[i]),
                "attributes": _counts(names, true[i], false[i], int(frames[i])),
            }
            for i, key in enumerate(keys)
        },
        _combinations(labels.loc[labelled, names]),
    )


def _sums(marks: np.ndarray, groups: np.ndarray, number: int) -> np.ndarray:
    """Add up ``marks`` (frames, attributes) per group: (number, attributes) int64."""
    sums = [np.bincount(groups, weights=column, minlength=number) for column in marks.T]
    return np.array(sums, np.int64).reshape(len(sums), number).T


def _counts(names: list[str], true: np.ndarray, false: np.ndarray, frames: int) -> dict[str, Counts]:
    return {
        name: {"true": int(yes), "false": int(no), "unset": frames - int(yes) - int(no)}
        for name, yes, no in zip(names, true, false, strict=True)
    }


def _combinations(labels: pd.DataFrame) -> pd.DataFrame:
    names = list(labels.columns)
    counted = labels.groupby(names, dropna=False, sort=True).size().reset_index(name="frames")
    counted = counted.astype(dict.fromkeys(names, "boolean"))
    return counted.sort_values("frames", ascending=False, kind="stable", ignore_index=True)
