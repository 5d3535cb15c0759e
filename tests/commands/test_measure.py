import json

import cv2
import numpy as np
import pytest

from core.labels.consensus import labels_of
from core.workspace import create, open_workspace
from tests.helpers import sewn_class


@pytest.fixture
def seam(tmp_path):
    """A picture of a seam whose stitches are 30 pixels long."""
    picture = np.full((240, 320, 3), 110, np.uint8)
    for start in range(5, 320, 30):
        cv2.line(picture, (start, 120), (start + 19, 120), (40, 200, 230), 4)
    cv2.imwrite(str(tmp_path / "seam.png"), picture)
    return tmp_path / "seam.png"


def test_a_picture_is_measured_in_pixels_and_with_a_scale_in_millimetres(seamlens, seam):
    frame, total = map(json.loads, seamlens("measure", seam, "--json")[1].splitlines())
    assert frame["pitch_px"] == pytest.approx(30, abs=0.5) and "pitch_mm" not in frame
    assert (total["frames"], total["measured"]) == (1, 1)
    _, out, _ = seamlens("measure", seam, "--mm-per-pixel", 0.1)
    assert out.startswith("0: 3.0") and "mm a stitch" in out


def test_a_calibrated_workspace_measures_in_millimetres(seamlens, seam, tmp_path):
    create(tmp_path / "class")
    assert seamlens("calibrate", "--pitch", f"{seam}=3")[0] == 0
    assert open_workspace(tmp_path / "class").mm_per_pixel == pytest.approx(0.1, rel=0.02)
    assert "pitch_mm" in json.loads(seamlens("measure", seam, "--json")[1].splitlines()[0])
    seamlens("calibrate", "--line", "0,0,30,40", "--mm", 10)
    assert open_workspace(tmp_path / "class").mm_per_pixel == pytest.approx(0.2)


@pytest.mark.parametrize(
    "options",
    [
        ("calibrate", "--line", "0,0,100,0", "--mm", 0),
        ("calibrate", "--line", "5,5,5,5", "--mm", 10),
        ("calibrate", "--line", "a,b"),
        ("calibrate",),
        ("calibrate", "--pitch", "nowhere=2"),
        ("measure", "nowhere"),
        ("measure", "nowhere", "--mm-per-pixel", "0"),
    ],
)
def test_nonsense_is_refused_in_a_sentence(seamlens, tmp_path, options):
    create(tmp_path / "class")
    code, out, error = seamlens(*options)
    assert (code, out) == (2, "") and error.count("\n") == 1


def test_lengths_that_the_ruler_suggests_become_labels(seamlens, tmp_path):
    made = sewn_class.make(tmp_path, seam=[16, 16, 32, 0])
    seamlens("calibrate", "--line", "0,0,80,0", "--mm", 10)
    out = json.loads(seamlens("suggest", "ruler", "seam", "--accept", "--annotator", "Ada", "--json")[1])
    assert out == {
        "run": "ruler", "video": "seam", "part": None, "frames": 4,
        "attributes": {"length": {"true": 2, "false": 1, "missing": 1}}, "stored": 3,
    }  # fmt: skip
    assert labels_of(made, "Ada", "seam")["length"].notna().sum() == 3


def test_a_ruler_without_a_scale_suggests_nothing(seamlens, tmp_path):
    sewn_class.make(tmp_path, seam=[16, 16])
    code, _, error = seamlens("suggest", "ruler", "seam")
    assert (code, error.count("\n")) == (2, 1)
    assert "how long a pixel is" in error
