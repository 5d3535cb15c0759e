"""The desk: what the labelling page shows of one video for one annotator."""

import json
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import update

from core.attributes import Answer, named
from core.errors import MediaError
from core.labels import annotation_view as views
from core.labels.annotation_view import ALIKE, AnnotationView, annotation_view, latest, lookalikes
from core.labels.labels import record
from core.labels.sync import Labelled, Undone, store
from core.media.library import get_video, remove_video
from core.storage import database as db
from core.workspace import Workspace
from tests.helpers import bare_frames


@pytest.fixture
def seams(tmp_path: Path) -> Workspace:
    """One video of ten frames, and one of which every third frame was kept."""
    made = bare_frames.make(tmp_path / "w", {"seam_1": 10, "third": 4}, named(["good", "error"]))
    with db.writing(made) as connection:
        for index in (3, 2, 1):
            third = (db.frames.c.video_id == 2) & (db.frames.c.index == index)
            connection.execute(update(db.frames).where(third).values(index=3 * index))
    return made


def answer(
    seams: Workspace, first: int, last: int, value: Answer = True, who: str = "Ann", video: int = 1
) -> str:
    """Say something of ``good``; return the action."""
    action = str(uuid4())
    store(seams, who, [Labelled(str(uuid4()), action, video, "good", first, last, value, "key")])
    return action


def undo(seams: Workspace, action: str) -> str:
    made = Undone(str(uuid4()), str(uuid4()), action)
    store(seams, "Ann", [made])
    return made.action


def anns(seams: Workspace, video: int = 1) -> AnnotationView:
    return annotation_view(seams, "Ann", video)


class TestFrames:
    def test_the_indexes_are_those_of_the_stored_frames(self, seams: Workspace) -> None:
        assert anns(seams, 2).indexes == [0, 3, 6, 9]

    def test_times_stand_beside_the_indexes(self, seams: Workspace) -> None:
        with db.writing(seams) as connection:
            first = (db.frames.c.video_id == 2) & (db.frames.c.index == 3)
            connection.execute(update(db.frames).where(first).values(time=0.25))
        assert anns(seams, 2).times == [None, 0.25, None, None]

    def test_frames_that_look_alike_name_the_first_of_their_run(self, seams: Workspace) -> None:
        with db.writing(seams) as connection:
            other = (db.frames.c.video_id == 2) & (db.frames.c.index >= 6)
            connection.execute(update(db.frames).where(other).values(phash="f" * 16))
        assert anns(seams, 2).alike == [0, 0, 2, 2]

    def test_the_video_is_named(self, seams: Workspace) -> None:
        assert anns(seams, 2).video == get_video(seams, "third")

    def test_a_video_that_was_removed_has_no_desk(self, seams: Workspace) -> None:
        remove_video(seams, "seam_1")
        with pytest.raises(MediaError, match="the number 1"):
            anns(seams)


class TestLanes:
    def test_there_is_one_for_each_attribute(self, seams: Workspace) -> None:
        assert anns(seams).lanes == {"good": [], "error": []}

    def test_neighbours_with_one_answer_are_one_run(self, seams: Workspace) -> None:
        answer(seams, 2, 4)
        answer(seams, 5, 5)
        answer(seams, 6, 7, False)
        assert anns(seams).lanes["good"] == [[2, 5, True], [6, 7, False]]

    def test_a_frame_of_which_nothing_is_said_divides_a_run(self, seams: Workspace) -> None:
        answer(seams, 0, 4)
        answer(seams, 2, 2, None)
        assert anns(seams).lanes["good"] == [[0, 1, True], [3, 4, True]]

    def test_a_run_goes_on_over_frames_that_were_not_kept(self, seams: Workspace) -> None:
        answer(seams, 0, 6, video=2)
        assert anns(seams, 2).lanes["good"] == [[0, 6, True]]

    def test_only_what_this_annotator_says_is_shown(self, seams: Workspace) -> None:
        answer(seams, 0, 0, who="Ben")
        assert anns(seams).lanes["good"] == []

    def test_imports_are_shown(self, seams: Workspace) -> None:
        record(seams, "Ann", "seam_1", 9, 9, {"error": False}, source="import")
        assert anns(seams).lanes["error"] == [[9, 9, False]]


class TestUndoable:
    def test_actions_stand_in_their_order(self, seams: Workspace) -> None:
        actions = [answer(seams, i, i) for i in range(3)]
        assert anns(seams).undoable == actions

    def test_what_was_taken_back_is_not_undoable_but_redoable(self, seams: Workspace) -> None:
        first, second = answer(seams, 0, 0), answer(seams, 1, 1)
        back = undo(seams, second)
        found = anns(seams)
        assert (found.undoable, found.redoable) == ([first], [back])

    def test_what_was_done_again_is_undoable_and_not_redoable(self, seams: Workspace) -> None:
        action = answer(seams, 0, 0)
        undo(seams, undo(seams, action))
        found = anns(seams)
        assert (found.undoable, found.redoable) == ([action], [])

    def test_undos_are_redone_from_the_last_to_the_first(self, seams: Workspace) -> None:
        first, second = answer(seams, 0, 0), answer(seams, 1, 1)
        back = [undo(seams, second), undo(seams, first)]
        assert anns(seams).redoable == back
        undo(seams, back[1])
        assert anns(seams).redoable == back[:1]

    def test_what_was_redone_can_be_undone_and_redone_again(self, seams: Workspace) -> None:
        action = answer(seams, 0, 0)
        undo(seams, undo(seams, action))
        again = undo(seams, action)
        assert anns(seams).redoable == [again]

    def test_after_a_new_answer_nothing_is_redoable(self, seams: Workspace) -> None:
        undo(seams, answer(seams, 0, 0))
        answer(seams, 1, 1)
        assert anns(seams).redoable == []

    def test_imports_and_adjudications_are_not_undoable_here(self, seams: Workspace) -> None:
        for source in ("import", "adjudication"):
            record(seams, "Ann", "seam_1", 0, 0, {"good": True}, source=source)
        assert anns(seams).undoable == []

    def test_what_was_done_elsewhere_or_by_others_is_not_undoable_here(self, seams: Workspace) -> None:
        answer(seams, 0, 0, video=2)
        answer(seams, 0, 0, who="Ben")
        assert anns(seams).undoable == []

    def test_only_the_newest_are_listed(self, seams: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(views, "MOST_UNDOABLE", 2)
        actions = [answer(seams, i, i) for i in range(4)]
        assert anns(seams).undoable == actions[2:]
        undo(seams, actions[3])
        assert anns(seams).undoable == actions[1:3]


class TestDisputed:
    def test_frames_where_annotators_differ(self, seams: Workspace) -> None:
        answer(seams, 0, 5)
        answer(seams, 4, 7, False, who="Ben")
        assert anns(seams).disputed == [4, 5]

    def test_who_says_nothing_does_not_differ(self, seams: Workspace) -> None:
        answer(seams, 0, 0)
        answer(seams, 0, 0, None, who="Ben")
        assert anns(seams).disputed == []

    def test_others_may_differ_among_themselves(self, seams: Workspace) -> None:
        answer(seams, 3, 3, who="Ben")
        answer(seams, 3, 3, False, who="Cem")
        assert anns(seams).disputed == [3]


class TestLatest:
    def test_it_is_none_where_nothing_was_said(self, seams: Workspace) -> None:
        assert latest(seams, "Ann", 1) == anns(seams).seq == 0

    def test_it_grows_with_answers_and_undos(self, seams: Workspace) -> None:
        undo(seams, answer(seams, 0, 0))
        assert latest(seams, "Ann", 1) == anns(seams).seq == 2

    def test_others_and_other_videos_leave_it(self, seams: Workspace) -> None:
        answer(seams, 0, 0)
        answer(seams, 0, 0, who="Ben")
        answer(seams, 0, 0, video=2)
        assert latest(seams, "Ann", 1) == 1


def test_a_desk_can_be_sent_as_json(seams: Workspace) -> None:
    answer(seams, 0, 2)
    sent = json.loads(json.dumps(anns(seams).to_json()))
    assert sent["lanes"] == {"good": [[0, 2, True]], "error": []}
    assert sent["video"]["key"] == "seam_1"


def bits(number: int) -> str:
    """A hash with so many bits set."""
    return f"{(1 << number) - 1:016x}"


def test_equal_frames_are_of_the_run_of_the_first() -> None:
    assert lookalikes([bits(3)] * 3) == [0, 0, 0]


def test_a_frame_that_differs_in_as_many_bits_as_allowed_looks_alike() -> None:
    assert lookalikes([bits(0), bits(ALIKE)]) == [0, 0]


def test_a_frame_that_differs_in_one_bit_more_begins_a_run() -> None:
    assert lookalikes([bits(0), bits(ALIKE + 1), bits(ALIKE + 1)]) == [0, 1, 1]


def test_a_slow_change_ends_a_run_when_it_has_added_up() -> None:
    assert lookalikes([bits(i) for i in range(ALIKE + 3)]) == [0] * (ALIKE + 1) + [ALIKE + 1] * 2


def test_a_frame_that_comes_back_begins_a_run_of_its_own() -> None:
    assert lookalikes([bits(0), bits(40), bits(0)]) == [0, 1, 2]


def test_no_frames_have_no_runs() -> None:
    assert lookalikes([]) == []
