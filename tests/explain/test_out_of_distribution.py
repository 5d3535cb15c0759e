"""Out-of-distribution pictures. Distances are checked on points whose covariance is known."""

import numpy as np
import pytest

from core.errors import RunError
from core.explain import out_of_distribution
from core.explain.gradcam import Explainer
from core.explain.out_of_distribution import Familiar, familiar_to, fit
from tests.helpers import tiny_class


def around(middle, count, seed):
    """Points with a deviation of 1 in x and 10 in y."""
    return (np.array(middle) + np.random.default_rng(seed).normal(0, (1, 10), (count, 2))).astype(np.float32)


def videos(*names):
    return np.repeat(names, 500)


@pytest.fixture
def straight(monkeypatch):
    """Points are taken as they are: their deviations are known."""
    monkeypatch.setattr(out_of_distribution, "bent", lambda signatures, small: signatures)


def test_twice_as_much_is_as_far_away_as_half_as_much():
    half, one, two = out_of_distribution.bent(np.array([1, 2, 4]), small=0.01)
    assert two - one == pytest.approx(np.log(2), abs=1e-4)
    assert one - half == pytest.approx(np.log(2), abs=1e-4)


def test_a_signature_is_mean_deviation_maximum_and_the_deviations_of_columns_and_rows():
    stripe = np.array([[0, 2], [0, 2], [0, 2]], np.float32)[None, :, :, None]  # one that runs down
    assert out_of_distribution.signature(stripe).numpy()[0].tolist() == [1, 1, 2, 1, 0]


def test_distance_is_counted_in_deviations(straight):
    known = fit(around((0, 0), 500, 1), videos("a"), around((0, 0), 500, 2), videos("v"))
    x, y = known.measure(np.array([[4, 0], [0, 40]], np.float32))
    assert x == pytest.approx(y, rel=0.15)


def test_where_videos_differ_a_picture_may_be_further_away(straight):
    rng = np.random.default_rng(1)
    middles = [(x, 0) for x in (-9, -3, 3, 9)]  # videos differ in x alone
    training = np.concatenate([np.array(m) + rng.normal(0, 1, (500, 2)) for m in middles]).astype(np.float32)
    valid = rng.normal(0, 1, (500, 2)).astype(np.float32)
    known = fit(training, videos("a", "b", "c", "d"), valid, videos("v"))
    where_they_differ, elsewhere = known.measure(np.array([[8, 0], [0, 8]], np.float32))
    assert elsewhere > 2 * where_they_differ
    assert elsewhere > 1


def test_of_one_video_only_what_is_within_it_counts(straight):
    known = fit(around((0, 0), 500, 1), videos("a"), around((0, 0), 500, 2), videos("v"))
    assert known.measure(np.array([[9, 0]], np.float32)) > 1


def test_of_no_validation_video_more_than_a_twentieth_is_flagged(straight, monkeypatch):
    monkeypatch.setattr(out_of_distribution, "MARGIN", 1.0)
    valid = np.concatenate([around((0, 0), 500, 4), around((5, 0), 500, 5)])
    known = fit(around((0, 0), 500, 1), videos("a"), valid, videos("near", "far"))
    flagged = known.measure(valid) > 1
    assert flagged[:500].mean() == 0
    assert 0.03 < flagged[500:].mean() <= 0.05


def test_small_groups_count_as_one(straight, monkeypatch):
    monkeypatch.setattr(out_of_distribution, "MARGIN", 1.0)
    valid = around((0, 0), 500, 4)
    known = fit(around((0, 0), 500, 1), videos("a"), valid, np.arange(500).astype(str))
    assert 0.03 < (known.measure(valid) > 1).mean() <= 0.05


def test_too_few_frames_are_refused():
    with pytest.raises(RunError, match="validate"):
        fit(around((0, 0), 500, 1), videos("a"), around((0, 0), 1, 2), np.array(["v"]))


def test_a_run_knows_its_kind_of_picture_and_no_other(trained):
    familiar, explainer = familiar_to(trained), Explainer(trained.load_model(), "features")
    rng = np.random.default_rng(3)
    seams = np.stack([tiny_class.picture(i % 2 == 0, i % 3 == 0, rng) for i in range(12)])
    others = rng.integers(0, 256, seams.shape, dtype=np.uint8)
    assert (familiar.measure(explainer.read(seams)[1]) <= 1).mean() > 0.7
    assert (familiar.measure(explainer.read(others)[1]) > 1).all()


def test_it_is_fitted_once(trained, monkeypatch):
    first = familiar_to(trained)
    monkeypatch.setattr(out_of_distribution, "fit", lambda *_: pytest.fail("fitted again"))
    again = familiar_to(trained)
    assert np.array_equal(first.whitening, again.whitening)
    assert first.threshold == again.threshold


def test_for_another_network_it_is_fitted_again(trained, tmp_path):
    known = Familiar(np.zeros(2, np.float32), np.eye(2, dtype=np.float32), 0.1, 3.0)
    out_of_distribution.write(tmp_path / "familiar.npz", known, "1 abc")
    assert out_of_distribution.read(tmp_path / "familiar.npz", "1 abc").threshold == 3.0
    assert out_of_distribution.read(tmp_path / "familiar.npz", "1 abd") is None


def test_a_damaged_file_is_fitted_again(tmp_path):
    (tmp_path / "familiar.npz").write_bytes(b"PK\x03\x04 cut off")
    assert out_of_distribution.read(tmp_path / "familiar.npz", "1 abc") is None


def test_of_the_channels_of_seam_pretrained_every_second_fine_one_counts():
    signatures = np.tile(np.arange(912, dtype=np.float32), (2, 5))
    used = np.sinh(out_of_distribution.bent(signatures, small=1.0))
    assert used.shape == (2, 5 * 120)
    np.testing.assert_allclose(used[0, [0, 1, 119, 120]], [0, 2, 238, 0], rtol=1e-5)
