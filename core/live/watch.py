"""Watches a source without a page: frames go through the network, events into the folder of a session."""

import queue
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np

from core.errors import SeamLensError
from core.events.clips import Evidence
from core.events.detector import Event, Rules
from core.events.observer import Observer
from core.events.session import Session
from core.events.signals import Bell, Signals
from core.events.writer import SessionWriter
from core.inspection.batch_inspector import Reader
from core.inspection.reading import Reading
from core.live.sources import Frames, Pulse, Source, paced
from core.media.add_frames import stream
from core.runs.run import Run

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


BATCH = 8
"""Frames of a file that the network takes at once."""
AHEAD = 3 * BATCH
"""Frames of a file that are ready before the network wants them."""


@dataclass(frozen=True)
class Taken:
    """A frame on its way: as it came, prepared, and when (``time.monotonic``)."""

    index: int
    time: float
    picture: np.ndarray
    prepared: np.ndarray
    arrived: float


@dataclass(frozen=True)
class Options:
    """How a source is watched.

    Args:
        fps: read not more than so many frames per second of the source's time.
        until: seconds after which it ends.
        folder: of the session; unsaid one in the folder of the run.
        signals: what is told of an event.
        before: seconds of a clip before its event.
        after: seconds of a clip after it.
        heatmaps: write one per event.
    """

    fps: float | None = None
    until: float | None = None
    folder: Path | None = None
    signals: Signals = field(default_factory=Signals)
    before: float = 1.0
    after: float = 1.0
    heatmaps: bool = True


def watch(
    run: Run,
    source: Source,
    rules: Rules,
    options: Options | None = None,
    on_event: Callable[[Mapping[str, Any]], None] = lambda line: None,
    on_reading: Callable[[Reading], None] = lambda reading: None,
    say: Callable[[str], None] = lambda words: None,
    reader: Reader | None = None,
) -> Session:
    """Watch ``source`` until it ends, or Ctrl-C: then the open events are closed and written.

    Args:
        run: with a trained network.
        source: of `core.live.sources.find`.
        rules: which attributes make events, and when.
        options: of the watching.
        on_event: hears of each event when all of it is written; from another thread.
        on_reading: hears of each reading.
        say: hears in a line of what goes wrong.
        reader: of the run, where it is loaded already.

    Raises:
        RunError: the run has no network, or the folder of the session cannot be used.
        MediaError: the source cannot be read; what came before is written.
    """
    wanted = options or Options()
    reader = reader or Reader.load(run, say)
    inspector = reader.inspector if wanted.heatmaps else None
    with closing(source.pulse()) as pulse:
        first = list(islice(pulse, 1))  # a source that cannot be opened leaves no session behind
        live = stream() if source.is_live else None
        session = SessionWriter(run, source.name, rules, inspector, wanted.folder, live=live)
        bell = Bell(wanted.signals, session.session.id, source.name, say)
        with writing(session, on_event, say) as kept, closing(bell):
            observer = Observer(
                rules, run.attributes.exclusive, bell.hear, kept.write, wanted.before, wanted.after
            )
            frames = paced(_rejoined(first, pulse), wanted.fps, wanted.until, observer.rest)
            try:
                with closing(_taken(frames, reader, source.is_live)) as taken:
                    for one, reading in _read(taken, reader, 1 if source.is_live else BATCH):
                        observer.add(one.picture, reading, one.arrived)
                        kept.see(one.picture, reading)
                        on_reading(reading)
            except KeyboardInterrupt:
                pass
            finally:
                observer.finish()
                session.finish(source.dropped)
    return session.session


def _rejoined(first: Iterable[tuple[int, float, np.ndarray] | float], pulse: Pulse) -> Pulse:
    with closing(pulse):
        yield from first
        yield from pulse


def _read(taken: Iterator[Taken], reader: Reader, batch: int) -> Iterator[tuple[Taken, Reading]]:
    """Yield the frames with their readings, of ``batch`` frames at once; before an error what came before it."""
    for chunk in _chunks(taken, batch):
        readings = reader.read_prepared([t.prepared for t in chunk], [(t.index, t.time) for t in chunk])
        yield from zip(chunk, readings, strict=True)


def _chunks(taken: Iterator[Taken], batch: int) -> Iterator[list[Taken]]:
    chunk: list[Taken] = []
    broken: SeamLensError | None = None
    try:
        for one in taken:
            chunk.append(one)
            if len(chunk) == batch:
                yield chunk
                chunk = []
    except SeamLensError as error:
        broken = error
    if chunk:
        yield chunk
    if broken:
        raise broken


def _taken(frames: Frames, reader: Reader, is_live: bool) -> Generator[Taken, None, None]:
    """Prepare the frames: those that are live when they are wanted, those of a file ahead, in a thread of its own."""
    with closing(frames):
        if is_live:
            yield from _prepared(frames, reader)
        else:
            yield from _ahead(_prepared(frames, reader))


def _prepared(frames: Frames, reader: Reader) -> Iterator[Taken]:
    for index, time, picture in frames:
        yield Taken(index, time, picture, reader.prepare(picture), monotonic())


def _ahead(taken: Iterator[Taken]) -> Iterator[Taken]:
    """Yield what ``taken`` yields, raise what it raises; it runs some frames ahead in a thread."""
    ready: queue.Queue[Taken | BaseException | None] = queue.Queue(AHEAD)
    ended = threading.Event()

    def put(one: Taken | BaseException | None) -> None:
        while not ended.is_set():
            try:
                ready.put(one, timeout=0.2)
                return
            except queue.Full:
                continue

    def fill() -> None:
        try:
            for one in taken:
                put(one)
                if ended.is_set():
                    return
            put(None)
        except BaseException as error:  # raised where the frames are wanted
            put(error)

    thread = threading.Thread(target=fill, name="decoding", daemon=True)
    thread.start()
    try:
        while (one := ready.get()) is not None:
            if isinstance(one, BaseException):
                raise one
            yield one
    finally:
        ended.set()
        thread.join()
