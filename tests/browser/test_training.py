"""A training as its watchers see it: two who start at once, and a server that dies and comes back."""

import os
import re
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.jobs import jobs, slots
from core.labels.consensus import consensus
from core.runs import run_store as runs
from core.runs.run import Run
from core.runs.run_names import short
from core.splits import stored_split
from core.splits.make_split import split_by_video
from core.workspace import Workspace
from tests.browser.conftest import PATIENCE, Server, settled
from tests.helpers import tiny_class
from tests.helpers.leftover_processes import trainings
from tests.helpers.waiting import until

EPOCHS = 1000
"""More than the test lasts."""


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Five videos of twelve labelled frames, split by video."""
    made = tiny_class.make(tmp_path / "workspace")
    stored_split.store(made, split_by_video(consensus(made)))
    return made


def epoch_on(page: Page) -> int:
    """Return the epoch that the page says the training is in."""
    words = page.get_by_text(re.compile(rf"epoch \d+ of {EPOCHS}")).first.inner_text(timeout=PATIENCE)
    return int(re.findall(r"epoch (\d+) of", words)[0])


def start_at_once(pages: list[Page]) -> None:
    """Press the button in all pages before any has answered."""
    for page in pages:
        page.get_by_text("Advanced", exact=True).click()
        box = page.get_by_label("Epochs", exact=True)
        box.fill(str(EPOCHS))
        box.press("Enter")
        settled(page)
    for page in pages:
        page.get_by_role("button", name="Start training").dispatch_event("click")


@pytest.mark.long  # two minutes
@pytest.mark.timeout(900)
@pytest.mark.skipif(sys.platform == "win32", reason="kills with POSIX signals")
def test_two_start_at_once_and_the_server_is_killed(
    workspace: Workspace, start: Callable[..., Server], open_page: Callable[..., Page]
) -> None:
    server = start(workspace.path)
    pages = [open_page(f"{server.address}/Train") for _ in range(2)]
    start_at_once(pages)
    until(lambda: sorted(run.state for run in runs.list_runs(workspace)) == ["queued", "running"])
    run, queued = sorted(runs.list_runs(workspace), key=lambda run: run.state, reverse=True)
    try:
        for page in pages:
            place = page.get_by_role("strong").filter(has_text="1st in the queue")
            expect(place).to_be_visible(timeout=PATIENCE)
        goes_on_without_server(run, server)
        is_found_and_goes_on(run, pages[0])
        for page in pages:
            page.close()
        the_next_starts_while_nobody_looks(run, queued)
    finally:
        for each in slots.waiting(workspace):
            jobs.stop(each)
        for each in slots.all_active(workspace):
            jobs.stop(each)
    server.stop()
    until(lambda: not trainings(workspace))


def goes_on_without_server(run: Run, server: Server) -> None:
    server.kill()
    seen = run.status.epoch
    until(lambda: run.status.epoch > seen + 1)
    server.start_again()


def is_found_and_goes_on(run: Run, page: Page) -> None:
    page.reload()
    settled(page)
    expect(page.get_by_text(short(run)).first).to_be_visible(timeout=PATIENCE)
    seen = epoch_on(page)
    until(lambda: epoch_on(page) > seen)


def the_next_starts_while_nobody_looks(run: Run, queued: Run) -> None:
    """The server that waited for the process is gone: nobody is told of its death."""
    assert trainings(run.workspace) == [run.status.pid] or sys.platform != "linux"
    os.killpg(run.status.pid, signal.SIGKILL)
    until(lambda: queued.state == "running")
    assert run.status.state == "interrupted"
