"""Smoothing in time: one doubtful picture shall not ring a bell."""

from math import exp


class Smoother:
    """Exponential smoothing in seconds, not in pictures: the rate of a camera varies.

    Args:
        seconds: after which a step has come through by 63 %; 0 smooths nothing.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._value: float | None = None
        self._time = 0.0

    def add(self, time: float, value: float) -> float:
        """Return the smoothed value at ``time`` (seconds, growing); the first is taken as it is."""
        if self._value is None or self.seconds <= 0:
            self._value = value
        else:
            self._value += (1 - exp(-max(0.0, time - self._time) / self.seconds)) * (value - self._value)
        self._time = time
        return self._value
