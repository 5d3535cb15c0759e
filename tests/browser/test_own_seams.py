"""The first hour with one's own seams: a phone video, twenty labels and an overlay on Live; then two more videos, a training, a test."""

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from core.labels.labels import record
from core.media.library import videos
from core.workspace import Workspace, open_workspace
from tests.browser.conftest import PATIENCE, settled
from tests.browser.fake_camera import wait_for_overlay, write_y4m
from tests.helpers.phone_video import PhoneVideo

LABELLED = range(0, 200, 10)
"""Of the frames of the first video: twenty, over two breaks."""

MOST = 20
"""Clicks and keys beside the labels, from the empty Home to the overlay."""

REFUSED = "[data-testid=stAlert]:has([data-testid=stAlertContentError]), [data-testid=stException]"


class Hand:
    """A visitor whose clicks and keys are counted.

    Args:
        page: that is visited.
    """

    def __init__(self, page: Page) -> None:
        self.page, self.count = page, 0

    def click(self, what: Locator) -> None:
        expect(self.page.locator(REFUSED)).to_have_count(0)
        what.click()
        self.count += 1

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.count += 1


@pytest.mark.long  # two to four minutes
@pytest.mark.timeout(1200)
def test_the_first_hour(tmp_path: Path, serve: Callable[[Path], str], open_page: Callable[..., Page]) -> None:
    films = [PhoneVideo(seed) for seed in (1, 2, 3)]
    files = [film.write(tmp_path / f"IMG_204{film.seed}.mp4") for film in films]
    camera = write_y4m(tmp_path / "seam.y4m", _seen_by_a_camera(films[0]))
    begun, place = time.monotonic(), tmp_path / "workspace"
    hand = Hand(open_page(serve(place), camera=camera))
    expect.set_options(timeout=PATIENCE)

    hand.click(hand.page.get_by_role("button", name="Add videos"))
    _upload(hand, files[0])
    hand.click(hand.page.get_by_role("link", name="Label", exact=True).first)  # which waits for the video
    _label(hand, films[0])
    hand.click(hand.page.get_by_role("link", name="Live", exact=True).first)
    settled(hand.page)
    expect(hand.page.get_by_text("Instant network: 20 labelled pictures of 1 video").first).to_be_visible()
    hand.click(hand.page.frame_locator("iframe").first.get_by_role("button", name="Start", exact=True))
    wait_for_overlay(hand.page, least=0.002)
    print(f"{hand.count} clicks and keys, {time.monotonic() - begun:.0f} s")
    assert hand.count <= MOST
    expect(hand.page.locator(REFUSED)).to_have_count(0)

    _add_two_more(hand, files[1:])
    _label_the_rest(open_workspace(place), films)
    _train_and_test(hand)


def _seen_by_a_camera(film: PhoneVideo) -> Iterator[np.ndarray]:
    """Return pictures of a break of the same cloth, as the camera of a laptop sees it."""
    return (picture for index, picture in enumerate(film.pictures()) if film.is_broken(index))


def _upload(hand: Hand, file: Path) -> None:
    hand.page.locator("input[type=file]").first.set_input_files(file)
    hand.count += 1
    hand.click(hand.page.get_by_role("button", name="Add the file"))


def _label(hand: Hand, film: PhoneVideo) -> None:
    """Write a name, and label twenty pictures; what labels is not counted, the one question is."""
    page = hand.page
    name = page.get_by_test_id("stMain").get_by_role("textbox", name="Your name")
    name.fill("Ada")
    hand.press("Enter")
    broken = None
    for index in LABELLED:
        expect(page.locator(".frame")).to_have_text(f"Frame {index}")
        if film.touches_break(index) != broken:
            for key in "g" if broken is None else "gb":
                page.keyboard.press(key)
            broken = film.touches_break(index)
        page.keyboard.press("s")
        if index == LABELLED[0]:
            expect(page.get_by_role("dialog", name="What is true in all pictures")).to_be_visible()
            hand.press("2", "3", "4", "Enter")  # no errors; breaks change; the length stays open
        page.keyboard.press("Shift+ArrowRight")
    expect(page.locator(".safe")).to_have_text("✓ saved")
    expect(
        page.get_by_text(f"Instant network: {len(LABELLED)} labelled pictures of 1 video, not tested")
    ).to_be_visible()


def _add_two_more(hand: Hand, files: list[Path]) -> None:
    hand.click(hand.page.get_by_role("link", name="Videos", exact=True).first)
    settled(hand.page)
    for file in files:
        _upload(hand, file)
        expect(hand.page.get_by_text(f"{file.stem} is ready to label.").first).to_be_visible()


def _label_the_rest(workspace: Workspace, films: list[PhoneVideo]) -> None:
    """Answer for every tenth frame of all videos, as more of the same keys would."""
    for video, film in zip(sorted(videos(workspace), key=lambda video: video.key), films, strict=True):
        for index in range(0, film.frames, 10):
            answers = {
                "good": not film.touches_break(index),
                "error": False,
                "break": film.touches_break(index),
            }
            record(workspace, "Ada", video.key, index, index, answers)


def _train_and_test(hand: Hand) -> None:
    """Train what the page offers, test it, and read the verdict in words."""
    page = hand.page
    hand.click(page.get_by_role("link", name="Train", exact=True).first)
    settled(page)
    hand.click(page.get_by_role("button", name="Start training"))
    expect(page.get_by_text(re.compile(r"· done · epoch"))).to_be_visible(timeout=2 * PATIENCE)
    hand.click(page.get_by_role("link", name="Test", exact=True).first)
    settled(page)
    hand.click(page.get_by_role("button", name=re.compile(r"Test on .* unseen video")))
    expect(page.get_by_text(re.compile("better than guessing")).first).to_be_visible()
    expect(page.locator(REFUSED)).to_have_count(0)
