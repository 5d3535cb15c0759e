"""One repeat of a weave or a knit, as a small picture of yarns that lie over and under each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Cloth:
    """`height`, `share` of the warp's colour, `tone` (rows, columns) float32; `depth` of its relief; `deep`:
    brightness of the lowest places."""

    height: np.ndarray
    share: np.ndarray
    tone: np.ndarray
    depth: float
    deep: float


@dataclass(frozen=True)
class Weave:
    """`over[i][j]`: warp yarn i lies over weft yarn j. `widths`: warp and weft as a share of their distance."""

    over: tuple[tuple[int, ...], ...]
    widths: tuple[float, float]
    aspect: float  # distance of the wefts over distance of the warps
    uneven: float  # how much the yarns differ in tone
    depth: float
    deep: float
    bend: float  # how crooked the yarns lie, in yarns
    weft: float = 1.0  # height of the weft: low in cloth that shows only its warp
    swell: float = 0.16  # by how much a yarn's bump is longer than its way over the others


FLOATS: dict[str, Weave] = {
    "plain": Weave(((1, 0), (0, 1)), (0.76, 0.76), 1.0, 0.12, 0.45, 0.52, 0.9),
    "canvas": Weave(((1, 0), (0, 1)), (1.45, 0.7), 1.25, 0.06, 0.45, 0.64, 0.35, 0.45, 0.5),
    "twill": Weave(((0, 1, 1), (1, 1, 0), (1, 0, 1)), (1.05, 0.95), 0.95, 0.20, 0.45, 0.50, 1.0),
    "knit": Weave(((1,),), (1.0, 1.0), 0.85, 0.06, 0.70, 0.34, 0.5),
}


def weave_tile(name: str, cell: int) -> np.ndarray:
    """(n * cell, n * cell, 2) float32: height 0..1 and share of the warp; joins itself on all sides."""
    weave = FLOATS[name]
    over = np.array(weave.over, dtype=bool)  # (warp i, weft j)
    n = len(over)
    y, x = np.mgrid[0 : n * cell, 0 : n * cell].astype(np.float32) / cell
    height, share = np.zeros_like(x), np.full_like(x, 0.5)
    for i in range(n):
        for warp, line in ((True, over[i]), (False, ~over[:, i])):
            across, along = (x, y) if warp else (y, x)
            width = weave.widths[0 if warp else 1]
            under = 0.34 * _round(_distance(across, i + 0.5, n) / (width / 2))
            lift = 1.0 if warp else weave.weft
            _lay(height, share, lift * under, warp)
            for start, length in _runs(line):
                far = _distance(along, start + length / 2, n) / ((length + weave.swell) / 2)
                bump = _round(_distance(across, i + 0.5, n) / (width / 2)) * _round(far)
                _lay(height, share, lift * bump, warp)
    return np.stack([height, share], axis=2)


def knit_tile(cell: int) -> np.ndarray:
    """(cell, cell, 2) float32: one V of a stockinette, two legs that lean to each other."""
    y, x = np.mgrid[0:cell, 0:cell].astype(np.float32) / cell
    height = np.zeros_like(x)
    for centre, lean in ((0.27, 0.34), (0.73, -0.34)):
        for row in (-1, 0, 1):  # the legs of the rows above and below reach into this one
            down = y - 0.5 - row
            across = _distance(x, centre, 1, lean * down)
            height = np.maximum(height, _round(across / 0.25) * _round(np.abs(down) / 0.85))
    return np.stack([height, np.ones_like(height)], axis=2)


def _round(d: np.ndarray) -> np.ndarray:
    """Height of a round yarn at `d`, 0 in its middle, 1 at its edge."""
    return np.sqrt(np.clip(1 - d**2, 0, 1))


def _distance(at: np.ndarray, centre: float, repeat: float, shift: np.ndarray | float = 0.0) -> np.ndarray:
    """Distance to a line at `centre` (moved by `shift`) that comes again after every `repeat`."""
    return np.abs(np.mod(at - centre - shift + repeat / 2, repeat) - repeat / 2)


def _lay(height: np.ndarray, share: np.ndarray, bump: np.ndarray, warp: bool) -> None:
    """Put a yarn where it is the highest so far (changes `height` and `share`)."""
    top = bump > height
    height[top], share[top] = bump[top], float(warp)


def _runs(line: np.ndarray) -> list[tuple[int, int]]:
    """(start, length) of the stretches of True in a line that closes to a ring."""
    n = len(line)
    if line.all():
        return [(0, n)]
    starts = [i for i in range(n) if line[i] and not line[i - 1]]
    return [(s, next(k for k in range(1, n + 1) if not line[(s + k) % n])) for s in starts]
