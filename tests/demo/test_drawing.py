"""The parts of a picture: thread, weave, cloth, seam."""

import dataclasses

import numpy as np
import pytest

from core.demo.fabric import FLOATS, render_fabric, weave_tile
from core.demo.sample_plan import WEAVES, video_plan
from core.demo.seam import needle_holes, pitch_at, short_share
from core.demo.thread import draw_strand, smooth, strand


@pytest.fixture(scope="module")
def plan():
    return video_plan(1, videos=4, frames=4)[0]


def test_a_strand_keeps_its_ends():
    corners = np.array([[0.0, 0.0], [10.0, 30.0], [0.0, 60.0]])
    line = smooth(corners)
    assert line[0].tolist() == [0, 0] and line[-1].tolist() == [0, 60]


def test_a_thread_covers_its_width_and_shades_beside_it(plan):
    cloth = np.full((80, 80, 3), 0.5, np.float32)
    look = dataclasses.replace(plan.thread, colour=(0.9, 0.9, 0.9), radius=4.0)
    draw_strand(cloth, strand(np.array([[40.0, 10.0], [40.0, 70.0]]), 4.0), look, plan.light)
    changed = np.flatnonzero(np.abs(cloth[40, :, 0] - 0.5) > 0.02)
    assert 8 <= len(changed) <= 30 and changed.min() < 40 < changed.max()
    assert cloth.min() < 0.45


@pytest.mark.parametrize("name", [name for name in FLOATS if name != "knit"])
def test_a_tile_joins_itself(name):
    height = weave_tile(name, 12)[:, :, 0]
    steps = np.abs(np.diff(height, axis=0)).max()
    assert np.abs(height[0] - height[-1]).max() <= steps + 1e-6


@pytest.mark.parametrize("weave", WEAVES)
def test_cloth_is_as_bright_as_its_colour(plan, weave):
    fabric = dataclasses.replace(plan.fabric, weave=weave, colour=(0.5, 0.5, 0.5), second=(0.5, 0.5, 0.5))
    cloth = render_fabric(dataclasses.replace(plan, fabric=fabric))
    assert cloth.mean() == pytest.approx(0.5, abs=0.02)
    assert cloth.std() > 0.01


@pytest.mark.parametrize("number", range(4))
def test_holes_keep_the_pitch(number):
    plan = video_plan(1, videos=4, frames=60)[number]
    holes = needle_holes(plan)[:, 1]
    pitches = np.array([pitch_at(plan, max(y, 0)) for y in holes[:-1]]) * plan.scale
    assert np.abs(np.diff(holes) / pitches - 1).max() < 0.05


def test_the_share_of_short_stitches_follows_the_change():
    plan = next(p for p in video_plan(1, 4, frames=60) if len(p.seam.pitches) == 2)
    (_, first), (change, _) = plan.seam.pitches
    assert short_share(plan, change - 100, change + 100) == pytest.approx(0.5)
    assert short_share(plan, change - 200, change) == (1.0 if first == 2 else 0.0)
