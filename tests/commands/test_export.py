import json
import zipfile

import pytest

from tests.helpers.class_fixtures import networks_of_tests  # noqa: F401  (the fixture is shared)


@pytest.fixture
def of_trained(seamlens, trained):
    """Run a command on the workspace of a run that has learned."""
    return lambda *arguments: seamlens(*arguments, workspace=trained.workspace.path)


def test_export_writes_a_zip_and_says_what_was_checked(of_trained, tmp_path):
    code, out, _ = of_trained("export", "latest", "--format", "keras", "--output", tmp_path / "a.zip")
    assert code == 0 and "0 of 36 decisions changed" in out
    assert "model.keras" in zipfile.ZipFile(tmp_path / "a.zip").namelist()


def test_export_prints_json(of_trained, tmp_path):
    out = of_trained("export", "latest", "--format", "keras", "--output", tmp_path / "a.zip", "--json")[1]
    assert json.loads(out)["card"]["compared"]["changed"] == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--format", "coreml"), "--format"),
        (("--format", "keras", "--int8"), "onnx, openvino or litert"),
        (("--format", "keras", "--output", "a.tar"), "does not end in .zip"),
    ],
)
def test_bad_input_is_one_line(of_trained, arguments, said):
    code, _, error = of_trained("export", "latest", *arguments)
    assert (code, error.count("\n")) == (2, 1) and said in error


def test_a_missing_runtime_is_one_line_that_names_the_package(of_trained, monkeypatch, tmp_path):
    monkeypatch.setattr("core.export.formats.find_spec", lambda module: None)
    code, _, error = of_trained("test", "latest", "--engine", "litert")
    assert (code, error.count("\n")) == (2, 1) and "pip install ai-edge-litert" in error
