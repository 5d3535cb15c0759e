"""The sessions of runs: which there are, and which of them are damaged."""

from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from core.errors import RunError
from core.events.session import DETAILS, EVENTS, LINES, Session
from core.files import files_version, natural
from core.names import quoted
from core.runs.run import Run
from core.runs.run_store import list_runs
from core.workspace import Workspace


@dataclass(frozen=True)
class DamagedSession:
    """A session of which a file cannot be read.

    Args:
        path: its folder.
        error: which file, why, and what to do.
    """

    path: Path
    error: RunError

    @property
    def id(self) -> str:
        return self.path.name


def sessions(run: Run) -> list[Session]:
    """Return the sessions of a run, the newest first; those that are damaged are passed over."""
    return [Session(path) for path in _folders(run) if damage(path) is None]


def damaged_sessions(run: Run) -> list[DamagedSession]:
    """Return the sessions of a run that are damaged, the newest first."""
    return [DamagedSession(path, error) for path in _folders(run) if (error := damage(path)) is not None]


def damage(path: Path) -> RunError | None:
    """Return what is damaged of the session in a folder; none where it is whole."""
    for name in (DETAILS, *LINES):
        if error := _damage(path, name, files_version(path / name)):
            return error
    return None


@lru_cache(4096)
def _damage(path: Path, name: str, version: Any) -> RunError | None:
    """Return what is damaged of a file as it is now: a file that stays as it is is read once."""
    session = Session(path)
    try:
        session.details if name == DETAILS else session.lines(name)
    except RunError as error:
        return error
    return None


def _folders(run: Run) -> list[Path]:
    """Return the folders that have a file of a session, the newest first."""
    try:
        there = [
            path
            for path in (run.path / "events").iterdir()
            if path.is_dir() and not path.name.startswith(".")
        ]
    except OSError:
        return []
    found = [path for path in there if any((path / name).exists() for name in (DETAILS, EVENTS))]
    return sorted(found, key=lambda path: natural(path.name), reverse=True)


def all_sessions(workspace: Workspace) -> list[tuple[Run, Session]]:
    """Return the sessions of all runs, the newest first; those that are damaged are passed over."""
    pairs = [(run, session) for run in list_runs(workspace) for session in sessions(run)]
    return sorted(pairs, key=lambda pair: (natural(pair[1].id), pair[0].id), reverse=True)


def all_damaged(workspace: Workspace) -> list[DamagedSession]:
    """Return the damaged sessions of all runs, the newest first."""
    found = [session for run in list_runs(workspace) for session in damaged_sessions(run)]
    return sorted(found, key=lambda session: natural(session.id), reverse=True)


def get_session(run: Run, name: str) -> Session:
    """Return the session of this name, the ``latest``, or that of a folder elsewhere.

    Raises:
        RunError: there is none, or it is damaged.
    """
    for session in sessions(run):
        if name in ("latest", session.id):
            return session
    for hurt in damaged_sessions(run):
        if name in ("latest", hurt.id):
            raise hurt.error
    with suppress(OSError, ValueError):  # too long for a path, or none
        if (Path(name) / DETAILS).is_file():
            return Session(Path(name).resolve())
    raise RunError(
        f"{run.id} has no session {quoted(name)}.", "List them with “python -m core sessions RUN”."
    )
