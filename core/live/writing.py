"""Writing a session beside the watching: nothing keeps the network waiting, and what fails is said at once."""

import queue
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from core.live.events import Event, Reading
from core.live.evidence import Evidence
from core.live.writer import SessionWriter

TO_WRITE = 16
"""Events that may wait for being written; a full disk queue slows the watching down, and forgets nothing."""


class Writing:
    """Events and readings on their way into a session. A failure is said and kept; the next one is tried again.

    Args:
        session: that is written.
        on_event: hears of each event when all of it is written; from another thread.
        say: hears in a line of what could not be written.
    """

    def __init__(
        self,
        session: SessionWriter,
        on_event: Callable[[Mapping[str, Any]], None],
        say: Callable[[str], None],
    ) -> None:
        self.failed: list[Exception] = []
        self._session, self._on_event, self._say = session, on_event, say
        self._waiting: queue.Queue[tuple[Event, Evidence] | None] = queue.Queue(TO_WRITE)
        self._is_seeing = True
        self._thread = threading.Thread(target=self._work, name="session writer", daemon=True)
        self._thread.start()

    def write(self, event: Event, evidence: Evidence) -> None:
        """Have an event written; waits only where many wait before it."""
        self._waiting.put((event, evidence))

    def see(self, picture: np.ndarray, reading: Reading) -> None:
        """Count a reading and keep its frame (H, W, 3) uint8 BGR where the network is in doubt."""
        try:
            self._is_seeing |= self._session.see(
                picture, reading
            )  # most frames are not kept, and say nothing
        except Exception as error:
            if self._is_seeing:  # once, not for every frame until there is room again
                self._fail(
                    f"Frame {reading.index}, of which the network is in doubt, could not be kept", error
                )
            self._is_seeing = False

    def finish(self) -> None:
        """Wait until all is written."""
        self._waiting.put(None)
        self._thread.join()

    def _work(self) -> None:
        while (one := self._waiting.get()) is not None:
            self._write(*one)

    def _write(self, event: Event, evidence: Evidence) -> None:
        what = f"Event {event.number} ({event.attribute}, at {event.start:.1f} s)"
        try:
            line = self._session.write(event, evidence)
        except Exception as error:
            self._fail(f"{what} could not be written", error)
            return
        try:
            self._on_event(line)
        except Exception as error:
            self._fail(f"{what} is written and could not be told", error)

    def _fail(self, words: str, error: Exception) -> None:
        self.failed.append(error)
        self._say(f"{words}: {' '.join(str(error).split()) or type(error).__name__}")


@contextmanager
def writing(
    session: SessionWriter,
    on_event: Callable[[Mapping[str, Any]], None],
    say: Callable[[str], None] = lambda words: None,
) -> Iterator[Writing]:
    """Give what takes events and readings; at the end all are written, or the first thing that went wrong is raised."""
    kept = Writing(session, on_event, say)
    try:
        yield kept
    finally:
        kept.finish()
    if kept.failed:
        raise kept.failed[0]
