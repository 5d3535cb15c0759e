"""Whole networks of their own size, trained or as they are built, in every format."""

import numpy as np
import pytest

from benchmarks.gradcam import as_drawn
from core.explain.gradcam import Explainer
from core.export import engine, graph, write
from core.export.export import export
from core.export.formats import FORMATS
from core.networks.registry import get_network

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]  # the first to ask trains the network


@pytest.mark.parametrize("name", ["seam_lite", "seam_pretrained", "seam_resnet"])
@pytest.mark.parametrize("format", FORMATS)
def test_each_network_is_the_same_in_each_format(name, format, tmp_path):
    network, rng = get_network(name), np.random.default_rng(1)
    model = network.build(4)
    for weight in model.weights:  # none at its start value: a scale of zero would hide a whole branch
        weight.assign(weight + rng.uniform(0, 0.02, weight.shape))
    explainer = as_drawn(Explainer(model, network.target))
    run = engine.load(write.write(graph.build(explainer), FORMATS[format], tmp_path), format)
    frames = rng.integers(0, 256, (5, *model.input_shape[1:]), dtype=np.uint8)
    expected = explainer(frames)
    for found in (run(frames), run(frames[:1])):
        count = len(found["probabilities"])
        assert np.abs(found["probabilities"] - expected.probabilities[:count]).max() <= 1e-3
        assert np.abs(found["heatmaps"] - expected.maps[:count]).max() <= 1e-2 * np.abs(expected.maps).max()


@pytest.mark.parametrize("format", FORMATS)
def test_the_trained_default_network_decides_the_same_on_all_test_frames(demo_run, format, tmp_path):
    compared = export(demo_run, tmp_path / "a.zip", format).comparison
    assert compared.frames == (demo_run.frames["part"] == "test").sum() and compared.changed == 0
    assert compared.probability <= 1e-3 and compared.heatmap <= 1e-2


@pytest.mark.parametrize("format", ["onnx", "openvino", "litert"])
def test_int8_of_the_trained_default_network_loses_little(demo_run, format, tmp_path):
    compared = export(demo_run, tmp_path / "a.zip", format, True).comparison
    for ours, theirs in compared.accuracy.values():
        assert theirs >= ours - 0.03
