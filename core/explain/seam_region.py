"""Where the seam is in a frame: known for the rendered demo class, given by the user, or estimated."""

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
import pandas as pd

from core.errors import MediaError
from core.explain.pointing_game import covered
from core.json_files import why
from core.lookup_tables.boxes import Box
from core.networks.preprocessing import Region, bounds
from core.workspace import Workspace

ESTIMATE: Region = (0.25, 0.0, 0.75, 1.0)
"""Where nothing else is known: the middle half of the picture, from top to bottom."""


@dataclass(frozen=True)
class DrawnSeam:
    """The seam of one frame as the demo class drew it: its ``points`` (n, 2) int32, x and y in pixels, and the ``width`` of its band in pixels."""

    points: np.ndarray
    width: int


@dataclass(frozen=True)
class SeamArea:
    """The area of the seam in each frame, a band and the boxes of its defects.

    Args:
        words: a sentence for the user that says where it comes from.
        lines: the seam by the name of the frame, where it is known.
        region: of all other frames, in fractions of the picture.
    """

    words: str
    lines: Mapping[str, DrawnSeam]
    region: Region

    def mask(self, name: str, picture: np.ndarray, boxes: Mapping[str, list[Box]]) -> np.ndarray:
        """Return the band of the frame ``name``, whose ``picture`` is (H, W, 3): (H, W) bool."""
        height, width = picture.shape[:2]
        mask = covered([box for of_attribute in boxes.values() for box in of_attribute], width, height)
        if (line := self.lines.get(name)) is not None:
            drawn = np.zeros((height, width), np.uint8)
            cv2.polylines(drawn, [line.points], False, 1, line.width)
            return mask | drawn.astype(bool)
        left, top, right, bottom = bounds(width, height, self.region)
        mask[top:bottom, left:right] = True
        return mask


def find_seam_area(workspace: Workspace, frames: pd.DataFrame, region: Region | None = None) -> SeamArea:
    """Find the seam in ``frames``, ``name`` and ``video``: in ``region`` if it is given; else by the lines that the demo
    class left beside its truth, if they cover every frame; else by an estimate that says so.
    """
    if region is not None:
        return SeamArea("The seam is the part of the picture that you gave.", {}, region)
    lines: dict[str, DrawnSeam] = {}
    for video in frames["video"].unique():
        lines |= _rendered_lines(workspace, str(video))
    if set(frames["name"]) <= set(lines):
        words = "The seam is known: a band around the rendered line, and the boxes of the defects."
        return SeamArea(words, lines, ESTIMATE)
    middle = "the middle half of the picture, from top to bottom, and the boxes of defects."
    return SeamArea(f"The seam is estimated: {middle}", {}, ESTIMATE)


def _rendered_lines(workspace: Workspace, video: str) -> dict[str, DrawnSeam]:
    """Return the seam by name of frame from ``truth/<video>_seam.csv``: ``index``, ``line`` (x,y;x,y;…), ``width``."""
    file = workspace.path / "truth" / f"{video}_seam.csv"
    if not file.is_file():
        return {}
    lines = {}
    try:
        for row in pd.read_csv(file).to_dict("records"):
            points = [point.split(",") for point in row["line"].split(";")]
            lines[f"{video}_{row['index']}"] = DrawnSeam(np.array(points, np.int32), int(row["width"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise MediaError(
            f"{file} cannot be read ({why(error)}).", "Remove it: the seam is then estimated."
        ) from error
    return lines
