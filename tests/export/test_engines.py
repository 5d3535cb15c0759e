import shutil
from dataclasses import replace

import numpy as np
import pytest

from core.errors import ModelError
from core.export import engine_record, engines, formats
from core.export.engine import threads_for
from core.inputs import batches
from core.inspection.inspector import Inspector
from core.runs.run import Run
from core.workspace import open_workspace


@pytest.fixture(scope="module")
def run(trained, tmp_path_factory):
    """A run that has learned, in a workspace of its own, measured with two engines."""
    workspace = tmp_path_factory.mktemp("engines") / "class"
    shutil.copytree(trained.workspace.path, workspace)
    run = Run(open_workspace(workspace), trained.id)
    for engine in ("onnx", "litert"):
        engines.explainer_with(run, engine)
    return run


@pytest.fixture(scope="module")
def frames(run):
    return np.asarray(batches.load(run, "test").pictures[np.arange(4)])


@pytest.mark.parametrize("engine", ["onnx", "litert"])
def test_an_engine_says_what_keras_says(run, frames, engine):
    found, expected = (Inspector.load(run, engine=each).measuring(run)[0] for each in (engine, "keras"))
    assert (found.engine, found.layer, found.method) == (engine, expected.layer, expected.method)
    for frame in frames:
        ours, theirs = found.inspect(frame), expected.inspect(frame)
        assert ours.probabilities == pytest.approx(theirs.probabilities, abs=1e-3)
        assert ours.decisions == theirs.decisions
        assert ours.unfamiliarity == pytest.approx(theirs.unfamiliarity, rel=1e-3)
        for name in theirs.maps:
            assert np.allclose(ours.maps[name], theirs.maps[name], atol=1e-3)


def test_readings_are_of_batches_too(run, frames):
    inspector = Inspector.load(run, engine="onnx")
    together = inspector.read(list(frames), [(i, 0.0) for i in range(4)])
    assert together[2].probabilities == pytest.approx(
        inspector.read([frames[2]], [(2, 0.0)])[0].probabilities, abs=2e-5
    )


def test_what_was_measured_is_kept_and_not_measured_again(run, monkeypatch):
    record = engine_record.stored(run)
    assert set(record.engines) == {"onnx", "litert"} and record.engines["onnx"].over_keras > 0
    monkeypatch.setattr("core.export.write.write", None)
    assert Inspector.load(run, engine="onnx").engine == "onnx"


def test_auto_is_the_fastest_that_is_installed(run, monkeypatch):
    record = engine_record.stored(run)
    fast = {name: engine_record.Measured(True, "", over) for name, over in (("onnx", 0.4), ("litert", 0.3))}
    record = replace(record, engines=fast)
    assert record.fastest() == "litert"
    monkeypatch.setattr(formats, "find_spec", lambda module: None if module == "ai_edge_litert" else 1)
    assert record.fastest() == "onnx"


def test_what_differs_or_is_slower_is_never_chosen(run):
    record = engine_record.stored(run)
    made = {"onnx": engine_record.Measured(False, "", 0.1), "litert": engine_record.Measured(True, "", 1.2)}
    assert replace(record, engines=made).fastest() == "keras"


def test_a_damaged_engine_is_no_hindrance(run, tmp_path, monkeypatch):
    copied = tmp_path / "class"
    shutil.copytree(run.workspace.path, copied)
    damaged = Run(open_workspace(copied), run.id)
    for name in ("onnx", "litert"):
        engine_record.file_of(damaged, name).write_bytes(b"no network")
    monkeypatch.setattr(engines, "CANDIDATES", ("onnx", "litert"))
    assert Inspector.load(damaged, engine="auto").engine == "keras"


def test_another_network_is_measured_anew(run, tmp_path):
    copied = tmp_path / "class"
    shutil.copytree(run.workspace.path, copied)
    changed = Run(open_workspace(copied), run.id)
    changed.model_file.write_bytes(changed.model_file.read_bytes() + b" ")
    assert engine_record.stored(changed) is None


def test_without_a_runtime_auto_is_keras(trained, monkeypatch):
    monkeypatch.setattr(formats, "find_spec", lambda module: None)
    assert Inspector.load(trained, engine="auto").engine == "keras"


def test_a_runtime_that_is_asked_for_and_missing_is_named(trained, monkeypatch):
    monkeypatch.setattr(formats, "find_spec", lambda module: None if module == "onnxruntime" else 1)
    with pytest.raises(ModelError, match=r"pip install onnxruntime$"):
        Inspector.load(trained, engine="onnx")


def test_small_networks_take_one_thread_and_large_ones_all(monkeypatch):
    monkeypatch.setattr("os.sched_getaffinity", lambda process: range(4), raising=False)
    assert [threads_for(number) for number in (71_000_000, 5_600_000_000)] == [1, 4]


def test_the_environment_names_the_engine(run, monkeypatch):
    monkeypatch.setenv(engines.VARIABLE, "litert")
    assert engines.default_engine(run) == "litert"
    monkeypatch.setenv(engines.VARIABLE, "abacus")
    with pytest.raises(ModelError, match="There is no format 'abacus'"):
        engines.default_engine(run)


def test_until_engines_are_measured_nobody_waits_for_them(run, trained, monkeypatch):
    monkeypatch.delenv(engines.VARIABLE)
    monkeypatch.setattr(engines, "CANDIDATES", ("onnx", "litert"))
    assert (engines.default_engine(run), engines.may_be_measured(run)) == ("auto", False)
    assert (engines.default_engine(trained), engines.may_be_measured(trained)) == ("keras", True)


def test_test_by_an_engine_stores_nothing(run):
    from core.evaluation import evaluate

    before, forward = run.test, engines.forward_with(run, "onnx")
    result = evaluate.measure_with(run, forward)
    assert result.frames == (run.frames["part"] == "test").sum()
    assert run.test == before


def test_auto_runs_the_engine_that_was_chosen(run, monkeypatch):
    monkeypatch.setattr(engines, "CANDIDATES", ("onnx", "litert"))
    assert (
        Inspector.load(run, engine="auto").engine
        == engines.chosen(run, "auto")
        == engine_record.stored(run).fastest()
    )


def test_a_network_that_was_written_needs_only_its_runtime(run, monkeypatch):
    monkeypatch.setattr(formats, "find_spec", lambda module: None if module == "tf2onnx" else 1)
    assert Inspector.load(run, engine="onnx").engine == "onnx"
