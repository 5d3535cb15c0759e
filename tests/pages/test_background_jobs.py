"""Jobs on pages: begun on one, seen on all, cancelled on any of them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.jobs.background import BACKGROUND, Job
from core.media.library import videos
from core.workspace import open_workspace
from tests.helpers import jobs_here
from tests.helpers.waiting import until
from tests.pages.conftest import words

Visit = Callable[..., AppTest]


@pytest.fixture(autouse=True)
def held(jobs_end_at_once: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let jobs go on until they are cancelled."""
    jobs_here.go_on(monkeypatch)
    yield
    BACKGROUND.end()


def job_of(place: Path) -> Job:
    [job] = BACKGROUND.running(open_workspace(place))
    until(lambda: job.share, "its first quarter")
    return job


def test_a_job_is_seen_and_cancelled_on_another_page(visit: Visit, place: Path) -> None:
    app = visit(annotator="Ada")
    app.button(key="demo_make").click().run()
    job = job_of(place)
    assert app.run().button(key="demo_make").disabled
    other = app.switch_page("pages/3_Balance.py").run()
    assert "**Creating 18 practice videos**" in words(other)
    other.button(key=f"cancel_aside_{job.number}").click().run()
    assert job.wait(60) and not videos(open_workspace(place))
    sentence = "Creating 18 practice videos was cancelled. Nothing half-made is left."
    assert sentence in words(other.run()) and not other.info
    home = other.switch_page("Home.py").run()
    assert [info.value for info in home.info] == [sentence]
    assert not home.button(key="demo_make").disabled
    home.button(key=f"close_job_{job.number}").click().run()
    assert not home.info


def test_of_two_browsers_that_start_the_same_the_second_is_told(visit: Visit, place: Path) -> None:
    ada, eva = visit(annotator="Ada"), visit(annotator="Eva")
    ada.button(key="demo_make").click().run()
    eva.button(key="demo_make").click().run()
    assert job_of(place).task.user == "Ada"
    assert "**Creating 18 practice videos** for Ada" in words(eva) and eva.button(key="demo_make").disabled
