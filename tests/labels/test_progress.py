"""Who labelled what on which day, and how far annotators are apart on the same frames."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pandas as pd
import pytest
from sqlalchemy import func, update

from core.labels.labels import record
from core.labels.progress import paces, per_annotator, per_day, progress, untouched
from core.labels.sync import Undone, store
from core.media.library import remove_video, videos
from core.storage import database as db
from core.workspace import Workspace
from tests.helpers import bare_frames
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
    [(video, labelled)] = progress(workspace, "Ada")
    assert (video.key, labelled) == (VIDEO, 3)


def test_others_labels_do_not_count(tmp_path):
    workspace = small_workspace(tmp_path / "workspace", labelled=False)
    record(workspace, "Ben", VIDEO, 0, 2, {"good": True})
    assert progress(workspace, "Ada")[0][1] == 0


def test_an_erased_answer_does_not_count(tmp_path):
    workspace = small_workspace(tmp_path / "workspace", labelled=False)
    record(workspace, "Ada", VIDEO, 0, 2, {"good": True})
    record(workspace, "Ada", VIDEO, 1, 1, {"good": None})
    assert progress(workspace, "Ada")[0][1] == 2


START = datetime(2020, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def frames(tmp_path: Path) -> Workspace:
    return bare_frames.make(tmp_path / "w", {"seam_1": 10, "seam_2": 5})


def say_at(
    frames: Workspace, second: float, first: int, last: int, source: str = "key", **other: object
) -> None:
    """Say something of seam_1 so many seconds after the start."""
    about = {"who": "Ann", "video": "seam_1", "answers": {"good": True}, **other}
    record(frames, str(about["who"]), str(about["video"]), first, last, about["answers"], source)
    at = (START + timedelta(seconds=second)).isoformat()
    with db.writing(frames) as connection:
        newest = db.events.c.at > "2021"
        connection.execute(update(db.events).values(at=at).where(newest))


def anns(frames: Workspace, second: float = 0) -> dict[str, float]:
    return paces(frames, START + timedelta(seconds=second)).set_index("annotator").loc["Ann"].to_dict()


def test_frames_count_once_however_often_they_are_answered(frames: Workspace) -> None:
    say_at(frames, 0, 0, 3)
    say_at(frames, 1, 2, 5, answers={"error": False})
    assert anns(frames)["labelled"] == 6


def test_videos_add_up(frames: Workspace) -> None:
    say_at(frames, 0, 0, 9)
    say_at(frames, 1, 0, 4, video="seam_2")
    assert anns(frames)["labelled"] == 15


def test_what_came_before_counts_in_all_but_not_since(frames: Workspace) -> None:
    say_at(frames, 0, 0, 3)
    say_at(frames, 100, 5, 5)
    found = anns(frames, 50)
    assert (found["labelled"], found["answered"]) == (5, 1)


def test_gaps_of_up_to_a_minute_are_active(frames: Workspace) -> None:
    for second in (0, 60, 90):
        say_at(frames, second, 0, 0)
    assert anns(frames)["minutes"] == 1.5


def test_longer_gaps_are_pauses(frames: Workspace) -> None:
    for second in (0, 30, 91, 121):
        say_at(frames, second, 0, 0)
    assert anns(frames)["minutes"] == 1


def test_the_pace_is_frames_per_active_minute(frames: Workspace) -> None:
    say_at(frames, 0, 0, 2)
    say_at(frames, 60, 3, 5)
    assert anns(frames)["per_minute"] == 6


@pytest.mark.parametrize("second", [0, 59])
def test_less_than_a_minute_has_no_pace(frames: Workspace, second: int) -> None:
    say_at(frames, 0, 0, 2)
    say_at(frames, second, 3, 5)
    assert pd.isna(anns(frames)["per_minute"])


@pytest.mark.parametrize("source", ["import", "adjudication", "gold"])
def test_only_what_somebody_labelled_counts(frames: Workspace, source: str) -> None:
    say_at(frames, 0, 0, 5, source)
    assert paces(frames, START).empty


def test_unset_is_no_answer(frames: Workspace) -> None:
    say_at(frames, 0, 0, 5)
    say_at(frames, 1, 6, 9, answers={"good": None})
    assert anns(frames)["labelled"] == 6


def test_what_was_taken_back_does_not_count(frames: Workspace) -> None:
    say_at(frames, 0, 0, 5)
    with db.reading(frames) as connection:
        action = connection.scalar(
            db.events.select().with_only_columns(func.coalesce(db.events.c.action, db.events.c.id))
        )
    store(frames, "Ann", [Undone(str(uuid4()), str(uuid4()), str(action))])
    assert anns(frames)["labelled"] == 0


def test_removed_videos_do_not_count(frames: Workspace) -> None:
    say_at(frames, 0, 0, 5)
    remove_video(frames, "seam_1")
    assert paces(frames, START).empty


def test_annotators_stand_in_alphabetical_order(frames: Workspace) -> None:
    for who in ("ben", "Ann"):
        say_at(frames, 0, 0, 0, who=who)
    assert paces(frames, START)["annotator"].tolist() == ["Ann", "ben"]


def test_one_annotator_is_a_row_of_the_whole(frames: Workspace) -> None:
    record(frames, "Ann", "seam_1", 0, 3, {"good": True})
    record(frames, "Ben", "seam_1", 0, 1, {"good": True})
    since = datetime(2020, 1, 1, tzinfo=UTC)
    whole = paces(frames, since)
    assert paces(frames, since, "Ben").to_dict("records")[0]["labelled"] == 2
    assert whole[whole["annotator"] == "Ben"]["labelled"].tolist() == [2]


def test_an_annotator_without_labels_has_no_row(frames: Workspace) -> None:
    assert paces(frames, datetime(2020, 1, 1, tzinfo=UTC), "Nobody").empty


def test_a_video_is_untouched_until_somebody_labels_it(tmp_path: Path) -> None:
    made = bare_frames.make(tmp_path / "w", {"one": 2, "two": 2})
    ids = {video.key: video.id for video in videos(made)}
    record(made, "Ada", "one", 0, 0, {"good": False})
    assert untouched(made) == {ids["two"]}
    record(made, "Ada", "one", 0, 0, {"good": None})
    assert untouched(made) == set(ids.values())
