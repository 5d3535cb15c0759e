"""Cloth: a height and a colour for every pixel of the strip, then light on it. Woven cloth repeats a tile of its weave."""

from dataclasses import dataclass

import cv2
import numpy as np

from core.demo.plan import STRIP_WIDTH, VideoPlan

_CLOTH = 5  # purpose of the random numbers used here


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


def noise(rng: np.random.Generator, shape: tuple[int, int], cell: float) -> np.ndarray:
    """(rows, columns) float32 smooth noise with features of about `cell` pixels, mean 0, deviation about 1."""
    small = (int(shape[0] / cell) + 3, int(shape[1] / cell) + 3)
    coarse = rng.standard_normal(small, dtype=np.float32)
    return cv2.resize(coarse, shape[::-1], interpolation=cv2.INTER_CUBIC)


def fine_noise(
    rng: np.random.Generator, shape: tuple[int, int], sigma_x: float, sigma_y: float
) -> np.ndarray:
    """(rows, columns) float32 blurred white noise, deviation 1: grain and fibres."""
    grain = cv2.GaussianBlur(rng.standard_normal(shape, dtype=np.float32), (0, 0), sigma_x, sigmaY=sigma_y)
    return grain / float(grain[:512].std() + 1e-6)


def slope(height: np.ndarray, towards: tuple[float, float]) -> np.ndarray:
    """How much the surface `height` (rows, columns) faces the light: its fall along the light's direction."""
    x, y = towards
    kernel = np.array([[0, y, 0], [x, 0, -x], [0, -y, 0]], dtype=np.float32) / 2
    return cv2.filter2D(height, -1, kernel)


def render_fabric(plan: VideoPlan) -> np.ndarray:
    """(strip_height, STRIP_WIDTH, 3) float32 BGR 0..1: the cloth alone, lit, without seam."""
    rng = plan.rng(_CLOTH)
    shape = (plan.strip_height, STRIP_WIDTH)
    weave = plan.fabric.weave
    makers = {"leather": _leather, "felt": _felt}
    cloth = makers[weave](plan, rng, shape) if weave in makers else _woven(plan, rng, shape)
    relief = slope(cloth.height, plan.light.towards) * plan.light.strength * cloth.depth
    shade = np.clip(cloth.deep + (1 - cloth.deep) * cloth.height + relief, 0.12, 1.6) * cloth.tone
    shade /= float(shade[:512].mean())  # else deep weaves would be dark cloth
    first, second = (np.array(c, np.float32) for c in (plan.fabric.colour, plan.fabric.second))
    albedo = second + cloth.share[:, :, None] * (first - second)
    return albedo * shade[:, :, None]


def _woven(plan: VideoPlan, rng: np.random.Generator, shape: tuple[int, int]) -> Cloth:
    """Cloth of yarns: a tile of the weave, sampled along bent yarns of uneven thickness and tone."""
    u, v = _yarns(plan, rng, shape)
    cell = max(8, round(plan.fabric.period * 1.5))
    weave, look = plan.fabric.weave, FLOATS[plan.fabric.weave]
    tile = knit_tile(cell) if weave == "knit" else weave_tile(weave, cell)
    cells = tile.shape[0] // cell
    at_x, at_y = np.mod(u, cells) * cell, np.mod(v, cells) * cell
    picked = cv2.remap(tile, at_x, at_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    height, share = picked[:, :, 0], picked[:, :, 1]
    warp_tone, weft_tone = _yarn_tone(rng, u, v), _yarn_tone(rng, v, u)
    fibre = fine_noise(rng, shape, 0.8, 1.6)
    tone = 1 + look.uneven * (weft_tone + share * (0.6 * warp_tone - weft_tone)) + 0.05 * fibre
    return Cloth(height, share, np.clip(tone, 0.45, 1.7), look.depth, look.deep)


def _yarns(
    plan: VideoPlan, rng: np.random.Generator, shape: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """(rows, columns) float32 each: on which warp yarn (u) and which weft yarn (v) a pixel lies."""
    angle = np.radians(plan.fabric.tilt)
    c, s = float(np.cos(angle)), float(np.sin(angle))  # numpy's own scalars would make everything float64
    period = plan.fabric.period
    x, y = np.arange(shape[1], dtype=np.float32), np.arange(shape[0], dtype=np.float32)[:, None]
    look = FLOATS[plan.fabric.weave]
    bend_u = look.bend * (0.5 * noise(rng, shape, 260) + 0.12 * noise(rng, shape, 45))
    bend_v = look.bend * (0.7 * noise(rng, shape, 260) + 0.15 * noise(rng, shape, 45))
    u = (x * c + y * s) / period + bend_u
    v = (y * c - x * s) / (period * look.aspect) + bend_v
    return (u + 1000).astype(np.float32), (v + 1000).astype(np.float32)


def _yarn_tone(rng: np.random.Generator, across: np.ndarray, along: np.ndarray) -> np.ndarray:
    """(rows, columns) float32: every yarn has a tone of its own that changes slowly along it."""
    yarns, low = int(across.max() - across.min()) + 3, float(across.min())
    lengths, start = int((along.max() - along.min()) / 5) + 3, float(along.min())
    table = rng.standard_normal((lengths, yarns), dtype=np.float32) * 0.75
    table += rng.standard_normal(yarns, dtype=np.float32) * 0.55
    return cv2.remap(table, np.floor(across - low), (along - start) / 5, cv2.INTER_LINEAR)


def _leather(plan: VideoPlan, rng: np.random.Generator, shape: tuple[int, int]) -> Cloth:
    """Smooth coated cloth: small pebbles between fine furrows."""
    size = plan.fabric.period
    grain = fine_noise(rng, shape, size * 0.42, size * 0.36)
    coarse = fine_noise(rng, shape, size * 1.1, size * 0.8)
    height = np.sqrt(np.abs(grain) + 0.05) * 0.8 + 0.08 * coarse
    tone = 1 + 0.03 * noise(rng, shape, 40) + 0.02 * fine_noise(rng, shape, 0.7, 0.7)
    return Cloth(height, np.ones(shape, np.float32), tone, 0.33, 0.88)


def _felt(plan: VideoPlan, rng: np.random.Generator, shape: tuple[int, int]) -> Cloth:
    """Fine crepe: short fibres that lie about, more across than along."""
    size = plan.fabric.period
    crepe = fine_noise(rng, shape, size * 0.55, size * 0.32)
    fibres = fine_noise(rng, shape, size * 0.9, 0.6)
    height = 0.5 + 0.20 * crepe + 0.07 * fibres
    tone = 1 + 0.02 * noise(rng, shape, 22) + 0.045 * fine_noise(rng, shape, 0.7, 0.7)
    return Cloth(height, 0.5 + 0.3 * fibres, tone, 0.75, 0.72)
