"""A student does all that a class is for, and what they do says that a student did it."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import select

from core import workspace as workspaces
from core.__main__ import main
from core.access.person import NOBODY, Role, acting_as
from core.errors import AccessError, LabelError
from core.evaluation import evaluate
from core.events.send_to_labelling import send_back
from core.events.writer import SessionWriter
from core.inspection.inspector import Reading
from core.jobs import jobs, slots
from core.labels import corrections
from core.labels.consensus import labels_of
from core.labels.labels import check_has_labelled, record
from core.labels.progress import paces, per_annotator, per_day
from core.report import contents
from core.review import gold
from core.review.contradictions import CONSENSUS, contradictions
from core.runs import run_names
from core.runs.run import Run
from core.splits import stored_split
from core.storage import database as db
from core.videos.add_video import add_video
from core.workspace import Workspace
from tests.helpers import tiny_class
from tests.helpers.class_fixtures import networks_of_tests  # noqa: F401  (the fixture is shared)
from tests.helpers.page_workspace import FRAMES, VIDEO, small_workspace, video_file
from tests.helpers.signed_in import ANNA, BEN, TEACHER

PICTURE = tiny_class.picture(True, True, np.random.default_rng(5))


@pytest.fixture
def seams(tmp_path: Path) -> Workspace:
    """Of six frames Ada has answered everything."""
    return small_workspace(tmp_path / "workspace")


@pytest.fixture
def run(tmp_path: Path, trained: Run) -> Run:
    """A trained run, which the owner of the folder wanted."""
    shutil.copytree(trained.workspace.path, tmp_path / "class")
    return Run(workspaces.open_workspace(tmp_path / "class"), trained.id)


@pytest.fixture
def as_anna() -> Iterator[None]:
    with acting_as(ANNA):
        yield


def roles(workspace: Workspace) -> list[tuple[str, str]]:
    """Source and role of every event, in order."""
    e = db.events.c
    with db.reading(workspace) as connection:
        return list(connection.execute(select(e.source, e.role).order_by(e.seq)).tuples())


def test_a_student_adds_a_video(seams: Workspace, tmp_path: Path, as_anna: None) -> None:
    assert add_video(seams, video_file(tmp_path / "mine.mp4", 200)).video.key == "mine"


def test_a_student_labels_and_takes_it_back(seams: Workspace, as_anna: None) -> None:
    record(seams, "Anna", VIDEO, 0, 1, {"break": True})
    action = corrections.correct(seams, "anna", VIDEO, 0, 0, "break", False)
    corrections.take_back(seams, action)
    assert labels_of(seams, "Anna", VIDEO)["break"].tolist()[:2] == [True, True]


def test_a_correction_of_a_student_is_no_decision(seams: Workspace) -> None:
    with acting_as(ANNA):
        corrections.correct(seams, "Anna", VIDEO, 0, 0, "break", False)
    with acting_as(TEACHER):
        corrections.correct(seams, "Mr Li", VIDEO, 0, 0, "break", False)
    assert roles(seams)[-2:] == [("key", "student"), ("adjudication", "instructor")]


def test_a_student_takes_back_no_correction_of_another(seams: Workspace) -> None:
    with acting_as(ANNA):
        action = corrections.correct(seams, "Anna", VIDEO, 0, 0, "break", False)
    with acting_as(BEN), pytest.raises(AccessError):
        corrections.take_back(seams, action)
    with acting_as(TEACHER):
        corrections.take_back(seams, action)


def test_a_student_who_is_named_in_the_settings_vouches_for_nothing(seams: Workspace) -> None:
    named = replace(seams, instructors=("Anna",))
    with acting_as(ANNA), pytest.raises(AccessError, match="make frames gold"):
        gold.check_instructor(named, "Anna")
    with acting_as(TEACHER):
        gold.check_instructor(named, "Mr Li")
    with pytest.raises(
        LabelError, match="not an instructor"
    ):  # who works in the folder is known by name alone
        gold.check_instructor(named, "Ben")


def test_the_log_says_what_the_command_line_stored(seams: Workspace) -> None:
    command = ["--workspace", str(seams.path), "labels", "set", VIDEO, "break=true", "--annotator", "Ben"]
    assert main(command) == 0
    assert roles(seams)[-1] == ("paint", "owner")


def test_a_student_splits_trains_and_stops(
    tmp_path: Path, as_anna: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with acting_as(TEACHER), pytest.raises(AccessError):
        tiny_class.make(tmp_path / "not", videos=3)  # its labels are somebody else's
    with acting_as(replace(ANNA, name="teacher")):
        workspace = tiny_class.make(tmp_path / "class", videos=3)
    monkeypatch.setattr(slots, "fill_slots", lambda workspace: [])
    stored_split.renew(workspace, "video")
    run = jobs.start(workspace, tiny_class.quick(), user="Ben")
    assert (run.state, run.config.user, run.config.role) == ("queued", "Anna", "student")
    jobs.stop(run)
    assert run.state == "stopped"


def test_a_student_tests_and_sends_a_frame_of_the_live_view(run: Run, as_anna: None) -> None:
    assert evaluate.test(run).frames
    writer = SessionWriter(run, "camera 0", {}, None)
    one = Reading(0, 0.0, {"clean": 0.9, "spot": 0.1, "narrow": 0.1}, 0.1)
    writer.add(PICTURE, one)
    writer.finish()
    assert send_back(run.workspace, writer.session, one, PICTURE, by="Ben").new
    assert writer.session.lines("sent.jsonl")[0]["by"] == "Anna"


def test_students_see_the_work_of_nobody_else(seams: Workspace) -> None:
    record(seams, "Anna", VIDEO, 0, 1, {"break": True})
    long_ago = pd.Timestamp("2020-01-01", tz="UTC")
    for person, seen in ((ANNA, {"Anna"}), (TEACHER, {"Ada", "Anna"})):
        with acting_as(person):
            assert set(per_annotator(seams)["annotator"]) == seen
            assert set(per_day(seams)["annotator"]) == seen
            assert set(paces(seams, long_ago)["annotator"]) == {"Anna"}
            assert {name for name, _ in corrections.labels_within(seams, VIDEO, 0, 1, "break")} == seen


def test_students_see_contradictions_of_the_consensus_and_their_own(seams: Workspace) -> None:
    for name in ("Anna", "Ben", "Ada"):
        record(seams, name, VIDEO, 0, FRAMES - 1, {"good": True, "break": True})
    with acting_as(ANNA):
        assert set(contradictions(seams)["annotator"]) == {CONSENSUS, "Anna"}


def test_a_wrong_name_tells_students_of_nobody(seams: Workspace) -> None:
    with acting_as(ANNA), pytest.raises(LabelError) as refused:
        check_has_labelled(seams, "Anna")
    assert "Ada" not in str(refused.value)


def test_students_read_their_own_name_beside_a_run_only(run: Run) -> None:
    of_ben = tiny_class.with_config(run, user="Ben")
    for person, is_shown in ((ANNA, False), (BEN, True), (TEACHER, True)):
        with acting_as(person):
            assert run_names.title(of_ben).endswith("by Ben") is is_shown


def test_the_report_of_a_student_names_nobody_else(run: Run) -> None:
    for person, is_named in ((ANNA, False), (TEACHER, True)):
        with acting_as(person):
            found = contents.contents(run)
            assert bool(found["data"]["annotators"]) is is_named
            assert any(row.annotators for row in found["agreement"].values()) is is_named


def test_nobody_reads_the_database(seams: Workspace) -> None:
    with acting_as(NOBODY), pytest.raises(AccessError, match="not signed in"), db.reading(seams):
        pass


def test_roles_are_ordered() -> None:
    assert [*Role] == [Role.NOBODY, Role.STUDENT, Role.INSTRUCTOR, Role.OWNER]
