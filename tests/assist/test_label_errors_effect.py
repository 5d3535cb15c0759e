import pytest

from core.assist import label_errors, label_errors_effect
from core.errors import RunError
from core.labels import labels
from core.splits import split as splits
from core.training.create_run import create_run
from tests.helpers import fake_predictions, tiny_class


def ordinary(workspace, doubts=None, split=None):
    run = create_run(workspace, tiny_class.quick(leaking=True), split=split)
    fake_predictions.foretell(run, doubts or {})
    return run


@pytest.fixture
def tested(workspace):
    """The frames of the test part of the split of the workspace."""
    splits.store(workspace, made := splits.split_by_video(labels.consensus(workspace)))
    return made.table.loc[made.table["part"] == "test", "name"].tolist()


def test_both_runs_are_measured_against_the_labels_of_the_later(workspace, tested):
    """A spot was overlooked by the annotator in frame 1; the first network learned so, the second did not."""
    video = tested[0].rsplit("_", 1)[0]
    before = ordinary(workspace)
    labels.record(workspace, "teacher", video, 1, 1, {"spot": True})
    found = label_errors_effect.gain(before, ordinary(workspace))
    assert found.table.loc["spot"].tolist() == pytest.approx([11 / 12, 1.0, 12])
    assert found.table.loc["narrow"].tolist() == [1.0, 1.0, 12]
    assert (found.frames, found.videos) == (12, 1)


def test_only_frames_that_test_both_count(workspace, tested):
    others = splits.folds(labels.consensus(workspace), 5)
    apart = next(s for s in others if not s.table.loc[s.table["part"] == "test", "name"].isin(tested).any())
    with pytest.raises(RunError, match="none in common"):
        label_errors_effect.gain(ordinary(workspace), ordinary(workspace, split=apart))


@pytest.fixture
def searched(workspace, tested):
    """Two ordinary runs, and a series since."""
    before = [ordinary(workspace), ordinary(workspace)]
    return before[-1], fake_predictions.make(
        workspace, "folds", label_errors.plan(workspace, tiny_class.quick(), 3)
    )


def fix(workspace, tested):
    labels.record(workspace, "teacher", tested[0].rsplit("_", 1)[0], 1, 1, {"spot": True})


def test_the_runs_around_a_series_are_the_nearest_ordinary_ones(workspace, tested, searched):
    before, made = searched
    assert label_errors_effect.around(made) == (before, None)
    fix(workspace, tested)
    ordinary(workspace)
    after = ordinary(workspace)
    assert label_errors_effect.around(made) == (before, after)


def test_a_run_since_with_the_same_labels_has_gained_nothing(workspace, searched):
    before, made = searched
    ordinary(workspace)
    assert label_errors_effect.around(made) == (before, None)


@pytest.mark.parametrize(
    "other", [{"seed": 2}, {"size": (16, 16)}, {"epochs": 9}, {"region": (0, 0, 0.5, 0.5)}]
)
def test_a_run_since_that_was_trained_otherwise_does_not_count(workspace, tested, searched, other):
    before, made = searched
    fix(workspace, tested)
    fake_predictions.foretell(create_run(workspace, tiny_class.quick(leaking=True, **other)), {})
    assert label_errors_effect.around(made) == (before, None)


def test_a_run_is_trained_again_with_its_own_settings(workspace, tested):
    run = ordinary(workspace)
    again = create_run(workspace, label_errors_effect.settings_of(run))
    assert (again.network, again.recipe, again.size, again.config.seed) == (
        run.network, run.recipe, run.size, run.config.seed,
    )  # fmt: skip
