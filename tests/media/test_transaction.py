"""The door into a workspace: one at a time, whole or not at all, whoever is killed."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock
from sqlalchemy import func, insert, select

from core import workspace
from core.errors import WorkspaceError
from core.labels.labels import annotators
from core.media import transaction
from core.media.transaction import adding, adding_now, put_in_order, recover
from core.scratch import unique
from core.storage import database as db
from core.workspace import Workspace


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    made = workspace.create(tmp_path / "class")
    (made.path / "split.csv").write_text("old")
    return made


def contents(ws: Workspace) -> dict[str, str]:
    """The files that were added."""
    files = [*ws.path.glob("split.csv"), *ws.frames.rglob("*.txt")]
    return {file.relative_to(ws.path).as_posix(): file.read_text() for file in files}


def leftovers(ws: Workspace) -> list[str]:
    return sorted(path.name for path in ws.path.glob(".*") if path.name != ".adding.lock")


def stage_files(ws: Workspace, stage: transaction.Stage) -> None:
    (stage.folder(ws.path) / "split.csv").write_text("new")
    (stage.folder(ws.frames / "seam") / "0.txt").write_text("picture")


def add(ws: Workspace, name: str) -> None:
    with adding(ws, "seam.mp4") as stage:
        stage_files(ws, stage)
        with stage.landing() as connection:
            connection.execute(insert(db.annotators).values(name=name, hidden=False))


def people(ws: Workspace) -> list[str]:
    with db.reading(ws) as connection:
        return list(connection.scalars(select(db.annotators.c.name).order_by(db.annotators.c.name)))


OLD, NEW = {"split.csv": "old"}, {"split.csv": "new", "frames/seam/0.txt": "picture"}


def test_files_and_rows_come_together(ws: Workspace) -> None:
    add(ws, "Ann")
    assert (contents(ws), people(ws), leftovers(ws)) == (NEW, ["Ann"], [])


def test_nothing_changes_before_the_landing(ws: Workspace) -> None:
    with adding(ws) as stage:
        stage_files(ws, stage)
        stage.put_aside(ws.split_file)
        assert contents(ws) == OLD
    assert (contents(ws), leftovers(ws)) == (OLD, [])


def test_an_error_among_the_rows_leaves_all_as_it_was(ws: Workspace) -> None:
    with pytest.raises(ZeroDivisionError), adding(ws) as stage:
        stage_files(ws, stage)
        with stage.landing() as connection:
            connection.execute(insert(db.annotators).values(name="Ann", hidden=False))
            raise ZeroDivisionError
    assert (contents(ws), people(ws), leftovers(ws)) == (OLD, [], [])


def test_an_error_while_the_files_land_leaves_all_as_it_was(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename = Path.replace

    def full(self: Path, target: Path) -> Path:
        if target.name == "split.csv" and "new" in self.parts:
            raise OSError(28, "No space left on device")
        return rename(self, target)

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(WorkspaceError, match="The disk is full"):
        add(ws, "Ann")
    assert (contents(ws), people(ws), leftovers(ws)) == (OLD, [], [])


def test_a_file_is_never_away_while_it_is_replaced(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    rename, states = Path.replace, []

    def watched(self: Path, target: Path) -> Path:
        states.append(contents(ws)["split.csv"])
        return rename(self, target)

    monkeypatch.setattr(Path, "replace", watched)
    add(ws, "Ann")
    assert states and set(states) <= {"old", "new"}


def test_tokens_of_earlier_additions_are_forgotten(ws: Workspace) -> None:
    for name in ("Ann", "Ben", "Cem"):
        add(ws, name)
    with db.reading(ws) as connection:
        assert connection.scalar(select(func.count()).select_from(db.additions)) == 1


KILLED = """
import os, sys, signal
from pathlib import Path
from core.media import journal, transaction
from core.workspace import open_workspace
from tests.media.test_transaction import add
place, step, when = sys.argv[1:]
own = getattr(journal.Journal, step)
def killed(self):
    if when == "after": own(self)
    os.kill(os.getpid(), signal.SIGKILL)
setattr(journal.Journal, step, killed)
add(open_workspace(Path(place)), "Ann")
"""


def kill(ws: Workspace, step: str, when: str) -> None:
    """Add in a process that is killed before or after a step of the journal."""
    command = [sys.executable, "-c", KILLED, str(ws.path), step, when]
    assert subprocess.run(command, cwd=Path(__file__).parents[2]).returncode == -signal.SIGKILL


@pytest.mark.parametrize(("step", "when"), [("write", "before"), ("write", "after"), ("land", "after")])
def test_what_was_killed_before_its_rows_were_stored_is_taken_back(
    ws: Workspace, step: str, when: str
) -> None:
    kill(ws, step, when)
    recover(ws)
    assert (contents(ws), people(ws), leftovers(ws)) == (OLD, [], [".adding.lock.json"])
    add(ws, "Ben")
    assert (contents(ws), people(ws), leftovers(ws)) == (NEW, ["Ben"], [])


@pytest.mark.parametrize(("step", "when"), [("finish", "before"), ("finish", "after"), ("clear", "before")])
def test_what_was_killed_after_its_rows_were_stored_is_finished(ws: Workspace, step: str, when: str) -> None:
    kill(ws, step, when)
    add(ws, "Ben")
    assert (contents(ws), people(ws), leftovers(ws)) == (NEW, ["Ann", "Ben"], [])


def test_opening_a_workspace_recovers_it(ws: Workspace) -> None:
    kill(ws, "land", "after")
    assert contents(ws) == NEW
    put_in_order(ws)
    assert contents(ws) == OLD


@pytest.mark.parametrize("do", [put_in_order, lambda ws: add(ws, "Ann")])
def test_opening_and_adding_sweep_what_ended_processes_have_left(ws: Workspace, do: Callable) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    left = unique().replace(f"-{os.getpid()}-", f"-{ended.pid}-")
    (ws.path / f".upload-{left}").mkdir()
    (ws.runs / f".status.json.{left}.partial").touch()
    do(ws)
    assert leftovers(ws) == [] and list(ws.runs.iterdir()) == []


def test_opening_waits_for_nobody(ws: Workspace) -> None:
    kill(ws, "land", "after")
    with FileLock(ws.path / ".adding.lock"):
        recover(ws)
        assert contents(ws) == NEW
    recover(ws)
    assert contents(ws) == OLD


def test_what_an_earlier_version_put_aside_is_not_deleted(ws: Workspace) -> None:
    (ws.path / ".adding-1a2b3c4d").mkdir()
    (ws.path / ".adding-1a2b3c4d-replaced").mkdir()
    (ws.path / ".adding-1a2b3c4d-replaced" / "0").write_text("the only copy")
    add(ws, "Ann")
    assert leftovers(ws) == [".adding-1a2b3c4d-replaced"]


def test_who_waits_is_told_for_whom_and_for_how_long(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(transaction, "PATIENCE", 0.01)
    monkeypatch.setattr(transaction, "LONGEST_WAIT", 0.01)
    holding, done = threading.Event(), threading.Event()

    def hold() -> None:
        with adding(ws, "long.mp4"):
            holding.set()
            done.wait()

    holder = threading.Thread(target=hold)
    holder.start()
    holding.wait()
    words = rf"long\.mp4 is being added since \d\d:\d\d by process {os.getpid()} on "
    try:
        with pytest.raises(WorkspaceError, match=f"Nothing can be added for now: {words}"), adding(ws):
            pass
        assert adding_now(ws).startswith("long.mp4 is being added since ")
    finally:
        done.set()
        holder.join()
    assert "Waiting: long.mp4 is being added" in caplog.text
    assert adding_now(ws) == ""
    add(ws, "Ann")
    assert annotators(ws) == []
