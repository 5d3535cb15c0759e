"""Where a session is written, and what of it is deleted."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import numpy as np
import pytest

from core.attributes import named
from core.errors import RunError
from core.events.clips import Evidence
from core.events.detector import UNFAMILIAR, Event, EventRule
from core.events.session_store import sessions
from core.events.writer import MOST, NAMED, SessionWriter, UncertainFrames
from core.inspection.inspector import Inspection, Reading
from core.runs.run import Run
from core.workspace import open_workspace

RULES = {"spot": EventRule(0.5, 0.3), UNFAMILIAR: EventRule(1.0, 0.9)}
PICTURE = np.full((48, 64, 3), 128, np.uint8)


@pytest.fixture
def run(trained, tmp_path):
    """A trained run in a workspace of its own."""
    shutil.copytree(trained.workspace.path, tmp_path / "class")
    return Run(open_workspace(tmp_path / "class"), trained.id)


def written(run, folder):
    """Write a session of an event and an uncertain frame."""
    writer = SessionWriter(run, "camera 0", RULES, None, folder)
    writer.add(PICTURE, Reading(0, 0.0, {"clean": 0.99, "spot": 0.5, "narrow": 0.01}))
    writer.write(Event(1, "spot", 0.0, 0.5, 0.9, 0.0, 0), Evidence(PICTURE, ()))
    writer.finish()
    return writer.session


def test_sessions_that_begin_at_the_same_moment_have_a_folder_each(run):
    before = len(sessions(run))
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda _: SessionWriter(run, "camera 0", RULES, None), range(8)))
    assert len({writer.session.path for writer in made}) == len(sessions(run)) - before == 8


def test_a_session_that_begins_after_the_clock_was_set_back_is_the_newest(run):
    ahead = datetime.now() + timedelta(hours=1)
    for number in ("", "_2", "_10"):
        written(run, run.path / "events" / f"{ahead:{NAMED}}{number}")
    newest = SessionWriter(run, "camera 0", RULES, None)
    assert newest.session.id == f"{ahead:{NAMED}}_11"
    assert [session.id for session in sessions(run)][:2] == [newest.session.id, f"{ahead:{NAMED}}_10"]


def test_a_session_is_deleted_with_its_folder(run, tmp_path):
    session = written(run, tmp_path / "s")
    assert len(list(session.path.iterdir())) == 5
    session.delete()
    assert not session.path.exists()


def test_what_else_lies_in_the_folder_of_a_session_stays(run, tmp_path):
    (tmp_path / "s").mkdir()
    for name in ("thesis.txt", "0001_holiday.jpg", "film.mp4"):
        (tmp_path / "s" / name).write_text("mine")
    written(run, tmp_path / "s").delete()
    assert sorted(file.name for file in (tmp_path / "s").iterdir()) == [
        "0001_holiday.jpg",
        "film.mp4",
        "thesis.txt",
    ]


def test_a_session_that_is_gone_cannot_be_deleted_again(run, tmp_path):
    session = written(run, tmp_path / "s")
    session.delete()
    with pytest.raises(RunError, match="list of sessions"):
        session.delete()


REGION = (0.0, 0.0, 0.5, 1.0)


class Regions(list):
    """Stands for an inspector; keeps what regions it was asked about."""

    def inspect(self, picture, region=None):
        self.append(region)
        names = ("clean", "spot", "narrow")
        return Inspection(
            dict.fromkeys(names, 0.5), dict.fromkeys(names, True), {n: np.ones((2, 2)) for n in names}, region
        )


def test_the_heatmap_of_an_event_is_of_the_region_that_was_judged(run, tmp_path):
    inspector = Regions()
    writer = SessionWriter(run, "camera 0", RULES, inspector, tmp_path / "s")
    line = writer.write(Event(1, "spot", 0.0, 0.5, 0.9, 0.0, 0), Evidence(PICTURE, (), REGION))
    assert inspector == [REGION]
    assert line["region"] == REGION


def test_the_region_of_the_run_itself_is_nothing_to_say(run, tmp_path):
    writer = SessionWriter(run, "camera 0", RULES, None, tmp_path / "s")
    line = writer.write(Event(1, "spot", 0.0, 0.5, 0.9, 0.0, 0), Evidence(PICTURE, (), run.region))
    assert "region" not in line


def chooser_of(thresholds=(0.5, 0.9), exclusive=False):
    attributes = named(["good", "break"], exclusive=exclusive)
    return UncertainFrames(attributes, np.array(thresholds))


def reading(good, broken, time=0.0, unfamiliarity=0.2):
    return Reading(round(10 * time), time, {"good": good, "break": broken}, unfamiliarity)


@pytest.mark.parametrize(
    ("good", "broken", "why"),
    [
        (0.99, 0.01, ""),
        (0.34, 0.01, "good near the threshold"),  # odds of 0.52 beside 1
        (0.33, 0.01, ""),  # odds of 0.49
        (0.66, 0.01, "good near the threshold"),
        (0.67, 0.01, ""),
        (0.99, 0.83, "break near the threshold"),  # odds of 4.9 beside 9
        (0.99, 0.81, ""),  # odds of 4.3
        (0.5, 0.9, "good, break near the threshold"),
    ],
)
def test_odds_within_a_factor_of_two_of_the_threshold_are_uncertain(good, broken, why):
    assert chooser_of().why(reading(good, broken)) == why


def test_an_unfamiliar_picture_is_uncertain_however_sure_the_network_is():
    assert chooser_of().why(reading(0.99, 0.01, unfamiliarity=1.1)) == "unfamiliar"


def test_of_classes_two_that_are_about_as_probable_are_uncertain():
    assert chooser_of(exclusive=True).why(reading(0.6, 0.4)) == "good or break"
    assert chooser_of(exclusive=True).why(reading(0.7, 0.3)) == ""


def test_thresholds_at_the_ends_are_no_division_by_zero():
    assert chooser_of((0.0, 1.0)).why(reading(0.5, 0.5)) == ""


def test_one_frame_a_second_is_chosen():
    chooser = chooser_of()
    chosen = [time / 10 for time in range(31) if chooser.choose(reading(0.5, 0, time / 10))]
    assert chosen == [0.0, 1.0, 2.0, 3.0]


def test_no_more_than_so_many_are_chosen():
    chooser = chooser_of()
    assert sum(bool(chooser.choose(reading(0.5, 0, time))) for time in range(MOST + 50)) == MOST
