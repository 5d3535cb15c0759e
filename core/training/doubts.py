"""Why a test of a split could not show that a network beats guessing, however good the network is."""

from collections.abc import Sequence

import pandas as pd

from core.attributes import AttributeSet
from core.labels.label_table import LabelTable
from core.text import listed

Z = 1.96
"""Of an interval of 95 %."""


def doubts(frames: LabelTable, attributes: AttributeSet) -> list[str]:
    """Say what the test cannot show however good the network is."""
    test = frames[frames["part"] == "test"]
    if test.empty:
        return ["No labelled frame is in the test part, so nothing can be tested."]
    if attributes.exclusive:
        alike = int(test[list(attributes.names)].sum().max())
        weak = [("the class", alike, len(test))] if cannot_beat_guessing(alike, len(test)) else []
    else:
        weak = [entry for name in attributes.names for entry in _weak(name, test[name].dropna())]
    if not weak:
        return []
    about = listed(f"{name} ({_few(alike, total)})" for name, alike, total in weak)
    if attributes.exclusive or len(weak) == len(attributes):
        return [f"This test cannot show that the network beats guessing: {about}."]
    return [f"For some attributes this test cannot show that the network beats guessing: {about}."]


def cannot_beat_guessing(alike: int, frames: int) -> bool:
    """Return whether a test could not show that a network beats guessing, even if it made no mistake: the lower end of
    Wilson's interval (1927) for ``frames`` right answers of as many is no higher than what is reached by giving always the
    most frequent answer, which ``alike`` of them have.
    """
    return alike / frames >= frames / (frames + Z**2)


def _weak(name: str, answers: "pd.Series[bool]") -> Sequence[tuple[str, int, int]]:
    alike = int(max(answers.sum(), len(answers) - answers.sum()))
    is_weak = answers.empty or cannot_beat_guessing(alike, len(answers))
    return [(name, alike, len(answers))] if is_weak else []


def _few(alike: int, total: int) -> str:
    if not total:
        return "no test frame"
    if alike == total:
        return f"all {total:,} test frames alike" if total > 1 else "1 test frame"
    return f"{alike:,} of {total:,} test frames alike"
