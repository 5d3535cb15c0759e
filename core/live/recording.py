"""A session while it goes on: its events for the screen, and on disk, written by a thread of its own."""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from core.errors import SeamLensError
from core.events.clips import Evidence
from core.events.detector import Change, Event, Rules
from core.events.observer import Observer
from core.events.session import SENT
from core.events.signals import Bell, Signals
from core.events.writer import SessionWriter
from core.inspection.inspector import Inspector
from core.inspection.reading import Reading
from core.media.add_frames import Origin
from core.media.images import small_jpeg
from core.networks.preprocessing import Region
from core.runs.run import Run

SHORT = 10.0
"""Seconds under which a session without events leaves nothing behind."""
LISTED = 50
"""Events that are kept for the screen."""
WAITING = 8
"""Events that may wait for being written; of more only the best picture is kept, no clip."""
THUMBNAIL = 240
"""Pixels of width of an event's picture on the screen."""


@dataclass(frozen=True)
class Listed:
    """An event on the screen.

    Args:
        event: as far as it is known.
        at: when it began, by the clock on the wall.
        picture: JPEG of its peak; none while it goes on.
    """

    event: Event
    at: datetime
    picture: bytes | None = None

    @property
    def is_over(self) -> bool:
        return self.picture is not None


class Recording:
    """One session: readings go in, events come out. One thread feeds it; any may look.

    Args:
        run: that watches.
        source: what is watched, in words.
        rules: of the events.
        inspector: for the heatmaps of events.
        keep: write a session's folder; else its events are only on the screen.
        file: where the source is an upload.
        live: where the frames of a camera belong, of `core.media.add_frames.stream`; none where the source is stored.
        signals: told of events, as `core.events.signals` says.

    Attributes:
        problem: why something could not be written; the session goes on.
        unheard: the signal that failed last, or how many were left out, in a line.
    """

    def __init__(
        self,
        run: Run,
        source: str,
        rules: Rules,
        inspector: Inspector,
        keep: bool = True,
        file: Path | None = None,
        live: Origin | None = None,
        signals: Signals | None = None,
    ) -> None:
        self.observer = Observer(rules, run.attributes.exclusive, self._changed, self._completed)
        self.problem = self.unheard = ""
        self.writer: SessionWriter | None = None
        if keep:
            with self._guarded():
                self.writer = SessionWriter(run, source, rules, lambda: inspector, file=file, live=live)
        name = self.writer.session.id if self.writer else ""
        self._bell = Bell(signals or Signals(), name, source, self._unheard)
        self._began, self._seconds = datetime.now(), 0.0
        self._start: float | None = None
        self._listed: deque[Listed] = deque(maxlen=LISTED)
        self._lock, self._waiting = threading.Lock(), 0
        self._pool = ThreadPoolExecutor(1, "live session")

    def add(
        self,
        picture: np.ndarray,
        reading: Reading,
        arrived: float | None = None,
        region: Region | None = None,
    ) -> None:
        """Take the next picture, (H, W, 3) uint8 BGR, not changed afterwards, and its reading; see `Observer.add`."""
        self._start = reading.time if self._start is None else self._start
        self._seconds = reading.time - self._start
        self.observer.add(picture, reading, arrived, region)
        if self.writer is not None:
            with self._guarded():
                self.writer.see(picture, reading, region)

    def listed(self) -> list[Listed]:
        """Return the events so far, the newest first."""
        with self._lock:
            return list(reversed(self._listed))

    def finish(self, dropped: int = 0) -> None:
        """End the session: what is still to be written is written by its thread, which then ends."""
        self.observer.finish()
        if (writer := self.writer) is not None:
            self._later(lambda: self._end(writer, dropped))
        self._later(self._bell.close)  # last: it may wait for the signals
        self._pool.shutdown(wait=False)

    def _end(self, writer: SessionWriter, dropped: int) -> None:
        was_used = self.observer.figures().events or (writer.session.path / SENT).exists()
        if self._seconds < SHORT and not was_used:
            writer.session.delete()
        else:
            writer.finish(dropped)

    def _unheard(self, words: str) -> None:
        self.unheard = words

    def _changed(self, change: Change) -> None:
        self._bell.hear(change)
        with self._lock:
            if not change.is_over:
                at = self._began + timedelta(seconds=change.event.start - (self._start or 0.0))
                self._listed.append(Listed(change.event, at))

    def _completed(self, event: Event, evidence: Evidence) -> None:
        self._list(event, small_jpeg(evidence.picture, THUMBNAIL, 85))
        if self.writer is None:
            return
        writer, self._waiting = self.writer, self._waiting + 1
        kept = evidence if self._waiting <= WAITING else replace(evidence, clip=())
        self._later(lambda: self._write(writer, event, kept))

    def _write(self, writer: SessionWriter, event: Event, evidence: Evidence) -> None:
        self._waiting -= 1
        writer.write(event, evidence)

    def _list(self, event: Event, picture: bytes) -> None:
        with self._lock:
            for place, listed in enumerate(self._listed):
                if listed.event.number == event.number:
                    self._listed[place] = replace(listed, event=event, picture=picture)

    def _later(self, work: Callable[[], None]) -> None:
        def guarded() -> None:
            with self._guarded():
                work()

        self._pool.submit(guarded)

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """A full disk must not end the live picture; the page shows it."""
        try:
            yield
        except Exception as error:
            self.problem = (
                str(error) if isinstance(error, SeamLensError) else f"{type(error).__name__}: {error}"
            )
