"""What the augmentation of a training makes of the frames of this class."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pandas as pd

from core.errors import WorkspaceError
from core.files import replacing, writable
from core.inputs import batches, picture_cache
from core.inputs.augmentation import active, augment, cut_and_append, transformed
from core.inputs.material import recipe_of
from core.labels.consensus import consensus
from core.networks.augmentation_settings import Augmentation
from core.networks.registry import get_network
from core.runs.settings import TrainSettings
from core.splits import split as splits
from core.splits import stored_split
from core.text import count
from core.workspace import Workspace

VERSIONS = 6
GAP = 6  # pixels between two versions; twice that behind the original


@dataclass(frozen=True)
class Varied:
    """Frames of a class, each with varied versions of it.

    Args:
        frames: ``name`` and ``video``.
        part: where they were drawn from, in words.
        pictures: (N, 1 + versions, h, w, 3) uint8, BGR: the original first.
        kind: what was done to them.
    """

    frames: pd.DataFrame
    part: str
    pictures: np.ndarray
    kind: Augmentation

    def summary(self) -> str:
        """Say which frames these are."""
        videos = count(self.frames["video"].nunique(), "video")
        return f"{count(len(self.frames), 'frame')} of {videos}, drawn from {self.part}"


def vary(workspace: Workspace, settings: TrainSettings, frames: int = 4, seed: int = 0) -> Varied:
    """Vary some frames as a training would.

    Args:
        workspace: whose frames; of the training part, where there is a split.
        settings: of the training; its seed is of no account.
        frames: how many at most, of as many videos as possible.
        seed: of the choice and the variation.

    Raises:
        SplitError: no frame is labelled, or split.csv is no split.
        MediaError: a picture file is gone or cannot be read.
    """
    rng = np.random.default_rng(seed)
    table, part = _offered(workspace)
    recipe, *_ = recipe_of(workspace, settings, workspace.attributes.exclusive, table["name"].tolist())
    kind = recipe.augmentation
    chosen = _spread(table, frames, rng)
    sources = batches.sources_of(workspace, chosen["name"].tolist())
    size = settings.size or get_network(settings.network).size
    originals = picture_cache.load(workspace, sources, size, settings.region)[:]
    varied = [_versions(picture, kind, rng) for picture in originals]
    return Varied(chosen, part, np.concatenate([originals[:, None], varied], axis=1), kind)


def sentences(kind: Augmentation, attributes: tuple[str, ...] = ()) -> list[str]:
    """Say in plain words what a training does to the pictures: a sentence for each active step, and what never happens.

    Args:
        kind: the augmentation of a recipe.
        attributes: names of what is labelled.
    """
    twins = [
        "The set is doubled: every picture is used a second time, with a part cut off the top and added at the bottom."
    ]
    done = [*(twins if kind.twins else []), *(step.sentence(kind) for step in active(kind))]
    what = (
        "stitch length is a label"
        if "length" in attributes
        else "sizes and distances may be what a label is about"
    )
    return [*(done or ["Every picture is shown as it is."]), f"Never scaled or stretched: {what}."]


def side_by_side(pictures: np.ndarray) -> np.ndarray:
    """Put pictures (V, h, w, 3) uint8 BGR side by side, the first a little apart: (h, W, 4) uint8, BGRA."""
    versions, height, width, _ = pictures.shape
    row = np.zeros((height, versions * (width + GAP), 4), np.uint8)  # the gaps are transparent
    for number, picture in enumerate(pictures):
        left = number * (width + GAP) + GAP * (number > 0)
        row[:, left : left + width] = cv2.cvtColor(picture, cv2.COLOR_BGR2BGRA)
    return row


def write_sheet(varied: Varied, path: Path) -> None:
    """Write a row per frame as PNG.

    Raises:
        WorkspaceError: the file cannot be written, or is not called .png.
    """
    if path.suffix.lower() != ".png":
        raise WorkspaceError(f"{path} is not the name of a PNG file.", "Give it the ending .png.")
    rows = [np.pad(side_by_side(pictures), ((0, GAP), (0, 0), (0, 0))) for pictures in varied.pictures]
    content = cv2.imencode(".png", np.concatenate(rows)[:-GAP])[1]
    with writable(path, WorkspaceError), replacing(path) as partial:
        partial.write_bytes(content.tobytes())


def _offered(workspace: Workspace) -> tuple[pd.DataFrame, str]:
    """Return ``name`` and ``video`` of the frames that may be shown, and where they are from."""
    table = splits.labelled_frames(consensus(workspace))
    if split := stored_split.load(workspace):
        training = set(split.table.loc[split.table["part"] == "train", "name"])
        if (trains := table["name"].isin(training)).any():
            return table.loc[trains, ["name", "video"]], "the training part"
    return table[["name", "video"]], "the labelled frames"


def _spread(table: pd.DataFrame, most: int, rng: np.random.Generator) -> pd.DataFrame:
    """Return ``most`` rows by chance, first one of each group, then a second one."""
    shuffled = table.iloc[rng.permutation(len(table))]
    turns = shuffled.groupby("video").cumcount().to_numpy()
    return shuffled.iloc[np.argsort(turns, kind="stable")[:most]].reset_index(drop=True)


def _versions(picture: np.ndarray, kind: Augmentation, rng: np.random.Generator) -> np.ndarray:
    """Return (VERSIONS, h, w, 3) uint8; with twins in the recipe every other one is one."""
    copies = np.repeat(picture[None], VERSIONS, axis=0)
    if kind.twins:
        copies[1::2] = transformed(copies[1::2], [cut_and_append(copies[1::2].shape, kind, rng)])
    return augment(copies, kind, rng)
