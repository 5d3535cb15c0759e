"""Which videos are labelled by several annotators, and by whom."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import LabelError
from core.labels.assignment_plan import overlap, plan
from tests.helpers import bare_frames

few = settings(max_examples=40)
PEOPLE = ["Ann", "Ben", "Cem", "Dora", "Eva"]


@st.composite
def classes(draw: st.DrawFn) -> tuple[dict[str, int], list[str], int, dict[str, list[str]], int]:
    """Videos of some frames, annotators, how many of them per video, who has begun what, and a seed."""
    frames = {
        f"seam_{i}": n for i, n in enumerate(draw(st.lists(st.integers(1, 500), min_size=1, max_size=12)))
    }
    people = PEOPLE[: draw(st.integers(1, len(PEOPLE)))]
    each = draw(st.integers(1, len(people)))
    kept = {video: draw(st.lists(st.sampled_from(PEOPLE), unique=True, max_size=3)) for video in frames}
    return frames, people, each, kept, draw(st.integers(0, 99))


@few
@given(classes())
def test_each_video_gets_so_many_annotators_or_more_where_more_have_begun_it(case) -> None:
    frames, people, each, kept, seed = case
    given = plan(frames, people, each, kept, {}, seed)
    for video, names in given.items():
        available = set(people) | set(kept[video])
        assert len(names) == max(len(kept[video]), min(each, len(available)))


@few
@given(classes())
def test_nobody_gets_a_video_twice(case) -> None:
    frames, people, each, kept, seed = case
    assert all(len(names) == len(set(names)) for names in plan(frames, people, each, kept, {}, seed).values())


@few
@given(classes())
def test_what_was_begun_stays_where_it_is(case) -> None:
    frames, people, each, kept, seed = case
    given = plan(frames, people, each, kept, {}, seed)
    assert all(set(kept[video]) <= set(given[video]) for video in frames)


@few
@given(classes())
def test_the_same_seed_gives_the_same_plan(case) -> None:
    frames, people, each, kept, seed = case
    assert plan(frames, people, each, kept, {}, seed) == plan(frames, people, each, kept, {}, seed)


@few
@given(st.integers(1, 14), st.integers(1, 5), st.data())
def test_of_equally_long_videos_loads_differ_by_at_most_one(
    videos: int, number: int, data: st.DataObject
) -> None:
    people = PEOPLE[:number]
    each = data.draw(st.integers(1, number))
    given = plan(
        dict.fromkeys(map(str, range(videos)), 30), people, each, {}, {}, data.draw(st.integers(0, 99))
    )
    loads = [sum(name in names for names in given.values()) for name in people]
    assert max(loads) - min(loads) <= 1


def test_who_has_less_to_do_already_gets_more() -> None:
    assert plan({"a": 10, "b": 10}, ["Ann", "Ben"], 1, {}, {"Ann": 50}) == {"a": ["Ben"], "b": ["Ben"]}


def test_another_seed_is_another_plan() -> None:
    frames = dict.fromkeys("abcdef", 10)
    assert len({str(plan(frames, PEOPLE, 2, {}, {}, seed)) for seed in range(5)}) > 1


def test_short_and_long_videos_overlap(tmp_path: Path) -> None:
    made = bare_frames.make(tmp_path / "w", {f"seam_{i:02}": 10 * i for i in range(1, 21)})
    lengths = sorted(10 * int(key[-2:]) for key in overlap(made, share=0.25, least=1))
    assert len(lengths) == 5
    assert lengths[0] <= 40 and lengths[-1] >= 170


def test_five_videos_overlap_where_there_are_so_many(tmp_path: Path) -> None:
    assert len(overlap(bare_frames.make(tmp_path / "w", dict.fromkeys("abcdefgh", 100)), share=0.01)) == 5


def test_more_videos_overlap_until_the_frames_are_enough(tmp_path: Path) -> None:
    assert (
        len(overlap(bare_frames.make(tmp_path / "w", dict.fromkeys("abcdefgh", 10)), share=0.2, least=61))
        == 7
    )


def test_all_videos_overlap_where_the_frames_are_never_enough(tmp_path: Path) -> None:
    assert overlap(bare_frames.make(tmp_path / "w", {"b": 10, "a": 10}), least=1000) == ["a", "b"]


@pytest.mark.parametrize("share", [0, 1.1, -1])
def test_a_share_that_is_none_is_refused(tmp_path: Path, share: float) -> None:
    with pytest.raises(LabelError, match="above 0 and at most 1"):
        overlap(bare_frames.make(tmp_path / "w", {"a": 1}), share=share)
