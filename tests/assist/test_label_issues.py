import subprocess
import sys

import pandas as pd
import pytest

from core.assist import label_issues
from core.errors import RunError
from core.jobs import series
from core.labels import accepted, labels
from tests.helpers import fake_predictions, tiny_class
from tests.helpers.fake_predictions import judged  # noqa: F401

BARS = [f"video_{v}_{i}" for v in range(5) for i in range(12)]


def predicted(labels, probabilities, **columns):
    """Labels and probabilities of one attribute, a frame each; the frames are called a, b, c …"""
    names = list("abcdefghijklmnop"[: len(labels)])
    table = pd.DataFrame({"name": names, "video": "v", "run": "r", **columns})
    return table.assign(x=pd.array(labels, "boolean"), x_probability=probabilities)


def test_the_least_probable_label_is_the_most_doubtful():
    found = label_issues.judge(predicted([True, True, False, False], [0.9, 0.2, 0.7, 0.1]), ["x"], False)
    assert found["frame"].tolist() == ["b", "c", "a", "d"]
    assert found["score"].tolist() == pytest.approx([0.2, 0.3, 0.9, 0.9])


def test_a_missing_label_is_not_judged():
    found = label_issues.judge(predicted([True, None, False], [0.9, 0.5, 0.1]), ["x"], False)
    assert set(found["frame"]) == {"a", "c"}


def test_an_attribute_is_judged_by_the_frames_on_which_it_is_labelled():
    other = {"y": pd.array([None, True, False, None], "boolean"), "y_probability": [0.5, 0.9, 0.1, 0.5]}
    found = label_issues.judge(
        predicted([True, False, True, False], [0.9, 0.1, 0.9, 0.1], **other), ["x", "y"], False
    )
    assert found.groupby("attribute")["frame"].apply(set).to_dict() == {"x": set("abcd"), "y": set("bc")}


def test_cleanlab_counts_the_two_contradicted_labels_of_twelve():
    answers = [True] * 6 + [False] * 6
    likely = [0.95, 0.9, 0.92, 0.9, 0.94, 0.04, 0.05, 0.1, 0.08, 0.1, 0.06, 0.97]
    found = label_issues.judge(predicted(answers, likely), ["x"], False)
    assert set(found.loc[found["is_issue"], "frame"]) == {"f", "l"}


def test_with_one_answer_only_nothing_is_an_issue():
    found = label_issues.judge(predicted([True, True], [0.9, 0.1]), ["x"], False)
    assert not found["is_issue"].any()


def test_an_attribute_that_was_not_learned_is_passed_over():
    found = label_issues.judge(predicted([True, False], [0.9, 0.1]), ["x", "unheard of"], False)
    assert set(found["attribute"]) == {"x"}


def classes(answers, probabilities):
    """Frames of the classes p, q, r, of which `answers` names one, or none."""
    table = pd.DataFrame({"name": list("abcdefgh"[: len(answers)]), "video": "v", "run": "r"})
    for number, name in enumerate("pqr"):
        table[name] = pd.array([None if answer is None else answer == name for answer in answers], "boolean")
        table[f"{name}_probability"] = [row[number] for row in probabilities]
    return table


@pytest.mark.parametrize(("likely", "unlearned"), [([0.9, 0.9, 0.9, 0.1], []), ([0.9, 0.9, 0.9, 0.9], ["x"])])
def test_networks_that_always_give_the_more_frequent_answer_have_learned_nothing(likely, unlearned):
    found = label_issues.LabelIssues(
        label_issues.judge(predicted([True, True, True, False], likely), ["x"], False)
    ).unlearned()
    assert found == unlearned
    assert bool(label_issues.caution(found)) == bool(unlearned)


def test_of_one_answer_only_there_is_nothing_to_learn():
    found = label_issues.LabelIssues(label_issues.judge(predicted([True, True], [0.9, 0.9]), ["x"], False))
    assert found.unlearned() == []


@pytest.mark.parametrize(("last", "unlearned"), [((0.1, 0.8, 0.1), set()), ((0.8, 0.1, 0.1), {"p", "q"})])
def test_classes_are_learned_or_not_all_at_once(last, unlearned):
    table = classes(["p", "p", "q"], [(0.8, 0.1, 0.1), (0.8, 0.1, 0.1), last])
    assert (
        set(label_issues.LabelIssues(label_issues.judge(table, list("pqr"), True)).unlearned()) == unlearned
    )


def test_of_classes_the_more_probable_one_is_named():
    table = classes(
        ["p", "q", "r", "p"], [(0.8, 0.1, 0.1), (0.1, 0.8, 0.1), (0.1, 0.1, 0.8), (0.1, 0.2, 0.7)]
    )
    first = label_issues.judge(table, list("pqr"), True).iloc[0]
    assert (first["frame"], first["attribute"], first["instead"], first["probability"]) == (
        "d",
        "p",
        "r",
        0.1,
    )


def test_a_frame_without_a_class_is_not_judged():
    table = classes(["p", None, "q"], [(0.8, 0.1, 0.1), (0.3, 0.3, 0.4), (0.1, 0.8, 0.1)])
    assert set(label_issues.judge(table, list("pqr"), True)["frame"]) == {"a", "c"}


def test_a_class_that_a_network_has_not_met_is_never_predicted():
    table = classes(
        ["p", "p", "q", "r"], [(0.8, 0.1, 0.1), (0.2, 0.8, None), (0.1, 0.9, None), (0.1, 0.1, 0.8)]
    )
    found = label_issues.judge(table, list("pqr"), True).set_index("frame")
    assert found.loc["b", ["instead", "score"]].tolist() == ["q", 0.2]


@pytest.fixture
def workspace(judged, tmp_path):  # noqa: F811
    """Three networks have tested five videos; they doubt two labels."""
    return fake_predictions.copied(judged, tmp_path / "judged")


@pytest.fixture
def doubted(workspace):
    return series.finished(workspace, "folds")


def test_every_labelled_frame_is_judged_once_by_a_network_that_has_not_seen_its_video(doubted):
    table = label_issues.out_of_fold(doubted)
    assert sorted(table["name"]) == sorted(BARS)
    for run in doubted.runs:
        learned = set(run.frames.loc[run.frames["part"] != "test", "video"])
        assert not learned & set(table.loc[table["run"] == run.id, "video"])


def test_what_is_doubted_comes_first(workspace, doubted):
    table = label_issues.find_issues(workspace, doubted).table
    assert list(zip(table["frame"], table["attribute"], strict=True))[:2] == list(fake_predictions.DOUBTS)
    assert table["label"].tolist()[:2] == [True, False]


def test_only_the_doubted_labels_are_issues(workspace, doubted):
    assert label_issues.find_issues(workspace, doubted).counts()["spot"] == (60, 2)


def test_a_relabelled_frame_drops_out(workspace, doubted):
    labels.record(workspace, "teacher", "video_1", 3, 3, {"spot": False})
    found = label_issues.find_issues(workspace, doubted, ["spot"])
    assert "video_1_3" not in set(found.table["frame"])
    assert (len(found.table), found.changed) == (59, 1)


def test_an_accepted_label_does_not_come_again(workspace, doubted):
    accepted.accept(workspace, "Ada", ["video_1_3"], "spot", True)
    found = label_issues.find_issues(workspace, doubted, ["spot"])
    assert "video_1_3" not in set(found.table["frame"])
    assert (found.accepted, found.changed) == (1, 0)


@pytest.fixture
def rare(workspace):
    """Only video 0 has spots: of three networks one learned from it, and two do not know what a spot is."""
    for video in range(1, 5):
        labels.record(workspace, "teacher", f"video_{video}", 0, 11, {"spot": False})
    return fake_predictions.make(workspace, "folds", label_issues.plan(workspace, tiny_class.quick(), 3))


def test_a_network_does_not_doubt_what_it_has_not_learned(workspace, rare):
    knows = next(run for run in rare.runs if "spot" in run.attributes.names)
    table = label_issues.find_issues(workspace, rare).table
    assert set(table.loc[table["attribute"] == "spot", "run"]) == {knows.id}
    assert (table["attribute"] == "narrow").sum() == 60


def test_labels_that_were_not_checked_are_named(doubted, rare):
    assert label_issues.unchecked(rare, ["spot", "narrow"]).startswith(
        "spot: too few videos show both answers"
    )
    assert label_issues.unchecked(doubted, ["spot", "narrow"]) == ""


def test_neighbours_with_the_same_doubt_are_one_stretch(workspace):
    """In video 1 the frames 4 to 7 have narrow bars or have not, all of them."""
    truth = tiny_class.answers(1, 4)["narrow"]
    doubts = {(f"video_1_{index}", "narrow"): 0.05 if truth else 0.95 for index in range(4, 8)}
    made = fake_predictions.make(
        workspace, "folds", label_issues.plan(workspace, tiny_class.quick(), 3), doubts
    )
    table = label_issues.find_issues(workspace, made).table
    found = table[table["is_issue"]]
    assert found["index"].tolist() == [4, 5, 6, 7]
    assert found["stretch"].nunique() == 1


def test_json_has_five_plain_values_a_label_and_whether_it_is_an_issue(workspace, doubted):
    first = label_issues.find_issues(workspace, doubted).to_json(1)
    assert first == [{"frame": "video_1_3", "attribute": "spot", "label": True, "probability": 0.02, "score": 0.02,
                      "suspect": True}]  # fmt: skip


def test_of_five_videos_there_are_five_folds(workspace):
    assert len(label_issues.plan(workspace, tiny_class.quick())) == 5


def test_a_series_that_has_not_ended_is_refused(workspace, doubted):
    doubted.runs[1].write_status(state="stopped")
    with pytest.raises(RunError, match="is stopped"):
        label_issues.find_issues(workspace, series.find(workspace, "folds")[0])


def test_cleanlab_waits_until_it_is_needed():
    code = "import sys; import core.assist.label_issues, core.commands.label_issues; print('cleanlab' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"
