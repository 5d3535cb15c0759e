"""How far the picture on the page is behind the camera, from glass to glass.

Each live picture has a number at its foot (`core.live.picture_code`). The page says which number it shows, and when by its own
clock. When the picture was taken is known by the browser's clock where its camera is the browser's (WebRTC tells it, see
`ui.live.capture_clock`), and by the server's where it is the server's. The page knows how the two clocks differ from questions
that were answered at once, as NTP does.
"""

import threading
from dataclasses import dataclass

from core.live.recent_values import RecentValues

REMEMBERED = 600
"""Pictures, 20 seconds of a camera, that may still be on their way to the page."""
SLACK = 0.1
"""Seconds by which two clocks that tell the same may differ."""
LONGEST = 60.0
"""Seconds: what is longer behind is the error of a clock."""


@dataclass(frozen=True)
class Delay:
    """How far the picture is behind.

    Args:
        seconds: median of late.
        is_least: the way from the camera to the server could not be measured, so it is more.
    """

    seconds: float
    is_least: bool


@dataclass(frozen=True)
class _Drawn:
    arrived: float  # time.monotonic()
    captured: float | None  # seconds of the page's clock


class DelayMeter:
    """Measures the delay of one stream. One thread tells what is drawn, another what the page shows.

    Attributes:
        of_server: the camera is the server's, so that nothing lies before the arrival of a picture.
    """

    def __init__(self) -> None:
        self.of_server = False
        self._lock = threading.Lock()
        self._drawn: dict[int, _Drawn] = {}
        self._measured = RecentValues[bool]()  # seconds, and whether they are the least

    def drawn(self, number: int, arrived: float, captured: float | None = None) -> None:
        """Note that the picture of a number, which ``arrived`` at ``time.monotonic()``, was drawn.

        ``captured`` is when it was taken, in seconds of the page's clock, where that is known.
        """
        with self._lock:
            self._drawn.pop(number, None)  # numbers begin anew
            self._drawn[number] = _Drawn(arrived, captured)
            if len(self._drawn) > REMEMBERED:
                del self._drawn[next(iter(self._drawn))]

    def shown(self, number: int, at: float, ahead: float) -> float | None:
        """Take from the page that it showed a number ``at`` seconds of its clock, which the server's is ``ahead`` of.

        Return the seconds that the picture was behind; none where that cannot be.
        """
        with self._lock:
            drawn = self._drawn.get(number)
        if drawn is None:
            return None
        since_arrival = at + ahead - drawn.arrived
        if not -SLACK <= since_arrival <= LONGEST:  # a clock has jumped
            return None
        seconds, is_least = max(0.0, since_arrival), not self.of_server
        if drawn.captured is not None:
            whole = at - drawn.captured
            if since_arrival - SLACK <= whole <= LONGEST:
                seconds, is_least = max(seconds, whole), False
        self._measured.add(seconds, is_least)
        return seconds

    @property
    def now(self) -> Delay | None:
        """The delay of late; none where the page told nothing."""
        recent = self._measured.median()
        return Delay(*recent) if recent else None
