"""What the stitch ruler suggests for the attribute of a length, such as 2 mm or 4 mm stitches. It needs no network.

What it measured of a video is stored in ``cache/stitches/<video key>.csv``, which may be deleted at any time.
"""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from core.assist import frame_values
from core.errors import LabelError, MediaError
from core.files import Progress, counted
from core.inputs import batches
from core.measure.ruler import measure
from core.media.images import read_picture
from core.media.library import Video, frame_table
from core.review import stitch_lengths
from core.review.stitch_lengths import LengthAttribute
from core.workspace import Workspace, open_workspace

RULER = "ruler"
"""Stands for the stitch ruler where a run is named by its id."""

VERSION = 1
"""Of what the ruler measures: with another one videos are measured anew."""

BEYOND = 0.5
"""How far beyond one of the two lengths a stitch may be, as a share of the way (of logarithms) from one to the other."""


@dataclass(frozen=True)
class LengthRuler:
    """The stitch ruler as a source of suggestions.

    Args:
        length: the attribute.
        mm_per_pixel: the scale.
        is_calibrated: whether it is the workspace's; else it fits the labels of most videos.
    """

    length: LengthAttribute
    mm_per_pixel: float
    is_calibrated: bool

    @property
    def title(self) -> str:
        """Return in a sentence without its period what it is."""
        source = "set for this workspace" if self.is_calibrated else "that fits the labelled videos"
        return f"The stitch ruler suggests {self.length.name} only, by the scale {source}"

    def probabilities(self, pitches: np.ndarray) -> np.ndarray:
        """Return where between the two lengths stitches are: 0 at that of false, 1 at that of true, 0.5 in the middle.

        Args:
            pitches: (N,) float, pixels.

        Returns:
            (N,) float64, 0 to 1; NaN where there is no pitch, or one that is far from both lengths. It is a place on a scale of
            logarithms, and no share of frames in which the ruler is right.
        """
        way = np.log(self.length.true / self.length.false)
        place = np.log(np.asarray(pitches, float) * self.mm_per_pixel / self.length.false) / way
        return np.where(np.abs(place - 0.5) <= 0.5 + BEYOND, np.clip(place, 0.0, 1.0), np.nan)


def length_ruler(workspace: Workspace) -> LengthRuler:
    """Return the ruler with the scale of the workspace; without one, with the scale that fits most videos as labelled.

    Raises:
        LabelError: no attribute says how long stitches are, or there is no scale yet.
    """
    length = stitch_lengths.length_attribute(workspace.attributes)
    if length is None:
        raise LabelError(
            "No attribute says how long stitches are.",
            "The ruler suggests an attribute whose two meanings are lengths, such as “2 mm stitches” and “4 mm stitches”.",
        )
    if workspace.mm_per_pixel:
        return LengthRuler(length, workspace.mm_per_pixel, is_calibrated=True)
    said = stitch_lengths.labelled(workspace, length.name)
    pitches = [(key, pitch) for key in said.index if (pitch := _pitch(workspace, key))]
    check = stitch_lengths.compare(pd.DataFrame(pitches, columns=["video", "pitch"]), said, length, None)
    if check is None:
        raise LabelError(
            "The stitch ruler does not know how long a pixel is.",
            f"Label the {length.name} of one video with a clear seam from end to end, or set the scale with “calibrate”.",
        )
    return LengthRuler(length, check.mm_per_pixel, is_calibrated=False)


def suggest(
    ruler: LengthRuler, workspace: Workspace, video: Video, progress: Progress | None = None
) -> pd.DataFrame:
    """Return ``index`` (int) and, in a column of the attribute's name, its `LengthRuler.probabilities` for every frame of ``video``.

    Raises:
        MediaError: the video is not in the workspace.
    """
    table = frame_pitches(workspace, video, progress)
    return pd.DataFrame(
        {"index": table["index"], ruler.length.name: ruler.probabilities(table["pitch"].to_numpy())}
    )


def decisions(ruler: LengthRuler, suggested: pd.DataFrame) -> pd.DataFrame:
    """Return what `suggest` returned, decided: ``index`` and a nullable boolean column, unset where NaN."""
    probabilities = suggested[ruler.length.name].to_numpy(float)
    decided = pd.arrays.BooleanArray(probabilities >= 0.5, np.isnan(probabilities))
    return pd.DataFrame({"index": suggested["index"], ruler.length.name: decided})


def frame_pitches(workspace: Workspace, video: Video, progress: Progress | None = None) -> pd.DataFrame:
    """Return the stitches of every frame of ``video``: ``index`` (int) and ``pitch`` (float, pixels; NaN where no seam is clear).

    What was measured before is read back, as long as the frames have not changed.
    """
    frames = frame_table(workspace, video.key)
    path = workspace.path / "cache" / "stitches" / f"{video.key}.csv"
    source = _source(frames)
    if (table := frame_values.read(path, source, frames, ["pitch"])) is not None:
        return table
    files = [each.file for each in batches.sources_of(workspace, frames["name"].tolist())]
    with ThreadPoolExecutor() as pool:  # decoding and measuring leave Python's lock
        pitches = [
            each.result() for each in counted([pool.submit(_measured, file) for file in files], progress)
        ]
    table = pd.DataFrame({"index": frames["index"].to_numpy(np.int64), "pitch": np.array(pitches, float)})
    with suppress(OSError):  # a full disk, or a folder that cannot be written: it is measured again
        frame_values.store(path, source, table, digits=3)
    return table


def _pitch(workspace: Workspace, key: str) -> float | None:
    """Return the median stitch of a video (pixels), none where its seam is not clear."""
    return _pitch_of(workspace.path, key, _source(frame_table(workspace, key)))


@lru_cache(maxsize=1000)
def _pitch_of(workspace: Path, key: str, _source: str) -> float | None:
    found = stitch_lengths.video_pitch(open_workspace(workspace), key)
    return found.pitch if found else None


def _measured(file: Path) -> float:
    try:
        found = measure(read_picture(file))
    except MediaError:  # the picture is gone or damaged
        return float("nan")
    return found.pitch if found else float("nan")


def _source(frames: pd.DataFrame) -> str:
    return frame_values.source_of(frames, f"ruler {VERSION}")
