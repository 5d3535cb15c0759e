"""A training begins and ends while somebody is live: the delay that the page shows stays bounded, and the page says why."""

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

import pytest
from playwright.sync_api import Page, expect

from core.demo.make import make_demo
from core.jobs import jobs, worker
from core.media.library import frame_table, read_frame, videos
from core.runs.run import ACTIVE
from core.runs.settings import TrainSettings
from core.training.create_run import create_run
from core.workspace import Workspace
from tests.browser.conftest import Server
from tests.browser.fake_camera import write_y4m
from tests.browser.test_live import begin
from tests.helpers.waiting import until

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]

SHOWN = re.compile(r"([\d.]+) s behind the camera · (\d+) pictures a second")
MOST, SLACK = 2.0, 0.3
"""Seconds: of delay beside a training, on cores that other tests use as well; and between a delay before it and after it."""
BACK = 60.0
"""Seconds in which the delay falls back."""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A small demo class with a network that was trained for an epoch."""
    made = make_demo(tmp_path_factory.mktemp("live") / "class", 1, 8, 60).workspace
    worker.train(create_run(made, TrainSettings(seed=1, epochs=1)))
    return made


@pytest.fixture
def page(
    start: Callable[..., Server], open_page: Callable[..., Page], workspace: Workspace, tmp_path: Path
) -> Iterator[Page]:
    names = frame_table(workspace, videos(workspace)[-1].key)["name"]
    film = write_y4m(tmp_path / "seam.y4m", (read_frame(workspace, name) for name in names))
    yield open_page(f"{start(workspace.path).address}/Live", camera=film)


def delays(page: Page, seconds: float) -> list[float]:
    """Return the delays that the page shows, once a second."""
    found = []
    for _ in range(round(seconds)):
        page.wait_for_timeout(1000)
        if match := SHOWN.search(page.locator(".pace").inner_text()):
            found.append(float(match[1]))
    return found


def test_the_delay_stays_bounded_and_falls_back_and_the_page_says_why(
    page: Page, workspace: Workspace
) -> None:
    begin(page)
    expect(page.locator(".pace")).to_have_text(SHOWN)
    before = median(delays(page, 10))
    run = jobs.start(workspace, TrainSettings(seed=2, epochs=1000, patience=1000))
    try:
        expect(page.locator(".pace")).to_contain_text("a training runs")
        until(lambda: run.status.state == "running")
        beside = delays(page, 30)
        assert len(beside) >= 25  # it is shown all the time
        assert median(beside[-10:]) <= MOST
    finally:
        if run.state in (*ACTIVE, "queued"):
            jobs.kill(run)
    expect(page.locator(".pace")).not_to_contain_text("a training runs")
    end = time.monotonic() + BACK
    while (after := median(delays(page, 5))) > before + SLACK:
        assert time.monotonic() < end, f"{after} s after the training, {before} s before it"
