import json
import shutil

import pytest

from core.labels.consensus import labels_of
from core.networks import registry as networks
from core.splits import stored_split
from core.training.create_run import create_run
from core.workspace import open_workspace
from tests.helpers import tiny_class
from tests.helpers.class_fixtures import networks_of_tests  # noqa: F401  (the fixture is shared)


@pytest.fixture
def of_trained(seamlens, trained):
    """Run a command on the workspace of a run that has learned."""
    return lambda *arguments: seamlens(*arguments, workspace=trained.workspace.path)


def test_networks_have_the_published_numbers_of_parameters(seamlens):
    found = json.loads(seamlens("networks", "--json")[1])
    assert found["seam_resnet"]["parameters"] == 3_409_552
    assert found["fruit_convnet"]["parameters"] == 693_859
    assert set(found["seam_lite"]) == {"parameters", "input", "multiply_adds", "weights_mb"}


def test_training_ends_with_what_it_reached(seamlens, tmp_path, tiny_network):
    tiny_class.make(tmp_path / "class")
    code, out, _ = seamlens("train", "--network", "tiny", "--epochs", 1)
    assert code == 0
    assert "done; best epoch 1" in out


def test_training_without_labels_is_refused(seamlens, tmp_path):
    seamlens("init")
    code, _, error = seamlens("train")
    assert (code, error.count("\n")) == (2, 1)
    assert "label" in error.lower()


def test_an_unknown_network_is_refused_with_the_known_ones(seamlens, tmp_path, tiny_network):
    tiny_class.make(tmp_path / "class")
    code, _, error = seamlens("train", "--network", "vgg")
    assert code == 2
    assert "seam_lite" in error


def test_the_test_json_has_its_published_keys(of_trained):
    result = json.loads(of_trained("test", "latest", "--json")[1])
    assert {"run", "split", "frames", "videos", "attributes", "exact_match"} <= set(result)
    assert {"accuracy", "baseline", "frames", "positives", "interval"} <= set(result["attributes"]["spot"])


def test_of_classes_it_prints_the_confusion_matrix(seamlens, tmp_path, tiny_network):
    made = tiny_class.make_classes(tmp_path / "class")
    run = create_run(made, tiny_class.quick())
    networks.get_network("tiny").build(2, True, run.size).save(run.model_file)
    _, out, _ = seamlens("test", "latest")
    assert "Baseline 50.0 %" in out
    assert "The baseline always decides plain, the most frequent class." in out
    assert "as plain  as dark" in out


def test_the_test_says_on_how_many_videos(of_trained):
    assert "test frames of 1 group, split by video." in of_trained("test", "latest")[1]


def test_the_test_says_how_many_labels_began_as_suggestions(of_trained):
    assert "None of the labels of these frames began as a suggestion" in of_trained("test", "latest")[1]


def test_a_random_split_is_trained_on_with_leaking_only(seamlens, tmp_path, tiny_network):
    class_room = tiny_class.make(tmp_path / "class")
    seamlens("split", "--by", "random")
    plant_a_twin(class_room)
    code, _, error = seamlens("train", "--network", "tiny", "--epochs", 1)
    assert (code, error.count("\n")) == (2, 1)
    assert "100.0 % (1 of 1)" in error
    assert seamlens("train", "--network", "tiny", "--epochs", 1, "--leaking")[0] == 0
    tested = seamlens("test", "latest")[1]
    assert (
        "Tested on a leaking split: 100.0 % of the test frames have a near-duplicate in training." in tested
    )
    assert json.loads(seamlens("test", "latest", "--json")[1])["leak"]["meter"] == 100


def plant_a_twin(class_room):
    """Make a frame that trains a copy of the one test frame."""
    first = stored_split.load(class_room).table.drop_duplicates("part").set_index("part")["name"]
    tiny_class.copy_frame(class_room, first["test"], first["train"])


def of_part(run, part):
    """The video that is this part of the run."""
    return run.frames.loc[run.frames["part"] == part, "video"].iloc[0]


def test_suggestions_are_counted_per_attribute(of_trained, trained):
    found = json.loads(of_trained("suggest", "latest", of_part(trained, "train"), "--json")[1])
    assert (found["run"], found["part"], found["frames"]) == (trained.id, "train", 12)
    assert found["attributes"]["spot"] == {"true": 4, "false": 8, "missing": 0}
    assert found["stored"] is None


def test_suggestions_are_printed_as_a_table(of_trained, trained):
    out = of_trained("suggest", "latest", of_part(trained, "train"))[1].splitlines()
    assert out[0].endswith("in the train part of the run.")
    assert out[1].split() == ["attribute", "true", "false", "missing"]


def test_a_video_of_the_test_part_gets_no_suggestions(of_trained, trained):
    code, out, error = of_trained("suggest", "latest", of_part(trained, "test"))
    assert (code, out) == (2, "")
    assert "--test-videos" in error


def test_a_video_of_the_test_part_gets_suggestions_on_demand(of_trained, trained):
    code, out, _ = of_trained("suggest", "latest", of_part(trained, "test"), "--test-videos")
    assert (code, out.splitlines()[0].endswith("in the test part of the run.")) == (0, True)


def test_accepting_needs_a_name(of_trained, trained):
    code, _, error = of_trained("suggest", "latest", of_part(trained, "train"), "--accept")
    assert code == 2
    assert "--annotator" in error


def test_accepted_suggestions_are_labels_of_the_annotator(seamlens, trained, tmp_path):
    shutil.copytree(trained.workspace.path, tmp_path / "class")
    video = of_part(trained, "train")
    out = seamlens("suggest", "latest", video, "--accept", "--annotator", "Ann")[1]
    assert "Stored 36 labels of Ann." in out
    stored = labels_of(open_workspace(tmp_path / "class"), "Ann", video)
    assert stored["spot"].sum() == 4


def test_an_unknown_run_is_refused(of_trained):
    code, _, error = of_trained("test", "yesterday")
    assert (code, error.count("\n")) == (2, 1)


def test_with_enough_of_both_answers_nothing_is_searched(of_trained):
    assert of_trained("ask")[1] == "Every attribute has enough of both answers.\n"
    assert json.loads(of_trained("ask", "--json")[1])["stretches"] == []
