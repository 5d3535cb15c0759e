"""Nobody can forget to ask who acts: every function of core that pages, routes and commands call is in `functions`."""

import ast
import importlib
import inspect
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import core
from core.access.person import NOBODY, Person, Role, acting_as
from core.access.rights import Right
from core.errors import AccessError, SeamLensError
from core.jobs import series
from core.runs.records import SeriesRecord
from core.training.create_run import create_run
from tests.access import functions
from tests.access.functions import Case
from tests.helpers import tiny_class

ROOT = Path(core.__file__).parents[1]
ANNA, BEN, TEACHER = (
    Person("Anna", Role.STUDENT),
    Person("Ben", Role.STUDENT),
    Person("Mr Li", Role.INSTRUCTOR),
)
HOLDS_A_TRANSACTION = {
    "core.assist.suggestions.accept": "check_name",
    "core.labels.corrections.accept": "check_name",
    "core.labels.corrections.doubt": "effective_events.take_back",
    "core.labels.corrections.take_back": "effective_events.take_back",
    "core.labels.labels.record": "event_log.append",
    "core.labels.labels.record_table": "record_rows",  # which calls event_log.append
    "core.labels.sync.store": "check_name",
    "core.maintenance.check_labels._rebuild": "",  # by `repair`, which asks
    "core.maintenance.check_labels._reindex": "",
    "core.media.transaction.landing": "",  # of an addition: `add_video` and the like ask
    "core.media.transaction._is_stored": "",
    "core.review.gold._record": "event_log.append",
}
"""Functions that open `core.storage.database.writing` without `needs`, and what asks in their place."""


def decorated() -> dict[str, Callable[..., Any]]:
    """Every function of core that `needs` a right, by its full name."""
    found = {}
    for file in ROOT.glob("core/**/*.py"):
        if "@needs(" in file.read_text(encoding="utf-8"):
            module = importlib.import_module(".".join(file.relative_to(ROOT).with_suffix("").parts))
            own = [
                each for each in vars(module).values() if getattr(each, "__module__", "") == module.__name__
            ]
            found |= {f"{module.__name__}.{each.__name__}": each for each in own if hasattr(each, "right")}
    return found


def called_functions() -> set[str]:
    """The functions of core that pages, routes and commands name, but of what knows no class."""
    files = [*ROOT.glob("ui/**/*.py"), *ROOT.glob("pages/*.py"), ROOT / "Home.py"]
    files += ROOT.glob("core/commands/*.py")
    names = {name for file in files for name in _named(ast.parse(file.read_text(encoding="utf-8")))}
    return {name for name in names if not _is_pure(name) and _is_function(name)}


def _named(tree: ast.AST) -> Iterator[str]:
    nodes = list(ast.walk(tree))
    imported = {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in nodes
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "core"
        for alias in node.names
    }
    yield from imported.values()
    for node in nodes:
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield f"{imported.get(node.value.id, '')}.{node.attr}"


def _is_pure(name: str) -> bool:
    return any(name == pure or name.startswith(f"{pure}.") for pure in functions.PURE)


def _function(name: str) -> Any:
    """Return what has that full name; none where nothing has."""
    module, _, function = name.rpartition(".")
    try:
        return getattr(importlib.import_module(module), function, None)
    except (ImportError, ValueError):
        return None


def _is_function(name: str) -> bool:
    return inspect.isfunction(_function(name))


DECORATED = decorated()
OF_INSTRUCTORS = [name for name, each in DECORATED.items() if each.right.least is Role.INSTRUCTOR]  # type: ignore[attr-defined]


def _asks(source: str) -> bool:
    return "check(Right." in source


def test_every_function_that_is_called_is_known() -> None:
    rest = called_functions() - functions.KNOWN - DECORATED.keys()
    unknown = [name for name in rest if not _asks(inspect.getsource(_function(name)))]
    assert not unknown, "Give it a right (core.access.rights.needs), or a line in tests/access/functions.py."


def test_the_tables_name_what_is_there() -> None:
    assert not [name for name in functions.KNOWN if not _is_function(name)]


def test_every_transaction_asks_who_acts() -> None:
    """Also of functions that only core calls."""
    found = {}
    for file in ROOT.glob("core/**/*.py"):
        module = ".".join(file.relative_to(ROOT).with_suffix("").parts)
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and "db.writing(" in ast.unparse(node):
                found[f"{module}.{node.name}"] = ast.unparse(node)
    rest = found.keys() - DECORATED.keys() - HOLDS_A_TRANSACTION.keys()
    assert not [name for name in rest if not _asks(found[name])]
    assert not [name for name, check in HOLDS_A_TRANSACTION.items() if check not in found[name]]


@pytest.mark.parametrize("name", DECORATED)
def test_nobody_is_refused(name: str) -> None:
    with acting_as(NOBODY), pytest.raises(AccessError, match="not signed in"):
        DECORATED[name]()


@pytest.mark.parametrize("name", OF_INSTRUCTORS)
def test_a_student_is_refused_what_instructors_do(name: str) -> None:
    with acting_as(ANNA), pytest.raises(AccessError, match="Only an instructor may"):
        DECORATED[name]()


@pytest.mark.parametrize("right", [right for right in Right if right.least is Role.INSTRUCTOR])
def test_every_right_of_instructors_is_asked_for(right: Right) -> None:
    source = "".join(file.read_text(encoding="utf-8") for file in ROOT.glob("core/**/*.py"))
    assert source.count(f"Right.{right.name}") or right is Right.PEOPLE


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory, tiny_network: None) -> Case:
    """A run and a series that Ben wanted. Every call is refused, or undone by the next: to be read only."""
    folder = tmp_path_factory.mktemp("rights")
    workspace = tiny_class.make(folder / "class", videos=3)
    run = create_run(workspace, tiny_class.quick(), user="Ben")
    record = SeriesRecord("folds", "folds_1", 1, 1)
    of_series = create_run(workspace, tiny_class.quick(), series=record, user="Ben")
    of_series.write_status(state="queued")
    table = folder / "labels.csv"
    table.write_text(",name,spot\n0,video_0_0,True\n", encoding="utf-8")
    return Case(workspace, run, series.find(workspace, "folds")[0], table, folder)


@pytest.mark.parametrize("name", functions.WRITES_ANSWERS)
@pytest.mark.parametrize("person", [ANNA, TEACHER], ids=lambda person: person.role)
def test_nobody_answers_under_another_name(case: Case, name: str, person: Person) -> None:
    with acting_as(person), pytest.raises(AccessError, match="cannot answer as Ben"):
        functions.WRITES_ANSWERS[name](case, "Ben")


@pytest.mark.parametrize("name", functions.SHOWS_ANSWERS)
def test_a_student_sees_no_answers_of_others(case: Case, name: str) -> None:
    with acting_as(ANNA), pytest.raises(AccessError, match="Only an instructor may"):
        functions.SHOWS_ANSWERS[name](case, "teacher")


@pytest.mark.parametrize("name", functions.SHOWS_ANSWERS)
def test_an_instructor_sees_answers_of_others(case: Case, name: str) -> None:
    with acting_as(TEACHER):
        functions.SHOWS_ANSWERS[name](case, "teacher")


@pytest.mark.parametrize("name", functions.CHANGES_A_RUN)
def test_a_student_changes_no_run_of_others(case: Case, name: str) -> None:
    with acting_as(ANNA), pytest.raises(AccessError, match="what somebody else has begun"):
        functions.CHANGES_A_RUN[name](case)


@pytest.mark.parametrize("name", [*functions.WRITES_ANSWERS, *functions.SHOWS_ANSWERS])
def test_nobody_is_refused_answers(case: Case, name: str) -> None:
    call = (functions.WRITES_ANSWERS | functions.SHOWS_ANSWERS)[name]
    with acting_as(NOBODY), pytest.raises(AccessError, match="not signed in"):
        call(case, "Ben")


@pytest.mark.parametrize("name", functions.CHANGES_A_RUN)
def test_nobody_is_refused_a_run(case: Case, name: str) -> None:
    with acting_as(NOBODY), pytest.raises(AccessError, match="not signed in"):
        functions.CHANGES_A_RUN[name](case)


def test_whoever_wanted_a_run_changes_it(case: Case) -> None:
    with acting_as(replace(BEN, name="ben")):
        functions.CHANGES_A_RUN["core.runs.run_store.set_note"](case)
        functions.CHANGES_A_RUN["core.evaluation.thresholds.store"](case)
    assert case.run.note == "A note" and case.run.tuning.log[-1].role == "student"


def test_a_refusal_is_an_error_in_plain_words() -> None:
    assert issubclass(AccessError, SeamLensError)
