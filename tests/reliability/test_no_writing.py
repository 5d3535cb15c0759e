"""A class project on a disk that is read-only, or full: it can be looked at, and whatever writes says so in a sentence."""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
import streamlit_webrtc.component
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.errors import AppTestError

from core.runs.run_store import list_runs
from core.workspace import Workspace, open_workspace
from tests.helpers import disks, jobs_here
from tests.helpers.page_files import HOME, PAGES
from tests.reliability import doors
from ui.server.routes import routes
from ui.shell import page as shown_page

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]

KINDS = {disks.read_only: "read-only", disks.full: "full"}


@pytest.fixture(scope="module", params=KINDS, ids=KINDS.values())
def place(
    request: pytest.FixtureRequest, whole: Workspace, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """The class project, while a run is in the queue and the process of another has died."""
    copy = doors.copied(whole.path, tmp_path_factory.mktemp("no_writing") / "class")
    for run, state in zip(list_runs(open_workspace(copy)), ("queued", "running"), strict=False):
        run.write_status(state=state)
    (copy / "inbox" / "more.mp4").write_bytes(b"no video")
    with request.param(copy) as place:
        yield place


@pytest.fixture(autouse=True)
def served(request: pytest.FixtureRequest, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if "full" in request.node.callspec.id:
        disks.fill(place)
    monkeypatch.setattr(streamlit_webrtc.component, "get_this_session_info", lambda: None)
    monkeypatch.setenv("SEAMLENS_WORKSPACE", str(place))
    jobs_here.end_at_once(monkeypatch)
    monkeypatch.setattr(shown_page, "logged", raised)  # an error that nobody expected stays one
    st.config.set_option("client.showErrorDetails", "full")


def raised(error: Exception) -> str:
    raise error


@pytest.fixture
def run(place: Path) -> str:
    return next(run.id for run in list_runs(open_workspace(place)) if run.state == "done" and not run.series)


STATES: dict[str, list[dict[str, Any]]] = {page: [{}] for page in PAGES} | {
    "6_Live.py": [{"sessions_open": True}],
    "3_Balance.py": [{"review": tab} for tab in ("Balance", "Disputes", "Contradictions", "Leaks", "Stitches", "Label issues")],
    "5_Test.py": [{"test_tabs": tab} for tab in ("Result", "Mistakes", "Trust")]
    + [{"test_tabs": "More", "test_more": section} for section in ("Thresholds", "Calibration", "Stitches")],
}  # fmt: skip


def opened(file: str, **state: Any) -> AppTest:
    st.cache_data.clear()
    app = AppTest.from_file(str(HOME), default_timeout=60)
    for name, value in ({"annotator": "teacher"} | state).items():
        app.session_state[name] = value
    return (app.switch_page(f"pages/{file}") if file else app).run()


@pytest.mark.parametrize("file", STATES)
def test_pages_open(file: str, place: Path) -> None:
    app = opened(file)
    errors = [
        error.value for error in app.error if "model.keras" not in error.value
    ]  # the runs have no network
    assert (list(app.exception), errors) == ([], [])
    assert ("read-only" in place.parts[-1]) == any("is read-only" in info.value for info in app.info)


def presses(app: AppTest) -> list[Callable[[AppTest], Any]]:
    """Return what can be done on a page: each button pressed, each text and choice changed."""

    def enabled(elements: Any) -> list[int]:
        return [number for number, element in enumerate(elements) if not element.disabled]

    return [
        *(lambda app, number=number: app.button[number].click() for number in enabled(app.button)),
        *(
            lambda app, number=number: app.text_area[number].set_value("new")
            for number in enabled(app.text_area)
        ),
        *(
            lambda app, number=number: app.number_input[number].increment()
            for number in enabled(app.number_input)
        ),
    ]


@pytest.mark.parametrize("file", STATES)
def test_whatever_is_pressed_says_a_sentence(file: str) -> None:
    failed, tries = [], count()
    for state in STATES[file]:
        for press in presses(opened(file, **state)):
            next(tries)
            app = opened(file, **state)
            with suppress(
                AppTestError, IndexError
            ):  # what was pressed before has switched it off, or taken it away
                press(app).run()
            failed += [
                f"{file} {state} {press}: {error.message} {error.stack_trace}" for error in app.exception
            ]
    print(f"{file}: {next(tries)} presses, {len(failed)} failed")
    assert failed == []


def test_training_is_refused(place: Path) -> None:
    app = opened("4_Train.py")
    app.button(key="start_training").click().run()
    assert (list(app.exception), len(app.error)) == ([], 1)
    assert "cannot be written" in app.error[0].value


def test_labels_wait_in_the_browser_while_they_are_refused(place: Path) -> None:
    event = {
        "id": "7a4d9d3e-97a5-4e6c-9a25-0d3c6a52a3a1", "action": "7a4d9d3e-97a5-4e6c-9a25-0d3c6a52a3a2", "video": 1,
        "attribute": "spot", "first": 0, "last": 1, "value": True, "source": "key",
    }  # fmt: skip
    body = {
        "workspace": str(place.resolve()),
        "annotator": "Ada",
        "tab": "1",
        "video": 1,
        "key": "video_0",
        "index": 0,
    }
    with TestClient(Starlette(routes=routes()), base_url="http://localhost:8501") as client:
        assert client.get("/api/desk/1", params={"annotator": "Ada"}).status_code == 200
        assert client.post("/api/labels", json=body | {"events": []}).status_code == 200
        answer = client.post("/api/labels", json=body | {"events": [event]})
    assert answer.status_code == 503
    assert any(words in json.loads(answer.text)["error"] for words in ("is read-only", "disk is full"))


READ = (
    ("videos",), ("balance",), ("agreement",), ("leaks",), ("runs",), ("thresholds", "{run}"), ("mistakes", "{run}"),
    ("sessions", "{run}", "latest"), ("suspects",), ("ask",), ("disputes",), ("labels", "export", "{out}/tables"),
)  # fmt: skip
REFUSED = (
    ("split",), ("thresholds", "{run}", "--set", "spot=0.6"), ("train", "--network", "seam_lite"), ("add", "{pictures}"),
    ("labels", "set", "video_0", "spot=true", "--annotator", "Ada"), ("resume", "{run}", "--epochs", "9"),
)  # fmt: skip
REFUSED_WHERE_NOTHING_CHANGES = (
    ("sessions", "{run}", "latest", "--false-alarm", "1"), ("sessions", "{run}", "latest", "--send-back", "1"),
    ("sessions", "{run}", "latest", "--delete", "--yes"), ("stop", "{run}"), ("runs", "--note", "{run}", "new"),
    ("runs", "--delete", "{run}", "--yes"), ("report", "{run}", "--out", "{out}/report.html"), ("train", "--like", "{run}"),
)  # fmt: skip
"""On a full disk some of these still find room."""


def test_commands(place: Path, run: str, tmp_path: Path) -> None:
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    (pictures / "new.jpg").write_bytes(next(place.glob("frames/video_0/*.jpg")).read_bytes())
    given = {"run": run, "out": tmp_path, "pictures": pictures}
    for words in (*READ, *REFUSED, *REFUSED_WHERE_NOTHING_CHANGES):
        ended = doors.ran(place, *(word.format(**given) for word in words))
        codes = (0,) if words in READ else (2,) if words in REFUSED else (0, 2)
        assert ended.code in codes, (words, ended)
        assert ended.code == 0 or ended.errors.count("\n") == 1, (words, ended)
