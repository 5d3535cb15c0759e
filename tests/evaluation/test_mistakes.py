"""The mistakes of a test, one by one."""

import numpy as np
import pandas as pd
import pytest

from core.errors import RunError
from core.evaluation import mistakes
from core.training.create_run import create_run
from tests.helpers import tiny_class


@pytest.fixture
def run(workspace):
    """A run that errs twice on its test video: it misses the spot of frame 3, and sees one in frame 4."""
    made = create_run(workspace, tiny_class.quick())
    table = made.frames[made.frames["part"] == "test"].reset_index(drop=True)
    for name in made.attributes.names:
        table[f"{name}_probability"] = np.where(table[name].astype(bool), 0.9, 0.1)
    table.loc[table["name"].str.endswith("_3"), "spot_probability"] = 0.2
    table.loc[table["name"].str.endswith("_4"), "spot_probability"] = 0.95
    table.to_csv(made.path / "predictions.csv", index=False)
    return made


def test_the_surest_comes_first(run):
    found = mistakes.find_mistakes(run)
    assert found.columns.tolist() == mistakes.COLUMNS
    assert found[["index", "side"]].values.tolist() == [[4, "false alarm"], [3, "missed"]]


def test_an_unset_label_is_no_mistake_and_a_threshold_itself_counts_as_true(workspace):
    made = create_run(workspace, tiny_class.quick())
    rows = [
        {"name": "a", "clean": True, "clean_probability": 0.9, "spot": True, "spot_probability": 0.3,
         "narrow": None, "narrow_probability": 0.9},
        {"name": "b", "clean": False, "clean_probability": 0.5, "spot": True, "spot_probability": 0.01,
         "narrow": False, "narrow_probability": 0.2},
    ]  # fmt: skip
    pd.DataFrame(rows).assign(group="video_0", part="test").to_csv(made.path / "predictions.csv", index=False)
    assert mistakes.find_mistakes(made)[["name", "attribute", "side"]].values.tolist() == [
        ["b", "spot", "missed"],
        ["a", "spot", "missed"],
        ["b", "clean", "false alarm"],
    ]


def test_they_are_filtered(run):
    assert mistakes.find_mistakes(run, attribute="clean").empty
    assert mistakes.find_mistakes(run, "spot", "missed")["index"].tolist() == [3]
    (video,) = run.frames.loc[run.frames["part"] == "test", "video"].unique()
    assert len(mistakes.find_mistakes(run, video=video)) == 2


def test_it_is_counted_on_which_frames(run):
    assert (
        mistakes.mistakes_counted(run, mistakes.find_mistakes(run))
        == "2 mistakes on 2 frames; 12 frames of 1 group were tested."
    )
    assert (
        mistakes.mistakes_counted(run, mistakes.find_mistakes(run, "clean"))
        == "no mistakes; 12 frames of 1 group were tested."
    )


def test_json_is_plain(run):
    row = mistakes.mistakes_as_json(mistakes.find_mistakes(run))[1]
    assert (row["index"], row["label"], row["probability"], row["decided"]) == (3, True, 0.2, "")


@pytest.mark.parametrize(
    ("wanted", "words"),
    [({"attribute": "hole"}, "no attribute called hole"), ({"video": "video_9"}, "a video called video_9")],
)
def test_what_is_not_there_is_refused(run, wanted, words):
    with pytest.raises(RunError, match=words):
        mistakes.find_mistakes(run, **wanted)


def test_the_neighbours_of_a_frame():
    frames = pd.DataFrame({"index": [0, 2, 4, 6, 8, 10, 12, 14, 16]})  # every second frame was kept
    assert mistakes.around(frames, 8)["index"].tolist() == [2, 4, 6, 8, 10, 12, 14]
    assert mistakes.around(frames, 0)["index"].tolist() == [0, 2, 4, 6]
    assert mistakes.around(frames, 16)["index"].tolist() == [10, 12, 14, 16]


def test_a_run_without_a_test_has_none(workspace):
    with pytest.raises(RunError, match="Test it first"):
        mistakes.find_mistakes(create_run(workspace, tiny_class.quick()))


def test_of_classes_the_surest_comes_first_with_what_it_was_taken_for(tmp_path):
    made = create_run(tiny_class.make_classes(tmp_path / "classes"), tiny_class.quick())
    table = made.frames[made.frames["part"] == "test"].reset_index(drop=True)
    table["plain_probability"] = [0.8] * (len(table) - 1) + [0.9]
    table["dark_probability"] = 1 - table["plain_probability"]
    table.to_csv(made.path / "predictions.csv", index=False)
    found = mistakes.find_mistakes(made)
    assert found["probability"].is_monotonic_decreasing
    assert set(found["attribute"]) == {"dark"} and set(found["decided"]) == {"plain"}
    with pytest.raises(RunError, match="classes"):
        mistakes.find_mistakes(made, side="missed")
