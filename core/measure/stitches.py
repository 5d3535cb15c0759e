"""The period of a straightened seam, and its stitches one by one."""

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from scipy import fft
from scipy.linalg import eigh
from scipy.signal import find_peaks

from core.measure.seam_line import SeamLine

MOST_COLUMNS = 1024  # of a straightened seam; longer ones are sampled more coarsely
LEAST_STITCHES = 3  # a period shows only where it comes again
_CORE, _SIDE = (
    0.022,
    0.065,
)  # of the shorter side: half the width of the thread's band; where the bare cloth begins
SHORTEST = 0.04  # pitch, of the shorter side
_SEARCH = 2.2  # half the width in which the thread's band is sought, in halves of that band
_ALIKE = 0.6  # the first peak of at least this share of the highest is the period (McLeod & Wyvill 2005)
_LEEWAY = 0.25  # of the pitch by which a stitch may be longer or shorter
_PRESENT = 0.45  # of the usual likeness: below it there is no stitch


@dataclass(frozen=True)
class Band:
    """A straightened seam.

    Args:
        seam: (rows, columns) float32, the thread's band.
        cloth: (rows, columns) float32, of both sides of it.
        per_column: pixels of the picture per column.
    """

    seam: np.ndarray
    cloth: np.ndarray
    per_column: float

    @property
    def columns(self) -> int:
        return int(self.seam.shape[1])

    @cached_property
    def contrast(self) -> float:
        """Mean square of the seam over that of the cloth; about 1 where there is no thread."""
        return float(np.square(self.seam).mean() / max(float(np.square(self.cloth).mean()), 1e-9))


@dataclass(frozen=True)
class Stitches:
    """The stitches of a seam.

    Args:
        period: of the seam as a whole, in pixels.
        periodicity: autocorrelation at the period, up to 1.
        weave: autocorrelation of the cloth at the period, as a share of the seam's: about 1 where the weave repeats so.
        places: (n,) where one stitch ends and the next begins, in pixels along the seam.
        steps: (n - 1,) int, from each place to the next in pitches: 1, or more where there was no place.
        unbroken: (n - 1,) bool, where the thread goes on between two places.
    """

    period: float
    periodicity: float
    weave: float
    places: np.ndarray
    steps: np.ndarray
    unbroken: np.ndarray

    @property
    def pitches(self) -> np.ndarray:
        """Pixels from place to place, where none is missing."""
        return np.diff(self.places)[self.steps == 1]

    @property
    def lengths(self) -> np.ndarray:
        """Pixels of each stitch that is neither skipped nor beside a skipped place."""
        return np.diff(self.places)[(self.steps == 1) & ~self.unbroken]

    @property
    def skipped(self) -> np.ndarray:
        """Middles of the places where stitches are skipped, in pixels along the seam."""
        middles = (self.places[1:] + self.places[:-1]) / 2
        return middles[(self.steps > 1) | self.unbroken]


def straighten(picture: np.ndarray, line: SeamLine) -> Band:
    """Return the seam of ``picture`` (H, W, 3) uint8 BGR along a line, and the cloth beside it.

    Both are in the colour that varies most along the seam in comparison with the cloth (a generalised eigenvector, as in
    linear discriminant analysis), without what changes slowly. The thread's band is where the picture varies most.
    """
    short = min(picture.shape[:2])
    per_column = max(1.0, len(line.points) / MOST_COLUMNS)
    marks = np.arange(0, len(line.points) - 1, per_column)
    chosen = marks.astype(int)
    half, side = max(3.0, _CORE * short), max(9.0, _SIDE * short)
    step = max(1.0, half / 5)
    inner = np.arange(-_SEARCH * half, _SEARCH * half + 0.5 * step, step)
    outer = np.linspace(side, side + half, 4)
    across = np.concatenate([inner, -outer, outer])
    grid = line.points[chosen] + across[:, None, None] * line.normals[chosen]
    grid = grid.astype(np.float32)
    band = cv2.remap(picture, grid[..., 0], grid[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
    fine = band.astype(np.float32)
    fine -= cv2.blur(fine, (2 * (len(chosen) // 6) + 1, 1))
    seam, cloth = fine[: len(inner)], fine[len(inner) :]
    of_cloth = _covariance(cloth)
    lively = ((seam @ np.linalg.inv(of_cloth).astype(np.float32)) * seam).sum(axis=(1, 2))
    window = round(half / step)
    lively = cv2.GaussianBlur(lively[None].astype(np.float32), (0, 0), window / 3)[0]
    middle = window + int(lively[window : len(inner) - window].argmax())
    seam = seam[middle - window : middle + window + 1]
    _, colours = eigh(_covariance(seam), of_cloth)
    colour = colours[:, -1].astype(np.float32)
    return Band(seam @ colour, cloth @ colour, per_column)


def _covariance(pixels: np.ndarray) -> np.ndarray:
    flat = pixels.reshape(-1, pixels.shape[-1])
    return np.asarray(flat.T @ flat / len(flat) + 0.5 * np.eye(flat.shape[1], dtype=np.float32), float)


def find_stitches(straightened: Band, shortest: float) -> Stitches | None:
    """Return the stitches of a straightened seam, None where nothing repeats; what repeats in the cloth, too, is its weave.

    Places and lengths are in columns of the band, as is ``shortest``, the least pitch that is sought.
    """
    band, cloth, columns = straightened.seam, straightened.cloth, straightened.columns
    if columns < (LEAST_STITCHES + 1) * shortest:
        return None
    weights = np.exp(-0.5 * np.linspace(-1.6, 1.6, len(band)) ** 2)[:, None].astype(np.float32)
    band = (np.clip(band, *np.percentile(band, (0.5, 99.5))) * weights).astype(np.float32)
    whole, of_cloth = _autocorrelation(band), _autocorrelation(cloth)
    likeness = (whole - of_cloth * float((weights**2).mean())) / max(float(whole[0]), 1e-9)
    found = _period(likeness, shortest, columns / (LEAST_STITCHES + 0.5))
    if found is None:
        return None
    period, periodicity = found
    near = slice(round(period * 0.9), round(period * 1.1) + 1)
    repeats, weave = (float(curve[near].max()) / max(float(curve[0]), 1e-9) for curve in (whole, of_cloth))
    places, steps = _places(band, period)
    unbroken = (steps == 1) & _unbroken(band, places, period)
    return Stitches(period, periodicity, weave / max(repeats, 1e-9), places, steps, unbroken)


def _autocorrelation(rows: np.ndarray) -> np.ndarray:
    """Return the mean autocorrelation (columns // 2,) of ``rows`` along their columns, through the power spectrum."""
    columns = rows.shape[1]
    size = fft.next_fast_len(columns + columns // 2, real=True)
    power = (np.abs(fft.rfft(rows, size, axis=1)) ** 2).mean(axis=0)
    whole = fft.irfft(power, size)[: columns // 2]
    return np.asarray(whole / (columns - np.arange(len(whole))))


def _period(likeness: np.ndarray, shortest: float, longest: float) -> tuple[float, float] | None:
    peaks, _ = find_peaks(likeness, prominence=0.05)
    peaks = peaks[(peaks >= shortest) & (peaks <= min(longest, len(likeness) - 2))]
    if len(peaks) == 0 or (highest := likeness[peaks].max()) <= 0:
        return None
    first = int(peaks[np.argmax(likeness[peaks] >= _ALIKE * highest)])
    return _refined(likeness, first)


def _refined(curve: np.ndarray, peak: int) -> tuple[float, float]:
    """Return place and height of a peak between samples, by a parabola through three of them."""
    if not 0 < peak < len(curve) - 1:
        return float(peak), float(curve[peak])
    left, top, right = (float(v) for v in curve[peak - 1 : peak + 2])
    bend = left - 2 * top + right
    if bend >= 0 or top < max(left, right):
        return float(peak), top
    aside = 0.5 * (left - right) / bend
    return peak + aside, top - 0.25 * (left - right) * aside


def _places(band: np.ndarray, period: float) -> tuple[np.ndarray, np.ndarray]:
    """Return places (n,) of stitches and steps (n - 1,) between them, by likeness with the mean stitch."""
    places, steps = np.arange(period / 2, band.shape[1], period), np.zeros(0, int)
    for _ in range(2):
        likeness = _match(band, _mean_stitch(band, places, period))
        places, steps = _walk(likeness, period)
        if len(places) < 2:
            return places, steps
    return places, steps


def _unbroken(band: np.ndarray, places: np.ndarray, period: float) -> np.ndarray:
    """Return (n - 1,) bool: where the band between two places is the opposite of what it is between most others.

    Of a skipped stitch the thread goes on where the others have a gap, and both of its halves are alike enough to be places.
    """
    if len(places) < 2:
        return np.zeros(0, bool)
    width = max(3, round(period / 2))
    starts = np.rint((places[1:] + places[:-1] - width) / 2).astype(int).clip(0, band.shape[1] - width)
    between = np.stack([band[:, start : start + width] for start in starts])
    usual = np.median(between, axis=0)
    return np.asarray((between * usual).sum(axis=(1, 2)) < 0)


def _mean_stitch(band: np.ndarray, places: np.ndarray, period: float) -> np.ndarray:
    """Return the mean (rows, about a period) around ``places``, turned so that its most striking part is in the middle."""
    width = round(period)
    starts = np.rint(places - period / 2).astype(int)
    starts = starts[(starts >= 0) & (starts + width <= band.shape[1])]
    if len(starts) == 0:
        starts = np.array([0])
    mean = np.median([band[:, start : start + width] for start in starts], axis=0).astype(np.float32)
    mean -= mean.mean(axis=1, keepdims=True)
    smooth = cv2.GaussianBlur(np.tile((mean**2).sum(axis=0), 3)[None], (0, 0), max(period / 12, 0.5))[0]
    striking = int(smooth[width : 2 * width].argmax())
    return np.roll(mean, width // 2 - striking, axis=1) * np.hanning(width + 2)[1:-1].astype(np.float32)


def _match(band: np.ndarray, stitch: np.ndarray) -> np.ndarray:
    """Return how alike ``stitch`` and ``band`` are around each column (columns,), up to 1."""
    width = stitch.shape[1]
    padded = cv2.copyMakeBorder(band, 0, 0, width // 2, width - 1 - width // 2, cv2.BORDER_CONSTANT, value=0)
    return np.asarray(cv2.matchTemplate(padded, stitch, cv2.TM_CCORR_NORMED)[0])


def _walk(likeness: np.ndarray, period: float) -> tuple[np.ndarray, np.ndarray]:
    """Go from the clearest stitch to both sides, a pitch at a time, over what is skipped."""
    start = int(likeness.argmax())
    usual = float(np.percentile(likeness, 100 * (1 - 0.5 / period)))
    right = _one_way(likeness, start, period, _PRESENT * usual)
    left = _one_way(likeness[::-1], len(likeness) - 1 - start, period, _PRESENT * usual)
    marks = [(len(likeness) - 1 - place, steps) for place, steps in left[::-1]]
    places = [place for place, _ in marks] + [_refined(likeness, start)[0]] + [place for place, _ in right]
    steps = [steps for _, steps in marks] + [steps for _, steps in right]
    return np.array(places), np.array(steps, int)


def _one_way(likeness: np.ndarray, start: int, period: float, least: float) -> list[tuple[float, int]]:
    marks: list[tuple[float, int]] = []
    place, steps = float(start), 1
    while (middle := place + steps * period) < len(likeness):
        low = round(middle - _LEEWAY * period)
        window = likeness[low : round(middle + _LEEWAY * period) + 1]
        peak = low + int(window.argmax())
        if likeness[peak] >= least and 0 < peak < len(likeness) - 1:
            place = _refined(likeness, peak)[0]
            marks.append((place, steps))
            steps = 1
        else:
            steps += 1
    return marks
