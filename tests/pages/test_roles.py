"""The pages on a class server: what a student sees of them, and what only an instructor does."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core import workspace as workspaces
from core.access.person import acting_as
from core.evaluation import evaluate
from core.labels.assignments import assign
from core.labels.labels import record
from core.review import gold
from core.runs import run_store
from core.runs.run import Run
from core.training.create_run import create_run
from core.workspace import Workspace
from tests.helpers import tiny_class
from tests.helpers.class_fixtures import networks_of_tests  # noqa: F401  (the fixture is shared)
from tests.helpers.fake_predictions import foretell_a_miss
from tests.helpers.page_files import PAGES
from tests.helpers.page_workspace import FRAMES, VIDEO, small_workspace
from tests.helpers.signed_in import ANNA, BEN, TEACHER, SignIn, signing_in
from tests.pages.conftest import words
from ui.balance.class_overview import TABS
from ui.shell.roles import TAB

Visit = Callable[..., AppTest]

OF_INSTRUCTORS = {
    "Remove", "Assign", "Take back", "Make gold", "Remove from gold", "Make a backup", "Delete permanently", "Delete",
}  # fmt: skip
"""Labels of buttons, also of those that are folded away."""


@pytest.fixture
def sign_in() -> Iterator[SignIn]:
    with signing_in() as function:
        yield function


@pytest.fixture
def quarrel(place: Path) -> Workspace:
    """Ada and Ben disagree about frames of which some are gold, and Ben is assigned to a video."""
    workspace = small_workspace(place, videos=3)
    record(workspace, "Ben", VIDEO, 0, FRAMES - 1, {"break": True})
    gold.add_gold(workspace, "Ada", VIDEO, 0, 1)
    assign(workspace, ["seam_b"], ["Ben", "Ada"], 2)
    return workspace


@pytest.fixture
def run(place: Path, trained: Run) -> Run:
    """A trained and tested run that Ben wanted."""
    shutil.copytree(trained.workspace.path, place)
    made = foretell_a_miss(run_store.get_run(workspaces.open_workspace(place), trained.id))
    evaluate.measure(made)
    return made


def buttons(app: AppTest) -> set[str]:
    return {button.label for button in app.button}


@pytest.mark.parametrize("page", PAGES)
def test_a_student_opens_every_page(visit: Visit, quarrel: Workspace, sign_in: SignIn, page: str) -> None:
    sign_in(ANNA)
    app = visit(page, "Anna")
    assert not app.exception and not app.error
    assert not buttons(app) & OF_INSTRUCTORS


@pytest.mark.parametrize("page", PAGES)
def test_a_student_opens_every_page_of_a_class_with_networks(
    visit: Visit, run: Run, sign_in: SignIn, page: str
) -> None:
    sign_in(ANNA)
    app = visit(page, "Anna")
    assert not app.exception and not app.error
    assert not buttons(app) & OF_INSTRUCTORS


@pytest.mark.parametrize("tab", ["Balance", "Class", "Over time", "Agreement", "Disputes", "Contradictions", "Leaks", "Stitches", "Label issues"])  # fmt: skip
def test_no_tab_names_others_to_a_student(
    visit: Visit, quarrel: Workspace, sign_in: SignIn, tab: str
) -> None:
    sign_in(ANNA)
    app = visit("3_Balance.py", "Anna")
    app.session_state[TABS] = tab
    app.run()
    assert not app.exception and not app.error
    shown = words(app) + "".join(str(table.value) for table in app.dataframe)
    assert "Ada" not in shown and "Ben" not in shown


@pytest.mark.parametrize("tab", ["Class", "Agreement", "Disputes"])
def test_an_instructor_sees_what_compares_people(
    visit: Visit, quarrel: Workspace, sign_in: SignIn, tab: str
) -> None:
    sign_in(TEACHER)
    app = visit("3_Balance.py", "Mr Li")
    app.session_state[TABS] = tab
    app.run()
    assert TAB not in words(app) and not app.exception and not app.error


def test_a_student_whose_name_is_among_the_instructors_is_none(
    visit: Visit, quarrel: Workspace, sign_in: SignIn
) -> None:
    settings = quarrel.path / workspaces.SETTINGS_FILE
    settings.write_text(f'instructors = ["Anna"]\n{settings.read_text("utf-8")}', "utf-8")
    sign_in(ANNA)
    app = visit("7_Workspace.py", "Anna")
    assert "Only instructors make and download backups." in words(app)


def test_what_an_instructor_saw_is_not_kept_for_students(
    visit: Visit, quarrel: Workspace, sign_in: SignIn
) -> None:
    for person, is_shown in ((TEACHER, True), (ANNA, False)):
        sign_in(person)
        app = visit("3_Balance.py", person.name)
        app.session_state[TABS] = "Over time"
        app.run()
        assert ("Ada" in "".join(str(table.value) for table in app.dataframe)) is is_shown


@pytest.mark.parametrize("tab", ["Thresholds", "Calibration", "Metrics"])
def test_a_student_reads_the_tests_of_others(
    test_page: Callable[..., AppTest], run: Run, sign_in: SignIn, tab: str
) -> None:
    sign_in(ANNA)
    app = test_page(annotator="Anna", more=tab)
    assert not app.exception and not app.error
    assert not [label for label in buttons(app) if label.startswith(("Use ", "Calibrate", "All back"))]


def test_a_student_may_not_end_the_training_of_another(
    visit: Visit, place: Path, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.jobs.slots.advance", lambda workspace: [])  # it stays in the queue
    workspace = tiny_class.make(place, videos=3)
    with acting_as(BEN):
        made = create_run(workspace, tiny_class.quick())
    made.write_status(state="queued", queued=1.0)
    for person, may in ((ANNA, False), (BEN, True), (TEACHER, True)):
        sign_in(person)
        app = visit("4_Train.py", person.name)
        assert ("Withdraw" in buttons(app)) is may
        assert ("for Ben" in words(app)) is may
