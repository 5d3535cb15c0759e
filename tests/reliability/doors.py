"""Doors of SeamLens that take odd inputs, and what comes out of them: nothing, a traceback, or no end."""

import io
import itertools
import os
import re
import shutil
import signal
import stat
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from core.commands.app import main
from core.errors import SeamLensError
from core.files import files_version, remove
from core.labels.labels import annotators
from core.workspace import open_workspace
from tests.helpers.page_files import HOME
from ui.server.routes import routes

SECONDS = 30
"""After which an input counts as a hang."""


class Hang(BaseException):
    """An input did not end."""


@contextmanager
def ending(seconds: int | None = None) -> Iterator[None]:
    """Raise a Hang where the block takes longer."""

    def stop(number: int, frame: Any) -> None:
        raise Hang

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds or SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def problem_of(act: Callable[[], str]) -> str:
    """Return what is wrong with what ``act`` does: its own words, a traceback, or a hang; nothing where all is well."""
    try:
        with ending():
            return act()
    except Hang:
        return f"hang, after {SECONDS} seconds"
    except SeamLensError:
        return ""
    except BaseException:
        return traceback.format_exc()


class Ended(NamedTuple):
    """How a command ended: its exit code, and what it has printed."""

    code: int
    output: str
    errors: str


def ran(workspace: Path, *arguments: str) -> Ended:
    """Run a command in this process."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", "replace") for _ in range(2))
    with redirect_stdout(out), redirect_stderr(err):
        code = main(["--workspace", str(workspace), *arguments])
    for stream in (out, err):
        stream.flush()
    return Ended(code, *(stream.buffer.getvalue().decode() for stream in (out, err)))


def command(workspace: Path, *arguments: str) -> str:
    """Run a command; it may end with 0, or with 2 and a sentence."""
    code, output, errors = ran(workspace, *arguments)
    if "Traceback" in output + errors:
        return output + errors
    if code == 2 and not re.fullmatch(r"(.*\n)*seamlens: .+\n", errors):
        return f"exit code 2 without a sentence: {errors!r}"
    return "" if code in (0, 2) else f"exit code {code}"


def request(method: str, address: str, **more: Any) -> str:
    """Ask a route; it may answer, or refuse with a sentence."""
    with TestClient(Starlette(routes=routes()), base_url="http://localhost:8501") as client:
        answer = client.request(method, address, **more)
    if answer.status_code >= 500:
        return f"{answer.status_code}: {answer.text}"
    if answer.status_code in (400, 409) and not answer.json()["error"]:
        return f"{answer.status_code} without a sentence"
    return ""


def page(file: str = "", annotator: str = "Ada", query: dict[str, str] | None = None, **state: Any) -> str:
    """Open a page; it may show an error in words."""
    app = AppTest.from_file(str(HOME), default_timeout=SECONDS)
    app.session_state["annotator"] = annotator
    for key, value in (query or {}).items():
        app.query_params[key] = value
    if file:
        app.switch_page(f"pages/{file}")
    for key, value in state.items():
        app.session_state[key] = value
    app.run()
    return "\n".join("\n".join([each.message, *each.stack_trace]) for each in app.exception)


class Fresh:
    """A class project that is as it was before each input: what an input has changed is put back.

    That takes a hundredth of a second, and what is read of unchanged files stays in memory, as on a server. Only where the
    database was changed the project is copied anew.

    Args:
        source: the project.
        folder: where its copies go; other files in it go with each input.
    """

    def __init__(self, source: Path, folder: Path) -> None:
        self._source, self._folder = source, folder
        self._numbers = itertools.count()
        self._place: Path | None = None
        self._database: tuple[Any, ...] = ()
        self._before = _states(source)

    def place(self) -> Path:
        """Return the project for the next input."""
        if self._place is None or self._database_of(self._place) != self._database:
            self._place = copied(self._source, self._folder / f"{next(self._numbers)}" / "class")
            annotators(open_workspace(self._place))
            self._database = self._database_of(self._place)
        for path in self._place.parent.iterdir():
            if path != self._place:
                remove(path)
        self._put_back(self._place)
        return self._place

    @staticmethod
    def _database_of(place: Path) -> tuple[Any, ...]:
        file = place / "labels.db"
        inode = file.lstat().st_ino if file.is_file() and not file.is_symlink() else None
        return inode, *files_version(file, place / "labels.db-wal")

    def _put_back(self, place: Path) -> None:
        now = _states(place)
        for name in sorted(now.keys() - self._before.keys() | _changed(now, self._before), reverse=True):
            remove(place / name)
        for name in sorted(self._before.keys() - _states(place).keys()):
            if not name.startswith("labels.db"):
                source, target = self._source / name, place / name
                target.mkdir() if source.is_dir() else _copy(str(source), str(target))


def _states(folder: Path) -> dict[str, tuple[Any, ...]]:
    """Return kind, size and time of all below a folder, by path; not of its database."""
    states: dict[str, tuple[Any, ...]] = {}
    for place, folders, names in os.walk(folder):
        for path in (Path(place, name) for name in (*folders, *names)):
            state = path.lstat()
            is_folder = stat.S_ISDIR(state.st_mode)
            if not path.name.startswith("labels.db"):
                states[path.relative_to(folder).as_posix()] = (
                    stat.S_IFMT(state.st_mode), *(() if is_folder else (state.st_size, state.st_mtime_ns)),
                )  # fmt: skip
    return states


def _changed(now: dict[str, Any], before: dict[str, Any]) -> set[str]:
    return {name for name in now.keys() & before.keys() if now[name] != before[name]}


def _copy(source: str, target: str) -> object:
    return Path(target).hardlink_to(source) if source.endswith(".jpg") else shutil.copy2(source, target)


def copied(workspace: Path, to: Path) -> Path:
    """Copy a class project; its pictures are links, which nobody writes into."""
    shutil.copytree(workspace, to, copy_function=_copy)
    return to
