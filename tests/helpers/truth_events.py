"""Events beside the defects that a rendered seam is known to have."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import pandas as pd

SLACK = 0.2
"""Seconds by which an event may miss a stretch and still be of it: the least that an event lasts."""


@dataclass(frozen=True)
class Stretch:
    """A stretch of a seam in which an attribute is true; seconds."""

    attribute: str
    start: float
    end: float


def known(table: Path, attributes: Iterable[str], rate: float) -> tuple[list[Stretch], list[Stretch]]:
    """Return the stretches of a truth table of the demo class: where an attribute is true, and where it may be: a sliver of a
    defect at the edge decides nothing.
    """
    truth = pd.read_csv(table, dtype=str, index_col=0)  # a row per frame, in order
    certain, possible = [], []
    for name in attributes:
        said = truth[name].map({"True": 2, "False": 0}).fillna(1).to_numpy(int)
        certain += _runs(name, said > 1, rate)
        possible += _runs(name, said > 0, rate)
    return certain, possible


def _runs(name: str, holds: Iterable[bool], rate: float) -> list[Stretch]:
    found = []
    for held, frames in groupby(enumerate(holds), key=lambda pair: bool(pair[1])):
        indexes = [index for index, _ in frames]
        if held:
            found.append(Stretch(name, indexes[0] / rate, indexes[-1] / rate))
    return found


def stretch(event: Mapping[str, Any]) -> Stretch:
    """Return when and of which attribute an event was."""
    return Stretch(event["attribute"], event["start"], event["end"])


def touches(one: Stretch, other: Stretch, slack: float = SLACK) -> bool:
    """Return whether two stretches of an attribute overlap."""
    near = one.start <= other.end + slack and other.start <= one.end + slack
    return one.attribute == other.attribute and near


def overlap(one: Stretch, other: Stretch) -> float:
    """Return the shared share of the time that two stretches cover together (intersection over union)."""
    if one.attribute != other.attribute:
        return 0.0
    shared = min(one.end, other.end) - max(one.start, other.start)
    return max(0.0, shared) / (max(one.end, other.end) - min(one.start, other.start))


def missed(certain: Iterable[Stretch], events: Iterable[Stretch]) -> list[Stretch]:
    """Return the stretches that no event touches."""
    seen = list(events)
    return [one for one in certain if not any(touches(one, event) for event in seen)]


def false(possible: Iterable[Stretch], events: Iterable[Stretch]) -> list[Stretch]:
    """Return the events that touch no stretch."""
    there = list(possible)
    return [event for event in events if not any(touches(one, event) for one in there)]
