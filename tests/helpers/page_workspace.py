"""A workspace small enough to make anew for every test."""

from pathlib import Path

import cv2
import numpy as np
import pandas as pd

from core import workspace as workspaces
from core.attributes import SEAM, AttributeSet
from core.labels.labels import record_table
from core.videos.add_video import add_video
from core.videos.video_writer import write_video
from core.workspace import Workspace

VIDEO = "seam_a"
FRAMES = 6


def picture(index: int, tint: int) -> np.ndarray:
    """A (120, 160, 3) uint8 BGR picture: cloth of one colour, and a dash that runs with the index."""
    made = np.full((120, 160, 3), (tint, 90, 60), np.uint8)
    cv2.rectangle(made, (70, 10 + 12 * index), (90, 30 + 12 * index), (240, 240, 240), -1)
    return made


def video_file(path: Path, tint: int = 40) -> Path:
    write_video(path, (picture(index, tint) for index in range(FRAMES)), fps=10)
    return path


def small_workspace(
    path: Path, videos: int = 1, labelled: bool = True, attributes: AttributeSet = SEAM
) -> Workspace:
    """Videos seam_a, seam_b … of six frames; if labelled, every attribute has both answers in each."""
    made = workspaces.create(path, attributes)
    for number in range(videos):
        key = f"seam_{chr(ord('a') + number)}"
        add_video(made, video_file(path / f"{key}.mp4", 40 + 25 * number))
        if labelled:
            rows = pd.DataFrame({"video": key, "index": range(FRAMES)})
            for place, name in enumerate(attributes.names):
                rows[name] = pd.array([(index + place) % 2 == 0 for index in range(FRAMES)], "boolean")
            record_table(made, "Ada", rows)
    return made
