"""A backup: one file that holds a workspace as it is at one moment, made while the class works."""

import glob
import os
import shutil
import sqlite3
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from core import __version__
from core.access.class_file import FILE as PEOPLE
from core.access.clients import FILE as CLIENTS
from core.access.rights import Right, needs
from core.errors import WorkspaceError
from core.files import Progress, files_version, remove, replacing, writable
from core.jobs import slots
from core.maintenance import archive as archives
from core.maintenance.archive import LABELS, Manifest
from core.maintenance.check import check_workspace
from core.maintenance.check_labels import copy_server
from core.maintenance.findings import Finding
from core.media.transaction import paused
from core.runs.run import Run
from core.scratch import ASIDE, is_left, temporary_folder
from core.storage import copies
from core.storage import database as db
from core.storage.identity import is_used
from core.text import count
from core.workspace import Workspace

FOLDER = "backups"
LEFT_OUT = ("cache", "inbox", FOLDER, ASIDE, PEOPLE, CLIENTS)
"""What is in no backup: made again, not part of the class yet, backups themselves, and hashes of PINs and tokens, which a copy must
not give away."""

PATIENCE = 300.0
"""Seconds to wait for an addition to end."""

TRIES = 5
"""How often a run is copied until nothing in it changed meanwhile."""


@dataclass(frozen=True)
class Backup:
    """A backup that was made and read back.

    Args:
        path: the file.
        size: its bytes.
        manifest: what it holds.
        findings: what the workspace lacked, and so the backup lacks.
    """

    path: Path
    size: int
    manifest: Manifest
    findings: tuple[Finding, ...]

    def summary(self) -> str:
        """Return one line."""
        made = f"{self.path}: {count(len(self.manifest.files), 'file')}, {self.size / 1e6:,.1f} MB, read back and compared."
        for run in self.manifest.training:
            made += f" {run} was training: restored, it goes on after its last finished epoch."
        return made


def default_name(workspace: Workspace) -> str:
    """Return a name for a backup that is made now."""
    return f"{workspace.path.resolve().name}-{datetime.now():%Y-%m-%d-%H%M%S}.zip"


@needs(Right.BACK_UP)
def backup(
    workspace: Workspace, target: Path, *, runs: bool = True, progress: Progress | None = None
) -> Backup:
    """Write ``workspace`` into the file ``target``, read it back and compare it.

    Args:
        workspace: which; its cache, its inbox and what was set aside are left out.
        target: a file outside the workspace, or in its ``backups/``. A file of that name is replaced once the new one is whole.
        runs: False leaves out the runs with their sessions.
        progress: told how many bytes are done, of how many.

    Raises:
        WorkspaceError: the database cannot be read, there is too little space, or ``target`` cannot be written.
    """
    target = target.absolute()
    _check_target(workspace, target)
    findings = check_workspace(workspace).findings
    _check_has_labels(workspace, findings)
    _sweep(target)
    with writable(target), temporary_folder(target.parent, "backup") as scratch:
        files, training = _collect(workspace, scratch, runs)
        _check_space(target, files.values())
        manifest = Manifest(
            archives.FORMAT, __version__, _revision(files[LABELS]), datetime.now(UTC).isoformat(timespec="seconds"),
            workspace.path.resolve().name, "server" if db.sqlite_file(workspace) is None else "sqlite",
            () if runs else ("runs",), tuple(training), tuple((f.kind, f.where) for f in findings), {},
        )  # fmt: skip
        with replacing(target) as partial:
            manifest = _write(workspace, partial, manifest, files, progress)
    return Backup(target, target.stat().st_size, manifest, findings)


def _check_target(workspace: Workspace, target: Path) -> None:
    own, place = workspace.path.resolve(), target.parent.resolve()
    if target.is_dir():
        raise WorkspaceError(f"{target} is a folder.", "Name a file, such as class.zip.")
    if place == own / FOLDER:
        with writable(place):
            place.mkdir(exist_ok=True)
    elif own in (place, *place.parents):
        raise WorkspaceError(
            f"{target} is inside the workspace, which the backup is of.",
            f"Name a file on another disk, or one in {own / FOLDER}.",
        )
    if not place.is_dir():
        raise WorkspaceError(f"There is no folder {place}.", "Make it first, or name another one.")


def _sweep(target: Path) -> None:
    """Remove what backups beside ``target`` left that were killed."""
    names = (".backup-*", f".{glob.escape(target.name)}.*.partial")
    for path in (path for name in names for path in target.parent.glob(name)):
        if is_left(path):
            remove(path)


def _check_has_labels(workspace: Workspace, findings: Iterable[Finding]) -> None:
    for finding in findings:
        if finding.kind == "database":
            raise WorkspaceError(finding.problem, finding.advice)
    source = db.sqlite_file(workspace)
    if not (is_used(workspace.path) if source is None else source.is_file()):
        raise WorkspaceError("There is nothing to back up yet.", "Add videos first.")


def _revision(labels: Path) -> str:
    with closing(sqlite3.connect(labels)) as copy:
        return str(copy.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def _collect(workspace: Workspace, scratch: Path, runs: bool) -> tuple[dict[str, Path], list[str]]:
    """Copy what changes all the time to ``scratch``; return name in the backup to file, and which runs are training."""
    with paused(workspace, PATIENCE) as is_paused:
        if not is_paused:
            raise WorkspaceError(
                f"Something is being added for {PATIENCE / 60:.0f} minutes already.",
                "Make the backup when it has ended.",
            )
        _copy_labels(workspace, scratch / LABELS)
        files = {name: path for name, path in _files(workspace) if runs or not name.startswith("runs/")}
    files[LABELS] = scratch / LABELS
    training = []
    for run in slots.all_active(workspace) if runs else ():
        training.append(run.id)
        files = {name: path for name, path in files.items() if not name.startswith(f"runs/{run.id}/")}
        copy = _copy_run(run, scratch / "runs" / run.id)
        files |= {f"runs/{run.id}/{name}": path for name, path in _walk(copy)}
    return files, training


def _copy_labels(workspace: Workspace, target: Path) -> None:
    source = db.sqlite_file(workspace)
    if source is None:
        copy_server(workspace, target)
        return
    copies.copy_sqlite(source, target)
    with closing(sqlite3.connect(target)) as copy:
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, no write-ahead log beside it


def _files(workspace: Workspace) -> Iterator[tuple[str, Path]]:
    """Yield name and path of every file that belongs to a workspace, except its labels."""
    database = db.sqlite_file(workspace)
    for name, path in _walk(workspace.path):
        is_database = (
            database is not None and path.name.startswith(database.name) and path.parent == database.parent
        )
        if name.split("/")[0] not in LEFT_OUT and not is_database and name != LABELS:
            yield name, path


def _walk(top: Path) -> Iterator[tuple[str, Path]]:
    """Yield name and path of the files below a folder, without locks and temporary files; links are followed."""
    seen_folders = set()
    for folder, folders, names in os.walk(top, followlinks=True):
        seen_folders.add(os.path.realpath(folder))
        folders[:] = sorted(
            name for name in folders
            if not name.startswith(".") and os.path.realpath(Path(folder, name)) not in seen_folders
        )  # fmt: skip
        for name in sorted(names):
            path = Path(folder, name)
            if not name.startswith(".") and path.is_file():
                yield path.relative_to(top).as_posix(), path


def _copy_run(run: Run, target: Path) -> Path:
    """Copy the folder of a run that is training such that its checkpoint, network and curves are of one epoch."""
    for _ in range(TRIES):
        before = _versions(run.path)
        shutil.rmtree(target, ignore_errors=True)
        try:
            shutil.copytree(run.path, target, ignore=shutil.ignore_patterns(".*"))
        except (shutil.Error, FileNotFoundError):
            continue  # a file was replaced just then
        if _versions(run.path) == before:
            return target
    raise WorkspaceError(
        f"{run.id} changes too fast to be copied.", "Make the backup when its training has ended."
    )


def _versions(folder: Path) -> dict[str, tuple[int, int]]:
    """Return time and size of what a training writes after each epoch."""
    files = [path for name, path in _walk(folder) if name not in ("status.json", "log.txt")]
    return {path.name: files_version(path)[0] for path in files}


def _check_space(target: Path, files: Iterable[Path]) -> None:
    needed = sum(path.stat().st_size for path in files if path.exists())
    free = shutil.disk_usage(target.parent).free
    if needed > free:
        raise WorkspaceError(
            f"The backup needs up to {needed / 1e9:,.2f} GB; {target.parent} has {free / 1e9:,.2f} GB free.",
            "Free some space, or name a file on another disk.",
        )


def _write(
    workspace: Workspace, partial: Path, manifest: Manifest, files: dict[str, Path], progress: Progress | None
) -> Manifest:
    """Write the archive, read it back, and return the manifest with its files."""
    entries = {}
    total, done = 2 * sum(path.stat().st_size for path in files.values() if path.exists()), 0
    partial.touch(mode=0o600)  # everything is in it, passwords in the settings too
    with zipfile.ZipFile(partial, "w") as archive:
        for name, path in sorted(files.items()):
            try:
                entries[name] = archives.write(archive, name, path)
            except FileNotFoundError:
                _check_may_vanish(name)
                continue
            done += entries[name]["size"]
            if progress:
                progress(done, max(total, done))
        manifest = Manifest(**{**vars(manifest), "files": entries})
        archives.write_manifest(archive, manifest)
    with zipfile.ZipFile(partial) as archive:
        for name in archives.read_manifest(archive).files:
            archives.read(archive, manifest, name)
            done += entries[name]["size"]
            if progress:
                progress(done, max(total, done))
    return manifest


def _check_may_vanish(name: str) -> None:
    """Refuse to leave out a file that a row names; a run or a session may be deleted meanwhile."""
    if name.split("/")[0] in ("frames", "videos"):
        raise WorkspaceError(f"{name} was replaced while the backup was made.", "Make the backup again.")
