import pytest

from core.assist import split_gap
from core.errors import RunError
from core.labels.consensus import consensus
from core.splits import stored_split
from core.splits.make_split import split_by_video, split_random
from tests.helpers import fake_predictions, tiny_class

OVERLOOKED = {(f"video_{v}_{i}", "spot"): 0.1 for v in range(5) for i in (0, 3, 6, 9)}
"""All frames with a spot."""


@pytest.fixture
def plan(workspace):
    return split_gap.plan(workspace, tiny_class.quick())


@pytest.fixture
def made(workspace, plan):
    """Both runs are right about everything, but the one by video overlooks every spot."""
    both = fake_predictions.make(workspace, "gap", plan)
    fake_predictions.foretell(both.runs[0], OVERLOOKED)
    return both


def test_the_two_splits_have_as_many_frames_in_each_part(plan):
    (_, video), (_, random) = plan
    assert (video.by, random.by) == ("video", "random")
    assert random.table["part"].value_counts().to_dict() == video.table["part"].value_counts().to_dict()


def test_the_split_of_the_workspace_is_the_side_by_video(workspace):
    stored = split_by_video(consensus(workspace), seed=3)
    stored_split.store(workspace, stored)
    assert split_gap.plan(workspace, tiny_class.quick())[0][1].table.equals(stored.table)


def test_a_random_split_of_the_workspace_is_not_used(workspace):
    stored_split.store(workspace, split_random(consensus(workspace)))
    assert split_gap.plan(workspace, tiny_class.quick())[0][1].by == "video"


def test_the_gap_is_the_difference_on_the_two_test_parts(made):
    found = split_gap.measure_gap(made)
    spot = found.attributes["spot"]  # every third frame of a video has one
    assert (spot.random, spot.video) == (1.0, pytest.approx(2 / 3))
    assert spot.gap == pytest.approx(1 / 3)
    assert found.mean.gap == pytest.approx(1 / 9)  # of three attributes only one differs


def test_the_sentence_says_on_which_frames(made):
    assert split_gap.measure_gap(made).sentence == (
        "A random split would have claimed 100.0 % (12 test frames, shuffled); unseen videos give 88.9 % (12 test frames "
        "of 1 video)."
    )


def test_each_side_has_its_leak_meter(made):
    video, random = (run.config.leak["meter"] for run in made.runs)
    found = split_gap.measure_gap(made)
    assert (found.video.meter, found.random.meter) == (video, random)


def test_both_runs_may_leak(plan):
    assert all(settings.leaking for settings, _ in plan)


def test_where_something_was_learned_there_is_no_note(made):
    assert split_gap.measure_gap(made).note == ""


def test_a_gap_of_networks_that_learned_nothing_says_so(made):
    """The shuffled run gives every frame the more frequent answers: clean, without a spot, not narrow."""
    nothing = {(frame, name): 0.4 for frame in made.runs[1].frames["name"] for name in ("spot", "narrow")}
    nothing |= {(frame, "clean"): 0.6 for frame in made.runs[1].frames["name"]}
    fake_predictions.foretell(made.runs[1], nothing)
    assert "these networks have learned next to nothing" in split_gap.measure_gap(made).note


def test_an_unfinished_pair_is_refused(made):
    made.runs[0].write_status(state="interrupted")
    with pytest.raises(RunError, match="interrupted"):
        split_gap.measure_gap(made)
