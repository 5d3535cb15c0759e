"""Rendered frames against their truth, and a class on disk."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from core.demo.defects import fit_all
from core.demo.render import render_class, render_frames
from core.demo.sample_plan import video_plan
from core.demo.seam_strip import render_strip


@pytest.fixture(scope="module")
def plan():
    return video_plan(3, videos=4, frames=40)[1]


@pytest.fixture(scope="module")
def frames(plan):
    return list(render_frames(plan))


def test_frames_are_pictures_with_their_truth(frames):
    assert len(frames) == 40
    assert all(picture.shape == (480, 640, 3) and picture.dtype == np.uint8 for picture, _ in frames)
    assert [truth.index for _, truth in frames] == list(range(40))


def test_the_same_plan_gives_the_same_frames(plan, frames):
    again = render_frames(plan)
    assert all(np.array_equal(next(again)[0], picture) for picture, _ in frames[:3])


def test_frames_are_lit_and_textured(frames):
    middle = frames[20][0]
    assert 20 < middle.mean() < 235 and middle.std() > 4


def test_the_seam_moves_past_the_camera(frames):
    assert np.abs(frames[0][0].astype(int) - frames[1][0]).mean() > 2


def test_a_defect_changes_its_box_and_hardly_anything_else(plan):
    with_defects = render_strip(plan).astype(int)
    without = render_strip(dataclasses.replace(plan, defects=())).astype(int)
    change = np.abs(with_defects - without).max(axis=2)
    outside = np.ones(change.shape, dtype=bool)
    for fitted in fit_all(plan):
        x1, y1, x2, y2 = fitted.box.astype(int)
        assert (change[y1:y2, x1:x2] > 20).mean() > 0.04
        outside[max(y1 - 16, 0) : y2 + 16, x1 - 16 : x2 + 16] = False  # its shadow falls beside it
    assert (change[outside] > 8).mean() < 1e-3


def test_a_class_on_disk(tmp_path):
    calls = []
    videos = render_class(
        tmp_path / "videos", seed=4, videos=2, frames=8, progress=lambda *done: calls.append(done)
    )
    assert [v.name for v in videos] == ["seam_01", "seam_02"] and calls == [(1, 2), (2, 2)]
    for video in videos:
        table = pd.read_csv(video.path.with_name(f"{video.name}_truth.csv"), index_col=0)
        assert video.path.stat().st_size > 10_000
        assert len(table) == len(video.truth) == 8
