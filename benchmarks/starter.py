"""Makes ``core/networks/pretrained/starter.npz`` again, from rendered seams alone, and compares it with the file that is there.

The cloths of three seeds that no demo class is made with, of each the frames down the seam as they are and turned, since
others film a seam across. Only the coarse features are learned from, with a strong penalty: fine ones, and large weights,
are about how seams are drawn. The logits are scaled on videos held out, both answers counting alike; docs/benchmarks.md
says what comes of it on real fabrics, which are never learned from. Takes some ten minutes.
"""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import cv2
import numpy as np
from sklearn.linear_model import LogisticRegression

from benchmarks.harness import main
from core.demo.plan import VideoPlan
from core.demo.render import render_frames
from core.demo.sample_plan import video_plan
from core.inputs.feature_cache import SIZE
from core.networks.preprocessing import prepare
from core.networks.pretrained.forward import CHANNELS, FINE_CHANNELS, peaks
from core.networks.pretrained.head import Head, fit_head
from core.networks.pretrained.starter_head import FILE, NAMES

SEEDS = (101, 102, 103)
VIDEOS, FRAMES, EVERY = 18, 100, 5
STRENGTH = 3e-4
"""Of 3e-4, 3e-3 and 3e-2, by broken against normal on real fabrics: 1.00, 0.96 and 0.88."""
FOLDS = 6
COARSE = slice(FINE_CHANNELS, CHANNELS)
ANSWERS = {True: 1.0, False: 0.0, None: -1.0}


def measure(write: bool) -> dict[str, Any]:
    """Return the greatest difference between the arrays of the file and those made now."""
    cv2.setNumThreads(1)
    plans = [plan for seed in SEEDS for plan in video_plan(seed, VIDEOS, FRAMES)]
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        seen = list(pool.map(see, plans))
    videos = np.repeat(np.arange(len(seen)), [len(targets) for _, targets in seen])
    made = learn(*(np.concatenate(parts) for parts in zip(*seen, strict=True)), videos)
    if write:
        np.savez_compressed(FILE, **made)
    with np.load(FILE, allow_pickle=False) as stored:
        return {name: float(np.abs(stored[name] - array).max()) for name, array in made.items()}


def see(plan: VideoPlan) -> tuple[np.ndarray, np.ndarray]:
    """Return of every fifth frame the peaks (n, 2, 912) float16, as it is and turned, and the targets (n, 3)."""
    seen, targets = [], []
    for frame, truth in render_frames(plan):
        if truth.index % EVERY == 0:
            down = prepare(frame, SIZE)
            across = cv2.rotate(down, cv2.ROTATE_90_CLOCKWISE)
            seen.append(np.stack([peaks(each[None])[0] for each in (down, across)]))
            targets.append([ANSWERS[truth.answers[name]] for name in NAMES])
    return np.array(seen, np.float16), np.array(targets, np.float32)


def learn(seen: np.ndarray, targets: np.ndarray, videos: np.ndarray) -> dict[str, np.ndarray]:
    """Return the arrays of the file: ``kernel`` (912, 3), ``bias``, and of these frames the mean logits ``mean`` (3,) and the
    mean peaks ``typical`` (912,).
    """
    held_out = np.empty((*seen.shape[:2], len(NAMES)))
    for fold in range(FOLDS):
        tested = videos % FOLDS == fold
        head = fit(seen[~tested], targets[~tested])
        held_out[tested] = head.logits(seen[tested].reshape(-1, CHANNELS)).reshape(held_out[tested].shape)
    head = fit(seen, targets)
    scale, shift = np.array([scaling(held_out[..., i], targets[:, i]) for i in range(len(NAMES))]).T
    kernel, bias = head.kernel * scale, head.bias * scale + shift
    typical = seen.mean(axis=(0, 1), dtype=np.float64)
    arrays = {"kernel": kernel, "bias": bias, "mean": typical @ kernel + bias, "typical": typical}
    return {name: array.astype(np.float32) for name, array in arrays.items()}


def fit(seen: np.ndarray, targets: np.ndarray) -> Head:
    """Learn a head on the coarse features, with weights of zero for the fine ones."""
    both = np.concatenate([seen[:, 0, COARSE], seen[:, 1, COARSE]]).astype(np.float32)
    head = fit_head(both, np.tile(targets, (2, 1)), strength=STRENGTH)
    return Head(np.concatenate([np.zeros((FINE_CHANNELS, len(NAMES)), np.float32), head.kernel]), head.bias)


def scaling(logits: np.ndarray, answers: np.ndarray) -> tuple[float, float]:
    """Return factor and summand that make probabilities of ``logits`` (n, 2), as if both answers were equally frequent."""
    is_set = answers >= 0
    inputs, truth = logits[is_set].reshape(-1, 1), np.repeat(answers[is_set], 2) > 0.5
    fitted = LogisticRegression(C=1e6, class_weight="balanced").fit(inputs, truth)
    return float(fitted.coef_[0, 0]), float(fitted.intercept_[0])


OPTIONS = {"--write": {"action": "store_true", "help": "replace the file by what was made"}}

if __name__ == "__main__":
    main(__doc__, measure, OPTIONS)
