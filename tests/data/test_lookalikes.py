"""Runs of frames that look alike."""

from core.data.lookalikes import ALIKE, lookalikes


def bits(number: int) -> str:
    """A hash with so many bits set."""
    return f"{(1 << number) - 1:016x}"


def test_equal_frames_are_of_the_run_of_the_first() -> None:
    assert lookalikes([bits(3)] * 3) == [0, 0, 0]


def test_a_frame_that_differs_in_as_many_bits_as_allowed_looks_alike() -> None:
    assert lookalikes([bits(0), bits(ALIKE)]) == [0, 0]


def test_a_frame_that_differs_in_one_bit_more_begins_a_run() -> None:
    assert lookalikes([bits(0), bits(ALIKE + 1), bits(ALIKE + 1)]) == [0, 1, 1]


def test_a_slow_change_ends_a_run_when_it_has_added_up() -> None:
    assert lookalikes([bits(i) for i in range(ALIKE + 3)]) == [0] * (ALIKE + 1) + [ALIKE + 1] * 2


def test_a_frame_that_comes_back_begins_a_run_of_its_own() -> None:
    assert lookalikes([bits(0), bits(40), bits(0)]) == [0, 1, 2]


def test_no_frames_have_no_runs() -> None:
    assert lookalikes([]) == []
