"""A row per video, and of very many videos only so many."""

import pandas as pd
import pytest

from core.data import folding
from core.data.balance import Balance
from tests.data import small
from tests.data.counted import balance_of


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three videos fit; of more, two have a row of their own."""
    monkeypatch.setattr(folding, "FITTING", 3)
    monkeypatch.setattr(folding, "MOST", 2)


def balance(**frames: int) -> Balance:
    """Videos of so many frames, of which the first is good, the second is not and the others are not labelled."""
    said = (True, False)
    rows = [(v, i, said[i] if i < 2 else None, None) for v, number in frames.items() for i in range(number)]
    return balance_of(pd.DataFrame(small.labels(*rows)))


def test_videos_that_fit_have_a_row_each() -> None:
    rows = folding.folded(balance(a=1, b=2, c=1), "good")
    assert [row.words for row in rows] == ["a", "b", "c"]
    assert rows[1].counts == {"true": 1, "false": 1, "unset": 0}


def test_of_more_the_largest_keep_their_order_and_the_others_are_together() -> None:
    rows = folding.folded(balance(a=2, b=5, c=2, d=9), "good")
    assert [row.words for row in rows] == ["b", "d", "2 smaller videos"]
    assert rows[-1].videos == ("a", "c")


def test_groups_of_one_picture_are_one_row() -> None:
    rows = folding.folded(balance(a=1, b=1, c=4, d=1), "good")
    assert [row.words for row in rows] == ["c", "3 groups of one picture"]
    assert rows[-1].counts == {"true": 3, "false": 0, "unset": 0}


def test_no_frame_is_lost() -> None:
    found = balance(a=1, b=5, c=2, d=9, e=3)
    counted = [sum(row.counts.values()) for row in folding.folded(found, "good")]
    assert sum(counted) == found.frames == 20
