"""Out-of-distribution pictures, “unfamiliar” on screen: how unlike the training pictures a picture is to the network.

A network answers for any picture, even for a hand or an empty table. So its features at the target layer are compared
with those of the training frames: the Mahalanobis distance to their mean, in their covariance *within* the videos plus
that *between* the videos, both shrunk. Between videos only the cloth, the thread and the light change, which may be
others tomorrow: in these directions a picture may be further away. docs/benchmarks.md says what else was tried.

Sources: Lee et al., "A Simple Unified Framework for Detecting Out-of-Distribution Samples and Adversarial Attacks"
(2018), with videos in place of classes; Ledoit and Wolf, "A well-conditioned estimator for large-dimensional covariance
matrices" (2004).

Importing this does not import TensorFlow.
"""

import hashlib
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.errors import RunError
from core.files import replacing
from core.inputs import batches
from core.inputs.batches import Part
from core.runs.run import Run

if TYPE_CHECKING:
    from core.explain.gradcam import Explainer

VERSION = 4
"""Of the file and of what is measured; a file of another version is written again."""

FLAGGED = 0.05
"""Of no validation video more than this share of the frames is called unfamiliar."""

BETWEEN = 3.0
"""Weight of the covariance between the videos beside that within them."""

MARGIN = 1.4
"""How much further away than the validation videos a picture may be: three videos do not show the strangest cloth."""

ENOUGH = 20
"""Frames from which a video counts alone; smaller groups are taken together."""

LINEAR = 0.03
"""Of the mean of all signatures: smaller values count by their difference, larger ones by their ratio."""

LEAST = 0.05
"""Of the median deviation, added to each: a channel that was always silent shall not decide alone."""

STATISTICS = 5
"""Of each channel, in a signature."""

MOST_CHANNELS = 256
"""Of a network with more channels only `COUNTED` ones count: the covariance grows with their square."""

COUNTED = slice(0, 240, 2)
"""Of ``seam_pretrained`` every second fine channel. Coarse ones say little of what is strange: with them a bare cloth and an
empty table were familiar (docs/benchmarks.md)."""

BATCH = 64
FILE = "familiar.npz"


@dataclass(frozen=True)
class Familiar:
    """The distribution of the training pictures as a network sees them.

    Args:
        mean: (D,) float32, of the bent signatures.
        whitening: (D, D) float32: turns the distance to the mean into a Mahalanobis distance.
        small: argument of `bent`.
        threshold: the distance up to which a picture is familiar.
    """

    mean: np.ndarray
    whitening: np.ndarray
    small: float
    threshold: float

    def measure(self, signatures: np.ndarray) -> np.ndarray:
        """Return the distance (N,) float32 of ``signatures`` (N, D): above 1 a picture is out of distribution."""
        away = (bent(signatures, self.small) - self.mean) @ self.whitening
        return np.linalg.norm(away, axis=1) / self.threshold


def signature(features: Any) -> Any:
    """Return the tensor (N, 5C) of features (N, h, w, C): mean, deviation and maximum of each channel, and the deviations
    of the means of its columns and of its rows: a seam runs through the picture, a street does not.
    """
    from core.networks.backend import tf

    mean, variance = tf.nn.moments(features, axes=(1, 2))
    down, across = (tf.math.reduce_std(tf.reduce_mean(features, axis=axis), axis=1) for axis in (1, 2))
    return tf.concat([mean, tf.sqrt(variance), tf.reduce_max(features, axis=(1, 2)), down, across], axis=-1)


def bent(signatures: np.ndarray, small: float) -> np.ndarray:
    """Return signatures on a scale that is logarithmic beyond ``small``: twice as much is as far away as half as much.

    Of more than `MOST_CHANNELS` channels only `COUNTED` ones are in what is returned.
    """
    channels = signatures.shape[-1] // STATISTICS
    if channels > MOST_CHANNELS:
        each = signatures.reshape(-1, STATISTICS, channels)[:, :, COUNTED]
        signatures = each.reshape(len(each), -1)
    return np.arcsinh(signatures / small).astype(np.float32)


def fit(training: np.ndarray, groups: np.ndarray, valid: np.ndarray, valid_groups: np.ndarray) -> Familiar:
    """Fit the distribution of the training pictures: signatures (N, D) float32 and the video of each (N,).

    The threshold is set by the signatures of the validation part (M, D) and their videos (M,).

    Raises:
        RunError: fewer than two frames of either.
    """
    if min(len(training), len(valid)) < 2:
        raise RunError(
            f"Unfamiliar pictures cannot be recognised: {len(training)} frames train the network and {len(valid)} validate "
            "it, and each needs two.",
            "Label more videos, split again and train again.",
        )
    from sklearn.covariance import LedoitWolf  # takes a second

    small = LINEAR * float(np.abs(training).mean()) + 1e-6
    training = bent(training, small)
    scale = training.std(axis=0)  # to one scale first: shrinkage draws all variances to their mean
    scale += LEAST * np.median(scale) + 1e-6
    means = _means(training, groups)
    covariance = LedoitWolf(assume_centered=True).fit((training - means) / scale).covariance_
    videos = np.unique(means, axis=0) / scale  # one row each
    if len(videos) > 1:
        covariance += BETWEEN * LedoitWolf(assume_centered=True).fit(videos - videos.mean(axis=0)).covariance_
    whitening = (np.linalg.cholesky(np.linalg.inv(covariance)) / scale[:, None]).astype(np.float32)
    familiar = Familiar(training.mean(axis=0), whitening, small, 1.0)
    threshold = MARGIN * max(_quantiles(familiar.measure(valid), _joined(valid_groups)))
    return replace(familiar, threshold=threshold)


def familiar_to(run: Run, training: tuple[Part, np.ndarray] | None = None) -> Familiar:
    """Return what is familiar to ``run``; computed when first needed, and stored in its folder.

    ``training`` are its training part and the signatures of that, if these were computed before.

    Raises:
        RunError: it has no network yet, or frames of it are gone.
        MediaError: a picture cannot be read.
    """
    if not run.has_model:
        run.load_model()  # raises
    path, source = run.path / FILE, f"{VERSION} {hashlib.sha256(run.model_file.read_bytes()).hexdigest()}"
    familiar = read(path, source)
    if familiar is None:
        familiar = _fitted(run, training)
        write(path, familiar, source)
    return familiar


def _means(training: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Return (N, D): for each frame the mean of its video, or of all small groups together."""
    groups = _joined(groups)
    _, number = np.unique(groups, return_inverse=True)
    sums = np.zeros((number.max() + 1, training.shape[1]))
    np.add.at(sums, number, training)
    return (sums / np.bincount(number)[:, None])[number]


def _joined(groups: np.ndarray) -> np.ndarray:
    names, number, counts = np.unique(groups, return_inverse=True, return_counts=True)
    return np.where(counts[number] < ENOUGH, "", names[number])


def _quantiles(distances: np.ndarray, groups: np.ndarray) -> Iterator[float]:
    for group in np.unique(groups):
        yield float(np.quantile(distances[groups == group], 1 - FLAGGED, method="higher"))


def signatures_of(run: Run, part: str, explainer: "Explainer") -> tuple[Part, np.ndarray]:
    """Return a part of ``run`` and the signatures of its frames, (N, D) float32, by the ``explainer`` of its network."""
    loaded = batches.load(run, part)
    starts = range(0, len(loaded), BATCH)
    signatures = [explainer.read(loaded.pictures[first : first + BATCH])[1] for first in starts]
    return loaded, np.concatenate(signatures or [np.empty((0, 1), np.float32)])


def _fitted(run: Run, training: tuple[Part, np.ndarray] | None) -> Familiar:
    from core.explain.gradcam import Explainer

    explainer, arguments = Explainer(run.load_model(), run.network.target), []
    for part, signatures in (
        training or signatures_of(run, "train", explainer),
        signatures_of(run, "valid", explainer),
    ):
        arguments += [signatures, part.frames["video"].to_numpy(dtype=str)]
    return fit(*arguments)


def read(path: Path, source: str) -> Familiar | None:
    """Return what was written for the same network, if anything was."""
    try:
        with np.load(path, allow_pickle=False) as file:
            if str(file["about"]) != source:
                return None
            return Familiar(file["mean"], file["whitening"], float(file["small"]), float(file["threshold"]))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None


def write(path: Path, familiar: Familiar, source: str) -> None:
    """Store it with a line about the network; where nothing can be written it is computed again next time."""
    with suppress(OSError), replacing(path) as partial, partial.open("wb") as file:
        np.savez(file, about=source, **vars(familiar))
