"""Lowers the rate, then the size, of live pictures before their delay grows, and raises them again when there is room."""

from dataclasses import dataclass
from math import inf
from time import monotonic

from core.live.delay import Delay


@dataclass(frozen=True)
class Step:
    """What a stream is allowed: pictures a second, and the pixels of the longer side of what is shown."""

    rate: int
    side: int

    @property
    def low(self) -> float:
        """Seconds of delay below which a stream of this step may be raised: where fewer pictures come, each waits longer for the next.

        >>> [round(step.low, 2) for step in STEPS]
        [0.25, 0.28, 0.3, 0.33, 0.39]
        """
        return LOW + HELD * (1 / self.rate - 1 / STEPS[0].rate)


STEPS = (Step(30, 640), Step(20, 640), Step(15, 640), Step(12, 640), Step(8, 480))
"""From the full stream to the least one that is still live."""
HIGH, LOW = 0.4, 0.25
"""Seconds of delay above which a stream is lowered, and below which the full one is well; see `Step.low`."""
HELD = 1.5
"""Pictures that are on their way to the page at any time, however many come a second."""
LOWERED, RAISED = 3.0, 6.0
"""Seconds from one step down to the next, so that its effect is seen, and of a low delay before a step up."""
SETTLING = 6.0
"""Seconds at the start of a stream in which the delay says nothing: connections and encoders find their rate."""
LONGEST = 60.0
"""Seconds of a low delay at most: after each raise that was too much they are doubled."""


class Pace:
    """The pace of one stream, by the delays that its page measures."""

    def __init__(self) -> None:
        self.level, self._patience = 0, RAISED
        self._changed = self._raised = -inf
        self._low_since: float | None = None
        self._begun: float | None = None

    @property
    def step(self) -> Step:
        """What is allowed now."""
        return STEPS[self.level]

    def hear(self, delay: float, now: float | None = None) -> None:
        """Take a ``delay`` in seconds; ``now`` is `time.monotonic`."""
        now = monotonic() if now is None else now
        if self._begun is None:
            self._begun = now
        if now - self._begun < SETTLING:
            return
        if delay > self.step.low:
            self._low_since = None
        elif self._low_since is None:
            self._low_since = now
        if delay > HIGH and self.level < len(STEPS) - 1 and now - self._changed >= LOWERED:
            self._lower(now)
        elif self.level and self._low_since is not None and now - self._low_since >= self._patience:
            self.level, self._changed, self._raised, self._low_since = self.level - 1, now, now, now

    def _lower(self, now: float) -> None:
        # A raise that was too much is tried again later and later; one that held is no reason to wait.
        is_too_soon = now - self._raised < 2 * RAISED
        self._patience = min(LONGEST, 2 * self._patience) if is_too_soon else RAISED
        self.level, self._changed = self.level + 1, now


def described(delay: Delay | None, rate: float, level: int, has_training: bool) -> str:
    """Say how far the picture is behind, how many come a second (``rate``), and why not more; empty without a delay.

    >>> described(Delay(0.2, False), 27.4, 0, False)
    '0.2 s behind the camera · 27 pictures a second'
    >>> described(Delay(0.34, True), 12, 3, True)
    'At least 0.3 s behind the camera · 12 pictures a second, because a training runs'
    """
    if delay is None:
        return ""
    least = "At least " if delay.is_least else ""
    text = f"{least}{delay.seconds:.1f} s behind the camera · {round(rate)} pictures a second"
    if not level:
        return text + (", while a training runs" if has_training else "")
    return text + (
        ", because a training runs" if has_training else ", because this computer or the network is busy"
    )
