"""A split takes in what was labelled since."""

import pytest
from hypothesis import given, settings

from core.errors import SplitError
from core.splits.extend_split import extend
from core.splits.make_split import split_by_video, split_random
from tests.helpers import bare_frames
from tests.splits.labels_to_split import GROUPS, SEEDS, all_labelled, frames


@settings(max_examples=40, deadline=None)
@given(GROUPS, GROUPS, SEEDS)
def test_nothing_moves_when_a_split_is_extended(old: dict[str, int], new: dict[str, int], seed: int) -> None:
    before = split_by_video(all_labelled(old), seed)
    after = extend(before, all_labelled({**new, **old})).table
    assert (after.groupby("video")["part"].nunique() == 1).all()
    assert set(after["video"]) == set(old) | set(new)
    part = after.set_index("name")["part"]
    assert part[before.table["name"]].tolist() == before.table["part"].tolist()


def test_an_extension_names_the_new_videos() -> None:
    before = split_by_video(bare_frames.labels(*[(g, 0, True, False) for g in "abc"]))
    after = extend(before, bare_frames.labels(*[(g, 0, True, False) for g in "abcd"]))
    assert after.notes[0].startswith("New: d: ")


def test_a_split_that_divides_videos_is_not_extended() -> None:
    table = frames({"a": 30, "b": 30})
    with pytest.raises(SplitError, match="divides videos"):
        extend(split_random(table), table)
