import cv2
import numpy as np
import pytest

from core.errors import SplitError, WorkspaceError
from core.inputs import augmentation_preview
from core.inputs.augmentation import STEPS
from core.labels import labels
from core.labels.consensus import consensus
from core.media.library import read_frame
from core.networks.augmentation_settings import Augmentation
from core.networks.preprocessing import prepare
from core.networks.recipe import PUBLISHED, SEAM_LITE
from core.networks.registry import NETWORKS
from core.runs.settings import TrainSettings
from core.splits import stored_split
from core.splits.make_split import split_by_video
from tests.helpers import tiny_class

TINY = TrainSettings("tiny")


def test_frames_are_of_the_training_part_and_of_different_videos(workspace):
    split = split_by_video(consensus(workspace))
    stored_split.store(workspace, split)
    varied = augmentation_preview.vary(workspace, TINY, frames=3)
    training = split.table[split.table["part"] == "train"]
    assert set(varied.frames["name"]) <= set(training["name"])
    assert varied.frames["video"].nunique() == 3
    assert varied.summary() == "3 frames of 3 videos, drawn from the training part"


def test_without_a_split_any_labelled_frame_is_shown(workspace):
    varied = augmentation_preview.vary(workspace, TINY, frames=100)
    assert varied.summary() == "60 frames of 5 videos, drawn from the labelled frames"


def test_the_original_comes_first_at_input_size(workspace):
    varied = augmentation_preview.vary(workspace, TINY, frames=2, seed=3)
    assert varied.pictures.shape == (2, 7, 32, 32, 3)
    for name, pictures in zip(varied.frames["name"], varied.pictures, strict=True):
        assert np.array_equal(pictures[0], prepare(read_frame(workspace, name), (32, 32)))
        assert not all(np.array_equal(pictures[0], version) for version in pictures[1:])


def test_every_other_version_is_a_twin():
    picture = np.random.default_rng(0).integers(0, 256, (16, 8, 3), dtype=np.uint8)
    versions = augmentation_preview._versions(picture, Augmentation(twins=True), np.random.default_rng(0))
    assert [np.array_equal(version, picture) for version in versions] == [True, False] * 3


def test_the_seed_decides(workspace):
    one, same, other = (augmentation_preview.vary(workspace, TINY, seed=seed).pictures for seed in (1, 1, 2))
    assert np.array_equal(one, same) and not np.array_equal(one, other)


def test_nothing_labelled_nothing_shown(workspace):
    for video in range(5):
        labels.record(
            workspace, "teacher", f"video_{video}", 0, 11, dict.fromkeys(tiny_class.ATTRIBUTES.names)
        )
    with pytest.raises(SplitError, match="labelled frames"):
        augmentation_preview.vary(workspace, TINY)


def test_sentences_say_what_is_active_and_what_never_happens():
    lines = augmentation_preview.sentences(PUBLISHED.augmentation, ("good", "length"))
    assert len(lines) == 3
    assert "0.8 to 1.2, brightness 0 to +14" in lines[1] and lines[1].startswith("70 %")
    assert lines[2] == "Never scaled or stretched: stitch length is a label."
    assert augmentation_preview.sentences(Augmentation())[0] == "Every picture is shown as it is."


def test_every_step_has_a_sentence():
    """All numbers and switches of the augmentation, but for the two that say how light changes."""
    names = set(vars(SEAM_LITE.augmentation)) - {"contrast", "brightness"}
    assert names == {"twins", *(step.setting for step in STEPS)}
    unchanged = augmentation_preview.sentences(Augmentation())[0]
    assert not [n for n in names if augmentation_preview.sentences(Augmentation(**{n: 1}))[0] == unchanged]


def test_a_sheet_has_a_row_per_frame(workspace, tmp_path):
    varied = augmentation_preview.vary(workspace, TINY, frames=2)
    augmentation_preview.write_sheet(varied, tmp_path / "sheet.png")
    sheet = cv2.imread(str(tmp_path / "sheet.png"), cv2.IMREAD_UNCHANGED)
    assert sheet.shape == (2 * 32 + augmentation_preview.GAP, 7 * (32 + augmentation_preview.GAP), 4)
    assert np.array_equal(sheet[:32, :32, :3], varied.pictures[0, 0])
    assert np.array_equal(sheet[-32:, -32:, :3], varied.pictures[1, 6])


def test_a_sheet_that_cannot_be_written(workspace, tmp_path):
    varied = augmentation_preview.vary(workspace, TINY, frames=1)
    with pytest.raises(WorkspaceError, match="PNG"):
        augmentation_preview.write_sheet(varied, tmp_path / "sheet.jpg")
    with pytest.raises(WorkspaceError, match="cannot be written"):
        augmentation_preview.write_sheet(varied, tmp_path / "missing" / "sheet.png")


def test_all_networks_can_be_shown(workspace):
    assert {
        augmentation_preview.vary(workspace, TrainSettings(n), frames=1).pictures.shape[2:4] for n in NETWORKS
    } >= {(100, 100)}


def test_what_is_shown_is_what_was_chosen_of_each_picture(workspace):
    chosen = TrainSettings("tiny", size=(20, 24), region=(0, 0, 0.5, 1), recipe=PUBLISHED)
    varied = augmentation_preview.vary(workspace, chosen, frames=1)
    original = prepare(read_frame(workspace, varied.frames["name"].iloc[0]), (20, 24), (0, 0, 0.5, 1))
    assert np.array_equal(varied.pictures[0, 0], original)
    assert varied.kind == PUBLISHED.augmentation
