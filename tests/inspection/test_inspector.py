from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from core.attributes import SEAM
from core.explain.gradcam import Explainer
from core.inspection.inspector import Inspector
from core.networks import registry as networks
from core.networks.preprocessing import prepare

SIZE = (48, 64)
PICTURE = np.random.default_rng(0).integers(0, 256, (120, 160, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def explainer():
    network = networks.get_network("seam_lite")
    return Explainer(network.build(4, size=SIZE), network.target)


def test_inspection_is_the_explanation_of_the_prepared_picture(explainer):
    seen = Inspector(explainer, SEAM, np.full(4, 0.5), SIZE).inspect(PICTURE)
    expected = explainer(prepare(PICTURE, SIZE)[None])
    assert list(seen.probabilities.values()) == pytest.approx(expected.probabilities[0].tolist(), abs=1e-6)
    assert list(seen.maps) == list(SEAM.names)
    assert np.allclose(seen.maps["length"], expected.maps[0, :, :, 3], atol=1e-5)
    assert seen.milliseconds > 0


def test_decisions_follow_the_thresholds(explainer):
    low, high = (Inspector(explainer, SEAM, np.full(4, t), SIZE).inspect(PICTURE) for t in (0.0, 1.1))
    assert all(low.decisions.values())
    assert not any(high.decisions.values())


def test_decisions_are_on_calibrated_probabilities(explainer):
    seen = Inspector(
        explainer, SEAM, np.full(4, 0.5), SIZE, calibration=lambda given: given * 0 + 0.25
    ).inspect(PICTURE)
    assert set(seen.probabilities.values()) == {0.25}
    assert not any(seen.decisions.values())


def test_the_region_is_what_is_seen(explainer):
    region = (0.5, 0.0, 1.0, 1.0)
    seen = Inspector(explainer, SEAM, np.full(4, 0.5), SIZE, region).inspect(PICTURE)
    half = Inspector(explainer, SEAM, np.full(4, 0.5), SIZE).inspect(PICTURE[:, 80:])
    assert seen.probabilities == half.probabilities
    assert seen.region == region


def test_threads_share_one(explainer):
    inspector = Inspector(explainer, SEAM, np.full(4, 0.5), SIZE)
    pictures = [np.roll(PICTURE, 10 * k, axis=0) for k in range(8)]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(inspector.inspect, pictures))
    assert [t.probabilities for t in together] == [inspector.inspect(p).probabilities for p in pictures]
