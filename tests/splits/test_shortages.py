"""Shortages: the parts are named, and the videos that have the answer."""

import pandas as pd

from core.splits.shortages import shortages
from core.splits.split import PARTS, Split
from tests.helpers import bare_frames


def parted(*rows: tuple[object, ...]) -> tuple[Split, pd.DataFrame]:
    """Videos a, b and c are the parts."""
    labels = bare_frames.labels(*rows)
    part = labels["video"].map(dict(zip("abc", PARTS, strict=True)))
    return Split(labels[["name", "video"]].assign(part=part), "video"), labels


def test_enough_of_everything_needs_no_word() -> None:
    rows = [(group, i, i < 10, i >= 10) for group in "abc" for i in range(20)]
    assert shortages(*parted(*rows)) == []


def test_the_parts_are_named_and_the_videos_that_have_it() -> None:
    rows = [(group, i, i < 10, i >= 10 and group != "c") for group in "abc" for i in range(20)]
    assert shortages(*parted(*rows)) == [
        "“error” is true in too few frames: 0 in test; 10 or more make a useful number. "
        "Add a video with it (a and b have it)."
    ]


def test_an_answer_that_nobody_gave_is_named() -> None:
    rows = [(group, i, i < 10, False) for group in "abc" for i in range(20)]
    assert shortages(*parted(*rows))[0] == "“error” is true in no frame yet. Label at least 10 for each part."
