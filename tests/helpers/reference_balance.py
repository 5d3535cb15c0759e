"""Balance by counting every frame of a table of labels: what the database counts must be the same."""

import numpy as np
import pandas as pd

from core.labels.consensus import FALSE, TRUE
from core.review.balance import AnswerCounts, Balance, counts_of


def balance_of(labels: pd.DataFrame) -> Balance:
    """Count a table of labels, as `core.labels.consensus.consensus` returns it."""
    return counts_of(answer_counts_of(labels))


def answer_counts_of(labels: pd.DataFrame) -> AnswerCounts:
    names = tuple(name for name in labels.columns if name not in ("name", "video", "index"))
    said = labels[list(names)].to_numpy(
        np.float32, na_value=np.nan
    )  # (frames, attributes): 1, 0, NaN is unset
    answers = TRUE * (said == 1) + FALSE * (said == 0)
    groups, keys = pd.factorize(labels["video"])
    labelled = np.column_stack([groups, answers])[answers.any(axis=1)]
    rows, numbers = np.unique(labelled, axis=0, return_counts=True)
    frames = np.bincount(groups, minlength=len(keys))
    return AnswerCounts(names, tuple(map(str, keys)), frames, rows[:, 0], rows[:, 1:], numbers)
