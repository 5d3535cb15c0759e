"""Two runs on the same test frames, on predictions that can be counted by hand."""

import json

import numpy as np
import pandas as pd
import pytest

from core.errors import RunError
from core.evaluation import compare_predictions, evaluate
from core.labels.labels import record
from core.training.create_run import create_run
from tests.helpers import fake_predictions, tiny_class

FRAMES = [f"f{i}" for i in range(4)]


def predicted(workspace, spots, names=FRAMES, labels=(True, True, False, False), groups=("a", "a", "b", "b")):
    """A run with these probabilities of a spot on its test frames; nothing else is labelled."""
    run = create_run(workspace, tiny_class.quick())
    table = pd.DataFrame({"name": names, "video": groups, "part": "test"})
    for name in run.attributes.names:
        table[name] = list(labels) if name == "spot" else None
        table[f"{name}_probability"] = spots if name == "spot" else 0.5
    table.to_csv(run.path / "predictions.csv", index=False)
    evaluate.measure(run)
    return run


def test_four_frames_counted_by_hand(workspace):
    """The first is right about f0, f2 and f3, the second about f0, f1 and f3."""
    found = compare_predictions.compare_predictions(
        predicted(workspace, [0.9, 0.2, 0.1, 0.1]), predicted(workspace, [0.9, 0.8, 0.7, 0.1])
    )
    spot = found.attributes["spot"]
    assert (spot.frames, spot.videos, spot.first, spot.second) == (4, 2, 0.75, 0.75)
    assert (spot.difference, spot.gained, spot.lost, spot.interval) == (0, 1, 1, None)
    assert spot.meaning == "too few videos"


def test_frames_that_changed_sides_the_surest_mistake_first(workspace):
    """f1: the first gave 0.2 to what is true, 0.8 off; f2: the second gave 0.7 to what is false, 0.7 off."""
    found = compare_predictions.compare_predictions(
        predicted(workspace, [0.9, 0.2, 0.1, 0.1]), predicted(workspace, [0.9, 0.8, 0.7, 0.1])
    )
    assert found.changed[["name", "side", "label", "first", "second"]].values.tolist() == [
        ["f1", "gained", "true", "false", "true"],
        ["f2", "lost", "false", "false", "true"],
    ]


def test_only_shared_frames_are_compared(workspace):
    one = predicted(workspace, [0.9, 0.9, 0.1, 0.1])
    other = predicted(workspace, [0.1, 0.9, 0.1, 0.1], names=["x", "f1", "f2", "y"])
    found = compare_predictions.compare_predictions(one, other)
    assert (found.frames, found.videos, found.attributes["spot"].first) == (2, 2, 1)
    assert found.sentence() == "Compared on the 2 frames of 2 videos that both are tested on (of 4 and 4)."


def test_labels_that_the_runs_do_not_share_are_left_out(workspace):
    one = predicted(workspace, [0.9, 0.9, 0.1, 0.1])
    other = predicted(workspace, [0.9, 0.9, 0.1, 0.1], labels=(True, False, False, None))
    found = compare_predictions.compare_predictions(one, other)
    assert (found.attributes["spot"].frames, found.other_labels) == (2, 2)
    assert "2 labels differ between the runs and are left out." in found.sentence()


def test_an_attribute_without_a_label_has_no_difference(workspace):
    found = compare_predictions.compare_predictions(
        predicted(workspace, [0.9] * 4), predicted(workspace, [0.8] * 4)
    )
    assert found.attributes["clean"] == compare_predictions.PairedDifference(
        0, 0, None, None, None, None, 0, 0
    )
    assert found.attributes["clean"].meaning == "no label in common"


def test_many_videos_show_who_is_better(workspace):
    """In each of 12 videos the second is right about 6 frames more of 10."""
    names, groups = [f"f{i}" for i in range(120)], [f"v{i // 10}" for i in range(120)]
    about = {"names": names, "labels": [True] * 120, "groups": groups}
    worse, better = np.tile([0.9] * 3 + [0.1] * 7, 12), np.tile([0.9] * 9 + [0.1], 12)
    spot = compare_predictions.compare_predictions(
        predicted(workspace, worse, **about), predicted(workspace, better, **about)
    ).attributes["spot"]
    assert spot.difference == pytest.approx(0.6)
    assert spot.meaning == "second better"


def test_no_shared_frame_is_an_error(workspace):
    one, other = predicted(workspace, [0.9] * 4), predicted(workspace, [0.9] * 4, names=["w", "x", "y", "z"])
    with pytest.raises(RunError, match="share no test frame"):
        compare_predictions.compare_predictions(one, other)


def test_a_run_is_not_compared_with_itself(workspace):
    run = predicted(workspace, [0.9] * 4)
    with pytest.raises(RunError, match="cannot be compared with itself"):
        compare_predictions.compare_predictions(run, run)


def test_classes_are_compared_all_at_once(tmp_path):
    made = tiny_class.make_classes(tmp_path / "class")
    both = []
    for dark in ([0.9, 0.1], [0.9, 0.8]):
        run = create_run(made, tiny_class.quick())
        rows = {"name": ["f0", "f1"], "video": "a", "part": "test", "plain": False, "dark": True}
        chances = {"plain_probability": 1 - np.array(dark), "dark_probability": dark}
        pd.DataFrame(rows | chances).to_csv(run.path / "predictions.csv", index=False)
        evaluate.measure(run)
        both.append(run)
    found = compare_predictions.compare_predictions(*both)
    assert list(found.attributes) == [compare_predictions.CLASSES]
    assert (
        found.attributes[compare_predictions.CLASSES].first,
        found.attributes[compare_predictions.CLASSES].second,
    ) == (0.5, 1)
    assert found.changed[["name", "label", "first", "second"]].values.tolist() == [
        ["f1", "dark", "plain", "dark"]
    ]


def test_json_is_plain(workspace):
    found = compare_predictions.compare_predictions(
        predicted(workspace, [0.9, 0.2, 0.1, 0.1]), predicted(workspace, [0.9, 0.8, 0.7, 0.1])
    )
    kept = json.loads(json.dumps(found.to_json()))
    assert kept["attributes"]["spot"]["gained"] == 1 and kept["changed"][0]["name"] == "f1"


def test_with_the_current_labels_a_run_meets_the_one_before_a_correction(workspace):
    """A spot was overlooked by the annotator in frame 1; the first network learned so, the second did not."""
    runs = []
    for _ in range(2):
        run = create_run(workspace, tiny_class.quick(leaking=True))
        video = run.frames.loc[run.frames["part"] == "test", "video"].iloc[0]
        fake_predictions.foretell(run, {})
        runs.append(run)
        record(workspace, "teacher", video, 1, 1, {"spot": True})
    shared = compare_predictions.compare_predictions(*runs)
    assert (shared.other_labels, shared.attributes["spot"].difference) == (1, 0)
    assert "labels" not in shared.to_json()
    now = compare_predictions.compare_predictions(*runs, current_labels=True)
    spot = now.attributes["spot"]
    assert (spot.first, spot.second, spot.frames, now.other_labels) == (pytest.approx(11 / 12), 1, 12, 0)
    assert (
        now.sentence()
        == "Compared against the current labels on the 12 frames of 1 video that both are tested on."
    )
    assert now.to_json()["labels"] == "current"
