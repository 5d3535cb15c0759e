"""Cameras of any size, form and rate: what comes is fitted first, shown whole, and inspected."""

import threading

import numpy as np
import pytest

from core.attributes import SEAM
from core.inspection.inspector import Inspection
from core.inspection.panel import LARGEST, DisplayOptions
from core.live.camera_feed import CameraFeed
from core.live.pace import STEPS
from core.live.picture_code import ROWS
from core.live.recording import Recording
from core.live.viewer import Viewer
from tests.helpers.waiting import until

SIZES = [(3840, 2160), (2160, 3840), (1920, 1080), (480, 640), (641, 479), (639, 361), (321, 17), (96, 72)]
"""Width and height: 4K, upright, of odd sides, a strip, tiny."""


class Told:
    """Stands for an inspector: keeps the sizes that it was given."""

    attributes, thresholds = SEAM, dict.fromkeys(SEAM.names, 0.5)

    def __init__(self) -> None:
        self.sizes: list[tuple[int, int]] = []
        self.came = threading.Event()

    def decide(self, probabilities):
        return dict.fromkeys(probabilities, False)

    def inspect(self, picture, region=None):
        self.sizes.append((picture.shape[1], picture.shape[0]))
        maps = dict.fromkeys(SEAM.names, np.zeros((2, 2), np.float32))
        return Inspection(
            dict.fromkeys(SEAM.names, 0.1), dict.fromkeys(SEAM.names, False), maps, region, 1.0, 0.0
        )


@pytest.fixture
def told():
    return Told()


@pytest.fixture
def feed(told):
    made = CameraFeed(Viewer(told, DisplayOptions(), lambda smooth: Recording([], False)))
    yield made
    made.close()


def picture(width: int, height: int) -> np.ndarray:
    ramp = np.linspace(16, 235, width).astype(np.uint8)
    return np.broadcast_to(ramp[None, :, None], (height, width, 3)).copy()


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_a_picture_is_shown_whole_with_even_sides(feed, width, height):
    drawn = feed.show(picture(width, height))
    shown_height, shown_width = drawn.shape[0] - ROWS, drawn.shape[1]
    assert shown_height % 2 == shown_width % 2 == 0
    assert max(shown_width, shown_height) <= max(LARGEST)
    assert min(shown_width, shown_height) <= min(LARGEST)
    assert shown_width / shown_height == pytest.approx(width / height, rel=0.1)


@pytest.mark.parametrize(("width", "height"), [size for size in SIZES if max(size) > max(LARGEST)])
def test_a_large_picture_is_reduced_before_the_network_sees_it(feed, told, width, height):
    feed.show(picture(width, height))
    until(lambda: told.sizes)
    assert max(told.sizes[0]) <= max(LARGEST)


def test_a_camera_of_five_pictures_a_second_has_each_of_them_inspected(feed, told):
    for number in range(5):
        feed.show(picture(640, 480))
        until(lambda number=number: len(told.sizes) > number)
    assert feed.viewer.dropped == 0


def test_a_camera_that_is_turned_while_live_goes_on(feed):
    across, upright = feed.show(picture(640, 480)), feed.show(picture(480, 640))
    assert across.shape[1] > across.shape[0] - ROWS
    assert upright.shape[1] < upright.shape[0] - ROWS


@pytest.mark.parametrize("level", range(len(STEPS)))
def test_a_lowered_stream_is_smaller_and_of_the_same_form(feed, level):
    feed.viewer.pace.level = level
    drawn = feed.show(picture(1920, 1080))
    assert drawn.shape[1] == STEPS[level].side
    assert (drawn.shape[0] - ROWS) / drawn.shape[1] == pytest.approx(9 / 16, rel=0.02)
