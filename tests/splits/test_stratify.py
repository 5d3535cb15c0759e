"""What a division of groups over parts looks for beyond shares and rates."""

import numpy as np

from core.splits.stratify import assign_groups, sizes_of

THIRDS = np.full(3, 1 / 3)


def test_what_is_unset_makes_no_combination() -> None:
    sizes = sizes_of(np.array([0, 0, 1]), np.array([[1, 0], [1, np.nan], [0, 0]]))
    assert sizes.combinations.tolist() == [[0, 1], [1, 0]]


def test_positives_and_negatives_are_counted_per_group() -> None:
    sizes = sizes_of(np.array([0, 0, 1]), np.array([[1, 0], [1, np.nan], [0, 0]]))
    assert sizes.answers.tolist() == [[2, 0, 0, 1], [0, 0, 1, 1]]


def rare() -> tuple[np.ndarray, np.ndarray]:
    """Nine groups of 100 frames, half of each attribute true in all; three have 20 frames with both true at once."""
    rows = []
    for group in range(9):
        both = 20 if group < 3 else 0
        for i in range(100):
            rows.append((group, i < 50, i < both or i >= 50 + both))
    table = np.array(rows, float)
    return table[:, 0].astype(np.int64), table[:, 1:]


def test_every_part_gets_some_of_a_rare_combination() -> None:
    groups, answers = rare()
    for seed in range(10):
        parts = assign_groups(sizes_of(groups, answers), THIRDS, seed)
        assert sorted(parts[:3]) == [0, 1, 2]


def test_fixed_groups_stay() -> None:
    groups, answers = rare()
    fixed = np.array([0, 1, 2, 2, 2, -1, -1, -1, -1])
    parts = assign_groups(sizes_of(groups, answers), THIRDS, 0, fixed)
    assert parts[:5].tolist() == [0, 1, 2, 2, 2]
    assert sorted(parts[5:]) == [0, 0, 1, 1]
