"""Labelling by dragging along the lanes of the timeline, with a mouse."""

from itertools import pairwise
from time import perf_counter, sleep

import numpy as np
import pandas as pd
from playwright.sync_api import Page

SHOWN = 400  # frames in view at most: then a frame is wide enough to be met
RULER, LANE = 18, 20  # pixels, as the page draws up to six attributes
EVERY = 1.0  # seconds from drag to drag, as a practised hand takes
STEPS = 5  # positions that the pointer passes on its way


def drag_along(page: Page, answers: pd.DataFrame) -> tuple[float, int, int]:
    """Drag once along every stretch of equal answers, of the first frames that a zoomed timeline shows.

    Args:
        page: the labelling page, at the first frame.
        answers: (frames, attributes) bool, in the order of the lanes.

    Returns:
        Seconds, drags, and frames that were labelled.
    """
    shown = _zoom(page, len(answers))
    box = page.get_by_role("slider", name="Timeline").bounding_box()
    start, drags = perf_counter(), 0
    for row, name in enumerate(answers):
        y = box["y"] + RULER + (row + 0.5) * LANE
        for first, last, value in stretches(answers[name].to_numpy()[: int(shown)]):
            sleep(max(0.0, start + drags * EVERY - perf_counter()))
            ends = [box["x"] + (place + 0.5) / shown * box["width"] for place in (first, last)]
            _drag(page, ends, y, value)
            drags += 1
    return perf_counter() - start, drags, int(shown)


def drags_in(answers: pd.DataFrame) -> int:
    """Count the drags that label these frames: one for every stretch of every lane."""
    return sum(len(stretches(answers[name].to_numpy())) for name in answers)


def stretches(lane: np.ndarray) -> list[tuple[int, int, bool]]:
    """Return first and last frame, and the answer, of every stretch of (frames,) bool.

    >>> stretches(np.array([True, True, False]))
    [(0, 1, True), (2, 2, False)]
    """
    edges = [0, *(np.flatnonzero(np.diff(lane)) + 1).tolist(), len(lane)]
    return [(first, end - 1, bool(lane[first])) for first, end in pairwise(edges)]


def _zoom(page: Page, frames: int) -> float:
    """Zoom in at the start; return how many frames are in view."""
    page.locator(".timeline").scroll_into_view_if_needed()
    shown = float(frames)
    while shown > SHOWN:
        page.get_by_role("button", name="Zoom in").click()
        shown /= 2
    return shown


def _drag(page: Page, ends: list[float], y: float, value: bool) -> None:
    """Say true from one x to another, or with Shift false."""
    if not value:
        page.keyboard.down("Shift")
    page.mouse.move(ends[0], y)
    page.mouse.down()
    page.mouse.move(ends[1], y, steps=STEPS)
    page.mouse.up()
    if not value:
        page.keyboard.up("Shift")
