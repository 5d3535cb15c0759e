"""Which frames a network is in doubt of: those would teach it most, once somebody has labelled them."""

from core.events.detector import UNFAMILIAR
from core.inspection.reading import Reading
from core.runs.run import Run

NEAR = 2.0
"""Of the odds of a probability and those of its threshold: up to how many times the other one of them may be."""
APART = 1.0
"""Seconds from one kept frame to the next: neighbours are nearly the same picture."""
MOST = 200
"""Frames of a session that are kept."""
_EPSILON = 1e-6


class Doubts:
    """Chooses frames to be labelled among the readings of a session.

    Args:
        run: whose network reads.
    """

    def __init__(self, run: Run) -> None:
        self._thresholds = dict(zip(run.attributes.names, run.thresholds.tolist(), strict=True))
        self._exclusive = run.attributes.exclusive
        self._last, self._count = float("-inf"), 0

    def choose(self, reading: Reading) -> str:
        """Return why the frame of the next reading should be kept; empty where it need not, or one was kept just now."""
        away = abs(reading.time - self._last)  # a replay begins again
        why = self.why(reading) if away >= APART and self._count < MOST else ""
        if why:
            self._last, self._count = reading.time, self._count + 1
        return why

    def why(self, reading: Reading) -> str:
        """Return in words what is doubtful of a reading; empty where nothing is."""
        if not reading.is_familiar:
            return UNFAMILIAR
        odds = {name: _odds(p) for name, p in reading.probabilities.items()}
        if self._exclusive:
            first, second = sorted(odds, key=odds.__getitem__, reverse=True)[:2]
            near = reading.probabilities[first] < NEAR * reading.probabilities[second]
            return f"{first} or {second}" if near else ""
        names = [name for name, o in odds.items() if 1 / NEAR < o / _odds(self._thresholds[name]) < NEAR]
        return f"{', '.join(names)} near the threshold" if names else ""


def _odds(probability: float) -> float:
    inside = min(1 - _EPSILON, max(_EPSILON, probability))
    return inside / (1 - inside)
