"""Who is assigned to which video, how far they are, and what they do not see until they have finished."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import LabelError, MediaError
from core.labels import assignments
from core.labels.annotation_view import annotation_view
from core.labels.assignments import assign, assigned, blind, overlap, plan, remove
from core.labels.labels import annotators, record
from core.media.library import remove_video
from core.storage import database as db
from core.workspace import Workspace
from tests.helpers import bare_frames

ALL = {"good": True, "error": False, "break": False, "length": True}


@pytest.fixture
def seams(tmp_path: Path) -> Workspace:
    """Two videos of four frames."""
    return bare_frames.make(tmp_path / "w", {"seam_1": 4, "seam_2": 4})


def answer(seams: Workspace, who: str, last: int, video: str = "seam_1") -> None:
    record(seams, who, video, 0, last, ALL)


def who(seams: Workspace, video: str) -> list[str]:
    found = assigned(seams)
    return found.loc[found["video"] == video, "annotator"].tolist()


def test_assignments_are_kept(seams: Workspace) -> None:
    given = assign(seams, ["seam_1", "seam_2"], ["Ann", "Ben", "Cem"], 2)
    assert {video: sorted(names) for video, names in given.items()} == {v: who(seams, v) for v in given}


def test_a_frame_is_answered_once_all_attributes_are(seams: Workspace) -> None:
    assign(seams, ["seam_1"], ["Ann"], 1)
    answer(seams, "Ann", 1)
    record(seams, "Ann", "seam_1", 2, 2, {"good": True})
    [row] = assigned(seams).to_dict("records")
    assert (row["answered"], row["frames"], row["begun"], row["finished"]) == (2, 4, True, False)


def test_answers_of_frames_that_are_gone_do_not_count(seams: Workspace) -> None:
    assign(seams, ["seam_1"], ["Ann"], 1)
    answer(seams, "Ann", 3)
    with db.writing(seams) as connection:
        connection.execute(db.frames.delete().where(db.frames.c.name == "seam_1_1"))
    [row] = assigned(seams).to_dict("records")
    assert (row["answered"], row["frames"], row["finished"]) == (3, 3, True)


def test_who_has_begun_keeps_a_video(seams: Workspace) -> None:
    assign(seams, ["seam_1"], ["Ann"], 1)
    answer(seams, "Ann", 0)
    assign(seams, ["seam_1"], ["Ben", "Cem"], 2)
    assert who(seams, "seam_1")[0] == "Ann"
    assert len(who(seams, "seam_1")) == 2


def test_who_has_not_begun_may_lose_a_video(seams: Workspace) -> None:
    assign(seams, ["seam_1"], ["Ann"], 1)
    assign(seams, ["seam_1"], ["Ben"], 1)
    assert who(seams, "seam_1") == ["Ben"]


def test_who_labels_a_video_already_comes_first(seams: Workspace) -> None:
    answer(seams, "Cem", 1, "seam_2")
    assert assign(seams, ["seam_2"], ["Ann", "Ben", "Cem"], 1) == {"seam_2": ["Cem"]}


def test_other_videos_count_as_work(seams: Workspace) -> None:
    assign(seams, ["seam_1"], ["Ann"], 1)
    assert assign(seams, ["seam_2"], ["Ann", "Ben"], 1) == {"seam_2": ["Ben"]}


def test_who_is_assigned_has_not_labelled_yet(seams: Workspace) -> None:
    assign(seams, ["seam_1"], ["Ann"], 1)
    assert annotators(seams) == []


def test_a_removed_video_is_assigned_to_nobody(seams: Workspace) -> None:
    assign(seams, ["seam_1"], ["Ann"], 1)
    remove_video(seams, "seam_1")
    assert assigned(seams).empty


def test_taken_back_by_video_and_annotator(seams: Workspace) -> None:
    assign(seams, ["seam_1", "seam_2"], ["Ann", "Ben"], 2)
    assert remove(seams, ["seam_1"], ["Ann"]) == 1
    assert (who(seams, "seam_1"), who(seams, "seam_2")) == (["Ben"], ["Ann", "Ben"])


@pytest.mark.parametrize(("people", "each"), [(["Ann"], 2), ([], 1), (["Ann", "Ben"], 0), (["Ann", " "], 1)])
def test_too_few_annotators_are_refused_and_nothing_is_stored(
    seams: Workspace, people: list[str], each: int
) -> None:
    with pytest.raises(LabelError):
        assign(seams, ["seam_1"], people, each)
    assert assigned(seams).empty


def test_an_unknown_video_is_refused_and_nothing_is_stored(seams: Workspace) -> None:
    with pytest.raises(MediaError, match="seam_9"):
        assign(seams, ["seam_1", "seam_9"], ["Ann"], 1)
    assert assigned(seams).empty


class TestBlind:
    def test_until_every_frame_has_all_answers(self, seams: Workspace) -> None:
        assign(seams, ["seam_1"], ["Ann"], 1)
        answer(seams, "Ann", 2)
        assert blind(seams, "Ann") == ["seam_1"]
        answer(seams, "Ann", 3)
        assert blind(seams, "Ann") == []

    def test_only_who_is_assigned(self, seams: Workspace) -> None:
        assign(seams, ["seam_1"], ["Ann"], 1)
        assert (blind(seams, "Ben"), blind(seams, "")) == ([], [])

    def test_no_more_once_the_assignment_is_taken_back(self, seams: Workspace) -> None:
        assign(seams, ["seam_1"], ["Ann"], 1)
        assignments.remove(seams, ["seam_1"])
        assert blind(seams, "Ann") == []

    def test_the_desk_says_so_and_hides_where_others_differ(self, seams: Workspace) -> None:
        assign(seams, ["seam_1"], ["Ann"], 1)
        answer(seams, "Ann", 2)
        record(seams, "Ben", "seam_1", 0, 0, {"good": False})
        found = annotation_view(seams, "Ann", 1)
        assert (found.blind, found.disputed) == (True, [])
        answer(seams, "Ann", 3)
        found = annotation_view(seams, "Ann", 1)
        assert (found.blind, found.disputed) == (False, [0])

    def test_who_is_not_assigned_sees_where_annotators_differ(self, seams: Workspace) -> None:
        assign(seams, ["seam_1"], ["Ann"], 1)
        record(seams, "Ben", "seam_1", 0, 0, {"good": False})
        record(seams, "Cem", "seam_1", 0, 0, {"good": True})
        assert annotation_view(seams, "Cem", 1).disputed == [0]


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
