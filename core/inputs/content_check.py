"""Whether the pictures show a material that runs on, as a seam on a fabric does, or things that end.

The default augmentation was made for seams: it cuts a portion off the top of a picture and appends it at the bottom,
and gives fabric and thread other colours, negatives among them. Of a material all of that is one more piece. Of a
circuit board it is another board: the cut goes through its lines, and the negative of a gap in copper is copper in a
gap; it may lie on its side, however. Which of the two a class shows can be seen: where a material runs on, the last row
of a picture looks like its first.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np

from core.errors import SeamLensError
from core.inputs import batches, cache
from core.media.library import frame_table, videos
from core.networks.preprocessing import Region, Size, bounds
from core.networks.recipe import Recipe
from core.networks.registry import get_network
from core.runs.settings import TrainSettings
from core.workspace import Workspace

SAMPLE = 200
"""Frames that are looked at."""

BOUND = 0.6
"""Mean likeness of the two ends from which on a material runs on.

Measured: rendered seams 0.81, photographed seams 0.78, fruit 0.43, circuit boards 0.12 (docs/benchmarks.md).
"""

ASPECT = 0.05
"""By how much the longer side of a frame may exceed the other one for it to count as square."""

BLUR = 2.0  # pixels: what is compared is where things are, not the grain of a fabric


@dataclass(frozen=True)
class Material:
    """What was seen.

    Args:
        likeness: mean correlation of the first with the last row of the pictures, -1 to 1; none where none was seen.
        frames: how many were looked at.
        is_square: whether what the network sees of them is as wide as high in every video.
    """

    likeness: float | None = None
    frames: int = 0
    is_square: bool = False

    @property
    def runs_on(self) -> bool:
        """Whether what is shown runs on beyond the picture; so it is thought where nothing was seen."""
        return self.likeness is None or self.likeness >= BOUND

    @property
    def note(self) -> str | None:
        """Say what a training leaves out because of it; nothing where the material runs on."""
        if self.runs_on:
            return None
        turned = ", but with quarter turns" if self.is_square else ""
        return (
            f"Trained without cutting, recolouring and weave{turned}: what the pictures show does not run on beyond them "
            f"(likeness of upper and lower edge {self.likeness:.2f} on {self.frames} training frames, of a material {BOUND} "
            "or more)."
        )


def likeness(pictures: Iterable[np.ndarray]) -> float:
    """Return the mean correlation of the first with the last row of ``pictures``, (N, h, w, 3) uint8; flat rows give 0."""
    found = [_correlation(blurred[0], blurred[-1]) for blurred in map(_blurred, pictures)]
    return float(np.mean(found)) if found else 0.0


def material_of(workspace: Workspace, names: list[str], size: Size, region: Region | None = None) -> Material:
    """Look at some of the frames called ``names``, spread evenly over them, prepared for an input of ``size``.

    Pictures that cannot be read are no evidence; the training will say which they are.
    """
    chosen = [
        names[i] for i in np.unique(np.linspace(0, len(names) - 1, min(SAMPLE, len(names))).astype(int))
    ]
    try:
        pictures = cache.load(workspace, batches.sources_of(workspace, chosen), size, region)
    except SeamLensError:
        return Material()
    return Material(round(likeness(pictures[:]), 3), len(chosen), _is_square(workspace, names, region))


def _is_square(workspace: Workspace, names: list[str], region: Region | None) -> bool:
    """Return whether the input, whose aspect is not that of the frames, would keep lengths if a frame lay on its side."""
    frames = frame_table(workspace)
    seen = set(frames.loc[frames["name"].isin(names), "video"])
    sides = [bounds(video.width, video.height, region) for video in videos(workspace) if video.key in seen]
    wide = [(right - left) / (bottom - top) for left, top, right, bottom in sides]
    return all(1 / (1 + ASPECT) <= aspect <= 1 + ASPECT for aspect in wide)


def _blurred(picture: np.ndarray) -> np.ndarray:
    return cv2.GaussianBlur(picture, (0, 0), BLUR).astype(np.float64)


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    a, b = a - a.mean(), b - b.mean()
    scale = np.sqrt((a * a).sum() * (b * b).sum())
    return float((a * b).sum() / scale) if scale > 1 else 0.0


def recipe_of(
    workspace: Workspace, settings: TrainSettings, exclusive: bool, training: list[str]
) -> tuple[Recipe, list[str]]:
    """Return the recipe that was chosen, else that of the network for what the frames called ``training`` show.

    The second is a note where that is no material that runs on.
    """
    if settings.recipe:
        return settings.recipe, []
    network = get_network(settings.network)
    seen = material_of(workspace, training, settings.size or network.size, settings.region)
    recipe = network.recipe_for(exclusive, seen.runs_on, seen.is_square)
    differs = recipe != network.recipe_for(exclusive)
    return recipe, [seen.note] if differs and seen.note else []
