"""Checks of runs, their sessions, and the split."""

import csv
import json
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import select

from core.errors import SeamLensError, describe
from core.events.session import EVENTS, TABLES, Session
from core.events.session_store import damaged_sessions, sessions
from core.jobs import slots
from core.json_files import readable
from core.maintenance.findings import Finding, few
from core.runs.results import TestResult
from core.runs.run import Run
from core.splits.stored_split import load
from core.storage import database as db
from core.text import count
from core.workspace import Workspace

AGAIN = "Put it back from a backup, or train again and delete this run."


def runs(workspace: Workspace) -> Iterator[Finding]:
    """Tell runs whose files cannot be read, and trainings that died without a word."""
    for folder in sorted(workspace.runs.glob("[!.]*")):
        if not folder.is_dir():
            continue
        where, run = f"runs/{folder.name}", Run(workspace, folder.name)
        if not (folder / "config.json").is_file():
            problem = f"{folder.name} has no config.json, so it is no run."
            yield Finding("run", where, problem, advice="Put it back from a backup, or delete the folder.")
            continue
        damaged = {name: why for name, read in _parts(run).items() if (why := _why(read))}
        if "config.json" in damaged:  # without which nothing else of it can be read
            damaged = {"config.json": damaged["config.json"]}
        for name, why in damaged.items():
            yield Finding(
                "run", f"{where}/{name}", f"{name} of {run.id} cannot be read ({why}).", advice=AGAIN
            )
        if "config.json" in damaged:
            continue
        if "status.json" not in damaged and slots.has_died(run):
            problem = f"{run.id} says that it is training, but its process is gone."
            repair = "Marks it as interrupted; it can be resumed after its last finished epoch."
            yield Finding("dead run", where, problem, repair, mend=partial(slots.note_deaths, workspace))
        for bad in damaged_sessions(run):
            yield Finding("session", _where(workspace, bad.path), bad.error.problem, advice=bad.error.advice)
        for session in sessions(run):
            yield from _session(workspace, session)


def _parts(run: Run) -> dict[str, Callable[[], Any]]:
    """Return by name how each file of a run is read that is there."""
    readers: dict[str, Callable[[], Any]] = {
        "config.json": lambda: run.config,
        "status.json": lambda: (_json(run.path / "status.json"), run.status),
        "limits.json": lambda: (_json(run.path / "limits.json"), run.limits),
        "seen.json": lambda: int(_json(run.path / "seen.json")["event"]),
        "test.json": lambda: TestResult.from_json(_json(run.path / "test.json")),
        "thresholds.json": lambda: run.tuning,
        "frames.csv": lambda: run.frames,
        "history.csv": lambda: run.history["epoch"],
        "worst.csv": lambda: run.worst,
        "model.keras": lambda: _check_zip(run.model_file),
        "checkpoint.npz": lambda: _check_zip(run.checkpoint_file),
        "familiar.npz": lambda: _check_zip(run.path / "familiar.npz"),
        "background.npz": lambda: _check_zip(run.path / "background.npz"),
    }
    must = ("config.json", "frames.csv")
    return {name: read for name, read in readers.items() if name in must or (run.path / name).exists()}


def _why(read: Callable[[], Any]) -> str:
    """Return why something cannot be read; empty where it can."""
    try:
        read()
    except SeamLensError as error:
        return error.problem.rstrip(".")
    except (OSError, ValueError, LookupError, TypeError, AttributeError, zipfile.BadZipFile) as error:
        return describe(error)
    return ""


def _json(path: Path) -> Any:
    return json.loads(readable(path).read_text(encoding="utf-8"))


def _check_zip(path: Path) -> None:
    with zipfile.ZipFile(path) as file:
        if name := file.testzip():
            raise ValueError(f"{name} in it is damaged")


def _session(workspace: Workspace, session: Session) -> Iterator[Finding]:
    where = _where(workspace, session.path)
    for name in TABLES:
        file = session.path / name
        if name.endswith(".jsonl") and file.is_file() and (lines := _torn(file)):
            problem = f"{count(len(lines), 'line')} of {name} of the session {session.id} cannot be read: {few(lines)}."
            advice = f"They are left out. Delete them from {name} in a text editor."
            yield Finding("session", f"{where}/{name}", problem, advice=advice)
    if missing := [name for name in _pictures(session) if not _has_content(session.path / name)]:
        problem = (
            f"{count(len(missing), 'file')} of events of the session {session.id} missing: {few(missing)}."
        )
        yield Finding("session", where, problem, advice="Put them back from a backup; the events stay.")


def _where(workspace: Workspace, path: Path) -> str:
    return path.relative_to(workspace.path).as_posix()


def _torn(file: Path) -> list[int]:
    """Return the numbers of lines that are no JSON object. The last one may be written just now: without its end it counts as unwritten."""
    lines = readable(file).read_text(encoding="utf-8", errors="replace").split("\n")[:-1]
    return [number for number, line in enumerate(lines, 1) if not _is_object(line)]


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False


def _pictures(session: Session) -> list[str]:
    if _torn(session.path / EVENTS) if (session.path / EVENTS).is_file() else True:
        return []
    events = session.events()
    return [str(event[key]) for event in events for key in ("picture", "heatmap", "clip") if event.get(key)]


def _has_content(path: Path) -> bool:
    return path.is_file() and path.stat().st_size > 0


def split(workspace: Workspace, labels: Workspace | None) -> Iterator[Finding]:
    """Tell a split that cannot be read, names frames that are not there, or lost half of its two files."""
    table, origin = workspace.split_file, workspace.split_file.with_suffix(".json")
    if not table.exists():
        if origin.exists():
            yield Finding("split", "split.json", "split.csv is gone, split.json is there.", advice="Split again, or put split.csv back from a backup.")  # fmt: skip
        return
    if why := _why(lambda: load(workspace)):
        yield Finding("split", "split.csv", f"The split cannot be read ({why}).", advice="Split again.")
        return
    if not origin.exists():
        problem = "split.json is missing, so it is not known how the split was made."
        yield Finding(
            "split", "split.csv", problem, advice="Split again, or put split.json back from a backup."
        )
    if labels is None:
        return
    with db.reading(labels) as connection:
        videos = dict(connection.execute(select(db.frames.c.name, db.videos.c.key).join_from(db.frames, db.videos)).tuples().all())  # fmt: skip
    with table.open(encoding="utf-8-sig", newline="") as lines:
        rows = [(row["name"], row["group"]) for row in csv.DictReader(lines)]
    if unknown := [name for name, _ in rows if name not in videos]:
        problem = f"{count(len(unknown), 'frame')} of the split {'are' if len(unknown) > 1 else 'is'} not in the workspace: {few(unknown)}."
        yield Finding(
            "split", "split.csv", problem, advice="Split again, or with --extend to keep the parts."
        )
    if other := [name for name, group in rows if videos.get(name, group) != group]:
        problem = f"{count(len(other), 'frame')} of the split under the name of another video: {few(other)}."
        yield Finding("split", "split.csv", problem, advice="Split again.")
