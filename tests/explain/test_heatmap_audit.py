import json
import shutil

import numpy as np
import pandas as pd
import pytest

from core import workspace as workspaces
from core.demo.make import store_seam_lines
from core.demo.sample_plan import video_plan
from core.demo.truth import truth, truth_table
from core.evaluation import thresholds
from core.explain import heatmap_audit
from core.explain.gradcam import Explainer
from core.explain.heatmap_audit import AttributeScores, Audit, Outside, VideoOutside
from core.explain.seam_region import find_seam_area
from core.jobs import worker
from core.networks.backend import keras
from core.runs.run import Run
from core.training.create_run import create_run
from core.workspace import open_workspace
from tests.helpers import tiny_class

NOTE = "Rendered by SeamLens: 3 videos of 20 frames, seed 5. None is a recording of a real seam."


@pytest.fixture
def run(trained, tmp_path):
    """A copy of the trained run, to write into."""
    shutil.copytree(trained.workspace.path, tmp_path / "class")
    return Run(open_workspace(tmp_path / "class"), trained.id)


def whole_frames(run):
    """Boxes that cover the whole of every picture."""
    return {name: {"spot": [(0, 0, 32, 32)]} for name in run.frames["name"]}


def test_true_positives_are_scored_over_how_many_frames_of_how_many_videos(run):
    found = heatmap_audit.audit(run, whole_frames(run))
    assert (found.frames, found.videos, found.layer) == (12, 1, "features")
    spot = found.pointing["spot"]
    assert (spot.frames, spot.videos, spot.inside, spot.chance) == (4, 1, 1, 1)
    assert found.attributes["narrow"].pointing is None


def test_taking_the_evidence_away_takes_the_answer_away(run):
    curves = heatmap_audit.audit(run).curves["spot"]
    assert curves.deletion < curves.random_deletion


def test_a_band_of_the_whole_picture_leaves_nothing_outside(run):
    found = heatmap_audit.audit(run, band=(0, 0, 1, 1))
    assert found.band == "The seam is the part of the picture that you gave."
    assert {row.share for row in found.outside} == {0} == {row.area for row in found.outside}


def test_an_unknown_seam_is_estimated_and_says_so(run):
    found = heatmap_audit.audit(run)
    assert found.band.startswith("The seam is estimated")
    assert found.outside[0].area == 0.5


def test_for_classes_the_seam_does_not_matter_unless_it_is_given(tmp_path):
    made = create_run(tiny_class.make_classes(tmp_path / "fruit"), tiny_class.quick())
    made.network.build(2, True, made.size).save(made.model_file)
    found = heatmap_audit.audit(made)
    assert (found.band, found.outside) == ("", [])
    assert (
        heatmap_audit.audit(made, band=(0, 0, 1, 1)).band
        == "The seam is the part of the picture that you gave."
    )


def test_the_result_is_stored_until_the_decisions_change(run):
    assert heatmap_audit.stored(run) is None
    found = heatmap_audit.audit(run)
    assert heatmap_audit.stored(run) == found
    thresholds.store(run, {"spot": 0.4})
    assert heatmap_audit.stored(run) is None


def test_a_workspace_that_was_copied_keeps_the_result(run, tmp_path):
    found = heatmap_audit.audit(run)
    shutil.copytree(
        run.workspace.path, tmp_path / "elsewhere", copy_function=shutil.copyfile
    )  # with new times
    copied = Run(open_workspace(tmp_path / "elsewhere"), run.id)
    assert heatmap_audit.stored(copied) == found
    copied.model_file.write_bytes(b"another network")
    assert heatmap_audit.stored(copied) is None


def found_outside(rows, *names):
    return Audit("r", "features", 1, 1, 0, dict.fromkeys(names, AttributeScores(None, None)), "", rows)


def test_the_video_with_most_outside_comes_first():
    rows = [("a", "spot", 1, 0.2, 0.5), ("b", "spot", 1, 0.4, 0.6), ("b", "narrow", 1, 0.6, 0.8)]
    found = found_outside([Outside(*row) for row in rows], "clean", "narrow", "spot")
    assert found.outside_by_video() == [
        VideoOutside("b", {"narrow": 0.6, "spot": 0.4}, pytest.approx(0.7)),
        VideoOutside("a", {"narrow": None, "spot": 0.2}, 0.5),
    ]


def test_without_any_evidence_there_is_no_row():
    assert found_outside([], "spot").outside_by_video() == []


def test_an_earlier_result_left_no_frame_out(run):
    found = heatmap_audit.audit(run)
    file = run.path / "audit.json"
    entry = json.loads(file.read_text())
    del entry["left_out"]
    file.write_text(json.dumps(entry))
    assert heatmap_audit.stored(run) == found


def test_a_result_with_a_given_seam_and_boxes_is_stored(run):
    found = heatmap_audit.audit(run, whole_frames(run), band=(0, 0, 1, 1))
    assert heatmap_audit.stored(run) == found


@pytest.mark.parametrize("options", [{"layer": "conv"}, {"method": "hirescam"}])
def test_of_another_layer_or_method_nothing_is_stored(run, options):
    heatmap_audit.audit(run, **options)
    assert heatmap_audit.stored(run) is None


def demo_class(path, note=NOTE):
    """A workspace that says it is the demo class, with the stored truth of one video and its frames."""
    plan = video_plan(5, 3, 20)[1]
    workspace = workspaces.set_note(tiny_class.make(path, videos=1), note)
    tiny_class.add_frames(workspace, plan.name, [np.zeros((480, 640, 3), np.uint8)] * 20)
    (workspace.path / "truth").mkdir()
    truth_table(plan.name, truth(plan)).to_csv(workspace.path / "truth" / f"{plan.name}_truth.csv")
    frames = pd.DataFrame({"name": [f"{plan.name}_{i}" for i in range(20)], "video": plan.name})
    return workspace, plan, frames


def test_the_seam_of_the_demo_class_runs_through_its_boxes(tmp_path):
    workspace, plan, frames = demo_class(tmp_path / "class")
    store_seam_lines(workspace)
    band = find_seam_area(workspace, frames)
    picture = np.zeros((480, 640, 3), np.uint8)
    masks = {name: band.mask(name, picture, {}) for name in frames["name"]}
    boxes = [(frame.index, defect.box) for frame in truth(plan) for defect in frame.defects]
    assert boxes
    assert all(masks[f"{plan.name}_{index}"][y1:y2, x1:x2].any() for index, (x1, y1, x2, y2) in boxes)
    assert max(mask.mean() for mask in masks.values()) < 0.25


@pytest.mark.parametrize("note", ["Our own class", NOTE.replace("seed 5", "seed 6")])
def test_a_seam_of_another_class_is_not_known(tmp_path, note):
    workspace, _, frames = demo_class(tmp_path / "class", note)
    store_seam_lines(workspace)
    assert find_seam_area(workspace, frames).lines == {}


def test_a_network_that_forgot_points_elsewhere(run):
    """The check of Adebayo et al., "Sanity Checks for Saliency Maps" (2018): a map that stays the same when the network
    forgets what it learned shows the picture, not the network.

    Correlations count without their sign, or those of opposite maps would cancel: measured 0.52 with 16 forgetful
    networks, each on all 20 frames with a spot, and 0.99 with one that learned the same from another start.
    """
    frames = run.frames[run.frames["spot"].eq(True).fillna(False).to_numpy(bool)]
    place = run.attributes.names.index("spot")

    def maps(model):
        return [
            shown.evidence[..., place].ravel()
            for shown in heatmap_audit.explained_frames(run, frames, Explainer(model))
        ]

    def alike(model):
        return np.mean([np.abs(np.corrcoef(a, b)[0, 1]) for a, b in zip(learned, maps(model), strict=True)])

    def forgetful(seed):
        keras.utils.set_random_seed(seed)
        return run.network.build(3, size=run.size)

    learned = maps(run.load_model())
    anew = create_run(run.workspace, tiny_class.quick(seed=2))
    worker.train(anew)
    assert np.mean([alike(forgetful(seed)) for seed in range(16)]) < 0.7
    assert alike(anew.load_model()) > 0.9
