"""Doors of SeamLens that take odd inputs, and what comes out of them: nothing, a traceback, or no end."""

import io
import re
import shutil
import signal
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
from ui.server.routes import routes

SECONDS = 30
"""After which an input counts as a hang."""

HOME = Path(__file__).parents[2] / "Home.py"


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


def copied(workspace: Path, to: Path) -> Path:
    """Copy a class project; its pictures are links, which nobody writes into."""
    shutil.copytree(
        workspace,
        to,
        copy_function=lambda a, b: Path(b).hardlink_to(a) if a.endswith(".jpg") else shutil.copy2(a, b),
    )
    return to
