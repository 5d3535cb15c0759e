"""What is drawn for a class."""

from collections import Counter

import numpy as np
import pytest

from core.demo.defects import fit_all
from core.demo.sample_plan import LARGEST, WEAVES, video_plan
from core.demo.truth import truth


@pytest.fixture(scope="module")
def plans():
    return video_plan(1)


def test_the_same_seed_is_the_same_class():
    assert video_plan(1, 3) == video_plan(1, 3)


def test_another_seed_is_another_class():
    assert video_plan(1, 3) != video_plan(2, 3)


def test_two_of_eighteen_are_left_to_the_user(plans):
    assert [p.name for p in plans if not p.labelled] == ["seam_17", "seam_18"]
    assert {p.fabric.weave for p in plans} == set(WEAVES)


def test_pitches_are_evenly_dealt_out(plans):
    dealt = Counter(tuple(mm for _, mm in p.seam.pitches) for p in plans)
    assert sorted(dealt.values()) == [4, 4, 5, 5]


def test_defects_are_neither_hidden_nor_huge(plans):
    boxes = np.array([f.box for plan in plans for f in fit_all(plan)])
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1]) / (640 * 480)
    assert areas.min() > 0.008 and areas.max() < LARGEST + 0.005
    assert areas.max() > 0.035 > 0.02 > areas.min()


def test_a_small_class_has_it_all():
    plans = video_plan(5, videos=4, frames=40)
    answers = [[f.answers for f in truth(plan)] for plan in plans]
    assert all(any(a["good"] for a in video) for video in answers)
    for name in ("error", "break", "length"):
        assert {a[name] for video in answers for a in video} >= {True, False}
