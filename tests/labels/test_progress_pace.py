"""How fast annotators label."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pandas as pd
import pytest
from sqlalchemy import func, update

from core.labels.labels import record
from core.labels.progress import paces
from core.labels.sync import Undone, store
from core.media.library import remove_video
from core.storage import database as db
from core.workspace import Workspace
from tests.helpers import bare_frames

START = datetime(2020, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def seams(tmp_path: Path) -> Workspace:
    return bare_frames.make(tmp_path / "w", {"seam_1": 10, "seam_2": 5})


def say(seams: Workspace, second: float, first: int, last: int, source: str = "key", **other: object) -> None:
    """Say something of seam_1 so many seconds after the start."""
    about = {"who": "Ann", "video": "seam_1", "answers": {"good": True}, **other}
    record(seams, str(about["who"]), str(about["video"]), first, last, about["answers"], source)
    at = (START + timedelta(seconds=second)).isoformat()
    with db.writing(seams) as connection:
        newest = db.events.c.at > "2021"
        connection.execute(update(db.events).values(at=at).where(newest))


def anns(seams: Workspace, second: float = 0) -> dict[str, float]:
    return paces(seams, START + timedelta(seconds=second)).set_index("annotator").loc["Ann"].to_dict()


def test_frames_count_once_however_often_they_are_answered(seams: Workspace) -> None:
    say(seams, 0, 0, 3)
    say(seams, 1, 2, 5, answers={"error": False})
    assert anns(seams)["labelled"] == 6


def test_videos_add_up(seams: Workspace) -> None:
    say(seams, 0, 0, 9)
    say(seams, 1, 0, 4, video="seam_2")
    assert anns(seams)["labelled"] == 15


def test_what_came_before_counts_in_all_but_not_since(seams: Workspace) -> None:
    say(seams, 0, 0, 3)
    say(seams, 100, 5, 5)
    found = anns(seams, 50)
    assert (found["labelled"], found["answered"]) == (5, 1)


def test_gaps_of_up_to_a_minute_are_active(seams: Workspace) -> None:
    for second in (0, 60, 90):
        say(seams, second, 0, 0)
    assert anns(seams)["minutes"] == 1.5


def test_longer_gaps_are_pauses(seams: Workspace) -> None:
    for second in (0, 30, 91, 121):
        say(seams, second, 0, 0)
    assert anns(seams)["minutes"] == 1


def test_the_pace_is_frames_per_active_minute(seams: Workspace) -> None:
    say(seams, 0, 0, 2)
    say(seams, 60, 3, 5)
    assert anns(seams)["per_minute"] == 6


@pytest.mark.parametrize("second", [0, 59])
def test_less_than_a_minute_has_no_pace(seams: Workspace, second: int) -> None:
    say(seams, 0, 0, 2)
    say(seams, second, 3, 5)
    assert pd.isna(anns(seams)["per_minute"])


@pytest.mark.parametrize("source", ["import", "adjudication", "gold"])
def test_only_what_somebody_labelled_counts(seams: Workspace, source: str) -> None:
    say(seams, 0, 0, 5, source)
    assert paces(seams, START).empty


def test_unset_is_no_answer(seams: Workspace) -> None:
    say(seams, 0, 0, 5)
    say(seams, 1, 6, 9, answers={"good": None})
    assert anns(seams)["labelled"] == 6


def test_what_was_taken_back_does_not_count(seams: Workspace) -> None:
    say(seams, 0, 0, 5)
    with db.reading(seams) as connection:
        action = connection.scalar(
            db.events.select().with_only_columns(func.coalesce(db.events.c.action, db.events.c.id))
        )
    store(seams, "Ann", [Undone(str(uuid4()), str(uuid4()), str(action))])
    assert anns(seams)["labelled"] == 0


def test_removed_videos_do_not_count(seams: Workspace) -> None:
    say(seams, 0, 0, 5)
    remove_video(seams, "seam_1")
    assert paces(seams, START).empty


def test_annotators_stand_in_alphabetical_order(seams: Workspace) -> None:
    for who in ("ben", "Ann"):
        say(seams, 0, 0, 0, who=who)
    assert paces(seams, START)["annotator"].tolist() == ["Ann", "ben"]


def test_one_annotator_is_a_row_of_the_whole(seams: Workspace) -> None:
    record(seams, "Ann", "seam_1", 0, 3, {"good": True})
    record(seams, "Ben", "seam_1", 0, 1, {"good": True})
    since = datetime(2020, 1, 1, tzinfo=UTC)
    whole = paces(seams, since)
    assert paces(seams, since, "Ben").to_dict("records")[0]["labelled"] == 2
    assert whole[whole["annotator"] == "Ben"]["labelled"].tolist() == [2]


def test_an_annotator_without_labels_has_no_row(seams: Workspace) -> None:
    assert paces(seams, datetime(2020, 1, 1, tzinfo=UTC), "Nobody").empty
