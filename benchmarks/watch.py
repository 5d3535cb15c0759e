"""Watching a film of a seam as fast as it goes: events, clips and heatmaps written to a folder.

- share_of_bare: frames per second of `watch`, of a loop that only decodes, prepares and infers.
- times_published: frames per second of `watch`, of the published way: predict() and a GradientTape per attribute for each
  frame, in the capture loop. It is given the first frames only, for it is slow.

python -m benchmarks.watch [--json] [--rounds N]      (SEAMLENS_RUN=FOLDER takes a trained run instead of a new one)
"""

import os
import statistics
import tempfile
from collections.abc import Callable
from functools import partial
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from benchmarks.report import report
from core.demo.make import make_demo
from core.events.rules import default_rules
from core.inspection.inspector import Inspector
from core.jobs import worker
from core.live.sources import find
from core.live.watch import Options, load_inspector, watch
from core.media.library import videos
from core.media.video import decode
from core.networks.preprocessing import prepare
from core.runs import registry as runs
from core.runs.run import Run
from core.runs.settings import TrainSettings
from core.training.create_run import create_run
from core.workspace import open_workspace

if TYPE_CHECKING:
    from core.networks.backend import keras

PUBLISHED_FRAMES = 20
SEED = 1


def trained(scratch: Path) -> Run:
    """Return the run to watch with: the one that is named, else one trained for a minute on a small demo class."""
    if named := os.environ.get("SEAMLENS_RUN"):
        folder = Path(named).resolve()
        return runs.get_run(open_workspace(folder.parent.parent), folder.name)
    workspace = make_demo(scratch / "class", SEED, 8, 100).workspace
    run = create_run(workspace, TrainSettings(seed=SEED, minutes=1))
    worker.train(run)
    return run


def ours(run: Run, film: Path, inspector: Inspector, folder: Path) -> int:
    """Watch the film; return how many frames it has."""
    rules = default_rules(run.attributes, run.thresholds)
    session = watch(run, find(run.workspace, film), rules, Options(folder=folder), inspector=inspector)
    return int(session.details["readings"])


def bare(film: Path, run: Run, forward: Callable[[np.ndarray], Any]) -> int:
    """Decode, prepare and infer, and nothing else."""
    count = 0
    for decoded in decode(film):
        forward(prepare(decoded.picture, run.size, run.region)[None]).numpy()
        count += 1
    return count


def published(film: Path, run: Run, model: "keras.Model", seeing: "keras.Model") -> int:
    """Capture, predict, and one GradientTape per attribute: the heatmaps of every frame."""
    from core.networks.backend import tf

    capture, count = cv2.VideoCapture(str(film)), 0
    while count < PUBLISHED_FRAMES:
        _, picture = capture.read()
        ready = prepare(picture, run.size, run.region)[None]
        model.predict(ready, verbose=0)
        for number in range(len(run.attributes)):
            with tf.GradientTape() as tape:
                features, probabilities = seeing(ready)
                score = probabilities[:, number]
            weights = tf.reduce_mean(tape.gradient(score, features), axis=(1, 2))
            tf.einsum("nhwc,nc->nhw", features, weights).numpy()
        count += 1
    capture.release()
    return count


def rate(work: Callable[[], int]) -> float:
    """Return frames per second."""
    start = perf_counter()
    return work() / (perf_counter() - start)


def measure(rounds: int) -> dict[str, float]:
    """Take the three in turn ``rounds`` times, after a round to warm up; return medians."""
    from core.networks.backend import keras, tf

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        run = trained(Path(scratch))
        film = run.workspace.path / next(v.file for v in reversed(videos(run.workspace)) if v.file)
        model, inspector = run.load_model(), load_inspector(run)
        signature = [tf.TensorSpec((1, *model.input.shape[1:]), tf.uint8)]
        forward = tf.function(partial(model, training=False), input_signature=signature)
        seeing = keras.Model(model.input, [model.get_layer(run.network.target).output, model.output])
        folders = (Path(scratch) / f"session_{number}" for number in range(1000))
        sides = (
            lambda: ours(run, film, inspector, next(folders)),
            lambda: bare(film, run, forward),
            lambda: published(film, run, model, seeing),
        )
        turns = [[rate(side) for side in sides] for _ in range(rounds + 1)]
    watched, plain, old = (statistics.median(side) for side in zip(*islice(turns, 1, None), strict=True))
    return {
        "share_of_bare": watched / plain,
        "times_published": watched / old,
        "watch_frames_per_second": watched,
        "bare_frames_per_second": plain,
        "published_frames_per_second": old,
    }


if __name__ == "__main__":
    report(__doc__, measure)
