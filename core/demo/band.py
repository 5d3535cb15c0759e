"""Where the seam runs in each frame of the demo class. It follows from the plan alone, like the rest of the truth."""

from __future__ import annotations

import re
from functools import lru_cache

import cv2
import numpy as np
import pandas as pd

from core.demo.camera import positions, views
from core.demo.plan import FRAME_HEIGHT, FRAME_WIDTH, PX_PER_MM, VideoPlan
from core.demo.sample_plan import video_plan
from core.demo.seam import seam_x
from core.demo.truth import truth, truth_table

HALF_MM = 3.0
"""The band reaches so far to each side of the seam: threads that are pulled wide lie further out, in their boxes."""

_NOTE = re.compile(r"Rendered by SeamLens: (\d+) videos of (\d+) frames, seed (\d+)\.")
_STEP = 16  # pixels of the strip between two points of the line


def plan_of(note: str, video: str, known: pd.DataFrame) -> VideoPlan | None:
    """Return the plan of a video of the demo class; none where the workspace holds another class.

    Args:
        note: of the workspace.
        video: key of the video.
        known: the truth that was stored when it was rendered; a plan that gives another truth is not the one.
    """
    match = _NOTE.match(note)
    plans = _plans(int(match[3]), int(match[1]), int(match[2])) if match else []
    plan = next((plan for plan in plans if plan.name == video), None)
    if plan is None:
        return None
    made = truth_table(plan.name, truth(plan))
    same = len(made) == len(known) and made["boxes"].tolist() == known["boxes"].fillna("").tolist()
    return plan if same else None


@lru_cache(maxsize=2)
def _plans(seed: int, videos: int, frames: int) -> list[VideoPlan]:
    return video_plan(seed, videos, frames)


def bands(plan: VideoPlan, indices: list[int]) -> list[np.ndarray]:
    """Return the band of each frame of ``indices``: (480, 640) bool, true within HALF_MM of the seam."""
    maps, tops = views(plan), positions(plan)[:, 1]
    return [_band(plan, maps[index], float(tops[index])) for index in indices]


def _band(plan: VideoPlan, view: np.ndarray, top: float) -> np.ndarray:
    rows = np.arange(top - 60, top + FRAME_HEIGHT + 60, _STEP)
    line = np.stack([seam_x(plan, rows), rows], axis=1) @ view[:, :2].T + view[:, 2]
    drawn = np.zeros((FRAME_HEIGHT, FRAME_WIDTH), np.uint8)
    cv2.polylines(drawn, [np.rint(line).astype(np.int32)], False, 1, round(2 * HALF_MM * PX_PER_MM))
    return drawn.astype(bool)
