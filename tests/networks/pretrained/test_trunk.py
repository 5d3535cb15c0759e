import numpy as np
import pytest

from core.errors import ModelError
from core.networks.backend import keras
from core.networks.pretrained import trunk


@pytest.fixture(scope="module")
def features():
    """Return the trunk with its pretrained weights, for pictures of 64x64."""
    picture = keras.Input((64, 64, 3), dtype="uint8", name="picture")
    model = keras.Model(picture, trunk.build_trunk(picture))
    trunk.set_weights(model)
    return model


def pictures(count=2):
    return np.random.default_rng(3).integers(0, 256, (count, 64, 64, 3), dtype=np.uint8)


def test_features_are_240_fine_and_672_coarse_channels_at_an_eighth(features):
    assert features.output_shape == (None, 8, 8, 240 + 672)


def test_a_channel_says_how_much_of_something_there_is(features):
    read = features(pictures()).numpy()
    assert read.min() >= 0
    assert 0 < read.max() <= 6


def test_coarse_channels_are_repeated(features):
    coarse = features(pictures()).numpy()[..., 240:]
    np.testing.assert_array_equal(coarse[:, ::2], coarse[:, 1::2])
    np.testing.assert_array_equal(coarse[:, :, ::2], coarse[:, :, 1::2])


def test_light_matters_little(features):
    seen = pictures(1)
    other = (seen * 0.8 + 20).astype(np.uint8)
    a, b = (features(each).numpy().max(axis=(1, 2))[0] for each in (seen, other))
    assert np.corrcoef(a, b)[0, 1] > 0.95


@pytest.mark.parametrize("size", [(100, 100), (97, 130), (33, 32)])
def test_any_size_has_one_grid(size):
    width, height = size
    picture = keras.Input((height, width, 3), dtype="uint8", name="picture")
    _, down, across, _ = trunk.build_trunk(picture).shape
    assert (down, across) == (-(-height // 8), -(-width // 8))


@pytest.fixture
def weights_in(tmp_path, monkeypatch):
    """Put other bytes, or none, in the place of the weights."""

    def put(content):
        file = tmp_path / "weights.npz"
        if content is not None:
            file.write_bytes(content)
        monkeypatch.setattr(trunk, "FILE", file)
        trunk.read_weights.cache_clear()

    yield put
    trunk.read_weights.cache_clear()


@pytest.mark.parametrize(("content", "problem"), [(None, "cannot be read"), (b"PK\3\4 half", "damaged")])
def test_a_file_that_is_gone_or_damaged_is_named(weights_in, content, problem):
    weights_in(content)
    with pytest.raises(ModelError, match=f"(?s)weights.*{problem}|{problem}") as error:
        trunk.read_weights()
    assert "weights.npz" in str(error.value)
    assert "other networks work without it" in str(error.value)
