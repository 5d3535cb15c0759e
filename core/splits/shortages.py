"""What a split has too little of, and which video would help."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from core.labels.label_table import attributes_of
from core.splits.split import PARTS, Split
from core.splits.stratify import ENOUGH

_NAMED = 3  # videos that are named


def shortages(split: Split, labels: pd.DataFrame) -> list[str]:
    """Say, a sentence each, of which answers a part has fewer than `ENOUGH` frames, and which video to add.

    Args:
        split: of these labels.
        labels: as `core.labels.consensus.consensus` returns them.
    """
    counts = split.counts(labels)
    return [
        sentence
        for name in attributes_of(labels)
        for answer in (True, False)
        for sentence in _of(labels, name, answer, counts)
    ]


def _of(labels: pd.DataFrame, name: str, answer: bool, counts: dict[str, dict[str, Any]]) -> Iterator[str]:
    said = "true" if answer else "false"
    few = {part: n for part in PARTS if (n := counts[part]["attributes"][name][said]) < ENOUGH}
    if few:
        where = ", ".join(f"{part} {number}" for part, number in few.items())
        videos = labels.loc[(labels[name] == answer).fillna(False).to_numpy(bool), "video"].unique().tolist()
        yield (
            f"Few frames with “{name}” {said}: {where} ({ENOUGH} or more make a number worth reading). "
            f"Add a video with “{name}” {said}; {_having(videos)}."
        )


def _having(videos: list[str]) -> str:
    if not videos:
        return "no video has it yet"
    more = f" and {len(videos) - _NAMED} more" if len(videos) > _NAMED else ""
    return f"now {', '.join(map(str, videos[:_NAMED]))}{more} {'has' if len(videos) == 1 else 'have'} it"
