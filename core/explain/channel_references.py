"""What frames without an attribute show anyway, so that a heatmap shows only what exceeds it.

A logit that is linear in the peak of each channel is decided where its channels exceed what they reach without the
attribute. Grad-CAM weighs the whole channel instead, and every texture that stirs it a little lights up. Here a channel
counts from its *reference* on: the median of its peaks in the training frames that have the other answer.

A channel also lies where its kernel sits, which is up to a cell beside what it responds to. So each is moved by the
*shift* of its effective receptive field: the centre of the squared gradient of its peak by the picture.

Both are constants of a trained network. They are measured once on its training frames, and stored in the run's folder.

Source of the receptive field: Luo et al., "Understanding the Effective Receptive Field in Deep Convolutional Neural
Networks" (2016). Importing this does not import TensorFlow.
"""

import hashlib
import zipfile
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.errors import RunError, SeamLensError
from core.explain.heatmap import EXCESS
from core.files import replacing
from core.inputs import batches
from core.inputs.batches import Part
from core.runs.run import Run

if TYPE_CHECKING:
    from core.explain.gradcam import Explainer

VERSION = 1
"""Of the file and of what is measured; a file of another version is written again."""

QUANTILE = 0.5
"""Of the peaks of a channel in frames with the other answer. With 0.75 and 0.9 some hundredths less lies outside the seam, but the
answer falls later while the evidence is deleted: docs/benchmarks.md.
"""

FRAMES = 600
"""Training frames that are looked at, at most, spread evenly."""

CHANNELS = 128
"""Per attribute, those that matter most: others add next to nothing, and would cost time in every frame."""

FIELDS = 64
"""Channels whose receptive field is measured, those that matter most first; the others take the mean shift."""

STRONGEST, SHARE = 12, 0.1
"""Frames in which a receptive field is measured, spread over this share of all: those in which its channel is strongest."""

REACH = 4
"""Cells around a peak in which its receptive field is sought: what lies beyond is the normalisation of the picture."""

FULL_FRAMES, FULL, LEAST = 192, 0.25, 1.0
"""Training frames that say how much evidence is much: the greatest of all but this share of them reaches it, and at least so
many logits. What is decided by what is absent, such as `good`, has next to no evidence, and stays faint.
"""

BATCH = 64
FILE = "background.npz"


@dataclass(frozen=True)
class ChannelReferences:
    """What frames without an attribute show, for K channels of each of A attributes.

    Args:
        channels: (A, K) int32, their numbers, growing.
        reference: (A, K) float32: beyond it a channel is evidence.
        shifts: (A, K, 2) float32: how far what a channel responds to lies below and to the right of its cell, in cells.
        full: (A, 2) float32, in logits: evidence that is much for an attribute, and against it, by the training frames for which
            it is true or false, see `FULL`.
    """

    channels: np.ndarray
    reference: np.ndarray
    shifts: np.ndarray
    full: np.ndarray


def references(peaks: np.ndarray, targets: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return (A, C) float32: the `QUANTILE` of the peaks of each channel in the frames with the other answer than it speaks for.

    Args:
        peaks: (N, C) float32, of each channel in each frame.
        targets: (N, A) float32: 1 true, 0 false, -1 unset.
        weights: (A, C) float32: what a channel is worth to an attribute. Where it is negative the channel speaks for
            false, so that frames for which the attribute is true are the background. Without any, all frames are.
    """
    found = np.empty(weights.shape, np.float32)
    for attribute, answers in enumerate(targets.T):
        for speaks_for in (0, 1):
            others = answers == 1 - speaks_for
            levels = np.quantile(peaks[others] if others.any() else peaks, QUANTILE, axis=0)
            speaking = (weights[attribute] > 0) == bool(speaks_for)
            found[attribute, speaking] = levels[speaking]
    return found


def importance(peaks: np.ndarray, weights: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Return (A, C) float32, in logits: what a channel adds to the evidence of a frame, on average."""
    excess = [np.maximum(peaks - of_attribute, 0).mean(axis=0) for of_attribute in reference]
    return np.abs(weights) * np.stack(excess)


def centre(gradient: np.ndarray, row: int, column: int, grid: tuple[int, int]) -> tuple[float, float] | None:
    """Return how far the centre of a receptive field lies below and to the right of its cell, in cells, at most 1 each.

    ``gradient`` (h, w, 3) is that of the peak in ``row`` and ``column`` of the ``grid`` by the picture. None where it is zero.
    """
    height, width = gradient.shape[:2]
    down = (np.arange(height) + 0.5) * grid[0] / height - (row + 0.5)
    across = (np.arange(width) + 0.5) * grid[1] / width - (column + 0.5)
    energy = np.square(gradient, dtype=np.float64).sum(axis=-1)
    energy *= (np.abs(down) < REACH)[:, None] & (np.abs(across) < REACH)
    total = energy.sum()
    if total <= 0:
        return None
    centres = (energy.sum(axis=1) @ down, energy.sum(axis=0) @ across) / total
    return tuple(np.clip(centres, -1, 1).tolist())


def explainer_of(run: Run, layer: str | None = None, method: str = EXCESS) -> "tuple[Explainer, str]":
    """Load the network of ``run`` with its heatmaps; where these are plain Grad-CAM against what was asked for, say why.

    ``layer`` is by default the target of its kind of network, and ``method`` one of `core.explain.heatmap.METHODS`.

    Raises:
        RunError: it has no network yet.
        ModelError: it has no such layer.
    """
    from core.explain.gradcam import Explainer

    explainer = Explainer(run.load_model(), layer or run.network.target, method)
    if method != EXCESS or explainer.target != run.network.target or not explainer.takes_peaks:
        return explainer, ""
    try:
        return explainer.beyond(references_of(run, explainer)), ""
    except SeamLensError as error:
        return explainer, f"The heatmaps are plain Grad-CAM, as the background cannot be measured. {error}"


def references_of(
    run: Run, explainer: "Explainer", training: tuple[Part, np.ndarray] | None = None
) -> ChannelReferences:
    """Return the `ChannelReferences` of ``run``, whose network ``explainer`` has; measured when first needed, and stored in its folder.

    ``training`` are its training part and the signatures of that, if these were computed before.

    Raises:
        RunError: a training frame is gone, or there is none.
        MediaError: a picture cannot be read.
    """
    path, source = run.path / FILE, f"{VERSION} {hashlib.sha256(run.model_file.read_bytes()).hexdigest()}"
    background = read(path, source)
    if background is None:
        background = _measured(run, explainer, training)
        write(path, background, source)
    return background


def _measured(
    run: Run, explainer: "Explainer", training: tuple[Part, np.ndarray] | None
) -> ChannelReferences:
    part = training[0] if training else batches.load(run, "train")
    if not len(part):
        raise RunError(f"{run.id} has no training frame.", "Split again and train again.")
    chosen = spread(len(part), FRAMES)
    signatures = training[1][chosen] if training else _signatures(explainer, part, chosen)
    peaks, weights = explainer.peaks(signatures), explainer.weights
    reference = references(peaks, part.targets[chosen], weights)
    matter = importance(peaks, weights, reference)
    channels = np.sort(np.argsort(-matter, axis=1, kind="stable")[:, :CHANNELS], axis=1).astype(np.int32)
    shifts = _shifts(explainer, part, chosen, peaks, matter.sum(axis=0))
    background = ChannelReferences(
        channels,
        np.take_along_axis(reference, channels, axis=1),
        shifts[channels],
        np.ones((len(weights), 2), np.float32),
    )
    return replace(background, full=_full(explainer.beyond(background), part))


def spread(count: int, most: int) -> np.ndarray:
    """Return at most ``most`` of the numbers below ``count``, evenly spread."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(int))


def _signatures(explainer: "Explainer", part: Part, chosen: np.ndarray) -> np.ndarray:
    starts = range(0, len(chosen), BATCH)
    return np.concatenate(
        [explainer.read(part.pictures[chosen[first : first + BATCH]])[1] for first in starts]
    )


def _shifts(
    explainer: "Explainer", part: Part, frames: np.ndarray, peaks: np.ndarray, matter: np.ndarray
) -> np.ndarray:
    """Return (C, 2) float32, in cells; see `FIELDS`."""
    measured = np.argsort(-matter, kind="stable")[:FIELDS]
    measured = measured[matter[measured] > 0]
    shifts = np.zeros((len(matter), 2), np.float32)
    for channel in measured:
        strongest = np.argsort(-peaks[:, channel], kind="stable")[: max(STRONGEST, int(SHARE * len(peaks)))]
        strongest = strongest[spread(len(strongest), STRONGEST)]
        fields = explainer.receptive_fields(part.pictures[np.sort(frames[strongest])], int(channel))
        centres = [at for at in (centre(*field, explainer.grid) for field in fields) if at is not None]
        if centres:
            shifts[channel] = np.median(centres, axis=0)
    if len(measured):
        others = np.setdiff1d(np.arange(len(matter)), measured)
        shifts[others] = np.average(shifts[measured], axis=0, weights=matter[measured])
    return shifts


def _full(explainer: "Explainer", part: Part) -> np.ndarray:
    """Return ``full`` of `ChannelReferences`."""
    chosen = spread(len(part), FULL_FRAMES)
    starts = range(0, len(chosen), BATCH)
    maps = np.concatenate([explainer(part.pictures[chosen[first : first + BATCH]]).maps for first in starts])
    full = np.full((maps.shape[-1], 2), LEAST, np.float32)
    for attribute, answers in enumerate(part.targets[chosen].T):
        for place, (answer, sign) in enumerate(((1, 1), (0, -1))):
            greatest = (sign * maps[answers == answer, :, :, attribute]).max(axis=(1, 2), initial=0)
            if len(greatest):
                full[attribute, place] = max(LEAST, np.quantile(greatest, FULL))
    return full


def read(path: Path, source: str) -> ChannelReferences | None:
    """Return what was written for the same network, if anything was."""
    try:
        with np.load(path, allow_pickle=False) as file:
            if str(file["network"]) != source:
                return None
            return ChannelReferences(*(file[name] for name in ("channels", "reference", "shifts", "full")))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None


def write(path: Path, background: ChannelReferences, source: str) -> None:
    """Store it with a line about the network; where nothing can be written it is measured again next time."""
    values: dict[str, Any] = vars(background)
    with suppress(OSError), replacing(path) as partial, partial.open("wb") as file:
        np.savez(file, network=source, **values)
