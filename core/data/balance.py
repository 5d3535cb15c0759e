"""Balance: how often each answer was given, per attribute, per video and per combination."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from core.data.tally import FALSE, TRUE, Tally, tally
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
        names = list(self.attributes)
        answers = self.combinations[names].astype(object).where(self.combinations[names].notna(), None)
        together = zip(answers.to_dict("records"), self.combinations["frames"].tolist(), strict=True)
        return {
            "frames": self.frames,
            "labelled": self.labelled,
            "attributes": self.attributes,
            "videos": self.videos,
            "combinations": [{"answers": said, "frames": frames} for said, frames in together],
        }


def balance(workspace: Workspace, annotator: str | None = None) -> Balance:
    """Count the consensus labels, or those of one annotator; the database counts."""
    return counts_of(tally(workspace, annotator))


def counts_of(counted: Tally) -> Balance:
    """Add up what was counted per video and combination."""
    true, false = (_per_video(counted, counted.answers == answer) for answer in (TRUE, FALSE))
    done = _per_video(counted, np.ones((len(counted.numbers), 1), bool))[:, 0]
    frames = counted.frames
    return Balance(
        int(frames.sum()),
        int(done.sum()),
        _counts(counted.attributes, true.sum(axis=0), false.sum(axis=0), int(frames.sum())),
        {
            video: {
                "frames": int(frames[i]),
                "labelled": int(done[i]),
                "attributes": _counts(counted.attributes, true[i], false[i], int(frames[i])),
            }
            for i, video in enumerate(counted.videos)
        },
        _combinations(counted),
    )


def _per_video(counted: Tally, marks: np.ndarray) -> np.ndarray:
    """Add up the frames of the rows that have a mark (rows, columns) bool: (videos, columns) int64."""
    sums = np.zeros((len(counted.videos), marks.shape[1]), np.int64)
    np.add.at(sums, counted.places, marks * counted.numbers[:, None])
    return sums


def _counts(names: Sequence[str], true: np.ndarray, false: np.ndarray, frames: int) -> dict[str, Counts]:
    return {
        name: {"true": int(yes), "false": int(no), "unset": frames - int(yes) - int(no)}
        for name, yes, no in zip(names, true, false, strict=True)
    }


def _combinations(counted: Tally) -> pd.DataFrame:
    names = list(counted.attributes)
    said = [pd.arrays.BooleanArray(column == TRUE, column == 0) for column in counted.answers.T]
    table = pd.DataFrame(dict(zip(names, said, strict=True))).assign(frames=counted.numbers)
    table = table.groupby(names, dropna=False, sort=True)["frames"].sum().reset_index()
    table = table.astype(dict.fromkeys(names, "boolean"))
    return table.sort_values("frames", ascending=False, kind="stable", ignore_index=True)
