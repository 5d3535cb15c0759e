"""Frames of a run with the evidence for each decision, to be scored. Importing this does not import TensorFlow."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from core.attributes import AttributeSet
from core.errors import MediaError
from core.explain.heatmap import for_decision
from core.media.library import read_frame
from core.networks.preprocessing import prepare
from core.runs.decisions import decide
from core.runs.run import Run

if TYPE_CHECKING:
    from core.explain.gradcam import Explainer

BATCH = 32


@dataclass(frozen=True)
class Shown:
    """One frame of a run and its evidence.

    Args:
        name: of the frame.
        video: its group.
        picture: (H, W, 3) uint8, BGR.
        decisions: (A,) bool.
        evidence: (h, w, A) float32, signed, each for the decision taken.
        labels: per attribute, or none where unset.
    """

    name: str
    video: str
    picture: np.ndarray
    decisions: np.ndarray
    evidence: np.ndarray
    labels: dict[str, bool | None]


def show(run: Run, frames: pd.DataFrame, explainer: "Explainer") -> Iterator[Shown]:
    """Yield the frames of a run, ``name``, ``video`` and labels, with their evidence; those whose picture is gone are left
    out.
    """
    for first in range(0, len(frames), BATCH):
        rows, pictures = _read(run, frames.iloc[first : first + BATCH])
        if not rows:
            continue
        found = explainer(np.stack([prepare(picture, run.size, run.region) for picture in pictures]))
        decisions = decide(run.calibrated(found.probabilities), run.thresholds, run.attributes.exclusive)
        for row, picture, decided, maps in zip(rows, pictures, decisions, found.maps, strict=True):
            labels = {name: None if pd.isna(row[name]) else bool(row[name]) for name in run.attributes.names}
            evidence = _decided_evidence(maps, decided, run.attributes)
            yield Shown(row["name"], row["video"], picture, decided, evidence, labels)


def _read(run: Run, frames: pd.DataFrame) -> tuple[list[dict[Any, Any]], list[np.ndarray]]:
    """Return the rows of ``frames`` whose pictures can be read, and these, (H, W, 3) uint8 BGR."""
    rows, pictures = [], []
    for row in frames.to_dict("records"):
        try:
            pictures.append(read_frame(run.workspace, row["name"]))
        except MediaError:
            continue  # a video that was removed takes its frames along; the others still can be looked at
        rows.append(row)
    return rows, pictures


def _decided_evidence(maps: np.ndarray, decided: np.ndarray, attributes: AttributeSet) -> np.ndarray:
    return np.stack(
        [for_decision(maps[..., n], a, bool(decided[n])) for n, a in enumerate(attributes)], axis=-1
    )
