"""Where the seam runs in each frame of the demo class. It follows from the plan alone, like the rest of the truth."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd

from core.demo.camera import positions, views
from core.demo.plan import FRAME_HEIGHT, PX_PER_MM, VideoPlan
from core.demo.sample_plan import video_plan
from core.demo.seam import seam_x
from core.demo.truth import truth, truth_table
from core.files import replacing
from core.media.library import videos
from core.workspace import Workspace

HALF_MM = 3.0
"""The band reaches so far to each side of the seam: threads that are pulled wide lie further out, in their boxes."""

_NOTE = re.compile(r"Rendered by SeamLens: (\d+) videos of (\d+) frames, seed (\d+)\.")
_STEP = 16  # pixels of the strip between two points of the line


def store_seam_lines(workspace: Workspace) -> None:
    """Write `truth/<video>_seam.csv` of each rendered video that has none yet; other workspaces are left alone.

    A plan that gives another truth than the stored one is not the plan of that video.
    """
    match = _NOTE.match(workspace.note)
    missing = (
        {v.key for v in videos(workspace) if not _seam_file(workspace, v.key).exists()} if match else set()
    )
    if not match or not missing:
        return
    for plan in video_plan(int(match[3]), int(match[1]), int(match[2])):
        if plan.name in missing and _is_plan_of(workspace, plan):
            with replacing(_seam_file(workspace, plan.name)) as partial:
                seam_lines(plan).to_csv(partial, index=False)


def _seam_file(workspace: Workspace, video: str) -> Path:
    return workspace.path / "truth" / f"{video}_seam.csv"


def _is_plan_of(workspace: Workspace, plan: VideoPlan) -> bool:
    file = workspace.path / "truth" / f"{plan.name}_truth.csv"
    if not file.is_file():
        return False
    stored, made = pd.read_csv(file), truth_table(plan.name, truth(plan))
    return len(made) == len(stored) and made["boxes"].tolist() == stored["boxes"].fillna("").tolist()


def seam_lines(plan: VideoPlan) -> pd.DataFrame:
    """Return per frame its `index`, the `line` of the seam ("x,y;x,y;…", pixels) and the `width` of its band (pixels)."""
    width = round(2 * HALF_MM * PX_PER_MM)
    lines = [_line(plan, view, top) for view, top in zip(views(plan), positions(plan)[:, 1], strict=True)]
    return pd.DataFrame({"index": range(len(lines)), "line": lines, "width": width})


def _line(plan: VideoPlan, view: np.ndarray, top: float) -> str:
    rows = np.arange(top - 60, top + FRAME_HEIGHT + 60, _STEP)
    points = np.stack([seam_x(plan, rows), rows], axis=1) @ view[:, :2].T + view[:, 2]
    return ";".join(f"{x},{y}" for x, y in np.rint(points).astype(int))
