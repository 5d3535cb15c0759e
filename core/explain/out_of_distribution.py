"""“I do not know this picture”: how unlike the training pictures a picture is, to the network's own eyes.

A network answers for any picture, also for a hand or an empty table. So its features at the target layer are compared
with those of the training frames: the Mahalanobis distance to their mean, in the covariance that they have *within*
their videos, to which that *between* the videos is added, both shrunk. Between videos only the cloth, the thread and the
light change, which may be others tomorrow: in these directions a picture may be further away. What else was tried is in
docs/benchmarks.md.

Sources: Lee et al., "A Simple Unified Framework for Detecting Out-of-Distribution Samples and Adversarial Attacks"
(2018), with videos in place of classes; Ledoit and Wolf, "A well-conditioned estimator for large-dimensional covariance
matrices" (2004).

Importing this does not import TensorFlow.
"""

import hashlib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.errors import RunError
from core.files import replacing
from core.inputs import batches
from core.runs.run import Run

if TYPE_CHECKING:
    from core.networks.backend import keras

VERSION = 3
"""Of the file and of what is measured; another one is made anew."""

FLAGGED = 0.05
"""Of the frames of no validation video more than this share is called unfamiliar."""

BETWEEN = 3.0
"""How often the covariance between the videos is added to that within them."""

MARGIN = 1.15
"""How much further away than the validation videos a picture may be: three of them have not seen the strangest cloth."""

ENOUGH = 20
"""Frames from which a video counts alone; those of smaller groups are taken together."""

LINEAR = 0.03
"""Of the mean of all signatures: up to about that a difference counts as it is, from there on as a ratio."""

LEAST = 0.05
"""Of the median deviation: no number counts as steadier, lest a channel that never spoke decides alone."""

BATCH = 64


@dataclass(frozen=True)
class Familiar:
    """What the training pictures look like to a network.

    Args:
        mean: (D,) float32, of the bent signatures.
        whitening: (D, D) float32: what turns the distance to the mean into a Mahalanobis distance.
        small: what `bent` takes.
        threshold: the distance up to which a picture is familiar.
    """

    mean: np.ndarray
    whitening: np.ndarray
    small: float
    threshold: float

    def measure(self, signatures: np.ndarray) -> np.ndarray:
        """Return the unfamiliarity (N,) float32 of ``signatures`` (N, D): above 1 the network does not know it."""
        away = (bent(signatures, self.small) - self.mean) @ self.whitening
        return np.linalg.norm(away, axis=1) / self.threshold


def signature(features: Any) -> Any:
    """Return (N, 5C) of a tensor (N, h, w, C), in the compiled call: mean, deviation and maximum of each channel, and how far
    the means of its columns, and those of its rows, deviate: a seam runs through the picture, a street does not.
    """
    from core.networks.backend import tf

    mean, variance = tf.nn.moments(features, axes=(1, 2))
    down, across = (tf.math.reduce_std(tf.reduce_mean(features, axis=axis), axis=1) for axis in (1, 2))
    return tf.concat([mean, tf.sqrt(variance), tf.reduce_max(features, axis=(1, 2)), down, across], axis=-1)


def bent(signatures: np.ndarray, small: float) -> np.ndarray:
    """Return signatures bent like a logarithm beyond ``small``: twice as much is as far away as half as much."""
    return np.arcsinh(signatures / small).astype(np.float32)


def fit(training: np.ndarray, groups: np.ndarray, valid: np.ndarray, valid_groups: np.ndarray) -> Familiar:
    """Learn what is familiar.

    Args:
        training: (N, D) float32, signatures.
        groups: (N,) the video of each.
        valid: (M, D) float32, signatures of the validation part, of which the threshold comes.
        valid_groups: (M,) the video of each.

    Raises:
        RunError: fewer than two frames of either.
    """
    if min(len(training), len(valid)) < 2:
        raise RunError(
            "a run with two frames or more to train and to validate",
            f"one with {len(training)} and {len(valid)}",
            "Label more videos, split again and train anew.",
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
    known = Familiar(training.mean(axis=0), whitening, small, 1.0)
    return replace(known, threshold=MARGIN * max(_quantiles(known.measure(valid), _joined(valid_groups))))


def of(run: Run) -> Familiar:
    """Return what is familiar to ``run``; learned on first need, and kept in its folder.

    Args:
        run: with a trained network.

    Raises:
        RunError: it has no network yet, or frames of it are gone.
        MediaError: a picture cannot be read.
    """
    if not run.has_model:
        run.load_model()  # says so
    about = f"{VERSION} {hashlib.sha256(run.model_file.read_bytes()).hexdigest()}"
    known = _read(_file(run), about)
    if known is None:
        known = _learned(run, run.load_model())
        _write(_file(run), known, about)
    return known


def _file(run: Run) -> Path:
    return run.path / "familiar.npz"


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


def _learned(run: Run, model: "keras.Model") -> Familiar:
    see, found = signatures_of(model, run.network.target), []
    for part in [batches.load(run, part) for part in ("train", "valid")]:
        signatures = [see(part.pictures[first : first + BATCH]) for first in range(0, len(part), BATCH)]
        found += [np.concatenate(signatures or [np.empty((0, 1), np.float32)])]
        found += [part.frames["group"].to_numpy(dtype=str)]
    return fit(*found)


def signatures_of(model: "keras.Model", target: str) -> Any:
    """Return a compiled function from pictures (N, h, w, 3) uint8 BGR to signatures (N, D) float32."""
    from core.networks.backend import keras, tf

    seeing = keras.Model(model.input, model.get_layer(target).output)
    run = tf.function(
        lambda pictures: signature(seeing(pictures, training=False)),
        input_signature=[tf.TensorSpec(model.input.shape, tf.uint8)],
        autograph=False,
    )
    return lambda pictures: run(pictures).numpy()


def _read(path: Path, about: str) -> Familiar | None:
    try:
        with np.load(path, allow_pickle=False) as kept:
            if str(kept["about"]) != about:
                return None
            return Familiar(kept["mean"], kept["whitening"], float(kept["small"]), float(kept["threshold"]))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None


def _write(path: Path, known: Familiar, about: str) -> None:
    """Keep what was learned; where nothing can be written it is learned again next time."""
    try:
        with replacing(path) as partial, partial.open("wb") as file:
            np.savez(file, about=about, **vars(known))
    except OSError:
        return
