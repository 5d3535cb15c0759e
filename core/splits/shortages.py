"""Answers of which a part of a split has too few frames."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from core.labels.label_table import attributes_of
from core.splits.split import PARTS, Split
from core.splits.stratify import ENOUGH
from core.text import listed

_NAMED = 3  # videos that are named


def shortages(split: Split, labels: pd.DataFrame) -> list[str]:
    """Return a sentence for each answer of which a part has fewer than `ENOUGH` frames, and which videos have it."""
    counts = split.counts(labels)
    return [
        sentence
        for name in attributes_of(labels)
        for answer in (True, False)
        for sentence in _of(labels, name, answer, counts)
    ]


def _of(labels: pd.DataFrame, name: str, answer: bool, counts: dict[str, dict[str, Any]]) -> Iterator[str]:
    word = "true" if answer else "false"
    few = {part: n for part in PARTS if (n := counts[part]["attributes"][name][word]) < ENOUGH}
    videos = labels.loc[(labels[name] == answer).fillna(False).to_numpy(bool), "video"].unique().tolist()
    if few and not videos:
        yield f"“{name}” is {word} in no frame yet. Label at least {ENOUGH} for each part."
    elif few:
        where = listed(f"{number} in {part}" for part, number in few.items())
        yield (
            f"“{name}” is {word} in too few frames: {where}; {ENOUGH} or more make a useful number. "
            f"Add a video with it ({listed(videos, most=_NAMED)} {'has' if len(videos) == 1 else 'have'} it)."
        )
