from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from core.attributes import SEAM
from core.errors import RunError
from core.explain import out_of_distribution
from core.explain.gradcam import Explainer
from core.inspection.inspector import Inspector
from core.networks import registry as networks
from core.networks.preprocessing import prepare
from tests.helpers import tiny_class

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


@pytest.fixture(scope="module")
def trained_inspector(trained):
    inspector, problem = Inspector.load(trained).measuring(trained)
    assert problem == ""
    return inspector


def read(inspector, picture, index=0, time=0.0):
    """The reading of one picture that is not prepared yet."""
    return inspector.read([inspector.prepare(picture)], [(index, time)])[0]


def test_what_the_network_has_not_learned_is_unfamiliar(trained_inspector):
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    assert not read(trained_inspector, noise).is_familiar


def test_a_reading_says_what_an_inspection_says(trained_inspector):
    picture = tiny_class.picture(True, False, np.random.default_rng(0))
    inspected, alone = (
        trained_inspector.inspect(picture).reading(7, 0.5),
        read(trained_inspector, picture, 7, 0.5),
    )
    assert (inspected.index, inspected.time) == (alone.index, alone.time)
    assert inspected.probabilities == pytest.approx(alone.probabilities, abs=1e-4)
    assert inspected.unfamiliarity == pytest.approx(alone.unfamiliarity, abs=1e-3)


def test_many_at_once_are_read_as_one_by_one(trained_inspector):
    rng = np.random.default_rng(0)
    pictures = [tiny_class.picture(i % 2 == 0, True, rng) for i in range(5)]
    prepared = [trained_inspector.prepare(picture) for picture in pictures]
    together = trained_inspector.read(prepared, [(i, i / 10) for i in range(5)])
    assert [reading.index for reading in together] == [0, 1, 2, 3, 4]
    for reading, picture in zip(together, pictures, strict=True):
        assert reading.probabilities == pytest.approx(
            read(trained_inspector, picture).probabilities, abs=2e-5
        )


def test_without_its_frames_a_run_is_read_all_the_same(trained, monkeypatch):
    def gone(run):
        raise RunError("Frames of the run are gone.", "Train anew.")

    monkeypatch.setattr(out_of_distribution, "familiar_to", gone)
    inspector, problem = Inspector.load(trained).measuring(trained)
    assert problem == "Frames of the run are gone. Train anew."
    assert read(inspector, np.zeros((9, 9, 3), np.uint8)).is_familiar
