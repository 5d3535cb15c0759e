"""Twins: near hashes are found like by comparing every two, and pictures are compared after the best shift."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.media import near_duplicates
from core.media.images import write_jpeg
from core.media.near_duplicates import ALIKE, correlation, near_between, near_pairs, read_small, small

# Few bits that are ever set: hashes that are near each other, and equal ones.
FEW_BITS = st.lists(st.integers(0, 15), max_size=4).map(lambda bits: sum(1 << 4 * bit for bit in set(bits)))
HASHES = st.lists(st.one_of(FEW_BITS, st.integers(0, 2**64 - 1)), max_size=40)


def by_every_two(hashes: list[int], bits: int) -> list[list[int]]:
    numbers = range(len(hashes))
    return [[i, j] for i in numbers for j in numbers if i < j and (hashes[i] ^ hashes[j]).bit_count() <= bits]


def cloth(seed: int = 0) -> np.ndarray:
    """A picture (240, 320) uint8 of blotches, as no two are."""
    noise = np.random.default_rng(seed).normal(0, 1, (30, 40)).astype(np.float32)
    return np.clip(128 + 40 * cv2.resize(noise, (320, 240), interpolation=cv2.INTER_CUBIC), 0, 255).astype(
        np.uint8
    )


def alike(one: np.ndarray, other: np.ndarray) -> float:
    return correlation(small(one), small(other))


@settings(max_examples=200, deadline=None)
@given(HASHES, st.integers(0, 12))
def test_the_pairs_are_those_of_comparing_every_two(hashes: list[int], bits: int) -> None:
    assert near_pairs(np.array(hashes, np.uint64), bits).tolist() == by_every_two(hashes, bits)


@settings(max_examples=200, deadline=None)
@given(HASHES, HASHES, st.integers(0, 12))
def test_the_pairs_between_two_sets_are_those_of_comparing_all(
    ours: list[int], theirs: list[int], bits: int
) -> None:
    all_of_them = [[i, j] for i in range(len(ours)) for j in range(len(theirs))]
    expected = [[i, j] for i, j in all_of_them if (ours[i] ^ theirs[j]).bit_count() <= bits]
    assert near_between(np.array(ours, np.uint64), np.array(theirs, np.uint64), bits).tolist() == expected


def test_many_pairs_are_compared_in_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(near_duplicates, "MOST_PAIRS", 100)
    hashes = [0] * 20 + [1] * 20 + [3 << 40] * 20
    assert near_pairs(np.array(hashes, np.uint64), 1).tolist() == by_every_two(hashes, 1)


def test_a_picture_is_its_own_near_duplicate() -> None:
    assert alike(cloth(), cloth()) == pytest.approx(1)


def test_brightness_does_not_matter() -> None:
    assert alike(cloth(), cv2.convertScaleAbs(cloth(), alpha=1.05)) > 0.99


def test_a_small_shift_does_not_matter() -> None:
    assert alike(cloth()[:, 8:], cloth()[:, :-8]) > ALIKE


def test_a_shift_by_a_quarter_makes_another_picture() -> None:
    assert alike(cloth()[:, 80:], cloth()[:, :-80]) < ALIKE


def test_other_cloth_is_not_a_near_duplicate() -> None:
    assert alike(cloth(0), cloth(1)) < ALIKE


def test_flat_pictures_have_nothing_that_could_be_remembered() -> None:
    assert alike(np.full((48, 64), 100, np.uint8), np.full((48, 64), 100, np.uint8)) == 0


def test_a_shape_at_the_edge_of_empty_ground_is_no_near_duplicate_of_another() -> None:
    wedge, bar = np.full((160, 160), 255, np.uint8), np.full((160, 160), 255, np.uint8)
    wedge[140:, :30], bar[:10, 100:] = 0, 0
    assert alike(wedge, bar) < ALIKE


def test_one_speck_in_common_makes_no_near_duplicates() -> None:
    one = np.full((160, 160), 255, np.uint8)
    one[70:80, 70:80] = 0
    other = one.copy()
    other[:12, :60] = 0
    assert alike(one, other) < ALIKE


@pytest.mark.parametrize("scale", [1, 4])
def test_a_file_is_read_at_any_size(tmp_path: Path, scale: int) -> None:
    picture = cv2.resize(cloth(), (160 * scale, 120 * scale), interpolation=cv2.INTER_AREA)
    write_jpeg(tmp_path / "a.jpg", cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR))
    found = read_small(tmp_path / "a.jpg")
    assert found is not None
    assert correlation(found, small(cloth())) > 0.98


@pytest.mark.parametrize("content", [None, b"", b"no picture"])
def test_a_file_that_is_no_picture_is_none(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "a.jpg").write_bytes(content)
    assert read_small(tmp_path / "a.jpg") is None
