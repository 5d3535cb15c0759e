import os
import shutil
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from filelock import FileLock

from core.assist import suggestions
from core.errors import MediaError
from core.exchange.scan_tables import pictures_in
from core.inputs import batches, picture_cache
from core.jobs import worker
from core.media.images import read_picture
from core.media.library import get_video, read_frame
from core.networks.preprocessing import prepare
from core.training.create_run import create_run
from tests.helpers import tiny_class

SIZE = (20, 24)
PARTS = ("train", "valid", "test")


@pytest.fixture
def run(workspace):
    return create_run(workspace, tiny_class.quick(size=SIZE))


@pytest.fixture
def reads(monkeypatch):
    """The names of the picture files that are read from now on."""
    names, read = [], read_picture
    monkeypatch.setattr(picture_cache, "read_picture", lambda file: names.append(file.stem) or read(file))
    return names


def file_of(workspace, name):
    return workspace.frames / name.rsplit("_", 1)[0] / f"{name}.jpg"


def only(workspace, ending):
    """The one file of the cache with that ending."""
    [file] = picture_cache.folder(workspace).glob(f"*.{ending}")
    return file


def is_right(workspace, part, size=SIZE, region=None):
    expected = [prepare(read_frame(workspace, name), size, region) for name in part.frames["name"]]
    return np.array_equal(part.pictures, expected)


def test_a_frame_is_read_once_for_all_runs_and_tests(workspace, run, reads):
    first = [batches.load(run, part) for part in PARTS]
    assert sorted(reads) == sorted(run.frames["name"])
    reads.clear()
    another = create_run(workspace, tiny_class.quick(size=SIZE, seed=2))
    again = [batches.load(r, part) for r in (run, another) for part in PARTS]
    assert reads == []
    assert all(is_right(workspace, part) for part in first + again)


def test_only_what_is_asked_for_is_prepared(workspace, run, reads):
    test = batches.load(run, "test")
    assert sorted(reads) == sorted(test.frames["name"])
    assert only(workspace, "index").stat().st_size == len(test) * picture_cache.KEY
    assert only(workspace, "pictures").stat().st_size == len(test) * 20 * 24 * 3


def test_every_size_and_region_is_kept_apart(workspace):
    half = (0.0, 0.0, 0.5, 1.0)
    for size, region in ((SIZE, None), (SIZE, half), ((24, 20), None)):
        settings = tiny_class.quick(size=size, region=region)
        made = create_run(workspace, settings)
        assert is_right(workspace, batches.load(made, "test"), size, region)


def kept(workspace):
    return {file.stem.split("-")[0] for file in picture_cache.folder(workspace).glob("*.pictures")}


@pytest.fixture
def three_sizes(workspace):
    """Pictures of three sizes, of 10, 20 and 30 thousand bytes; the middle ones were used last."""
    sources = batches.sources_of(workspace, [f"video_0_{index}" for index in range(10)])
    for size in ((10, 33), (20, 33), (30, 33), (20, 33)):
        picture_cache.load(workspace, sources, size)
    for place, width in enumerate(
        (10, 30, 20)
    ):  # a clock may be too coarse for what comes in the same moment
        [index] = picture_cache.folder(workspace).glob(f"{width}x33*.index")
        os.utime(index, (place, place))
    return workspace


@pytest.mark.parametrize(
    ("bytes_", "left"),
    [
        (70_000, {"10x33", "20x33", "30x33"}),
        (55_000, {"20x33", "30x33"}),
        (25_000, {"20x33"}),
        (1, set()),
    ],
)
def test_what_was_not_used_for_longest_goes_until_the_rest_fits(three_sizes, monkeypatch, bytes_, left):
    monkeypatch.setattr(picture_cache, "GIGABYTE", bytes_ / three_sizes.cache)
    picture_cache.prune(three_sizes, (99, 99))
    assert kept(three_sizes) == left


def test_what_is_needed_now_stays_however_old_and_large_it_is(three_sizes, monkeypatch):
    monkeypatch.setattr(picture_cache, "GIGABYTE", 0)
    assert len(picture_cache.prune(three_sizes, (10, 33))) == 2
    assert kept(three_sizes) == {"10x33"}


def test_what_is_used_is_young_again(three_sizes, monkeypatch):
    picture_cache.load(three_sizes, batches.sources_of(three_sizes, ["video_0_0"]), (10, 33))
    monkeypatch.setattr(picture_cache, "GIGABYTE", 35_000 / three_sizes.cache)
    picture_cache.prune(three_sizes, (99, 99))
    assert kept(three_sizes) == {"10x33", "20x33"}


def test_what_somebody_writes_stays(three_sizes, monkeypatch):
    monkeypatch.setattr(picture_cache, "GIGABYTE", 0)
    [lock] = picture_cache.folder(three_sizes).glob("30x33*.lock")
    with FileLock(lock):
        picture_cache.prune(three_sizes, (99, 99))
    assert kept(three_sizes) == {"30x33"}


def test_a_training_prunes_but_keeps_what_it_needs(three_sizes, monkeypatch):
    monkeypatch.setattr(picture_cache, "GIGABYTE", 0)
    run = create_run(three_sizes, tiny_class.quick(size=SIZE))
    worker.train(run, lambda *_: run.stop_file.touch())
    assert kept(three_sizes) == {"20x24"}


def test_a_changed_picture_is_prepared_anew(workspace, run, reads):
    batches.load(run, "test")
    name = run.frames.loc[run.frames["part"] == "test", "name"].iloc[0]
    shutil.copyfile(file_of(workspace, "video_0_1"), file_of(workspace, name))
    reads.clear()
    assert is_right(workspace, batches.load(run, "test"))
    assert reads == [name]


def test_a_picture_that_is_gone_is_missed_though_it_was_prepared(workspace, run):
    batches.load(run, "test")
    name = run.frames.loc[run.frames["part"] == "test", "name"].iloc[0]
    file_of(workspace, name).unlink()
    with pytest.raises(MediaError, match=name):
        batches.load(run, "test")


def test_a_half_written_picture_is_never_given_out(workspace, run):
    batches.load(run, "valid")
    with only(workspace, "pictures").open("ab") as file:
        file.write(b"\7" * 2000)  # the writer was killed before the entry,
    with only(workspace, "index").open("ab") as file:
        file.write(b"\7" * 5)  # or in the middle of it
    for part in PARTS:
        assert is_right(workspace, batches.load(run, part))


def test_pictures_that_the_disk_has_lost_are_prepared_anew(workspace, run, reads):
    batches.load(run, "test")
    file = only(workspace, "pictures")
    file.write_bytes(file.read_bytes()[: 3 * 20 * 24 * 3 + 100])
    count = len(reads)
    assert is_right(workspace, batches.load(run, "test"))
    assert len(reads) == count + count - 3


@pytest.mark.parametrize("gone", ["index", "pictures", "folder"])
def test_deleting_is_safe_while_the_pictures_are_in_use(workspace, run, gone):
    test = batches.load(run, "test")
    if gone == "folder":
        shutil.rmtree(workspace.path / "cache")
    else:
        only(workspace, gone).unlink()
    assert is_right(workspace, batches.load(run, "train"))
    assert is_right(workspace, test)


def test_deleting_in_the_middle_is_safe(workspace, run, monkeypatch):
    monkeypatch.setattr(picture_cache, "CHUNK", 4)
    told = []

    def delete(done, total):
        told.append((done, total))
        if done == 10:
            shutil.rmtree(workspace.path / "cache")

    assert is_right(workspace, batches.load(run, "train", delete))
    assert told[-1][0] == told[-1][1]


def test_a_full_disk_is_no_reason_to_fail(workspace, run, monkeypatch):
    monkeypatch.setattr(picture_cache, "SPARE", 2**62)
    assert is_right(workspace, batches.load(run, "train"))
    assert not list(picture_cache.folder(workspace).glob("*.index"))


def test_a_disk_that_fills_up_leaves_no_half_picture(workspace, run, monkeypatch):
    batches.load(run, "test")
    size = only(workspace, "pictures").stat().st_size

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(picture_cache.os, "fsync", full)
    assert is_right(workspace, batches.load(run, "train"))
    assert only(workspace, "pictures").stat().st_size == size


def test_a_folder_that_cannot_be_made_is_no_reason_to_fail(workspace, run):
    (workspace.path / "cache").write_text("in the way")
    assert is_right(workspace, batches.load(run, "train"))


def test_two_at_once_do_no_harm(workspace, run, monkeypatch):
    monkeypatch.setattr(picture_cache, "CHUNK", 3)
    with ThreadPoolExecutor(4) as pool:
        loaded = list(pool.map(lambda part: batches.load(run, part), [*PARTS, *PARTS]))
    assert all(is_right(workspace, part) for part in loaded)
    assert only(workspace, "index").stat().st_size == len(run.frames) * picture_cache.KEY


def test_one_file_behind_two_frames(workspace, run):
    one = picture_cache.source(workspace, "frames/video_0/video_0_1.jpg", "", None)
    found = picture_cache.load(workspace, [one, one], SIZE)
    assert np.array_equal(found[0], found[1]) and len(found) == 2


def test_pictures_stay_on_disk(workspace):
    wide = create_run(workspace, tiny_class.quick(size=(256, 256)))
    batches.load(wide, "train")
    tracemalloc.start()
    train = batches.load(wide, "train")
    assert all(train.pictures[n : n + 4].any() for n in range(0, len(train), 4))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < len(train) * 256 * 256 * 3 / 3


def test_progress_counts_what_was_there_as_done(workspace, run):
    counts = []
    valid = batches.load(run, "valid", lambda done, total: counts.append((done, total)))
    assert counts == [(n, len(valid)) for n in range(1, len(valid) + 1)]


def test_the_cache_holds_no_picture_files(workspace, run):
    before = len(pictures_in(workspace.path))
    batches.load(run, "train")
    assert len(pictures_in(workspace.path)) == before


def test_suggestions_take_what_is_prepared(workspace, run, monkeypatch):
    test = batches.load(run, "test")
    inputs = []

    def network(run):
        return lambda pictures: inputs.append(pictures) or np.zeros((len(pictures), 3))

    monkeypatch.setattr(suggestions, "compiled", network)
    monkeypatch.setattr(suggestions, "read_picture", None)
    (video,) = test.frames["name"].str.rpartition("_")[0].unique()
    suggestions.suggest(run, workspace, get_video(workspace, video))
    assert np.array_equal(np.concatenate(inputs), test.pictures)
