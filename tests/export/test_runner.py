import json
import subprocess
import sys
import zipfile

import cv2
import numpy as np
import pytest

from core.export import runner
from core.inspection.inspector import Inspector

RUNTIMES = ("onnx", "openvino", "litert")
WITHOUT = "import sys, runpy; sys.modules.update(tensorflow=None, keras=None); sys.argv[0] = 'runner.py'; runpy.run_path('runner.py', run_name='__main__')"
"""Runs the script where TensorFlow cannot be imported."""


@pytest.fixture
def unpacked(exported, tmp_path):
    def unpack(format):
        zipfile.ZipFile(exported(format).path).extractall(tmp_path / format)
        return tmp_path / format

    return unpack


@pytest.fixture
def frame(tmp_path, trained):
    """A frame of another size than that of the network, and its file."""
    path = trained.workspace.frames / "video_0" / "video_0_0.jpg"
    picture = cv2.resize(cv2.imread(str(path)), (100, 75), interpolation=cv2.INTER_CUBIC)
    cv2.imwrite(str(tmp_path / "frame.png"), picture)
    return picture, tmp_path / "frame.png"


def run(folder, *arguments, python=sys.executable):
    ended = subprocess.run(
        [python, "-c", WITHOUT, *map(str, arguments)], cwd=folder, capture_output=True, encoding="utf-8"
    )
    assert ended.returncode == 0, ended.stderr
    return [json.loads(line) for line in ended.stdout.splitlines()]


@pytest.mark.parametrize("format", RUNTIMES)
def test_without_tensorflow_the_script_says_what_seamlens_says(unpacked, frame, trained, format):
    picture, path = frame
    [line] = run(unpacked(format), path)
    expected = Inspector.load(trained).inspect(picture)
    assert line["probabilities"] == pytest.approx(expected.probabilities, abs=1e-3)
    assert line["decisions"] == expected.decisions


def test_the_overlay_has_the_colour_of_the_attribute_where_its_evidence_is(monkeypatch):
    spot = {"all_clear": False, "false": "", "full": [2.0, 1.0], "colour": "#0000ff"}
    monkeypatch.setattr(runner, "CARD", {"attributes": [spot]})
    maps = np.zeros((1, 4, 4, 1), np.float32)
    maps[0, 0, 0, 0] = 2
    drawn = runner.draw(np.zeros((40, 40, 3), np.uint8), (0, 0, 40, 40), {"heatmaps": maps}, [True])
    assert drawn[0, 0].tolist() == [153, 0, 0] and not drawn[20:, 20:].any()
    black = runner.draw(np.zeros((40, 40, 3), np.uint8), (0, 0, 40, 40), {"heatmaps": maps}, [False])
    assert not black.any()


def test_overlays_have_the_size_of_their_frames(unpacked, frame):
    folder = unpacked("onnx")
    run(folder, frame[1], "--overlay", folder / "overlays")
    assert cv2.imread(str(folder / "overlays" / "000000.jpg")).shape == frame[0].shape


def test_a_video_gives_a_line_per_frame(unpacked, tmp_path):
    writer = cv2.VideoWriter(str(tmp_path / "film.avi"), cv2.VideoWriter.fourcc(*"MJPG"), 10, (64, 48))
    for grey in range(5):
        writer.write(np.full((48, 64, 3), 40 * grey, np.uint8))
    writer.release()
    assert [line["index"] for line in run(unpacked("onnx"), tmp_path / "film.avi")] == [0, 1, 2, 3, 4]


def test_what_is_no_source_is_said_in_a_line(unpacked):
    ended = subprocess.run(
        [sys.executable, "runner.py", "nothing.mp4"],
        cwd=unpacked("onnx"),
        capture_output=True,
        encoding="utf-8",
    )
    assert ended.returncode == 1
    assert (
        ended.stderr.splitlines()[-1]
        == "nothing.mp4 is no picture, video, address or camera that can be opened."
    )


@pytest.mark.long
@pytest.mark.parametrize("format", RUNTIMES)
def test_it_runs_with_nothing_but_its_requirements(unpacked, frame, trained, tmp_path, format):
    folder, environment = unpacked(format), tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", environment], check=True)
    python = environment / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "-q", "-r", folder / "requirements.txt"], check=True)
    installed = subprocess.run([python, "-m", "pip", "list"], capture_output=True, encoding="utf-8").stdout
    assert "tensorflow" not in installed and "keras" not in installed
    [line] = run(folder, frame[1], python=python)
    assert line["probabilities"] == pytest.approx(
        Inspector.load(trained).inspect(frame[0]).probabilities, abs=1e-3
    )
