"""The promise of the whole: from rendered seams to accuracy on unseen videos, at full size."""

import numpy as np
import pandas as pd
import pytest

from benchmarks import unfamiliar
from core.demo.make import make_demo
from core.evaluation import evaluate
from core.explain import heatmap_audit
from core.inspection.inspector import Inspector
from core.inspection.overlay import draw
from core.jobs import worker
from core.media.library import get_video, read_frame
from core.runs.settings import TrainSettings
from core.training.create_run import create_run

pytestmark = pytest.mark.timeout(1500)
SEEDS = [
    pytest.param(1, marks=pytest.mark.long),
    *(pytest.param(n, marks=pytest.mark.nightly) for n in (2, 3)),
]


@pytest.fixture(scope="module", params=SEEDS)
def tested(request, tmp_path_factory):
    """A run of the default network on a default demo class, and its test."""
    if request.param == 1:
        run = request.getfixturevalue("demo_run")
    else:
        demo = make_demo(tmp_path_factory.mktemp("demo") / "class", request.param)
        run = create_run(demo.workspace, TrainSettings())
        worker.train(run)
    return run, evaluate.test(run)


def test_every_attribute_is_read_on_unseen_videos(tested):
    """The promise is 0.95; measured is 0.985 and more (docs/benchmarks.md). One processor's training differs from
    another's by a hundredth or two, which the bounds leave room for."""
    _, result = tested
    accuracy = {name: found.accuracy for name, found in result.attributes.items()}
    print(result.run, accuracy)
    assert min(accuracy.values()) >= 0.93, accuracy
    assert sum(accuracy.values()) / len(accuracy) >= 0.96, accuracy


def test_no_baseline_makes_it_easy(tested):
    _, result = tested
    assert all(0.5 <= found.baseline <= 0.85 for found in result.attributes.values())


def test_the_overlay_of_a_good_frame_is_the_frame(tested):
    run, _ = tested
    table = evaluate.predictions(run)
    good = table[table["good"].fillna(False) & (table["good_probability"] > 0.9)]
    good = good[(good[["error_probability", "break_probability"]] < 0.5).all(axis=1)]
    frame = read_frame(run.workspace, good["name"].iloc[0])
    inspection = Inspector.load(run).inspect(frame)
    assert np.array_equal(draw(frame, inspection, run.attributes), frame)


def test_the_heatmap_of_a_break_is_near_the_break(tested):
    """On average over the breaks that were found, twice as much of the evidence lies inside the box as chance puts there."""
    run, _ = tested
    inside, chance = zip(*_breaks(run), strict=True)
    assert np.mean(inside) > 2 * np.mean(chance)


@pytest.fixture(scope="module")
def flagged(tested):
    """Per kind of pictures, the share that the run does not know."""
    return unfamiliar.shares_flagged(tested[0])


@pytest.mark.parametrize(
    ("kind", "least"),
    [
        ("bare", 0.85),
        ("hand", 0.85),
        ("table", 0.85),
        ("covered", 0.85),
        ("unfocused", 0.75),
        ("black", 0.95),
        ("noise", 0.95),
    ],
)
def test_a_picture_without_a_seam_to_judge_is_not_known(flagged, kind, least):
    """The promise is 0.9; measured is 0.93 and more of what is out of focus, 0.99 of the others (docs/benchmarks.md)."""
    print(flagged)
    assert flagged[kind] >= least, flagged


def test_a_seam_that_was_never_seen_is_known(flagged):
    """The promise is 0.05; measured is 0.013 at most."""
    assert flagged["test"] <= 0.1, flagged


def test_the_strongest_cell_lies_on_the_defect(tested):
    """On videos that the network has never seen, in the frames that it rightly decided true. The promise is 95 of 100, where
    a cell anywhere would lie there in 6; how far networks differ stands in docs/benchmarks.md."""
    run, _ = tested
    found = heatmap_audit.audit(run).pointing
    for name in ("error", "break"):
        pointing = found[name]
        print(run.id, name, pointing)
        assert pointing.inside >= 0.75, (name, pointing)
        assert pointing.chance < 0.15, (name, pointing)


def _breaks(run, most=40):
    """Yield the share of the evidence inside the box, and the box's share of the picture, per found break."""
    inspector, table = Inspector.load(run), evaluate.predictions(run)
    table = table[
        (table["part"] == "test") & table["break"].fillna(False) & (table["break_probability"] > 0.5)
    ]
    for _, row in table.iloc[:: max(1, len(table) // most)].iterrows():
        frame = read_frame(run.workspace, row["name"])
        evidence = np.maximum(inspector.inspect(frame).maps["break"], 0)
        size = get_video(run.workspace, row["video"])
        mask = np.zeros(evidence.shape, bool)
        cell = size.width / evidence.shape[1], size.height / evidence.shape[0]
        for x1, y1, x2, y2 in _boxes(run.workspace.path / "truth" / f"{row['video']}_truth.csv", row["name"]):
            mask[int(y1 / cell[1]) : int(y2 / cell[1]) + 1, int(x1 / cell[0]) : int(x2 / cell[0]) + 1] = True
        yield evidence[mask].sum() / max(evidence.sum(), 1e-6), mask.mean()


def _boxes(table, frame):
    """Yield x1, y1, x2, y2 in pixels of the breaks of a frame."""
    boxes = pd.read_csv(table, index_col="name").loc[frame, "boxes"]
    for box in boxes.split(";"):
        kind, _, corners = box.partition(":")
        if kind == "break":
            yield tuple(map(int, corners.split(",")))
