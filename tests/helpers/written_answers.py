"""Answers of several annotators, written as text: ``t`` true, ``f`` false, ``.`` unset, one letter per frame."""

from pathlib import Path

import pandas as pd

from core.attributes import AttributeSet
from core.labels.labels import record_table
from core.workspace import Workspace
from tests.helpers import bare_frames

ANSWER = {"t": True, "f": False, ".": None}


def say(workspace: Workspace, annotator: str, video: str, said: str, attribute: str = "good") -> None:
    """Store what an annotator says of the first frames of a video."""
    values = pd.array([ANSWER[letter] for letter in said], dtype="boolean")
    record_table(
        workspace, annotator, pd.DataFrame({"video": video, "index": range(len(said)), attribute: values})
    )


def spoken(
    folder: Path, *videos: dict[str, str], attributes: AttributeSet | None = None, attribute: str = "good"
) -> Workspace:
    """Make a workspace with videos ``seam_1``, ``seam_2``…, of each what its annotators say."""
    keys = {f"seam_{i}": max(map(len, said.values())) for i, said in enumerate(videos, 1)}
    made = bare_frames.make(folder / "w", keys, attributes)
    for key, said in zip(keys, videos, strict=True):
        for annotator, text in said.items():
            say(made, annotator, key, text, attribute)
    return made
