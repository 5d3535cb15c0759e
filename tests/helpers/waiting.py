"""Waiting for what a thread, a process or a browser does: for a condition, never for a time."""

import time
from collections.abc import Callable

LONGEST = 0.1
"""Seconds between two looks; the first come sooner."""


def until(condition: Callable[[], object], what: str = "it", seconds: float = 180) -> None:
    """Wait until ``condition`` holds; a test that passes waits no longer than that takes."""
    end, pause = time.monotonic() + seconds, LONGEST / 16
    while not condition():
        assert time.monotonic() < end, f"waited in vain: {what}"
        time.sleep(pause)
        pause = min(2 * pause, LONGEST)
