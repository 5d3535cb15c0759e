from itertools import islice

import numpy as np
import pytest

from core.data import labels
from core.data.catalogue import read_frame, remove_video
from core.errors import RunError
from core.model import batches, runs
from core.model.pictures import prepare
from core.model.recipes import Augmentation, Recipe
from tests.model import classroom

PLAIN = Recipe("adam", 1e-3, "constant", batch=4, epochs=1)
TWINS = Recipe("adam", 1e-3, "constant", batch=4, epochs=1, augmentation=Augmentation(twins=True))


def part(count=6):
    rng = np.random.default_rng(0)
    pictures = rng.integers(0, 256, (count, 8, 8, 3), dtype=np.uint8)
    return batches.Part([None] * count, pictures, np.arange(count, dtype=np.float32)[:, None])


def test_pictures_and_targets_of_a_part(workspace):
    labels.record(workspace, "teacher", "video_0", 3, 3, {"narrow": None})
    run = runs.create_run(workspace, classroom.quick(size=(20, 24)))
    where = run.frames.set_index("name").loc["video_0_3", "part"]
    found = batches.load(run, where)
    number = found.frames["name"].tolist().index("video_0_3")
    assert found.pictures.shape == (len(found), 24, 20, 3)
    assert np.array_equal(found.pictures[number], prepare(read_frame(workspace, "video_0_3"), (20, 24)))
    assert found.targets[number].tolist() == [0, 1, -1]


def test_frames_of_a_removed_video_are_still_read(workspace):
    run = runs.create_run(workspace, classroom.quick())
    remove_video(workspace, "video_0")
    assert sum(len(batches.load(run, p)) for p in ("train", "valid", "test")) == 60


def test_a_frame_that_is_gone_is_named(workspace):
    run = runs.create_run(workspace, classroom.quick())
    run.frames.loc[run.frames["part"] == "train", "name"] = "elsewhere_1"
    with pytest.raises(RunError, match="elsewhere_1"):
        batches.load(run, "train")


def test_every_pass_holds_every_frame_once():
    targets = np.concatenate([t for _, t in islice(batches.stream(part(), PLAIN, seed=0), 3)])[:, 0]
    assert sorted(targets[:6]) == sorted(targets[6:]) == list(range(6))


def test_twins_double_the_pass_and_are_cut_and_appended():
    source = part()
    seen = list(islice(batches.stream(source, TWINS, seed=0), 3))
    targets = np.concatenate([t for _, t in seen])[:, 0].astype(int)
    pictures = np.concatenate([p for p, _ in seen])
    assert sorted(targets) == sorted([*range(6)] * 2)
    same = [np.array_equal(p, source.pictures[t]) for p, t in zip(pictures, targets, strict=True)]
    assert sum(same) == 6
    for picture, target in zip(pictures, targets, strict=True):
        assert any(np.array_equal(np.roll(picture, k, axis=0), source.pictures[target]) for k in range(8))


def test_the_seed_decides():
    first, again, other = (next(batches.stream(part(), TWINS, seed))[0] for seed in (1, 1, 2))
    assert np.array_equal(first, again) and not np.array_equal(first, other)


def test_the_frames_stay_as_they_are():
    source = part()
    kept = source.pictures.copy()
    list(islice(batches.stream(source, classroom.QUICK, seed=0), 5))
    assert np.array_equal(source.pictures, kept)


def test_steps_of_an_epoch():
    assert batches.steps_per_epoch(100, PLAIN) == 25
    assert batches.steps_per_epoch(100, TWINS) == 50
    assert batches.steps_per_epoch(5, classroom.QUICK) == 20
