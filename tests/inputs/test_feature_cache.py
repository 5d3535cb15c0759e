import numpy as np
import pytest

from core.inputs import batches, feature_cache, picture_cache
from core.media.library import read_frame
from core.networks.preprocessing import prepare
from core.networks.pretrained import trunk
from core.networks.pretrained.forward import peaks

NAMES = ["video_0_0", "video_0_1", "video_1_0"]


@pytest.fixture
def sources(workspace):
    return batches.sources_of(workspace, NAMES)


def file_of(workspace, ending):
    [file] = feature_cache.folder(workspace).glob(f"*.{ending}")
    return file


def test_a_frame_is_seen_once_and_read_back(workspace, sources):
    assert not feature_cache.read(workspace, sources).is_there.any()
    assert feature_cache.add(workspace, sources) == 3
    assert feature_cache.missing(workspace, sources) == []
    back = feature_cache.read(workspace, sources)
    assert back.is_there.all()
    pictures = np.stack([prepare(read_frame(workspace, name), feature_cache.SIZE) for name in NAMES])
    np.testing.assert_array_equal(back.values, peaks(pictures).astype(np.float16))


def test_a_frame_takes_1840_bytes(workspace, sources):
    feature_cache.add(workspace, sources)
    assert file_of(workspace, "features").stat().st_size == 3 * 1824
    assert file_of(workspace, "index").stat().st_size == 3 * 16


def test_what_is_stopped_goes_on_where_it_was(workspace, sources, monkeypatch):
    monkeypatch.setattr(feature_cache, "CHUNK", 1)
    asked = iter([False, False, True, True])
    assert feature_cache.add(workspace, sources, lambda: next(asked)) == 1
    assert feature_cache.missing(workspace, sources) == sources[1:]


def test_a_picture_that_is_gone_or_damaged_is_passed_over(workspace, sources):
    sources[0].file.unlink()
    sources[1].file.write_bytes(b"no picture")
    assert feature_cache.add(workspace, sources) == 1
    assert feature_cache.read(workspace, sources).is_there.tolist() == [False, False, True]


def test_a_picture_that_was_changed_is_seen_anew(workspace, sources):
    feature_cache.add(workspace, sources)
    sources[0].file.write_bytes(sources[2].file.read_bytes())
    assert feature_cache.missing(workspace, sources) == sources[:1]


def test_other_weights_begin_anew(workspace, sources, monkeypatch):
    feature_cache.add(workspace, sources)
    monkeypatch.setattr(feature_cache, "SHA256", "0" * 64)
    assert feature_cache.missing(workspace, sources) == sources
    assert len(trunk.SHA256) == 64


def test_features_count_in_the_bound_of_the_cache(workspace, sources, monkeypatch):
    feature_cache.add(workspace, sources)
    monkeypatch.setattr(picture_cache, "GIGABYTE", 0)
    assert len(picture_cache.prune(workspace, (99, 99))) == 1
    assert not feature_cache.read(workspace, sources).is_there.any()
