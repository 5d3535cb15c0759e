"""Pages as a test sees them: from Home, then switched to, on a workspace of their own."""

from collections.abc import Callable
from pathlib import Path

import pytest
import streamlit as st
import streamlit_webrtc.component
from streamlit.testing.v1 import AppTest

from tests.helpers import jobs_here
from tests.helpers.page_files import HOME
from ui.shell import page as shown_page


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the workspace of the test will be; caches of earlier tests are gone."""
    monkeypatch.setenv("SEAMLENS_WORKSPACE", str(tmp_path / "workspace"))
    # There is no browser whose connection streamlit-webrtc could ask for.
    monkeypatch.setattr(streamlit_webrtc.component, "get_this_session_info", lambda: None)
    st.cache_data.clear()
    st.cache_resource.clear()
    return tmp_path / "workspace"


@pytest.fixture(autouse=True)
def unexpected_errors_stay(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave an error that nobody expected as the exception of the page, so that every test sees it."""

    def raised(error: Exception) -> str:
        raise error

    if "caplog" not in request.fixturenames:  # then the test is about the log
        monkeypatch.setattr(shown_page, "logged", raised)


@pytest.fixture(autouse=True)
def jobs_end_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do the jobs of pages in this process, to their end, before the page goes on."""
    jobs_here.end_at_once(monkeypatch)


@pytest.fixture
def visit(place: Path) -> Callable[..., AppTest]:
    """Return a function that opens a page as an annotator."""

    def opened(page: str = "", annotator: str = "") -> AppTest:
        app = AppTest.from_file(str(HOME), default_timeout=30)
        if annotator:
            app.session_state["annotator"] = annotator
        app.run()
        return app.switch_page(f"pages/{page}").run() if page else app

    return opened


@pytest.fixture
def test_page(visit: Callable[..., AppTest]) -> Callable[..., AppTest]:
    """Return a function that opens a tab of the Test page, or a section of its tab More, of a tested run, as an annotator."""

    def opened(tab: str = "Result", annotator: str = "", more: str = "") -> AppTest:
        app = visit("5_Test.py", annotator)
        app.session_state["test_tabs"] = "More" if more else tab
        if more:
            app.session_state["test_more"] = more
        return app.run()

    return opened


def words(app: AppTest) -> str:
    """All text that the page shows in plain elements."""
    kinds = (app.title, app.header, app.subheader, app.markdown, app.caption, app.info, app.warning, app.error,
             app.success)  # fmt: skip
    return "\n".join(str(element.value) for kind in kinds for element in kind)
