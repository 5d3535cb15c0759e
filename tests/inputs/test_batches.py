from itertools import islice

import numpy as np
import pytest

from core.errors import RunError
from core.inputs import batches
from core.labels import labels
from core.media.library import read_frame, remove_video
from core.networks.augmentation_settings import Augmentation
from core.networks.preprocessing import prepare
from core.networks.recipe import Recipe
from core.training.create_run import create_run
from tests.helpers import tiny_class

PLAIN = Recipe("adam", 1e-3, "constant", batch=4, epochs=1)
TWINS = Recipe("adam", 1e-3, "constant", batch=4, epochs=1, augmentation=Augmentation(twins=True))


def part(count=6):
    rng = np.random.default_rng(0)
    pictures = rng.integers(0, 256, (count, 8, 8, 3), dtype=np.uint8)
    return batches.Part([None] * count, pictures, np.arange(count, dtype=np.float32)[:, None])


def test_pictures_and_targets_of_a_part(workspace):
    labels.record(workspace, "teacher", "video_0", 3, 3, {"narrow": None})
    run = create_run(workspace, tiny_class.quick(size=(20, 24)))
    where = run.frames.set_index("name").loc["video_0_3", "part"]
    found = batches.load(run, where)
    number = found.frames["name"].tolist().index("video_0_3")
    assert found.pictures.shape == (len(found), 24, 20, 3)
    assert np.array_equal(found.pictures[number], prepare(read_frame(workspace, "video_0_3"), (20, 24)))
    assert found.targets[number].tolist() == [0, 1, -1]


def test_frames_of_a_removed_video_are_still_read(workspace):
    run = create_run(workspace, tiny_class.quick())
    remove_video(workspace, "video_0")
    assert sum(len(batches.load(run, p)) for p in ("train", "valid", "test")) == 60


def test_a_frame_that_is_gone_is_named(workspace):
    run = create_run(workspace, tiny_class.quick())
    run.frames.loc[run.frames["part"] == "train", "name"] = "elsewhere_1"
    with pytest.raises(RunError, match="elsewhere_1"):
        batches.load(run, "train")


def seen(source, recipe, batch_count, **where):
    """Return pictures and frame numbers of the first batches of a stream."""
    found = list(islice(batches.stream(source, recipe, seed=0, **where), batch_count))
    return np.concatenate([p for p, _ in found]), np.concatenate([t for _, t in found])[:, 0].astype(int)


def test_every_epoch_holds_every_frame_once():
    _, frames = seen(part(8), PLAIN, 4)  # two batches of four are an epoch
    assert sorted(frames[:8]) == sorted(frames[8:]) == list(range(8))
    assert frames[:8].tolist() != frames[8:].tolist()


def test_no_frame_comes_twice_more_often_than_another():
    least = Recipe("adam", 1e-3, "constant", batch=4, epochs=1, least_steps=5)
    _, frames = seen(part(7), least, 5)  # 20 pictures of 7 frames
    assert sorted(np.bincount(frames)) == [2, 3, 3, 3, 3, 3, 3]


def test_a_resumed_stream_goes_on_like_an_uninterrupted_one():
    source, steps = part(), batches.steps_per_epoch(6, tiny_class.QUICK)
    whole = list(islice(batches.stream(source, tiny_class.QUICK, seed=5), 3 * steps))
    resumed = list(islice(batches.stream(source, tiny_class.QUICK, seed=5, first_epoch=3), steps))
    for (pictures, targets), (again, targets_again) in zip(whole[2 * steps :], resumed, strict=True):
        assert np.array_equal(pictures, again) and np.array_equal(targets, targets_again)


def test_twins_double_the_pass_and_are_cut_and_appended():
    source = part()
    pictures, targets = seen(source, TWINS, 3)
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
    list(islice(batches.stream(source, tiny_class.QUICK, seed=0), 5))
    assert np.array_equal(source.pictures, kept)


def test_steps_of_an_epoch():
    assert batches.steps_per_epoch(100, PLAIN) == 25
    assert batches.steps_per_epoch(100, TWINS) == 50
    assert batches.steps_per_epoch(5, tiny_class.QUICK) == 20
