"""What a test cannot show."""

import pytest

from core.training.doubts import cannot_beat_guessing


@pytest.mark.parametrize(
    ("alike", "frames", "cannot"),
    # Wilson: of 6 right of 6 the interval begins at 6 / (6 + 3.84) = 61.0 %, of 35 of 35 at 90.1 %.
    [(3, 6, False), (4, 6, True), (31, 35, False), (32, 35, True), (1000, 1000, True), (1, 1, True)],
)
def test_a_test_that_cannot_beat_guessing(alike: int, frames: int, cannot: bool) -> None:
    assert cannot_beat_guessing(alike, frames) == cannot
