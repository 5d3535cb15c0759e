"""Who labelled what on which day, and how far annotators are apart on the same frames."""

from pathlib import Path

import pytest

from core.labels.labels import record
from core.labels.progress import per_annotator, per_day, progress
from core.storage import database as db
from core.workspace import Workspace
from tests.helpers.page_workspace import VIDEO, small_workspace
from tests.helpers.written_answers import say, spoken


@pytest.fixture
def seams(tmp_path: Path) -> Workspace:
    """Ann and Ben differ about one of two frames that both answered; Ann alone answered seam_2."""
    return spoken(tmp_path, {"Ann": "tt.", "Ben": "tff"}, {"Ann": "tttt"})


def row(found, annotator):
    return found.set_index("annotator").loc[annotator].to_dict()


def test_annotators_are_compared_on_the_frames_that_both_answered(seams: Workspace) -> None:
    ann = row(per_annotator(seams), "Ann")
    assert (ann["answered"], ann["true"], ann["shared"], ann["apart"]) == (6, 6, 2, 0.5)
    assert row(per_annotator(seams), "Ben")["apart"] == -0.5


def test_of_two_others_each_counts_half(seams: Workspace) -> None:
    say(seams, "Cem", "seam_1", "ft")
    assert row(per_annotator(seams), "Ann")["apart"] == pytest.approx((0.5 + 0.5) / 2)


def test_alone_nobody_is_apart(tmp_path: Path) -> None:
    found = per_annotator(spoken(tmp_path, {"Ann": "tf"}))
    assert found[["shared", "share_true"]].to_numpy().tolist() == [[0, 0.5]]
    assert found["apart"].isna().all()


def test_a_label_counts_on_the_day_on_which_it_was_given_last(seams: Workspace) -> None:
    with db.writing(seams) as connection:
        connection.execute(db.events.update().values(at="2026-03-01T10:00:00+00:00"))
    say(seams, "Ben", "seam_1", "tt")  # changes his second answer
    found = per_day(seams)
    old = found[found["day"] == "2026-03-01"]
    assert old[["annotator", "true", "false"]].to_numpy().tolist() == [["Ann", 6, 0], ["Ben", 1, 1]]
    assert found.loc[found["day"] != "2026-03-01", ["annotator", "true", "false"]].to_numpy().tolist() == [
        ["Ben", 1, 0]
    ]


def test_labels_of_frames_that_are_gone_do_not_count(seams: Workspace) -> None:
    with db.writing(seams) as connection:
        connection.execute(db.frames.delete().where(db.frames.c.name == "seam_1_1"))
    ann = row(per_annotator(seams), "Ann")
    assert (ann["answered"], ann["shared"], ann["apart"]) == (5, 1, 0)
    assert per_day(seams)["true"].sum() == 5 + 1


def test_without_labels_there_are_no_rows(tmp_path: Path) -> None:
    empty = spoken(tmp_path, {"Ann": "."})
    assert per_day(empty).empty
    assert per_annotator(empty).empty


def test_a_frame_counts_once_however_many_attributes_are_answered(tmp_path):
    workspace = small_workspace(tmp_path / "workspace", labelled=False)
    record(workspace, "Ada", VIDEO, 0, 2, {"good": True, "error": False})
    [found] = progress(workspace, "Ada")
    assert (found.video.key, found.labelled) == (VIDEO, 3)


def test_others_labels_do_not_count(tmp_path):
    workspace = small_workspace(tmp_path / "workspace", labelled=False)
    record(workspace, "Ben", VIDEO, 0, 2, {"good": True})
    assert progress(workspace, "Ada")[0].labelled == 0


def test_an_erased_answer_does_not_count(tmp_path):
    workspace = small_workspace(tmp_path / "workspace", labelled=False)
    record(workspace, "Ada", VIDEO, 0, 2, {"good": True})
    record(workspace, "Ada", VIDEO, 1, 1, {"good": None})
    assert progress(workspace, "Ada")[0].labelled == 2
