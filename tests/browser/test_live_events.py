"""What live watching finds on seams that the network has never seen, beside the defects that they are known to have."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from core.demo.make import make_demo
from core.demo.truth import KINDS
from core.events.detector import default_rules
from core.events.session import Session
from core.events.session_store import sessions
from core.live.sources import find_source
from core.live.watch import Options, watch
from core.media.library import frame_table, read_frame, videos
from core.runs.run import Run
from core.runs.run_store import get_run
from core.videos.add_video import add_video
from core.workspace import Workspace, open_workspace
from tests.browser.conftest import Server, settled
from tests.browser.fake_camera import write_y4m
from tests.helpers.truth_events import Stretch, false, known, missed, overlap, stretch
from tests.helpers.waiting import until

pytestmark = [
    pytest.mark.long,
    pytest.mark.timeout(1800),
]  # about ten minutes on a quiet machine, six of them for training

HELD_SEED = 11
"""Of the seams that the network watches: other cloths and other defects than those that it learned from."""
SEAMS, FRAMES, RATE = 3, 750, 25
"""Half a minute each."""
FILM = 500
"""Frames that the camera shows, again and again."""
EDGE = 0.5
"""Seconds from the ends of the film within which an event may be cut in two."""


@pytest.fixture(scope="module")
def run(demo_run: Run, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The default network, trained on the demo class, in a copy of its workspace."""
    copy = tmp_path_factory.mktemp("events") / "class"
    shutil.copytree(demo_run.workspace.path, copy, ignore=shutil.ignore_patterns("cache"))
    return get_run(open_workspace(copy), demo_run.id)


@pytest.fixture(scope="module")
def held_out(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Seams of another class."""
    return make_demo(tmp_path_factory.mktemp("events") / "held_out", HELD_SEED, SEAMS, FRAMES).workspace


@pytest.fixture(scope="module")
def watched(run: Run, held_out: Workspace, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Session]:
    """What `watch` finds on each of them."""
    rules = default_rules(run.attributes, run.thresholds)
    return {
        video.key: watch(
            run, find_source(run.workspace, held_out.path / video.file), rules,
            Options(folder=tmp_path_factory.mktemp("watched") / video.key),
        )
        for video in videos(held_out) if video.file
    }  # fmt: skip


@pytest.fixture(scope="module")
def server(run: Run, start: Callable[[Path], Server]) -> Server:
    return start(run.workspace.path)


def found(session: Session) -> list[Stretch]:
    """Return the events of errors and breaks."""
    return [stretch(event) for event in session.events() if event["attribute"] in KINDS]


def test_known_defects_are_events_and_there_is_hardly_any_other(
    watched: dict[str, Session], held_out: Workspace
) -> None:
    defects, overlooked, invented = 0, list[Stretch](), list[Stretch]()
    for key, session in watched.items():
        certain, possible = known(held_out.path / "truth" / f"{key}_truth.csv", KINDS, RATE)
        defects += len(certain)
        overlooked += missed(certain, found(session))
        invented += false(possible, found(session))
    minutes = SEAMS * FRAMES / RATE / 60
    print(f"{defects} defects in {minutes:.1f} minutes; overlooked {overlooked}; invented {invented}")
    assert defects >= 20
    assert len(overlooked) <= 0.05 * defects
    assert len(invented) <= minutes


def test_a_replay_on_the_page_finds_what_watch_finds(
    run: Run, held_out: Workspace, watched: dict[str, Session], server: Server, open_page: Callable[..., Page]
) -> None:
    key, seen = next(iter(watched.items()))
    file = next(video.file for video in videos(held_out) if video.key == key)
    added = add_video(run.workspace, held_out.path / file, name="watched.mp4").video
    page = open_page(f"{server.address}/Live")
    choose_source(page, added.key)
    page.frame_locator("iframe").first.get_by_role("button", name="Start", exact=True).click()
    replayed = ended(run, added.key)
    assert [event(one) for one in replayed.events()] == [event(one) for one in seen.events()]


def event(one: dict[str, object]) -> list[object]:
    return [one[name] for name in ("attribute", "start", "end", "peak_index")]


def test_through_the_camera_they_are_the_same_defects(
    run: Run, held_out: Workspace, watched: dict[str, Session], server: Server, open_page: Callable[..., Page], tmp_path: Path
) -> None:  # fmt: skip
    """The browser compresses the picture, frames are left out, and nobody knows when the film began: where the two fit best."""
    key, seen = next(iter(watched.items()))
    names = frame_table(held_out, key)["name"][:FILM]
    film = write_y4m(tmp_path / "seam.y4m", (read_frame(held_out, name) for name in names), RATE)
    page = open_page(f"{server.address}/Live", camera=film)
    start_button = page.frame_locator("iframe").first.get_by_role("button", name="Start", exact=True)
    start_button.click()
    expect(page.get_by_text(re.compile(r"^A verdict takes \d+ ms"))).to_be_visible()
    length = FILM / RATE
    until(
        lambda: any(one.end > length for session in sessions_of(run, "camera") for one in found(session)),
        "the film is seen once",
        5 * length,
    )
    page.frame_locator("iframe").first.get_by_role("button", name="Stop", exact=True).click()
    live = ended(run, "camera")
    whole = [one for one in found(seen) if one.start > EDGE and one.end < length - EDGE]
    overlaps = best_overlaps(whole, found(live), length)
    print("overlaps", np.round(overlaps, 2).tolist())
    assert len(whole) >= 4
    assert min(overlaps) >= 0.5


def best_overlaps(film: list[Stretch], live: list[Stretch], length: float) -> list[float]:
    """Return for each event of the film how far one of the camera's overlaps it, the film begun when all fit best."""

    def overlaps(begun: float) -> list[float]:
        turns = [Stretch(one.attribute, one.start - begun + shift, one.end - begun + shift)
                 for one in live for shift in (-length, 0, length)]  # fmt: skip
        return [max(overlap(one, other) for other in turns) for one in film]

    return max((overlaps(begun) for begun in np.arange(0, length, 0.04)), key=sum)


def choose_source(page: Page, key: str) -> None:
    page.get_by_test_id("stSelectbox").filter(has_text="Source").locator("input").click()
    page.get_by_role("option", name=re.compile(f"^{key}")).click()
    settled(page)


def sessions_of(run: Run, source: str) -> list[Session]:
    return [one for one in sessions(run) if one.details["source"] == source]


def ended(run: Run, source: str) -> Session:
    """Wait for the end of the session of a source."""
    until(lambda: any(one.is_over for one in sessions_of(run, source)), f"a session of {source} ends")
    return next(one for one in sessions_of(run, source) if one.is_over)
