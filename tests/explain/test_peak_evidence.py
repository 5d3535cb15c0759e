import numpy as np

from core.explain.peak_evidence import PeakExplainer
from core.networks.pretrained.forward import CHANNELS, peaks
from core.networks.pretrained.head import Head

PICTURES = np.random.default_rng(0).integers(0, 256, (1, 64, 64, 3), np.uint8)


def head(*weights):
    """A head of an attribute for each (channel, weight)."""
    kernel = np.zeros((CHANNELS, len(weights)), np.float32)
    for place, (channel, weight) in enumerate(weights):
        kernel[channel, place] = weight
    return Head(kernel, np.zeros(len(weights), np.float32))


def test_evidence_is_what_the_peak_exceeds_the_typical_one_by():
    channel = int(peaks(PICTURES)[0, :240].argmax())  # a fine one: its peak may lie in one cell
    greatest = peaks(PICTURES)[0, channel]
    typical = np.zeros(CHANNELS)
    typical[channel] = greatest - 0.5
    explained = PeakExplainer(head((channel, 2.0)), typical, exclusive=False)(PICTURES)
    assert explained.maps.shape == (1, 8, 8, 1)
    np.testing.assert_allclose(explained.probabilities, 1 / (1 + np.exp(-2 * greatest)), atol=1e-5)
    assert explained.maps.min() >= 0
    assert 0.5 < explained.maps.sum() <= 2.0  # 2 times 0.5, but for what the blur mirrors at the border


def test_a_typical_picture_has_no_evidence():
    explained = PeakExplainer(head((3, 2.0), (300, -1.0)), peaks(PICTURES)[0], exclusive=False)(PICTURES)
    assert not explained.maps.any()


def test_evidence_for_one_of_two_classes_is_evidence_against_the_other():
    explained = PeakExplainer(head((3, 2.0), (300, 1.0)), np.zeros(CHANNELS), exclusive=True)(PICTURES)
    np.testing.assert_allclose(explained.maps[..., 0], -explained.maps[..., 1], atol=1e-5)
    np.testing.assert_allclose(explained.probabilities.sum(), 1, atol=1e-6)
