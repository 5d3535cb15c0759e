"""A source past a network, frame by frame, with heatmaps; and as a film of what was seen."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from core.inspection.inspector import Inspection, Inspector
from core.inspection.overlay import draw
from core.inspection.panel import compose
from core.live.sources import find
from core.media.video import VideoWriter
from core.runs.run import Run


@dataclass(frozen=True)
class Seen:
    """A frame and what the network says of it.

    Args:
        index: of the frame in its source, from 0.
        time: seconds from the start.
        picture: (H, W, 3) uint8, BGR.
        inspection: of the picture.
    """

    index: int
    time: float
    picture: np.ndarray
    inspection: Inspection

    def to_json(self) -> dict[str, Any]:
        """Return the numbers, without the picture."""
        probabilities = {name: round(p, 6) for name, p in self.inspection.probabilities.items()}
        return {
            "index": self.index,
            "time": round(self.time, 4),
            "probabilities": probabilities,
            "decisions": dict(self.inspection.decisions),
            "milliseconds": round(self.inspection.milliseconds, 2),
        }

    def summary(self) -> str:
        """Return the frame in a line: time, and each attribute's probability, marked where it was decided."""
        said = "  ".join(
            f"{'*' if self.inspection.decisions[name] else ' '}{name} {p:4.0%}"
            for name, p in self.inspection.probabilities.items()
        )
        return f"{self.time:8.2f} s  {said}"


def film(
    run: Run, source: str | Path | int, frames: int | None = None, out: Path | None = None
) -> Iterator[Seen]:
    """Inspect a source frame by frame; the source is closed also on an early stop.

    Args:
        run: with a trained network.
        source: as `core.live.sources.find` takes it: of what is stored no frame is left out.
        frames: stop after so many.
        out: also write an mp4 with overlays and probabilities.

    Raises:
        RunError: the run has no network yet.
        MediaError: there is no such source, or it cannot be read.
    """
    found = find(run.workspace, source)
    inspector = Inspector.load(run)
    with closing(found.frames()) as pictures, _film(out, found.rate) as writer:
        for index, time, picture in islice(pictures, frames):
            seen = Seen(index, time, picture, inspector.inspect(picture))
            if writer:
                writer.write(_drawn(seen, run), time)
            try:
                yield seen
            except GeneratorExit:  # the caller has seen enough: what was filmed is kept
                return


@contextmanager
def _film(out: Path | None, rate: float | None) -> Iterator[VideoWriter | None]:
    if out is None:
        yield None
        return
    with VideoWriter(out, rate or 25) as writer:
        yield writer


def _drawn(seen: Seen, run: Run) -> np.ndarray:
    drawn = draw(seen.picture, seen.inspection, run.attributes)
    return compose(drawn, run.attributes, seen.inspection)
