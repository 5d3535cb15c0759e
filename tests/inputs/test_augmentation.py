import numpy as np
import pytest

from core.inputs import augmentation
from core.networks.augmentation_settings import Augmentation
from core.networks.recipe import PUBLISHED, SEAM_LITE


@pytest.fixture
def rng():
    return np.random.default_rng(3)


def taken(step, before, kind, rng):
    """The pictures after one step."""
    return augmentation.transformed(before, [step(before.shape, kind, rng)])


def pictures(count=64, height=12, width=10):
    return np.random.default_rng(0).integers(0, 256, (count, height, width, 3), dtype=np.uint8)


def ramps(count):
    """Pictures with all grey levels from 0 to 255."""
    return np.tile(np.arange(256, dtype=np.uint8).reshape(1, 16, 16, 1), (count, 1, 1, 3))


def test_published_light_changes_seventy_percent(rng):
    changed = taken(augmentation.relight, ramps(4000), PUBLISHED.augmentation, rng) != ramps(4000)
    assert changed.any(axis=(1, 2, 3)).mean() == pytest.approx(0.7, abs=0.03)


def test_published_light_keeps_its_bounds(rng):
    before = ramps(2000).astype(float)
    after = taken(augmentation.relight, ramps(2000), PUBLISHED.augmentation, rng)
    assert (after >= np.rint(np.clip(before * 0.8, 0, 255))).all()
    assert (after <= np.rint(np.clip(before * 1.2 + 14, 0, 255))).all()


def test_published_light_reaches_its_bounds(rng):
    after = taken(augmentation.relight, ramps(4000), PUBLISHED.augmentation, rng)[:, :, :, 0].reshape(-1, 256)
    assert set(after[:, 0]) == set(range(15))  # black shows the brightness alone: whole numbers from 0 to 14
    contrast = (after[:, 150].astype(float) - after[:, 0]) / 150
    assert contrast.min() == pytest.approx(0.8, abs=0.01)
    assert contrast.max() == pytest.approx(1.2, abs=0.01)


def test_light_saturates_instead_of_wrapping(rng):
    white = np.full((50, 4, 4, 3), 255, np.uint8)
    assert taken(augmentation.relight, white, Augmentation(1.0, (1.2, 1.2)), rng).min() == 255


def test_cut_and_append_keeps_every_row(rng):
    before = pictures()
    for old, new in zip(
        before, taken(augmentation.cut_and_append, before, Augmentation(roll=True), rng), strict=True
    ):
        cut = next(k for k in range(1, 12) if np.array_equal(new, np.concatenate([old[k:], old[:k]])))
        assert 1 <= cut < 12


def test_a_quarter_turn_exchanges_rows_and_columns_of_one_half(rng):
    before = pictures(count=2000, height=6, width=6)
    after = taken(augmentation.quarter, before, Augmentation(quarter=True), rng)
    turned = (after == before.transpose(0, 2, 1, 3)).all(axis=(1, 2, 3))
    assert turned.mean() == pytest.approx(0.5, abs=0.05)
    assert np.array_equal(after[~turned], before[~turned])


def test_what_is_not_square_is_not_turned(rng):
    before = pictures()
    assert np.array_equal(taken(augmentation.quarter, before, Augmentation(quarter=True), rng), before)


def test_shift_moves_without_stretching(rng):
    before = pictures(width=40)
    after = taken(augmentation.shift, before, Augmentation(shift=0.1), rng)
    for old, new in zip(before, after, strict=True):
        assert any(np.array_equal(new[:, 4:-4], np.roll(old, k, axis=1)[:, 4:-4]) for k in range(-4, 5))


def test_flip_mirrors_each_way_in_a_quarter_of_the_pictures(rng):
    before = pictures(400)
    after = taken(augmentation.flip, before, Augmentation(flip=True), rng)
    ways = [before, before[:, ::-1], before[:, :, ::-1], before[:, ::-1, ::-1]]
    shares = [(after == way).all(axis=(1, 2, 3)).mean() for way in ways]
    assert sum(shares) == 1
    assert shares == pytest.approx([0.25] * 4, abs=0.07)


def test_shift_fills_the_gap_with_the_edge_column(rng):
    ramp = np.arange(20, dtype=np.uint8)[None, None, :, None].repeat(3, axis=3).repeat(50, axis=0)
    rows = taken(augmentation.shift, ramp, Augmentation(shift=0.2), rng)[:, 0, :, 0]
    offsets = rows[:, 10].astype(int) - 10
    assert set(offsets) == set(range(-4, 5))
    for row, offset in zip(rows, offsets, strict=True):
        assert row.tolist() == np.clip(np.arange(20) + offset, 0, 19).tolist()


def test_turn_keeps_lengths(rng):
    """Two dots 40 pixels apart stay so, and turn by up to the angle."""
    black = np.zeros((40, 65, 65, 3), np.uint8)
    black[:, 10:15, 30:35], black[:, 50:55, 30:35] = 255, 128
    angles = []
    for turned in taken(augmentation.turn, black, Augmentation(turn=8.0), rng).astype(float)[..., 0]:
        y, x = np.mgrid[:65, :65]
        upper, lower = turned * (y < 32), turned * (y >= 32)
        (y1, x1), (y2, x2) = ([(m * axis).sum() / m.sum() for axis in (y, x)] for m in (upper, lower))
        assert np.hypot(y2 - y1, x2 - x1) == pytest.approx(40, abs=0.1)
        angles.append(np.degrees(np.arctan2(x2 - x1, y2 - y1)))
    assert -8 < min(angles) < -6 and 6 < max(angles) < 8


def test_recolour_leaves_the_others_alone(rng):
    before = pictures(400)
    same = (taken(augmentation.recolour, before, Augmentation(colour=0.25), rng) == before).all(
        axis=(1, 2, 3)
    )
    assert same.mean() == pytest.approx(0.75, abs=0.08)


def test_recolour_turns_hues_around_grey(rng):
    turns = augmentation._turns(rng.uniform(0, 6, 50), np.ones(50))
    assert np.allclose(turns.sum(axis=2), 1)  # grey stays grey
    assert np.allclose(turns @ turns.transpose(0, 2, 1), np.eye(3))
    assert np.allclose(augmentation._turns(np.zeros(1), np.full(1, 0.5)) @ [30, 60, 90], [[45, 60, 75]])


def test_weaves_are_regular_and_as_strong_as_asked(rng):
    grey = np.full((100, 40, 40, 3), 128, np.uint8)
    change = np.abs(taken(augmentation.overweave, grey, Augmentation(weave=30.0), rng).astype(int) - 128)
    assert 25 < change.max() < 60  # a tint may add to it


def test_waves_run_in_their_direction(rng):
    waves = augmentation._waves(40, 50, np.array([0, np.pi / 2]), rng)
    across, down = (waves(number).copy() for number in range(2))
    assert np.allclose(across, across[:1], atol=1e-5) and np.allclose(down, down[:, :1], atol=1e-5)
    assert np.abs(across).max() == pytest.approx(1, abs=0.1)
    waves = augmentation._waves(8, 50, np.zeros(200), rng)
    rows = np.stack([waves(number)[0].copy() for number in range(200)])
    periods = 50 / np.abs(np.fft.rfft(rows)).argmax(axis=1)
    assert periods.min() < 3 and 16 < periods.max() <= 25  # from 2.5 to 20 pixels


def test_noise_is_as_strong_as_asked(rng):
    grey = np.full((200, 20, 20, 3), 128, np.uint8)
    deviations = taken(augmentation.add_noise, grey, Augmentation(noise=6.0), rng).std(axis=(1, 2, 3))
    assert 4 < deviations.max() < 7.5


def test_same_seed_same_pictures_and_nothing_changed_in_place():
    before = pictures()
    kept = before.copy()
    first, second = (
        augmentation.augment(before, SEAM_LITE.augmentation, np.random.default_rng(7)) for _ in range(2)
    )
    assert np.array_equal(first, second)
    assert np.array_equal(before, kept)
    assert first.shape == before.shape and first.dtype == np.uint8
    assert not np.array_equal(first, before)


def test_no_augmentation_is_the_picture_itself(rng):
    before = pictures()
    assert augmentation.augment(before, Augmentation(), rng) is before
