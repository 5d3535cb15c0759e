"""The numbers on the Balance page that have frames behind them, in the order in which the charts draw them."""

from collections.abc import Sequence

import pandas as pd

from core.attributes import AttributeSet
from core.review.balance import Balance
from core.review.balance_frames import Row
from ui.shell.chart_frames import Choice
from ui.shell.chips import SAID

ANSWERS = (True, False, None)


def per_attribute(found: Balance) -> list[Choice]:
    """Return each answer of each attribute: true of all attributes, then false, then unset."""
    return [
        _choice(f"{name} {SAID[answer]}", {name: answer}, (), counts[SAID[answer]])
        for answer in ANSWERS
        for name, counts in found.attributes.items()
    ]


def per_video(rows: Sequence[Row], name: str) -> list[Choice]:
    """Return each answer of one attribute in each row of videos: true in all rows, then false, then unset."""
    return [
        _choice(f"{name} {said} in {row.words}", {name: answer}, row.videos, row.counts[said])
        for answer, said in SAID.items()
        for row in rows
    ]


def combinations(attributes: AttributeSet, table: pd.DataFrame) -> list[Choice]:
    """Return each combination of a table of them, in its order."""
    rows = [{name: None if pd.isna(row[name]) else bool(row[name]) for name in attributes.names}
            for row in table.to_dict("records")]  # fmt: skip
    return [
        _choice(", ".join(f"{name} {SAID[answer]}" for name, answer in answers.items()), answers, (), frames)
        for answers, frames in zip(rows, table["frames"].tolist(), strict=True)
    ]


def pairs(attributes: AttributeSet, table: pd.DataFrame) -> list[Choice]:
    """Return every two attributes that are both true, row by row; one with itself is its true alone."""
    true = {name: table[name].fillna(False).astype(bool) for name in attributes.names}
    made = []
    for one in attributes.names:
        for other in attributes.names:
            first, second = sorted((one, other), key=attributes.names.index)
            words = f"both {first} and {second} true" if one != other else f"{one} true"
            frames = int(table["frames"][true[one] & true[other]].sum())
            made.append(_choice(words, {one: True, other: True}, (), frames))
    return made


def _choice(words: str, answers: dict[str, bool | None], videos: tuple[str, ...], frames: int) -> Choice:
    return Choice(f"{words}: {frames:,} frame{'s' * (frames != 1)}", answers, videos, frames)
