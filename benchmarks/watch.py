"""Watching a film of a seam as fast as it goes: events, clips and heatmaps written to a folder.

- share_of_bare: frames per second of `watch`, of a loop that only decodes, prepares and infers.
- times_published: frames per second of `watch`, of the published way: predict() and a GradientTape per attribute for each
  frame, in the capture loop. It is given the first frames only, for it is slow.

With SEAMLENS_RUN=FOLDER in the environment, a trained run is taken instead of a new one.
"""

from collections.abc import Callable
from functools import partial
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from benchmarks.harness import main, medians, scratch_folder, trained_run
from core.events.detector import default_rules
from core.inspection.inspector import Inspector
from core.live.sources import find_source
from core.live.watch import Options, load_inspector, watch
from core.media.library import frame_table, videos
from core.networks.preprocessing import prepare
from core.runs.run import Run
from core.videos.video import decode

if TYPE_CHECKING:
    from core.networks.backend import keras

PUBLISHED_FRAMES = 20


def ours(run: Run, film: Path, inspector: Inspector, folder: Path) -> None:
    rules = default_rules(run.attributes, run.thresholds)
    watch(run, find_source(run.workspace, film), rules, Options(folder=folder), inspector=inspector)


def bare(film: Path, run: Run, forward: Callable[[np.ndarray], Any]) -> None:
    """Decode, prepare and infer, and nothing else."""
    for decoded in decode(film):
        forward(prepare(decoded.picture, run.size, run.region)[None]).numpy()


def published(film: Path, run: Run, model: "keras.Model", both: "keras.Model") -> None:
    """Capture, predict, and one GradientTape per attribute: the heatmaps of every frame."""
    from benchmarks.gradcam import tape_heatmaps

    capture = cv2.VideoCapture(str(film))
    for _ in range(PUBLISHED_FRAMES):
        _, picture = capture.read()
        ready = prepare(picture, run.size, run.region)[None]
        model.predict(ready, verbose=0)
        tape_heatmaps(both, ready, len(run.attributes))
    capture.release()


def measure(rounds: int) -> dict[str, float]:
    from core.networks.backend import keras, tf

    with scratch_folder() as scratch:
        run = trained_run(scratch)
        video = next(video for video in reversed(videos(run.workspace)) if video.file)
        film, frames = run.workspace.path / video.file, len(frame_table(run.workspace, video.key))
        model, inspector = run.load_model(), load_inspector(run)
        signature = [tf.TensorSpec((1, *model.input.shape[1:]), tf.uint8)]
        forward = tf.function(partial(model, training=False), input_signature=signature)
        both = keras.Model(model.input, [model.get_layer(run.network.target).output, model.output])
        folders = (scratch / f"session_{number}" for number in count())
        sides = (
            lambda: ours(run, film, inspector, next(folders)),
            lambda: bare(film, run, forward),
            lambda: published(film, run, model, both),
        )
        seconds = medians(rounds, *sides)
    watched, plain, old = (n / s for n, s in zip((frames, frames, PUBLISHED_FRAMES), seconds, strict=True))
    return {
        "share_of_bare": watched / plain,
        "times_published": watched / old,
        "watch_frames_per_second": watched,
        "bare_frames_per_second": plain,
        "published_frames_per_second": old,
    }


if __name__ == "__main__":
    main(__doc__, measure)
