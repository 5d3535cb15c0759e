"""The shape of an error (thread pulled wide into a loop) and of a break (thread cut, stitches missing)."""

from dataclasses import dataclass

import numpy as np

from core.demo.plan import DefectPlan, VideoPlan
from core.demo.seam import needle_holes
from core.demo.thread import Strand, strand

# Corners of the loops: (share of the way from the first to the last hole, share of the reach off the seam).
LOOPS: dict[str, tuple[tuple[float, float], ...]] = {
    "arc": ((0, 0), (0.0, 0.55), (0.22, 1.1), (0.78, 1.1), (1.0, 0.55), (1, 0)),
    "omega": ((0, 0), (0.3, 0.25), (-0.15, 0.75), (0.2, 1.2), (0.8, 1.2), (1.15, 0.75), (0.7, 0.25), (1, 0)),
    "sag": ((0, 0), (-0.05, 0.3), (0.05, 0.95), (0.5, 1.3), (0.95, 0.9), (1.15, 0.3), (1, 0)),
    "ring": ((0, 0), (0.55, 0.35), (1.0, 0.75), (0.75, 1.2), (0.25, 1.2), (0.0, 0.75), (0.45, 0.35), (1, 0)),
    "slack": ((0, 0), (0.05, 0.9), (0.35, 1.2), (0.5, 0.55), (0.65, 1.0), (0.95, 1.0), (1, 0)),
}
BREAKS = ("two ends", "long end", "short ends")


@dataclass(frozen=True)
class FittedDefect:
    """A defect in place: stitches `first`..`last` - 1 are gone from the seam, `strands` lie there instead."""

    kind: str
    first: int
    last: int
    strands: tuple[Strand, ...]
    box: np.ndarray  # (4,) x1, y1, x2, y2 in strip pixels


def fit_defect(plan: VideoPlan, defect: DefectPlan, holes: np.ndarray | None = None) -> FittedDefect:
    """Fit a defect to the needle holes (n, 2): a loop comes out of one hole and goes into another."""
    holes = needle_holes(plan) if holes is None else holes
    first = int(np.argmin(np.abs(holes[:, 1] - (defect.y - defect.length / 2))))
    last = int(np.argmin(np.abs(holes[:, 1] - (holes[first, 1] + defect.length))))
    last = max(last, first + 1)
    rng = np.random.default_rng([plan.seed, 2, defect.seed])
    shape = _loop if defect.kind == "error" else _break
    strands = shape(defect, holes[first], holes[last], plan.thread.radius, rng)
    boxes = [s.box() for s in strands] + [_line_box(holes[first], holes[last], plan.thread.radius)]
    corners = np.stack(boxes)
    box = np.concatenate([corners[:, :2].min(axis=0), corners[:, 2:].max(axis=0)])
    return FittedDefect(defect.kind, first, last, strands, box)


def fit_all(plan: VideoPlan) -> list[FittedDefect]:
    """All defects of a video in place."""
    holes = needle_holes(plan)
    return [fit_defect(plan, defect, holes) for defect in plan.defects]


def _line_box(first: np.ndarray, last: np.ndarray, radius: float) -> np.ndarray:
    """Box (4,) of the piece of seam between two holes."""
    ends = np.stack([first, last])
    return np.concatenate([ends.min(axis=0) - radius, ends.max(axis=0) + radius])


def _loop(
    d: DefectPlan, a: np.ndarray, b: np.ndarray, radius: float, rng: np.random.Generator
) -> tuple[Strand, ...]:
    """The thread between holes `a` and `b` (2,), pulled out to one side."""
    shares = np.array(LOOPS[d.shape])
    inner = shares[1:-1] + rng.normal(0, 0.06, shares[1:-1].shape)
    shares = np.concatenate([shares[:1], inner, shares[-1:]])
    along = b - a
    off = d.side * np.array([along[1], -along[0]]) / np.hypot(*along)
    return (strand(a + shares[:, :1] * along + shares[:, 1:] * d.reach * off, radius),)


def _break(
    d: DefectPlan, a: np.ndarray, b: np.ndarray, radius: float, rng: np.random.Generator
) -> tuple[Strand, ...]:
    """The two cut ends, that come out of holes `a` and `b` (2,) and lie beside the gap."""
    lengths = {"two ends": (0.9, 0.85), "long end": (1.3, 0.5), "short ends": (0.65, 0.6)}[d.shape]
    sides = (d.side, d.side if rng.random() < 0.4 else -d.side)
    longest = 0.45 * float(np.hypot(*(b - a)))  # two ends that meet would look like a loop
    strands: list[Strand] = []
    for hole, down, share, side in zip((a, b), (1.0, -1.0), lengths, sides, strict=True):
        strands += _cut_end(hole, down, min(share * d.reach, longest), side, radius, rng)
    return tuple(strands)


def _cut_end(
    hole: np.ndarray, down: float, length: float, side: int, radius: float, rng: np.random.Generator
) -> list[Strand]:
    """One cut end: a bent piece of thread whose tip opens into thin fibres."""
    angle = rng.uniform(0.45, 1.2)  # off the seam; a cut end springs aside
    way = np.array([side * np.sin(angle), down * np.cos(angle)])
    bend = np.array([-way[1], way[0]]) * rng.uniform(-0.25, 0.25) * length
    tip = hole + way * length
    corners = np.stack([hole, hole + way * length * 0.3, hole + way * length * 0.65 + bend, tip])
    pieces = [strand(corners, radius, tip=0.75, end=0.8)]
    for _ in range(int(rng.integers(5, 9))):
        turn = rng.normal(0, 0.7)
        spread = way * np.cos(turn) + np.array([-way[1], way[0]]) * np.sin(turn)
        root = tip - way * rng.uniform(1, 0.3 * length)
        far = root + spread * rng.uniform(0.35, 0.6) * max(length, 20)
        corners = np.stack([root, (root + far) / 2 + rng.normal(0, 2, 2), far])
        pieces.append(strand(corners, radius * 0.34, 0.6, 0.6, 0.6))
    return pieces
