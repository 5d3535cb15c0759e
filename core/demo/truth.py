"""What is true of every frame, and where its seam runs. It follows from the plan alone, without rendering."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.demo.camera import positions, views
from core.demo.defects import fit_all
from core.demo.plan import FRAME_HEIGHT, FRAME_WIDTH, PX_PER_MM, VideoPlan
from core.demo.seam import seam_x, short_share

COUNTS_FROM = 0.5  # share of a defect's length that must be in the picture
DECIDES_FROM = 0.75  # share of the visible seam that one pitch must have
KINDS = ("error", "break")
HALF_MM = 3.0  # the band of the seam reaches so far to each side; threads pulled wide lie further out, in their boxes
_STEP = 16  # pixels of the strip between two points of the seam's line


@dataclass(frozen=True)
class Defect:
    """A defect in a frame. `box` is x1, y1, x2, y2 in the frame's pixels, clipped; `edge`: only a sliver of it."""

    kind: str
    box: tuple[int, int, int, int]
    edge: bool


@dataclass(frozen=True)
class FrameTruth:
    """What is true of the frame `index`; an answer is None where the picture does not decide it."""

    index: int
    answers: dict[str, bool | None]
    defects: tuple[Defect, ...]


def truth(plan: VideoPlan) -> list[FrameTruth]:
    """The truth of all frames of a video, in order."""
    fitted = fit_all(plan)
    boxes = frame_boxes(np.array([f.box for f in fitted]).reshape(-1, 4), views(plan))
    tops = positions(plan)[:, 1]
    frames = []
    for index, (in_frame, top) in enumerate(zip(boxes, tops, strict=True)):
        defects = tuple(d for f, box in zip(fitted, in_frame, strict=True) if (d := clip(f.kind, box)))
        length = pitch_answer(short_share(plan, top, top + FRAME_HEIGHT))
        frames.append(FrameTruth(index, defect_answers(defects) | {"length": length}, defects))
    return frames


def frame_boxes(boxes: np.ndarray, maps: np.ndarray) -> np.ndarray:
    """(frames, n, 4) the strip's boxes (n, 4) as each frame sees them through `maps` (frames, 2, 3), unclipped."""
    corners = boxes[:, [[0, 1], [2, 1], [2, 3], [0, 3]]]  # (n, 4 corners, 2)
    placed = np.einsum("fij,ncj->fnci", maps[:, :, :2], corners) + maps[:, None, None, :, 2]
    return np.concatenate([placed.min(axis=2), placed.max(axis=2)], axis=2)


def clip(kind: str, box: np.ndarray) -> Defect | None:
    """The defect with its box (4,) cut to the picture; None where it is not in the picture."""
    x1, y1, x2, y2 = np.round(box).astype(int)
    inside = max(x1, 0), max(y1, 0), min(x2, FRAME_WIDTH), min(y2, FRAME_HEIGHT)
    if inside[0] >= inside[2] or inside[1] >= inside[3]:
        return None
    share = (inside[3] - inside[1]) / (y2 - y1)
    left, top, right, bottom = (int(v) for v in inside)
    return Defect(kind, (left, top, right, bottom), bool(share < COUNTS_FROM))


def defect_answers(defects: tuple[Defect, ...]) -> dict[str, bool | None]:
    """good, error and break: a whole defect is true, a sliver leaves open what it would have been."""
    whole = {d.kind for d in defects if not d.edge}
    slivers = {d.kind for d in defects if d.edge}
    answers: dict[str, bool | None] = {"good": False if whole else None if slivers else True}
    for kind in KINDS:
        answers[kind] = True if kind in whole else None if kind in slivers else False
    return answers


def pitch_answer(share: float) -> bool | None:
    """length: true for the short stitch, false for the long one, None where neither clearly has the most."""
    return True if share >= DECIDES_FROM else False if share <= 1 - DECIDES_FROM else None


def truth_table(name: str, frames: list[FrameTruth]) -> pd.DataFrame:
    """The truth as a lookup table with two columns more: `edge` and `boxes`."""
    rows = []
    for frame in frames:
        slivers = sorted({d.kind for d in frame.defects if d.edge})
        boxes = [f"{d.kind}:{','.join(map(str, d.box))}" for d in frame.defects]
        places = {"edge": ";".join(slivers), "boxes": ";".join(boxes)}
        rows.append({"name": f"{name}_{frame.index}", **frame.answers, **places})
    columns = ["name", "good", "error", "break", "length", "edge", "boxes"]
    return pd.DataFrame(rows, columns=columns, dtype=object)


def seam_lines(plan: VideoPlan) -> pd.DataFrame:
    """Return per frame its `index`, the `line` of the seam ("x,y;x,y;…", pixels) and the `width` of its band (pixels)."""
    width = round(2 * HALF_MM * PX_PER_MM)
    lines = [
        _seam_line(plan, view, top) for view, top in zip(views(plan), positions(plan)[:, 1], strict=True)
    ]
    return pd.DataFrame({"index": range(len(lines)), "line": lines, "width": width})


def _seam_line(plan: VideoPlan, view: np.ndarray, top: float) -> str:
    rows = np.arange(top - 60, top + FRAME_HEIGHT + 60, _STEP)
    points = np.stack([seam_x(plan, rows), rows], axis=1) @ view[:, :2].T + view[:, 2]
    return ";".join(f"{x},{y}" for x, y in np.rint(points).astype(int))
