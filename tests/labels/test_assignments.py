"""Who is assigned to which video, how far they are, and what they do not see until they have finished."""

from pathlib import Path

import pytest

from core.errors import LabelError, MediaError
from core.labels import assignments
from core.labels.annotation_view import annotation_view
from core.labels.assignments import assign, assigned, blind, remove
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
