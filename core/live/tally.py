"""How much of a session was seen, and how much of it the network knew."""

from core.live.events import Reading

STILL = 1.0
"""Seconds from one reading to the next that count as seen; of a longer pause no more."""


class Tally:
    """Counts readings, and the seconds in which something familiar was seen."""

    def __init__(self) -> None:
        self._last: float | None = None
        self.counts = {"readings": 0, "seconds": 0.0, "familiar_seconds": 0.0}

    def add(self, reading: Reading) -> None:
        """Count a reading; times grow."""
        step = 0.0 if self._last is None else min(STILL, max(0.0, reading.time - self._last))
        self._last = reading.time
        self.counts["readings"] += 1
        self.counts["seconds"] = round(self.counts["seconds"] + step, 4)
        if reading.is_familiar:
            self.counts["familiar_seconds"] = round(self.counts["familiar_seconds"] + step, 4)
