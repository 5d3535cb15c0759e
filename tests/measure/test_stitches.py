"""Stitches of a straightened seam that is drawn here, a column at a time."""

import numpy as np
import pytest

from core.measure.stitches import Band, find_stitches

PITCH, COLUMNS, ROWS = 40, 480, 11


def test_thread_that_goes_on_between_two_places_is_a_skipped_stitch() -> None:
    columns = np.arange(COLUMNS)
    thread = np.exp(-(((columns + PITCH / 2) % PITCH - PITCH / 2) ** 2) / 50)  # in the middle of each pitch
    thread[5 * PITCH - 14 : 6 * PITCH + 14] = 0
    thread[5 * PITCH - 8 : 6 * PITCH + 8] = 1  # of one stitch instead of two
    noise = np.random.default_rng(1).normal(0, 0.05, (2 * ROWS, COLUMNS))
    seam = thread - thread.mean() + noise[:ROWS]
    found = find_stitches(Band(seam.astype(np.float32), noise[ROWS:].astype(np.float32), 1.0), PITCH / 2)
    assert found is not None
    assert found.period == pytest.approx(PITCH, rel=0.05)
    assert found.skipped == pytest.approx([5.5 * PITCH], abs=5)
