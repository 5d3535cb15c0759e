"""Where the seam is in a frame: known for the rendered demo class, named by the user, or estimated."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.demo.band import HALF_MM, bands, plan_of
from core.exchange.boxes import Box
from core.explain.pointing_game import covered
from core.networks.preprocessing import Region, bounds
from core.workspace import Workspace

ESTIMATE: Region = (0.25, 0.0, 0.75, 1.0)
"""Without knowing better: the seam is in the middle, and runs from top to bottom."""


@dataclass(frozen=True)
class Band:
    """The seam's band of each frame, to which the boxes of its defects belong as well.

    Args:
        words: where it comes from, a sentence for the user.
        known: by the name of the frame the packed rows of its mask.
        region: of all other frames, in fractions.
    """

    words: str
    known: Mapping[str, np.ndarray]
    region: Region

    def mask(self, name: str, picture: np.ndarray, boxes: Mapping[str, list[Box]]) -> np.ndarray:
        """Return the band of the frame ``name``, whose ``picture`` is (H, W, 3): (H, W) bool."""
        height, width = picture.shape[:2]
        all_boxes = [box for of_attribute in boxes.values() for box in of_attribute]
        mask = covered(all_boxes, width, height)
        if name in self.known:
            return mask | np.unpackbits(self.known[name], axis=1, count=width).astype(bool)
        left, top, right, bottom = bounds(width, height, self.region)
        mask[top:bottom, left:right] = True
        return mask


def find_bands(workspace: Workspace, frames: pd.DataFrame, region: Region | None = None) -> Band:
    """Find the seam in ``frames``, ``name`` and ``video``: in ``region``, where given, else by the truth of the demo
    class, where that is known of every frame, else by an estimate that says so.
    """
    if region is not None:
        return Band("The seam is where you said.", {}, region)
    known: dict[str, np.ndarray] = {}
    for video, rows in frames.groupby("video"):
        known |= _of_demo(workspace, str(video), rows["name"].tolist())
    if len(known) == len(frames):
        words = f"The seam is known: {HALF_MM:g} mm to each side of the rendered line, and the boxes of the defects."
        return Band(words, known, ESTIMATE)
    words = (
        "The seam is estimated: the middle half of the picture, from top to bottom, and the boxes of defects."
    )
    return Band(words, {}, ESTIMATE)


def _of_demo(workspace: Workspace, video: str, names: list[str]) -> dict[str, np.ndarray]:
    file = workspace.path / "truth" / f"{video}_truth.csv"
    plan = plan_of(workspace.note, video, pd.read_csv(file)) if file.is_file() else None
    if plan is None:
        return {}
    found = bands(plan, [int(name.rpartition("_")[2]) for name in names])
    return {name: np.packbits(mask, axis=1) for name, mask in zip(names, found, strict=True)}
