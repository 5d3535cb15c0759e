import json
import shutil

import cv2
import numpy as np
import pytest

from core.errors import MediaError, ModelError, RunError, WorkspaceError
from core.inspection.explain_pictures import Wanted, explain, file_names, of_file, pointing_game
from core.inspection.inspector import Inspector
from core.inspection.overlay import draw
from core.training.create_run import create_run
from tests.helpers import tiny_class


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures")
    rng = np.random.default_rng(4)
    for name, spot in (("fine", False), ("spotted", True)):
        cv2.imwrite(str(folder / f"{name}.png"), tiny_class.picture(spot, True, rng))
    return [folder / "fine.png", folder / "spotted.png"]


@pytest.fixture(scope="module")
def inspector(trained):
    return Inspector.load(trained)


def test_overlays_and_numbers(inspector, pictures, tmp_path):
    said = explain(inspector, pictures, tmp_path / "new" / "out")
    assert [entry["overlay"] for entry in said.values()] == ["fine_overlay.png", "spotted_overlay.png"]
    assert json.loads((tmp_path / "new" / "out" / "explain.json").read_text("utf-8")) == said
    assert list(said) == [str(path) for path in pictures]
    spotted = said[str(pictures[1])]["attributes"]["spot"]
    assert spotted["decided"] and spotted["drawn"] and spotted["probability"] > 0.5
    assert not said[str(pictures[0])]["attributes"]["spot"]["drawn"]


def test_the_maps_are_the_evidence_for_what_was_decided(inspector, pictures, tmp_path):
    (entry,) = explain(inspector, pictures[1:], tmp_path).values()
    seen = inspector.inspect(cv2.imread(str(pictures[1])))
    for name, sign in (("spot", 1), ("narrow", 1 if seen.decisions["narrow"] else -1)):
        kept = np.load(tmp_path / entry["attributes"][name]["map"])
        assert kept.dtype == np.float32 and list(kept.shape) == entry["grid"]
        assert np.allclose(kept, np.maximum(sign * seen.maps[name], 0), atol=1e-6)
        assert entry["attributes"][name]["negated"] == (sign < 0)


def test_the_peak_is_the_greatest_of_the_map_in_pixels_of_the_picture(inspector, pictures, tmp_path):
    (entry,) = explain(inspector, pictures[1:], tmp_path).values()
    spot, (rows, columns) = entry["attributes"]["spot"], entry["grid"]
    kept, peak = np.load(tmp_path / spot["map"]), spot["peak"]
    assert kept[peak["row"], peak["column"]] == kept.max() == pytest.approx(peak["value"])
    side = tiny_class.SIDE
    assert (peak["x"], peak["y"]) == (
        (peak["column"] + 0.5) * side / columns,
        (peak["row"] + 0.5) * side / rows,
    )


def test_boxes_score_what_was_decided_true(inspector, pictures, tmp_path):
    everywhere = {"spot": [(0, 0, 32, 32)], "clean": [(0, 0, 1, 1)]}
    said = explain(inspector, pictures, tmp_path, Wanted(boxes={"spotted": everywhere}))
    scores = pointing_game(said)
    assert scores == {
        "spot": {"pictures": 1, "inside": 1, "chance": 1, "energy": 1, "energy_chance": 1},
    }


def test_a_saved_network_is_explained_like_its_run(trained, inspector, pictures, tmp_path):
    shutil.copyfile(trained.model_file, tmp_path / "net.keras")
    loaded = of_file(tmp_path / "net.keras", ["clean", "spot", "narrow"])
    assert loaded.layer == "features"
    (mine,) = explain(loaded, pictures[1:], tmp_path / "a").values()
    (of_run,) = explain(inspector, pictures[1:], tmp_path / "b").values()
    assert mine["attributes"]["spot"]["peak"] == of_run["attributes"]["spot"]["peak"]


def test_a_network_that_expects_red_first_and_white_as_one(trained, pictures, tmp_path):
    from core.networks.backend import keras

    keras.utils.set_random_seed(1)
    model = keras.Sequential(
        [
            keras.Input((16, 16, 3)),
            keras.layers.Conv2D(4, 3, activation="relu", name="conv"),
            keras.layers.GlobalMaxPooling2D(),
            keras.layers.Dense(2, activation="softmax"),
        ]
    )
    model.save(tmp_path / "user.keras")
    frame = cv2.imread(str(pictures[1]))
    seen = of_file(tmp_path / "user.keras", rgb=True, greatest=1).inspect(frame)
    small = cv2.resize(frame, (16, 16), interpolation=cv2.INTER_AREA)[None, ..., ::-1] / 255.0
    assert list(seen.probabilities.values()) == pytest.approx(model(small).numpy()[0].tolist(), abs=1e-5)
    assert list(seen.probabilities) == ["output 1", "output 2"]
    assert sum(seen.decisions.values()) == 1


def test_what_is_no_network_is_refused(tmp_path):
    (tmp_path / "no.keras").write_text("no network")
    with pytest.raises(ModelError, match=r"no\.keras"):
        of_file(tmp_path / "no.keras")


def test_a_clear_picture_stays_itself_and_another_is_what_the_live_view_draws(inspector, pictures, tmp_path):
    said = explain(inspector, pictures, tmp_path)
    clear, spotted = (cv2.imread(str(tmp_path / entry["overlay"])) for entry in said.values())
    assert np.array_equal(clear, cv2.imread(str(pictures[0])))
    frame = cv2.imread(str(pictures[1]))
    assert np.array_equal(spotted, draw(frame, inspector.inspect(frame), inspector.attributes))
    assert not np.array_equal(spotted, frame)


def test_an_unreadable_picture_before_anything_is_written(inspector, pictures, tmp_path):
    broken = tmp_path / "broken.png"
    broken.write_text("no picture")
    with pytest.raises(MediaError, match=r"broken\.png"):
        explain(inspector, [*pictures, broken], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_two_pictures_of_one_name(inspector, pictures, tmp_path):
    with pytest.raises(MediaError, match="same overlay"):
        explain(inspector, [pictures[0], tmp_path / "fine.jpg"], tmp_path / "out")


def test_a_run_without_a_network(tmp_path):
    run = create_run(tiny_class.make(tmp_path / "class"), tiny_class.quick())
    with pytest.raises(RunError, match="waiting"):
        Inspector.load(run)


def test_a_file_where_the_folder_shall_be_is_refused(inspector, pictures, tmp_path):
    (tmp_path / "taken").write_text("")
    with pytest.raises(WorkspaceError, match="taken cannot be written: File exists"):
        explain(inspector, pictures, tmp_path / "taken")


def test_names_that_are_alike_as_files_are_numbered():
    assert list(file_names(["too loose", "too/loose", "fine"]).values()) == [
        "too_loose",
        "too_loose_2",
        "fine",
    ]
