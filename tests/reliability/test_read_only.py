"""A class project on a read-only disk: everything can be looked at, and whatever writes is refused in a sentence."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
import streamlit_webrtc.component
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from core.runs.run_store import list_runs
from core.workspace import Workspace, open_workspace
from tests.helpers.read_only import read_only
from tests.reliability import doors
from ui.server.routes import routes

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def place(whole: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The class project, read-only, while a run is in the queue and the process of another has died."""
    copy = doors.copied(whole.path, tmp_path_factory.mktemp("read_only") / "class")
    for run, state in zip(list_runs(open_workspace(copy)), ("queued", "running"), strict=False):
        run.write_status(state=state)
    with read_only(copy) as place:
        yield place


@pytest.fixture(autouse=True)
def served(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streamlit_webrtc.component, "get_this_session_info", lambda: None)
    monkeypatch.setenv("SEAMLENS_WORKSPACE", str(place))
    st.cache_data.clear()
    st.cache_resource.clear()


@pytest.fixture
def run(place: Path) -> str:
    return next(run.id for run in list_runs(open_workspace(place)) if run.state == "done" and not run.series)


@pytest.mark.parametrize("file", ["", "1_Videos.py", "2_Label.py", "3_Balance.py", "4_Train.py", "5_Test.py", "6_Live.py",
                                  "7_Workspace.py"])  # fmt: skip
def test_pages_open_and_say_it(file: str) -> None:
    app = opened(file)
    errors = [error.value for error in app.error if "model.keras" not in error.value]  # the runs have no network
    assert (list(app.exception), errors) == ([], [])
    assert "read-only" in app.info[0].value


def opened(file: str) -> AppTest:
    app = AppTest.from_file(str(doors.HOME), default_timeout=60)
    app.session_state["annotator"] = "Ada"
    return (app.switch_page(f"pages/{file}") if file else app).run()


def test_training_is_refused_on_the_page() -> None:
    app = opened("4_Train.py")
    app.button(key="start_training").click().run()
    assert (list(app.exception), len(app.error)) == ([], 1)
    assert "cannot be written" in app.error[0].value


def test_labels_wait_in_the_browser_while_they_are_refused(place: Path) -> None:
    event = {
        "id": "7a4d9d3e-97a5-4e6c-9a25-0d3c6a52a3a1", "action": "7a4d9d3e-97a5-4e6c-9a25-0d3c6a52a3a2", "video": 1,
        "attribute": "spot", "first": 0, "last": 1, "value": True, "source": "key",
    }  # fmt: skip
    body = {"workspace": str(place.resolve()), "annotator": "Ada", "tab": "1", "video": 1, "key": "video_0", "index": 0}
    with TestClient(Starlette(routes=routes()), base_url="http://localhost:8501") as client:
        assert client.get("/api/desk/1", params={"annotator": "Ada"}).status_code == 200
        assert client.post("/api/labels", json=body | {"events": []}).status_code == 200
        answer = client.post("/api/labels", json=body | {"events": [event]})
    assert (answer.status_code, "is read-only" in json.loads(answer.text)["error"]) == (503, True)


READ = (
    ("videos",), ("balance",), ("agreement",), ("leaks",), ("runs",), ("thresholds", "{run}"), ("mistakes", "{run}"),
    ("sessions", "{run}", "latest"), ("suspects",), ("ask",), ("disputes",), ("report", "{run}", "--out", "{out}/report.html"),
    ("labels", "export", "{out}/tables"),
)  # fmt: skip
REFUSED = (
    ("split",), ("thresholds", "{run}", "--set", "spot=0.6"), ("sessions", "{run}", "latest", "--false-alarm", "1"),
    ("sessions", "{run}", "latest", "--send-back", "1"), ("sessions", "{run}", "latest", "--delete", "--yes"), ("stop", "{run}"),
    ("runs", "--note", "{run}", "new"), ("runs", "--delete", "{run}", "--yes"), ("resume", "{run}", "--epochs", "9"), ("train", "--like", "{run}"),
    ("train",), ("labels", "set", "video_0", "spot=true", "--annotator", "Ada"), ("add", "{pictures}"), ("demo",),
)  # fmt: skip


@pytest.mark.parametrize(("commands", "code"), [(READ, 0), (REFUSED, 2)])
def test_commands(commands: tuple[tuple[str, ...], ...], code: int, place: Path, run: str, tmp_path: Path) -> None:
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    (pictures / "new.jpg").write_bytes(next(place.glob("frames/video_0/*.jpg")).read_bytes())
    given = {"run": run, "out": tmp_path, "pictures": pictures}
    for words in commands:
        ended = doors.ran(place, *(word.format(**given) for word in words))
        assert ended.code == code, (words, ended)
        assert code == 0 or ended.errors.count("\n") == 1, (words, ended)
