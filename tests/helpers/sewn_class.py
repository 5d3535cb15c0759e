"""A workspace of pictures with a plain seam, whose stitches have the length that is asked for."""

from pathlib import Path

import cv2
import numpy as np

from core import workspace as workspaces
from core.workspace import Workspace
from tests.helpers import tiny_class


def seam_picture(pitch: int, width: int = 480) -> np.ndarray:
    """Return (240, width, 3) uint8 BGR: a straight seam with stitches of ``pitch`` pixels; without a seam where that is 0."""
    noise = np.random.default_rng(1).normal(120, 6, (240, width, 3))
    picture = np.clip(noise, 0, 255).astype(np.uint8)
    for start in range(5, width, pitch or width):
        if pitch:
            cv2.line(picture, (start, 120), (start + 2 * pitch // 3, 120), (40, 200, 230), 4)
    return picture


def make(folder: Path, **pitches: list[int]) -> Workspace:
    """Make a workspace of the default attributes with videos, whose frames have stitches of so many pixels each."""
    made = workspaces.create(folder / "class")
    for key, of_video in pitches.items():
        tiny_class.add_frames(made, key, [seam_picture(pitch) for pitch in of_video])
    return made
