import json
import zipfile
from dataclasses import replace

import numpy as np
import pytest

from core.errors import ModelError, RunError, WorkspaceError
from core.explain.channel_references import explainer_of
from core.export import compare, engine, graph
from core.export.engine import load
from core.export.export import export
from core.export.formats import FORMATS
from core.inputs import batches
from core.training.create_run import create_run
from tests.helpers import tiny_class

EIGHT_BITS = [name for name, form in FORMATS.items() if form.has_int8]


def files(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize("format", FORMATS)
def test_each_format_says_what_the_trained_network_says(exported, trained, format, tmp_path):
    made = exported(format)
    zipfile.ZipFile(made.path).extractall(tmp_path)
    engine, part = load(tmp_path / FORMATS[format].file, format), batches.load(trained, "test")
    frames = np.asarray(part.pictures[np.arange(5)])
    expected, found = explainer_of(trained)[0](frames), engine(frames)
    assert np.abs(found["probabilities"] - expected.probabilities).max() <= 1e-3
    assert np.abs(found["heatmaps"] - expected.maps).max() <= 1e-2 * np.abs(expected.maps).max()
    assert np.allclose(engine(frames[:1])["heatmaps"], found["heatmaps"][:1], atol=1e-4)
    assert made.comparison.changed == 0


@pytest.mark.parametrize("format", EIGHT_BITS)
def test_int8_is_smaller_and_its_accuracy_stands_beside_that_of_floats(exported, format):
    made = exported(format, True)
    assert made.card["int8"]
    assert set(made.comparison.accuracy) == {"clean", "spot", "narrow"}
    assert 0 < made.comparison.probability < 0.2


def test_the_zip_has_network_card_script_and_requirements(exported):
    assert set(files(exported("openvino").path)) == {
        "model.xml", "model.bin", "card.json", "README.md", "runner.py", "requirements.txt"
    }  # fmt: skip


def test_the_card_says_what_was_decided_on_and_names_nobody(exported, trained):
    inside = files(exported("onnx").path)
    card = json.loads(inside["card.json"])
    assert [each["threshold"] for each in card["attributes"]] == trained.thresholds.tolist()
    assert card["input"]["size"] == [32, 32] and card["input"]["colour"] == "BGR"
    assert card["hashes"]["frames.csv"] == trained.config.hashes["frames.csv"]
    assert b"teacher" not in inside["card.json"] + inside["README.md"]
    assert b"## Not for" in inside["README.md"]


def test_the_script_is_short(exported):
    assert files(exported("onnx").path)["runner.py"].count(b"\n") < 100


def test_what_differs_is_refused_and_not_written(trained, tmp_path, monkeypatch):
    run = compare.compare

    def wrong(*args):
        return replace(run(*args), changed=1)

    monkeypatch.setattr("core.export.export.compare", wrong)
    with pytest.raises(ModelError, match="is not the trained one"):
        export(trained, tmp_path / "a.zip", "keras")
    assert not list(tmp_path.iterdir())


def test_a_missing_package_is_named(trained, tmp_path, monkeypatch):
    monkeypatch.setattr("core.export.formats.find_spec", lambda module: None if module == "openvino" else 1)
    with pytest.raises(ModelError, match=r"pip install openvino$"):
        export(trained, tmp_path / "a.zip", "openvino")


def test_keras_has_no_int8(trained, tmp_path):
    with pytest.raises(ModelError, match="onnx, openvino or litert"):
        export(trained, tmp_path / "a.zip", "keras", True)


def test_what_is_no_zip_is_refused(trained, tmp_path):
    with pytest.raises(WorkspaceError, match=r"does not end in \.zip"):
        export(trained, tmp_path / "a.onnx", "keras")


def test_a_run_without_a_network_is_refused(trained, tmp_path):
    run = create_run(tiny_class.make(tmp_path / "class"), tiny_class.quick())
    with pytest.raises(RunError, match="has no network yet"):
        export(run, tmp_path / "a.zip", "keras")


@pytest.mark.parametrize("name", ["seam_lite", "seam_pretrained", "seam_resnet"])
@pytest.mark.parametrize("exclusive", [False, True])
def test_the_graph_is_the_explanation_of_every_linear_network(name, exclusive):
    from benchmarks.gradcam import as_drawn
    from core.explain.gradcam import Explainer
    from core.networks.registry import get_network

    network = get_network(name)
    explainer = as_drawn(Explainer(network.build(3, exclusive, size=(64, 48)), network.target))
    frames = np.random.default_rng(2).integers(0, 256, (2, 48, 64, 3), dtype=np.uint8)
    found, expected = graph.build(explainer, signatures=True)(frames), explainer(frames)
    assert np.allclose(found["probabilities"], expected.probabilities, atol=1e-6)
    assert np.abs(found["heatmaps"] - expected.maps).max() <= 1e-4 * np.abs(expected.maps).max()
    assert np.allclose(found["signatures"], expected.signatures, rtol=1e-4, atol=1e-4)


def test_a_head_that_is_not_linear_has_no_heatmaps():
    from core.explain.gradcam import Explainer
    from core.networks.registry import get_network

    network = get_network("fruit_convnet")
    explainer = Explainer(network.build(3, True, size=(48, 48)), network.target)
    assert set(graph.build(explainer).output) == {"probabilities"}


def test_a_damaged_file_is_said(tmp_path):
    (tmp_path / "model.onnx").write_bytes(b"no network")
    with pytest.raises(ModelError, match="cannot be run by ONNX"):
        engine.load(tmp_path / "model.onnx", "onnx")
