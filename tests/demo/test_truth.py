"""The truth of a frame, by hand-made cases and over whole classes; nothing is rendered here."""

from functools import cache
from itertools import combinations

import numpy as np
import pytest

from core.demo.sample_plan import video_plan
from core.demo.truth import Defect, clip, defect_answers, frame_boxes, pitch_answer, truth, truth_table


@cache
def whole_class(seed):
    """Plans and truth of a default class."""
    return [(plan, truth(plan)) for plan in video_plan(seed)]


def test_a_defect_counts_from_half_of_its_length():
    half = clip("error", np.array([300, -50, 360, 50]))
    less = clip("error", np.array([300, -51, 360, 49]))
    assert half == Defect("error", (300, 0, 360, 50), edge=False)
    assert less is not None and less.edge


def test_a_defect_outside_the_picture_is_not_there():
    assert clip("break", np.array([300, 480, 360, 560])) is None


def test_a_sliver_leaves_its_kind_and_good_unset():
    sliver = Defect("error", (300, 0, 360, 20), edge=True)
    assert defect_answers((sliver,)) == {"good": None, "error": None, "break": False}


def test_a_whole_defect_decides_good_beside_a_sliver():
    seen = (Defect("error", (300, 0, 360, 20), edge=True), Defect("break", (300, 200, 360, 300), edge=False))
    assert defect_answers(seen) == {"good": False, "error": None, "break": True}


def test_nothing_seen_is_good():
    assert defect_answers(()) == {"good": True, "error": False, "break": False}


@pytest.mark.parametrize(
    ("share", "answer"), [(1.0, True), (0.75, True), (0.5, None), (0.25, False), (0.0, False)]
)
def test_a_pitch_needs_three_quarters_of_the_seam(share, answer):
    assert pitch_answer(share) is answer


def test_boxes_follow_the_window():
    moved = np.array([[[1.0, 0.0, -64.0], [0.0, 1.0, -100.0]]])
    assert frame_boxes(np.array([[164.0, 200.0, 264.0, 300.0]]), moved).tolist() == [[[100, 100, 200, 200]]]


def test_boxes_lie_in_the_picture():
    boxes = np.array([d.box for _, frames in whole_class(2) for frame in frames for d in frame.defects])
    assert (
        (boxes[:, :2] >= 0).all()
        and (boxes[:, 2:] <= (640, 480)).all()
        and (boxes[:, 2:] > boxes[:, :2]).all()
    )


def test_the_table_reads_back():
    frames = whole_class(1)[3][1]
    table = truth_table("seam_04", frames)
    assert list(table.columns) == ["name", "good", "error", "break", "length", "edge", "boxes"]
    assert table["name"].iloc[17] == "seam_04_17"
    slivers = [i for i, f in enumerate(frames) if any(d.edge for d in f.defects)]
    assert slivers and all(table["edge"].iloc[i] for i in slivers)


def true_shares(frames):
    """Return the share of true among the decided frames, per attribute."""
    shares = {}
    for name in frames[0].answers:
        decided = [bool(f.answers[name]) for f in frames if f.answers[name] is not None]
        shares[name] = sum(decided) / max(len(decided), 1)
    return shares


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_video_shows_everything(seed):
    for plan, frames in whole_class(seed):
        shares = true_shares(frames)
        assert 0.5 <= shares["good"] < 0.66, plan.name
        assert 0.2 < shares["error"] < 0.36 and 0.2 < shares["break"] < 0.36, plan.name


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_both_defects_occur_at_once(seed):
    seen = [f.answers for _, frames in whole_class(seed) for f in frames]
    both = np.mean([bool(a["error"] and a["break"]) for a in seen])
    assert 0.03 < both < 0.2


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_nearly_any_three_videos_make_a_fair_test_part(seed):
    """The baseline of the pitch is fair for most test parts of three videos, so a stratified split finds one."""
    lengths = [[f.answers["length"] for f in frames] for plan, frames in whole_class(seed) if plan.labelled]
    counts = np.array([(video.count(True), video.count(False)) for video in lengths])
    parts = np.array([counts[list(three)].sum(axis=0) for three in combinations(range(len(counts)), 3)])
    baselines = parts.max(axis=1) / parts.sum(axis=1)
    assert (baselines <= 0.85).mean() > 0.8


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_middle_of_a_change_is_unset(seed):
    changing = [frames for plan, frames in whole_class(seed) if len(plan.seam.pitches) == 2]
    assert changing
    for frames in changing:
        assert 3 <= sum(f.answers["length"] is None for f in frames) <= 12
