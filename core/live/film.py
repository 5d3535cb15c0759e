"""A source past a network, frame by frame, with heatmaps; also as a video of what it sees."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path

import numpy as np

from core.attributes import AttributeSet
from core.inspection.inspector import InspectedFrame, Inspector
from core.inspection.overlay import draw
from core.inspection.panel import with_panel
from core.live.sources import find
from core.media.video import VideoWriter
from core.runs.run import Run


def film(
    run: Run, source: str | Path | int, frames: int | None = None, out: Path | None = None
) -> Iterator[InspectedFrame]:
    """Inspect a source, as `core.live.sources.find` takes it, frame by frame; it is closed also on an early stop.

    ``frames`` stops after so many; into ``out`` an mp4 with heatmaps and probabilities is written.

    Raises:
        RunError: the run has no network yet.
        MediaError: there is no such source, or it cannot be read.
    """
    opened = find(run.workspace, source)
    inspector = Inspector.load(run).warm_up()
    with closing(opened.frames()) as pictures, _video(out, opened.rate) as video:
        for taken in islice(pictures, frames):
            frame = InspectedFrame(taken.index, taken.time, taken.picture, inspector.inspect(taken.picture))
            if video:
                video.write(_drawn(frame, run.attributes), frame.time)
            try:
                yield frame
            except GeneratorExit:  # the caller has enough: what was filmed is kept
                return


@contextmanager
def _video(out: Path | None, rate: float | None) -> Iterator[VideoWriter | None]:
    if out is None:
        yield None
        return
    with VideoWriter(out, rate or 25) as video:
        yield video


def _drawn(frame: InspectedFrame, attributes: AttributeSet) -> np.ndarray:
    drawn = draw(frame.picture, frame.inspection, attributes)
    return with_panel(drawn, attributes, frame.inspection)
