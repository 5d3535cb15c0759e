"""A video or a camera past a network, frame by frame."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from time import monotonic
from typing import Any

import cv2
import numpy as np

from core.data.catalogue import frame_table, get_video, videos
from core.data.images import read_picture
from core.data.video import VideoWriter, decode
from core.errors import MediaError
from core.live.inspector import Inspection, Inspector
from core.live.overlay import draw
from core.live.panel import compose
from core.model.run import Run
from core.workspace import Workspace


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


Pictures = Iterator[tuple[int, float, np.ndarray]]
"""Index, time in seconds, picture (H, W, 3) uint8 BGR."""


def watch(
    run: Run, source: str | Path | int, frames: int | None = None, out: Path | None = None
) -> Iterator[Seen]:
    """Inspect a source frame by frame, in order, none left out; the source is closed also on an early stop.

    Args:
        run: with a trained network.
        source: a video of the run's workspace, a video file, or the number of a camera.
        frames: stop after so many.
        out: also write an mp4 with overlays and probabilities.

    Raises:
        RunError: the run has no network yet.
        MediaError: there is no such source, or it cannot be read.
    """
    inspector = Inspector.load(run)
    with _opened(run.workspace, source) as opened, _film(out, opened.rate) as film:
        for index, time, picture in islice(opened.pictures, frames):
            seen = Seen(index, time, picture, inspector.inspect(picture))
            if film:
                film.write(_drawn(seen, run), time)
            try:
                yield seen
            except GeneratorExit:  # the caller has seen enough: what was filmed is kept
                return


@dataclass(frozen=True)
class _Source:
    pictures: Pictures
    rate: float | None = None


@contextmanager
def _opened(workspace: Workspace, source: str | Path | int) -> Iterator[_Source]:
    opened = _source(workspace, source)
    try:
        yield opened
    finally:
        opened.pictures.close()  # type: ignore[attr-defined]


def _source(workspace: Workspace, source: str | Path | int) -> _Source:
    """Find what ``source`` names: first a video of the workspace, then a file, then a camera."""
    name = str(source)
    if name in {video.key for video in videos(workspace)}:
        video = get_video(workspace, name)
        if video.file is None:
            return _Source(_from_group(workspace, name))
        return _Source(_from_file(workspace.path / video.file), video.frame_rate)
    if Path(name).is_file():
        return _Source(_from_file(Path(name)))
    if name.isdecimal():
        return _Source(_from_camera(int(name)))
    raise MediaError(
        "a video of this workspace, a video file, or the number of a camera",
        repr(name),
        "Check its spelling.",
    )


def _from_file(path: Path) -> Pictures:
    frames = decode(path)
    try:
        for frame in frames:
            yield frame.index, frame.time, frame.picture
    finally:
        frames.close()  # type: ignore[attr-defined]


def _from_group(workspace: Workspace, key: str) -> Pictures:
    """Yield the pictures of a group as if they came once a second."""
    table = frame_table(workspace, key)
    for place, (index, file) in enumerate(zip(table["index"], table["file"], strict=True)):
        yield int(index), float(place), read_picture(workspace.path / file)


def _from_camera(number: int) -> Pictures:
    camera = cv2.VideoCapture(number)
    try:
        start, index = monotonic(), 0
        while True:
            taken, picture = camera.read()
            if not taken:
                received = "one that gave no more pictures" if index else "none that answers"
                raise MediaError(
                    f"a camera with the number {number}", received, "Connect it, or try 0, 1 or 2."
                )
            yield index, monotonic() - start, picture
            index += 1
    finally:
        camera.release()


@contextmanager
def _film(out: Path | None, rate: float | None) -> Iterator[VideoWriter | None]:
    if out is None:
        yield None
        return
    with VideoWriter(out, rate or 25) as film:
        yield film


def _drawn(seen: Seen, run: Run) -> np.ndarray:
    drawn = draw(seen.picture, seen.inspection, run.attributes)
    return compose(drawn, run.attributes, seen.inspection)
