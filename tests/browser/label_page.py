"""The labelling page as a test uses it: keys, what the screen says, and what the database holds."""

import re
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd
from playwright.sync_api import Locator, Page, expect

from core import workspace as workspaces
from core.attributes import SEAM, AttributeSet
from core.labels.consensus import labels_of
from core.videos.add_video import add_video
from core.videos.video_writer import write_video
from core.workspace import Workspace
from tests.browser.conftest import PATIENCE

FRAMES = 12


def film(path: Path, number: int = 0, frames: int = FRAMES, size: tuple[int, int] = (160, 120)) -> Path:
    """A video whose frame i has its number written on it: (H, W, 3) uint8 BGR pictures of the given width and height."""

    def picture(index: int) -> np.ndarray:
        made = np.full((size[1], size[0], 3), (50 + 7 * number % 160, 90, 60), np.uint8)
        place = (8, size[1] // 2 + 30 * (index % 2))
        return cv2.putText(made, str(index), place, cv2.FONT_HERSHEY_SIMPLEX, 1.6, (240, 240, 240), 4)

    write_video(path, (picture(index) for index in range(frames)), fps=10)
    return path


def class_of_films(path: Path, count: int, attributes: AttributeSet = SEAM, **kind: Any) -> Workspace:
    """A workspace with videos film_0, film_1 … and no labels."""
    made = workspaces.create(path, attributes)
    for number in range(count):
        add_video(made, film(path / f"film_{number}.mp4", number, **kind))
    return made


class Desk:
    """The Label page of one annotator at one video."""

    def __init__(self, page: Page, workspace: Workspace, annotator: str) -> None:
        self.page, self.workspace, self.annotator = page, workspace, annotator
        page.set_default_timeout(PATIENCE)
        self.at_frame(None)

    def open(self, number: int) -> "Desk":
        """Show film_<number>, as a user chooses it, with every answer off and nothing to ask at the first save."""
        self.show(number)
        for attribute in self.workspace.attributes:
            if self.row(attribute.name).locator(".answer").inner_text() == "yes":
                self.press(attribute.key)
        self.everything_changes()
        return self

    def show(self, number: int) -> "Desk":
        """Choose film_<number>."""
        self.video = f"film_{number}"
        label = self.page.get_by_label("Video", exact=True)
        wanted = next(t for t in label.inner_text().split("\n") if t.startswith(f"{self.video} "))
        if label.locator("option:checked").inner_text() != wanted:  # choosing it again would open it again
            label.select_option(label=wanted)
        self.shows(self.video)
        return self

    @property
    def question(self) -> Locator:
        """What is asked about the whole video."""
        return self.page.get_by_role("dialog", name="What is true in all pictures")

    def everything_changes(self) -> None:
        """Say that every attribute changes within the video."""
        if not self.workspace.attributes.exclusive:  # classes are not asked for
            self.press("w")
            choices = self.question.locator(".choice").filter(has_text="it changes")
            choices.evaluate_all("all => all.forEach((choice) => choice.click())")
            self.press("Enter")
            expect(self.question).to_be_hidden(timeout=PATIENCE)

    def shows(self, video: str) -> None:
        """Wait until a frame of ``video`` is in view."""
        said = re.compile(rf"of {video}$")
        expect(self.page.locator(".stage canvas")).to_have_attribute("aria-label", said, timeout=PATIENCE)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def at_frame(self, index: int | None) -> None:
        """Wait for a frame to be in view; None: any."""
        place = self.page.locator(".frame")
        if index is None:
            expect(place).to_be_visible(timeout=PATIENCE)
        else:
            expect(place).to_have_text(f"Frame {index}", timeout=PATIENCE)

    def says(self, name: str, answer: str) -> None:
        """Wait until the row of an attribute says ``answer``: what `s` would save."""
        expect(self.row(name).locator(".answer")).to_have_text(answer, timeout=PATIENCE)

    def says_saved(self, name: str, words: str) -> None:
        """Wait until the row of an attribute says ``words`` of what is saved."""
        expect(self.row(name).locator(".saved")).to_have_text(words, timeout=PATIENCE)

    def row(self, name: str) -> Locator:
        return self.page.locator(".row").filter(has=self.page.locator(".name", has_text=name))

    def saved(self) -> None:
        """Wait until no label waits, also where none is left."""
        expect(self.page.locator(".safe")).to_have_text(
            re.compile("^(✓ saved|not labelled yet)$"), timeout=PATIENCE
        )

    def stored(self, name: str, video: str = "") -> list[bool | None]:
        """Read what the database holds of an attribute, for every frame."""
        column = labels_of(self.workspace, self.annotator, video or self.video)[name]
        return [None if pd.isna(value) else bool(value) for value in column]

    def frame(self, index: int) -> dict[str, bool | None]:
        """Read what the database holds of a frame."""
        return {name: self.stored(name)[index] for name in self.workspace.attributes.names}


def stretch(first: int, last: int, value: bool | None, frames: int = FRAMES) -> list[bool | None]:
    """Answers of all frames of which only a stretch has one."""
    return [value if first <= index <= last else None for index in range(frames)]
