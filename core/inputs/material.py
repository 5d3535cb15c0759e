"""Whether the pictures show a continuous material, as a seam on a fabric is, or separate things.

The default augmentation was made for seams: it cuts a portion off the top of a picture and appends it at the bottom,
and gives fabric and thread other colours, negatives among them. Of a material all of that is one more piece. Of a
circuit board it is another board: the cut goes through its lines, and the negative of a gap in copper is copper in a
gap; it may lie on its side, however. Which of the two a class shows is a setting of its workspace (``material``). The
first training finds it out and sets it: where a material goes on beyond a picture, its last row looks like its first.
"""

from collections.abc import Iterable

import cv2
import numpy as np

from core.errors import SeamLensError
from core.inputs import batches, picture_cache
from core.media.library import frame_table, videos
from core.networks.preprocessing import Region, Size, bounds
from core.networks.recipe import Recipe
from core.networks.registry import get_network
from core.runs.settings import TrainSettings
from core.workspace import Material, Workspace

SAMPLE = 200
"""Frames that are looked at."""

BOUND = 0.6
"""Mean likeness of the two ends from which on a material is continuous.

Measured: rendered seams 0.81, photographed seams 0.78, fruit 0.43, circuit boards 0.12 (docs/benchmarks.md).
"""

ASPECT = 0.05
"""By how much the longer side of a frame may exceed the other one for it to count as square."""

BLUR = 2.0  # pixels: what is compared is where things are, not the grain of a fabric


def likeness(pictures: Iterable[np.ndarray]) -> float:
    """Return the mean correlation of the first with the last row of ``pictures``, (N, h, w, 3) uint8; flat rows give 0."""
    blurred = (cv2.GaussianBlur(picture, (0, 0), BLUR).astype(np.float64) for picture in pictures)
    each = [_correlation(picture[0], picture[-1]) for picture in blurred]
    return float(np.mean(each)) if each else 0.0


def material_of(
    workspace: Workspace, names: list[str], size: Size, region: Region | None = None
) -> Material | None:
    """Look at some of the frames called ``names``, spread evenly over them, prepared for an input of ``size``.

    Returns:
        What they show; none where some of them cannot be read: the training will say which.
    """
    chosen = np.unique(np.linspace(0, len(names) - 1, min(SAMPLE, len(names))).astype(int))
    try:
        sources = batches.sources_of(workspace, [names[number] for number in chosen])
        pictures = picture_cache.load(workspace, sources, size, region)
    except SeamLensError:
        return None
    return "continuous" if round(likeness(pictures[:]), 3) >= BOUND else "separate"


def _is_square(workspace: Workspace, names: list[str], region: Region | None) -> bool:
    """Return whether the input, whose aspect is not that of the frames, would keep lengths if a frame lay on its side."""
    frames = frame_table(workspace)
    seen = set(frames.loc[frames["name"].isin(names), "video"])
    sides = [bounds(video.width, video.height, region) for video in videos(workspace) if video.key in seen]
    wide = [(right - left) / (bottom - top) for left, top, right, bottom in sides]
    return all(1 / (1 + ASPECT) <= aspect <= 1 + ASPECT for aspect in wide)


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    a, b = a - a.mean(), b - b.mean()
    scale = np.sqrt((a * a).sum() * (b * b).sum())
    return float((a * b).sum() / scale) if scale > 1 else 0.0


def recipe_of(
    workspace: Workspace, settings: TrainSettings, exclusive: bool, training: list[str]
) -> tuple[Recipe, Material | None, list[str]]:
    """Return the recipe of a training: the chosen one, else the network's for what the pictures show, with what the user changed.

    What they show is a setting of the workspace. Where it is not set, some of the frames called ``training`` are looked
    at, and the second value is what was seen, to be kept as that setting. The third are notes on what is left out.
    """
    if settings.recipe:
        return settings.on(settings.recipe), None, []
    network = get_network(settings.network)
    size = settings.size or network.size
    seen = None if workspace.material else material_of(workspace, training, size, settings.region)
    is_continuous = (workspace.material or seen) != "separate"
    is_square = not is_continuous and _is_square(workspace, training, settings.region)
    fitting = network.recipe_for(exclusive, is_continuous, is_square, len(training))
    is_usual = fitting == network.recipe_for(exclusive, frames=len(training))
    return settings.on(fitting), seen, [] if is_usual else [_note_on(fitting.augmentation.quarter)]


def _note_on(quarter: bool) -> str:
    """Say what a training leaves out because the pictures show no continuous material."""
    turned = ", but with quarter turns" if quarter else ""
    return (
        f"Trained without cutting, recolouring and weave{turned}: the pictures show separate things, not a continuous "
        "material. Change that under Advanced, or in workspace.toml (material)."
    )
