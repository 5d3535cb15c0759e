import json
import shutil

import cv2
import numpy as np
import pytest

from tests.helpers.class_fixtures import networks_of_tests  # noqa: F401  (the fixture is shared)


@pytest.fixture
def of_trained(seamlens, trained):
    """Run a command on the workspace of a run that has learned."""
    return lambda *arguments: seamlens(*arguments, workspace=trained.workspace.path)


@pytest.fixture
def picture(trained):
    """A frame with a spot."""
    return trained.workspace.frames / "video_0" / "video_0_0.jpg"


def test_explain_writes_an_overlay_and_a_map_per_attribute(of_trained, picture, tmp_path):
    _, out, _ = of_trained("explain", "latest", picture, "--out", tmp_path / "maps")
    assert out.splitlines()[0] == str(tmp_path / "maps" / "video_0_0_overlay.png")
    assert cv2.imread(out.splitlines()[0]).shape == (32, 32, 3)
    assert {p.name for p in (tmp_path / "maps").glob("*.npy")} == {
        f"video_0_0_{name}.npy" for name in ("clean", "spot", "narrow")
    }


def test_explaining_a_text_file_writes_nothing(of_trained, tmp_path):
    (tmp_path / "notes.png").write_text("no picture")
    assert of_trained("explain", "latest", tmp_path / "notes.png", "--out", tmp_path / "maps")[0] == 2
    assert not (tmp_path / "maps").exists()


def test_the_layer_can_be_chosen(of_trained, picture, tmp_path):
    out = of_trained("explain", "latest", picture, "--out", tmp_path, "--layer", "conv", "--json")[1]
    (entry,) = json.loads(out)["pictures"].values()
    assert (entry["layer"], entry["grid"]) == ("conv", [32, 32])
    assert np.load(tmp_path / entry["attributes"]["spot"]["map"]).shape == (32, 32)


def test_an_unknown_layer_is_refused_in_one_line(of_trained, picture, tmp_path):
    code, _, error = of_trained("explain", "latest", picture, "--out", tmp_path / "maps", "--layer", "top")
    assert (code, error.count("\n")) == (2, 1)
    assert "features" in error and not (tmp_path / "maps").exists()


def test_a_file_needs_no_workspace(seamlens, trained, picture, tmp_path):
    shutil.copyfile(trained.model_file, tmp_path / "net.keras")
    code, _, error = seamlens(
        "explain", tmp_path / "net.keras", picture, "--out", tmp_path / "maps", "--names", "clean,spot,narrow"
    )
    assert (code, error) == (0, "")
    said = json.loads((tmp_path / "maps" / "explain.json").read_text("utf-8"))
    assert said[str(picture)]["attributes"]["spot"]["decided"]


@pytest.mark.parametrize("options", [["--names", "one,two"], ["--layer", "none"]])
def test_a_file_and_what_does_not_fit_it(seamlens, trained, picture, tmp_path, options):
    shutil.copyfile(trained.model_file, tmp_path / "net.keras")
    code, _, error = seamlens(
        "explain", tmp_path / "net.keras", picture, "--out", tmp_path / "maps", *options
    )
    assert (code, error.count("\n")) == (2, 1)
    assert not (tmp_path / "maps").exists()


@pytest.fixture
def logits(trained, tmp_path):
    """The trained network without its sigmoid, in a file."""
    model = trained.load_model()
    type(model)(model.input, model.get_layer("logits").output).save(tmp_path / "net.keras")
    return tmp_path / "net.keras"


@pytest.mark.parametrize(("options", "taken"), [([], "one sigmoid each."), (["--exclusive"], "a softmax.")])
def test_how_logits_are_taken_is_said(seamlens, logits, picture, tmp_path, options, taken):
    asked = ("explain", logits, picture, "--out", tmp_path / "maps", *options)
    assert seamlens(*asked)[1].startswith(f"net.keras ends in logits: read as {taken}")
    found = json.loads(seamlens(*asked, "--json")[1])
    assert found["taken_as"] == ("softmax" if options else "sigmoid")


def test_curves_say_how_sure_it_stays(of_trained, picture, tmp_path):
    asked = ("explain", "latest", picture, "--out", tmp_path / "maps", "--curves")
    lines = of_trained(*asked)[1].splitlines()
    assert any(line.startswith("video_0_0.jpg: spot stays ") for line in lines)
    (entry,) = json.loads((tmp_path / "maps" / "explain.json").read_text("utf-8")).values()
    spot = entry["attributes"]["spot"]
    assert spot["curves"]["deletion"][0] == pytest.approx(spot["probability"], abs=1e-3)
    assert spot["curves"]["deletion"][-1] == spot["curves"]["areas"]["blurred"]
    assert "curves" not in entry["attributes"]["clean"]  # it was decided false


def test_boxes_score_the_pointing_game(of_trained, picture, tmp_path):
    (tmp_path / "labels.csv").write_text(',name,spot,boxes\n0,video_0_0,True,"spot:0,0,32,32"\n')
    explained = ("explain", "latest", picture, "--out", tmp_path / "maps", "--boxes", tmp_path / "labels.csv")
    assert json.loads(of_trained(*explained, "--json")[1])["pointing"]["spot"]["inside"] == 1
    assert of_trained(*explained)[1].splitlines()[-1].split()[:4] == ["spot", "1", "100.0", "%"]


@pytest.fixture
def copied(trained, tmp_path):
    """A copy of the workspace where commands run: an audit stores its result beside the run."""
    shutil.copytree(trained.workspace.path, tmp_path / "class")
    return tmp_path / "class"


def test_audit_prints_its_three_answers(seamlens, copied):
    out = seamlens("audit", "latest", "--band", "0,0,1,1")[1]
    assert "12 test frames of 1 group, layer features." in out
    assert "There are no boxes of defects." in out
    assert "random order" in out and "The seam is the part of the picture that you gave." in out


def test_audit_prints_json(seamlens, copied):
    found = json.loads(seamlens("audit", "latest", "--band", "0,0,1,1", "--json")[1])
    keys = {"run", "layer", "frames", "videos", "left_out", "attributes", "band", "outside", "note"}
    assert set(found) == keys


def test_audit_leaves_out_frames_whose_picture_is_gone(seamlens, trained, copied):
    name = trained.frames.loc[trained.frames["part"] == "test", "name"].iloc[0]
    (copied / "frames" / name.rpartition("_")[0] / f"{name}.jpg").unlink()
    code, out, _ = seamlens("audit", "latest")
    assert code == 0 and "11 test frames of 1 group" in out
    assert "1 test frame was left out: the pictures are missing." in out


@pytest.mark.parametrize("band", ["1,0,0,1", "0,0,2,1", "0,0,1", "left"])
def test_a_band_that_is_none_is_refused(of_trained, band):
    code, out, error = of_trained("audit", "latest", "--band", band)
    assert (code, out, error.count("\n")) == (2, "", 1)
    assert "--band must be left, top, right, bottom from 0 to 1" in error
