"""Whether the stitches of each video are as long as people, or a network, said: the stitch ruler beside the attribute of a length."""

import re
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple

import numpy as np
import pandas as pd

from core.attributes import AttributeSet
from core.files import Progress, counted
from core.labels.consensus import consensus
from core.measure.ruler import measure
from core.media.library import frame_table, read_frame, videos
from core.workspace import Workspace

FRAMES = 12
"""Of a video that are measured, evenly spread."""
FEWEST = 3
"""Measured frames that make a number of a video."""
SAME = 0.9
"""Share of a video's frames that must say the same: a video of two lengths is not compared."""

_MM = re.compile(r"(\d+(?:[.,]\d+)?)\s*mm\b")


@dataclass(frozen=True)
class LengthAttribute:
    """An attribute that says how long stitches are: its name, and the millimetres that true and false mean."""

    name: str
    true: float
    false: float

    def meant(self, value: bool) -> float:
        """Return the millimetres that a value means."""
        return self.true if value else self.false


class VideoPitch(NamedTuple):
    """The stitches of a video: the median of its frames in pixels, and in how many they were measured."""

    pitch: float
    frames: int


@dataclass(frozen=True)
class LengthCheck:
    """The videos whose length was said and measured.

    Args:
        table: a row per video: ``video``, ``said`` (mm), ``measured`` (mm), ``frames`` (measured), and ``is_off``: what was
            measured is nearer to the other length.
        mm_per_pixel: the scale.
        is_calibrated: whether it is the workspace's; else it fits what was said of most videos.
    """

    table: pd.DataFrame
    mm_per_pixel: float
    is_calibrated: bool

    @property
    def off(self) -> pd.DataFrame:
        """The videos to look at."""
        return self.table[self.table["is_off"]]


def length_attribute(attributes: AttributeSet) -> LengthAttribute | None:
    """Return the attribute whose true and false mean two lengths in mm, as “2 mm stitches”; none where there is none."""
    for attribute in attributes:
        found = [_MM.search(words or "") for words in (attribute.true, attribute.false)]
        if found[0] and found[1]:
            true, false = (float(match[1].replace(",", ".")) for match in found if match)
            if true != false and min(true, false) > 0:
                return LengthAttribute(attribute.name, true, false)
    return None


def video_pitches(workspace: Workspace, progress: Progress | None = None) -> pd.DataFrame:
    """Return the stitches of each video: ``video``, ``pitch`` (median of its frames, pixels) and ``frames`` (measured).

    Videos without a clear seam in `FEWEST` frames have no row.
    """
    found = [(video.key, video_pitch(workspace, video.key)) for video in counted(videos(workspace), progress)]
    rows = [(key, *of_video) for key, of_video in found if of_video]
    return pd.DataFrame(rows, columns=["video", "pitch", "frames"])


def video_pitch(workspace: Workspace, key: str) -> VideoPitch | None:
    """Return the stitches of the video ``key``; none without a clear seam in `FEWEST` of up to `FRAMES` frames."""
    names = frame_table(workspace, key)["name"].to_numpy()
    chosen = names[np.unique(np.linspace(0, len(names) - 1, min(FRAMES, len(names))).astype(int))]
    found = [measured for name in chosen if (measured := measure(read_frame(workspace, name)))]
    return VideoPitch(median(each.pitch for each in found), len(found)) if len(found) >= FEWEST else None


def labelled(workspace: Workspace, attribute: str) -> pd.Series:
    """Return what the consensus says of each video, by its key; videos whose frames differ are left out."""
    table = consensus(workspace)
    return said(table["video"], table[attribute])


def said(video: pd.Series, values: pd.Series) -> pd.Series:
    """Return the value (bool) of each video in which at least `SAME` of the frames that have one have the same."""
    shares = values.astype("boolean").groupby(video).mean().dropna()
    return shares[(shares >= SAME) | (shares <= 1 - SAME)] >= 0.5


def compare(
    pitches: pd.DataFrame, said: pd.Series, length: LengthAttribute, mm_per_pixel: float | None
) -> LengthCheck | None:
    """Compare the ``pitches`` of `video_pitches` with what was ``said`` of videos; none where no video has both.

    Without a scale the one is taken that fits what was said of most videos.
    """
    table = pitches[pitches["video"].isin(said.index)].reset_index(drop=True)
    if table.empty:
        return None
    values = said.loc[table["video"]].to_numpy(bool)
    table["said"] = np.where(values, length.true, length.false)
    scale = mm_per_pixel or float((table["said"] / table["pitch"]).median())
    table["measured"] = table["pitch"] * scale
    other = np.where(values, length.false, length.true)
    table["is_off"] = _apart(table["measured"], table["said"]) > _apart(table["measured"], other)
    return LengthCheck(table.drop(columns="pitch"), scale, mm_per_pixel is not None)


def _apart(one: pd.Series, other: pd.Series | np.ndarray) -> np.ndarray:
    """Return how far lengths are apart, as the logarithm of how many times one is the other."""
    return np.abs(np.log(one.to_numpy(float) / np.asarray(other, float)))
