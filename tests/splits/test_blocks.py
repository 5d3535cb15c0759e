"""Splits by blocks: frames of two parts are more than the gap apart."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import SplitError
from core.splits.blocks import GAP, split_by_blocks
from core.splits.split import PARTS
from tests.helpers import bare_frames

FPS = 10


def video(key: str, frames: int) -> list[tuple[object, ...]]:
    return [(key, i, i % 40 < 20, i % 30 < 5) for i in range(frames)]


def times(table: pd.DataFrame) -> pd.Series:
    return pd.Series(table["index"].to_numpy() / FPS, table["name"])


def none(table: pd.DataFrame) -> pd.Series:
    return pd.Series(np.nan, table["name"])


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(65, 200), min_size=1, max_size=2), st.integers(0, 1000))
def test_frames_of_one_video_in_two_parts_are_more_than_the_gap_apart(lengths: list[int], seed: int) -> None:
    table = bare_frames.labels(*[row for i, n in enumerate(lengths) for row in video(f"v{i}", n)])
    made = split_by_blocks(table, times(table), seed).table.merge(table[["name", "index"]], on="name")
    for _, frames in made.groupby("video"):
        changes = frames["part"].to_numpy()[1:] != frames["part"].to_numpy()[:-1]
        apart = np.diff(frames["index"].to_numpy())[changes] / FPS
        assert (apart > GAP).all()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_a_seed_gives_the_same_blocks_again(seed: int) -> None:
    table = bare_frames.labels(*video("a", 150))
    first, again = (split_by_blocks(table, times(table), seed).table for _ in range(2))
    assert first.equals(again)


def test_every_part_has_frames_and_the_gaps_are_counted() -> None:
    table = bare_frames.labels(*video("a", 100))
    made = split_by_blocks(table, times(table))
    counts = made.counts(table)
    used = sum(counts[part]["frames"] for part in PARTS)
    assert all(counts[part]["frames"] > 0 for part in PARTS)
    assert f"{100 - used} frames in the gaps between the parts, not used." in made.notes


def test_pictures_without_times_count_as_thirty_a_second() -> None:
    table = bare_frames.labels(*video("a", 300))
    made = split_by_blocks(table, none(table)).table.merge(table[["name", "index"]], on="name")
    changes = made["part"].to_numpy()[1:] != made["part"].to_numpy()[:-1]
    assert (np.diff(made["index"].to_numpy())[changes] > 15).all()


def test_too_short_a_video_is_refused() -> None:
    table = bare_frames.labels(*video("a", 30))
    with pytest.raises(SplitError, match=r"Only 2\.9 s are labelled; 6 s are needed"):
        split_by_blocks(table, times(table))
