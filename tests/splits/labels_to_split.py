"""Labels to split."""

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from tests.helpers import bare_frames

GROUPS = st.dictionaries(st.text("abc", min_size=1, max_size=3), st.integers(1, 12), min_size=3, max_size=20)
SEEDS = st.integers(0, 2**32 - 1)


def frames(sizes: dict[str, int], seed: int = 0) -> pd.DataFrame:
    """Make frames with chance answers; every seventh has none."""
    random = np.random.default_rng(seed)
    rows = [
        (group, i, *random.choice([True, False, None], 2)) for group, n in sizes.items() for i in range(n)
    ]
    table = bare_frames.labels(*rows)
    table.loc[table["index"] % 7 == 6, ["good", "error"]] = pd.NA
    return table


def all_labelled(sizes: dict[str, int]) -> pd.DataFrame:
    return bare_frames.labels(*[(group, i, True, False) for group, n in sizes.items() for i in range(n)])


def labelled(table: pd.DataFrame) -> set[str]:
    return set(table["name"][table[["good", "error"]].notna().any(axis=1)])


def class_of_14() -> pd.DataFrame:
    """14 videos of 220 frames; the length belongs to the video, the defects come in stretches."""
    rows = [
        (f"seam_{v}", i, not error, error, v % 2 == 0)
        for v in range(14)
        for i in range(220)
        for error in [40 <= i < 40 + 15 * (v % 5)]
    ]
    return bare_frames.labels(*rows, attributes=("good", "error", "length"))
