"""The instant network: what it learns from, what it says of itself, and what it never is."""

import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.assist import instant_network, suggestions
from core.attributes import Attribute, AttributeSet
from core.explain.heatmap import peak
from core.inputs import batches, feature_cache
from core.inspection.inspector import Inspector
from core.labels.consensus import consensus
from core.labels.labels import record_table
from core.media.library import frame_table, read_frame
from core.runs.run_store import list_runs
from core.splits import stored_split
from core.splits.make_split import split_by_video
from core.workspace import open_workspace
from tests.helpers import tiny_class


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    """The tiny class, all of whose frames have been seen."""
    workspace = tiny_class.make(tmp_path_factory.mktemp("class") / "class")
    see(workspace, frame_table(workspace)["name"].tolist())
    return workspace


@pytest.fixture
def seen(original, tmp_path):
    """A copy of it."""
    return open_workspace(shutil.copytree(original.path, tmp_path / "copy"))


def see(workspace, names):
    feature_cache.add(workspace, batches.sources_of(workspace, names))


def test_it_suggests_what_it_was_taught(seen):
    network = instant_network.learn(seen)
    table = instant_network.suggest(network, seen, "video_0").set_index("index")
    truth = pd.DataFrame([tiny_class.answers(0, index) for index in table.index])
    assert ((table["spot"] >= 0.5).to_numpy() == truth["spot"].to_numpy()).all()


def test_it_says_what_it_is_and_is_no_run(seen):
    assert (
        instant_network.learn(seen).title == "Instant network: 60 labelled pictures of 5 videos, not tested"
    )
    assert list_runs(seen) == []
    assert suggestions.suggesting_run(seen) is None


@pytest.mark.parametrize(
    ("true", "false", "is_learned"), [(5, 5, True), (4, 20, False), (20, 4, False), (0, 0, False)]
)
def test_an_attribute_is_learned_from_five_answers_of_each_kind(true, false, is_learned):
    answers = [True] * true + [False] * false + [None] * 3
    labels = pd.DataFrame({"spot": pd.array(answers, "boolean")})
    attributes = AttributeSet((Attribute("spot", "t", "#2f6fde"),))
    assert (instant_network.learnable(labels, attributes) == attributes) is is_learned


def test_classes_are_learned_from_two_on():
    labels = pd.DataFrame(
        {"apple": [True] * 5 + [False] * 9, "pear": [False] * 5 + [True] * 5 + [False] * 4}, dtype="boolean"
    )
    labels["plum"] = ~labels["apple"] & ~labels["pear"]
    classes = AttributeSet(
        tuple(Attribute(n, k, "#2f6fde") for n, k in zip(labels, "123", strict=True)), True
    )
    assert instant_network.learnable(labels, classes).names == ("apple", "pear")
    assert instant_network.learnable(labels[:5], classes) is None


def test_classes_have_probabilities_that_sum_to_one(tmp_path):
    workspace = tiny_class.make_classes(tmp_path / "classes")
    see(workspace, frame_table(workspace)["name"].tolist())
    table = instant_network.suggest(instant_network.learn(workspace), workspace, "group_0")
    np.testing.assert_allclose(table[["plain", "dark"]].sum(axis=1), 1, atol=1e-5)


def test_contradictory_answers_teach_nothing(seen):
    """Of frames where two annotators differ about everything there is no consensus."""
    rows = [
        {"video": f"video_{v}", "index": i, **{k: not a for k, a in tiny_class.answers(v, i).items()}}
        for v in range(5)
        for i in range(12)
    ]
    record_table(seen, "another", pd.DataFrame(rows))
    assert instant_network.learn(seen) is None


def test_an_attribute_that_was_renamed_meanwhile_is_left_out(seen):
    network = instant_network.learn(seen)
    attributes = seen.attributes
    renamed = replace(
        attributes,
        attributes=tuple(replace(a, name=f"{a.name}s") for a in attributes)[:1] + tuple(attributes)[1:],
    )
    kept = network.for_attributes(renamed)
    assert kept.attributes.names == ("spot", "narrow")
    peaks = np.ones((1, 912))
    np.testing.assert_allclose(kept.probabilities(peaks), network.probabilities(peaks)[:, 1:], rtol=1e-4)
    assert network.for_attributes(replace(attributes, exclusive=True, rules=())) is None


def test_frames_that_nobody_has_seen_have_no_suggestion(workspace):
    see(workspace, [f"video_0_{i}" for i in range(12)] + [f"video_1_{i}" for i in range(3)])
    network = instant_network.learn(workspace)
    assert network.title.startswith("Instant network: 15 labelled pictures of 2 videos")
    assert instant_network.suggest(network, workspace, "video_4")["spot"].isna().all()


def test_its_version_changes_with_labels_and_attributes(workspace):
    version = instant_network.data_version(workspace)
    assert instant_network.data_version(workspace) == version
    record_table(workspace, "Ada", pd.DataFrame([{"video": "video_0", "index": 0, "spot": False}]))
    assert instant_network.data_version(workspace) != version
    fewer = replace(
        workspace, attributes=replace(workspace.attributes, attributes=tuple(workspace.attributes)[:1])
    )
    assert instant_network.data_version(fewer) != instant_network.data_version(workspace)


def test_the_test_part_is_told_from_the_others(workspace):
    assert not instant_network.tests(workspace, "video_0")
    stored_split.store(workspace, split_by_video(consensus(workspace)))
    table = stored_split.load(workspace).table
    tested = set(table.loc[table["part"] == "test", "video"])
    assert {v for v in table["video"] if instant_network.tests(workspace, v)} == tested


def test_its_evidence_lies_where_the_spot_is(seen):
    network = instant_network.learn(seen)
    picture = read_frame(seen, "video_0_3")
    inspection = Inspector.of_instant(network).inspect(picture)
    assert inspection.probabilities["spot"] > 0.5
    assert inspection.maps["spot"].shape == (16, 16)
    row, column = peak(inspection.maps["spot"])
    blue = picture[..., 0].astype(int) - picture[..., 2]  # the spot is blue on grey, 10 pixels of 32 wide
    rows, columns = np.nonzero(blue > 100)
    assert rows.min() - 4 <= 2 * row + 1 <= rows.max() + 4
    assert columns.min() - 4 <= 2 * column + 1 <= columns.max() + 4


def test_inspected_and_suggested_probabilities_are_the_same(seen):
    network = instant_network.learn(seen)
    inspection = Inspector.of_instant(network).inspect(read_frame(seen, "video_0_0"))
    table = instant_network.suggest(network, seen, "video_0")
    assert inspection.probabilities["spot"] == pytest.approx(table["spot"][0], abs=2e-3)


def test_of_many_frames_rare_answers_are_learned_from(seen, monkeypatch):
    """Of 60 frames with 20 spots at most 30 are learned from: of each answer of three attributes five."""
    monkeypatch.setattr(instant_network, "MOST", 30)
    fitted = []
    fit = instant_network.fit_head
    monkeypatch.setattr(
        instant_network, "fit_head", lambda *given, **how: fitted.append(given) or fit(*given, **how)
    )
    instant_network.learn(seen)
    _, targets, _ = fitted[0]
    assert 10 <= len(targets) <= 30
    assert all((column == answer).sum() >= 5 for column in targets.T for answer in (0, 1))
