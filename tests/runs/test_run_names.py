"""What runs are called: numbered, dated, named by their users; folders keep their names."""

import json
from datetime import datetime, timedelta

import pytest

from core.errors import RunError
from core.runs import run_names
from core.runs import run_store as runs
from core.runs.records import SeriesRecord
from core.runs.run import Run
from core.training.create_run import create_like, create_run
from tests.helpers import tiny_class


def made(workspace, **options) -> Run:
    return create_run(workspace, tiny_class.quick(), **options)


def as_of_before(run: Run) -> Run:
    """The run as an earlier version left it, without a number."""
    file = run.path / "config.json"
    entry = json.loads(file.read_text("utf-8"))
    del entry["number"]
    file.write_text(json.dumps(entry), "utf-8")
    return Run(run.workspace, run.id)


def test_runs_are_numbered_and_say_when_they_were_made_and_for_whom(workspace):
    made(workspace)
    run = made(workspace, user="Ada")
    created = datetime.fromisoformat(run.config.created)
    assert run_names.title(run, created) == f"Run 2 · today {created:%H:%M} · by Ada"
    assert run_names.title(run, created + timedelta(days=1)) == f"Run 2 · yesterday {created:%H:%M} · by Ada"


def test_the_others_keep_their_numbers_when_one_is_deleted(workspace):
    first, second, third = (made(workspace) for _ in range(3))
    runs.delete(first)
    assert [run_names.short(run) for run in (second, third, made(workspace))] == ["Run 2", "Run 3", "Run 4"]


def test_a_repeated_run_has_a_number_of_its_own(workspace):
    assert run_names.short(create_like(made(workspace))) == "Run 2"


def test_runs_of_before_are_numbered_by_their_age_and_new_ones_follow(workspace):
    before = [as_of_before(made(workspace)) for _ in range(2)]
    assert [run_names.short(run) for run in (*before, made(workspace))] == ["Run 1", "Run 2", "Run 3"]


def test_a_run_of_a_series_has_its_place_there_and_takes_no_number(workspace):
    run = made(workspace, series=SeriesRecord("gap", "gap_x", 1, 2))
    assert run_names.short(run) == "Split gap, 1 of 2"
    assert run_names.short(made(workspace)) == "Run 1"


def test_a_run_is_renamed_and_gets_its_number_back(workspace):
    run = made(workspace)
    run_names.rename(run, "  new   lamp ")
    assert run_names.short(run) == run.name == "new lamp"
    assert [each.id for each in runs.list_runs(workspace)] == [run.id]
    run_names.rename(run, " ")
    assert (run_names.short(run), list(run.path.glob("name*"))) == ("Run 1", [])


@pytest.mark.parametrize("text", ["x" * 61, "a\x07b", "NEW lamp"])
def test_what_cannot_be_a_name_is_refused(workspace, text):
    run_names.rename(made(workspace), "new lamp")
    with pytest.raises(RunError):
        run_names.rename(made(workspace), text)
