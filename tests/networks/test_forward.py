"""The trunk in NumPy gives the features of the trunk in TensorFlow, at any size."""

import subprocess
import sys

import numpy as np
import pytest

from core.networks.backend import keras
from core.networks.pretrained.forward import CHANNELS, FINE_CHANNELS, features, grid, peaks
from core.networks.pretrained.trunk import build_trunk, set_weights


@pytest.mark.parametrize(("width", "height"), [(128, 128), (100, 60), (87, 129)])
def test_both_trunks_give_the_same_features(width, height):
    pictures = np.random.default_rng(0).integers(0, 256, (2, height, width, 3), np.uint8)
    entry = keras.Input((height, width, 3), dtype="uint8")
    model = keras.Model(entry, build_trunk(entry))
    set_weights(model)
    expected = model(pictures).numpy()
    np.testing.assert_allclose(grid(pictures), expected, atol=1e-3)
    np.testing.assert_allclose(peaks(pictures), expected.max(axis=(1, 2)), atol=1e-3)


def test_features_lie_on_two_grids():
    fine, coarse = features(np.zeros((1, 64, 32, 3), np.uint8))
    assert fine.shape == (1, 8, 4, FINE_CHANNELS)
    assert coarse.shape == (1, 4, 2, CHANNELS - FINE_CHANNELS)


def test_it_needs_no_tensorflow():
    code = (
        "import sys, ui.server.instant_learning, core.inspection.inspector, core.explain.peak_evidence\n"
        "sys.exit('tensorflow' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
