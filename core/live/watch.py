"""Watches a source without a page: recorded into the folder of a session, or frame by frame with heatmaps as a video."""

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing, nullcontext
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import SeamLensError
from core.events.detector import UNFAMILIAR, Rules
from core.events.session import Session
from core.events.signals import Signals, SignalSender
from core.events.writer import BackgroundWriter, SessionWriter
from core.export.engine_record import KERAS
from core.inputs.prefetch import prefetched
from core.inspection.inspector import InspectedFrame, Inspector, Reading
from core.inspection.overlay import draw
from core.inspection.panel import with_panel
from core.live.recording import Recording
from core.live.sources import Pulse, Source, find_source, paced
from core.media.add_frames import stream_origin
from core.runs.run import Run
from core.videos.video import Decoded
from core.videos.video_writer import VideoWriter

BATCH = 8
"""Frames of a file that the network takes at once."""
AHEAD = 3 * BATCH
"""Frames of a file that are decoded before the network wants them."""

Prepared = tuple[Decoded, np.ndarray]
"""A frame, and what of it the network takes: (h, w, 3) uint8 BGR."""


@dataclass(frozen=True)
class Options:
    """How a source is watched."""

    fps: float | None = None  # read not more than so many frames per second of the source's time
    until: float | None = None  # seconds after which it ends
    folder: Path | None = None  # of the session; by default one in the folder of the run
    signals: Signals = field(default_factory=Signals)  # sent when an event begins
    before: float = 1.0  # seconds of a clip before its event
    after: float = 1.0  # seconds of a clip after it
    heatmaps: bool = True  # write one per event
    engine: str = KERAS  # that runs the network, see core.export.engines


def watch(
    run: Run,
    source: Source,
    rules: Rules,
    options: Options | None = None,
    on_event: Callable[[Mapping[str, Any]], None] = lambda line: None,
    on_reading: Callable[[Reading], None] = lambda reading: None,
    report: Callable[[str], None] = lambda line: None,
    inspector: Inspector | None = None,
    on_frame: Callable[[np.ndarray, Reading], None] = lambda picture, reading: None,
) -> Session:
    """Watch ``source`` until it ends, or Ctrl-C: then the open events are closed and written.

    ``on_event`` is called from another thread, with the line of each event when all of it is written; ``report`` with a line
    for what goes wrong. ``inspector`` is that of the run, where it is loaded already. ``on_frame`` gets each picture (H, W, 3)
    uint8 BGR with its reading.

    Raises:
        RunError: the run has no network, or the folder of the session cannot be used.
        MediaError: the source cannot be read; what came before is written.
        SeamLensError: something of the session could not be written; all else is.
    """
    options = options or Options()
    inspector = inspector or load_inspector(run, report, options.engine)
    with closing(source.pulse()) as pulse:
        first = list(islice(pulse, 1))  # a source that cannot be opened leaves no session behind
        session = SessionWriter(
            run, source.name, rules, inspector if options.heatmaps else None, options.folder,
            live=stream_origin() if source.is_live else None,
        )  # fmt: skip
        writer = BackgroundWriter(session, on_event, report)
        context = {"session": session.session.id, "source": source.name}
        watched = [name for name in rules if name != UNFAMILIAR]
        signals = SignalSender(options.signals, context, report, attributes=watched)
        recording = Recording(rules, run.attributes.exclusive, writer, signals, options.before, options.after)
        items = paced(_chained(first, pulse), options.fps, options.until)
        try:
            with closing(_readings(items, inspector, source.is_live)) as readings:
                for item in readings:
                    if isinstance(item, float):
                        recording.rest(item)
                        continue
                    frame, reading = item
                    recording.add(frame.picture, reading)
                    on_reading(reading)
                    on_frame(frame.picture, reading)
        except KeyboardInterrupt:
            pass
        finally:
            recording.finish(source.dropped, wait=True)
    if writer.failures:
        raise writer.failures[0]
    return session.session


def load_inspector(
    run: Run, report: Callable[[str], None] = lambda line: None, engine: str = KERAS
) -> Inspector:
    """Load the network of ``run``, ready to read; ``report`` is called where unfamiliar pictures cannot be noticed."""
    inspector, problem = Inspector.load(run, engine=engine).measuring(run)
    if problem:
        report(f"Unfamiliar pictures will not be noticed. {problem}")
    return inspector.warm_up(heatmaps=False)


def _chained(first: Iterable[Decoded | float], pulse: Pulse) -> Pulse:
    with closing(pulse):
        yield from chain(first, pulse)


def _readings(
    items: Pulse, inspector: Inspector, is_live: bool
) -> Generator[tuple[Decoded, Reading] | float, None, None]:
    """Yield the frames with their readings: those of a file in batches, decoded ahead; those that are live one by one."""
    with closing(items):
        prepared = _prepared(items, inspector)
        with closing(prepared if is_live else prefetched(prepared, AHEAD, niceness=0)) as ready:
            for batch in _batches(ready, 1 if is_live else BATCH):
                if isinstance(batch, float):
                    yield batch
                    continue
                frames, pictures = zip(*batch, strict=True)
                readings = inspector.read(pictures, [(frame.index, frame.time) for frame in frames])
                yield from zip(frames, readings, strict=True)


def _prepared(items: Pulse, inspector: Inspector) -> Generator[Prepared | float, None, None]:
    for item in items:
        yield (item, inspector.prepare(item.picture)) if isinstance(item, Decoded) else item


def _batches(items: Iterator[Prepared | float], size: int) -> Iterator[list[Prepared] | float]:
    """Yield frames in batches; before a time, and before an error, what came before it."""
    batch: list[Prepared] = []
    error: SeamLensError | None = None
    try:
        for item in items:
            if isinstance(item, float):  # only what is live has times, and its batches are of one frame
                yield item
                continue
            batch.append(item)
            if len(batch) == size:
                yield batch
                batch = []
    except SeamLensError as raised:
        error = raised
    if batch:
        yield batch
    if error:
        raise error


def film(
    run: Run,
    source: str | Path | int,
    frames: int | None = None,
    out: Path | None = None,
    report: Callable[[str], None] = lambda line: None,
    engine: str = KERAS,
) -> Iterator[InspectedFrame]:
    """Inspect a source, as `core.live.sources.find_source` takes it, frame by frame; it is closed also on an early stop.

    ``frames`` stops after so many; into ``out`` an mp4 with heatmaps and probabilities is written; ``report`` as of `find_source`;
    ``engine`` of `core.export.engines` runs the network.

    Raises:
        RunError: the run has no network yet.
        MediaError: there is no such source, or it cannot be read.
    """
    opened = find_source(run.workspace, source, report)
    inspector = Inspector.load(run, engine=engine).warm_up()
    writer = nullcontext() if out is None else VideoWriter(out, opened.rate or 25)
    with closing(opened.frames()) as pictures, writer as video:
        for taken in islice(pictures, frames):
            frame = InspectedFrame(taken.index, taken.time, taken.picture, inspector.inspect(taken.picture))
            if video:
                drawn = draw(frame.picture, frame.inspection, run.attributes)
                video.write(with_panel(drawn, run.attributes, frame.inspection), frame.time)
            try:
                yield frame
            except GeneratorExit:  # the caller has enough: what was filmed is kept
                return
