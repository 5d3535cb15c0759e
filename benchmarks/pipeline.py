"""The input of a training: against the published generator, against pictures that lie in memory, and against the network.

- times_published_generator: an epoch of pictures through the pipeline, prepared before, against a Python generator that
  reads, resizes and varies one picture after the other; same frames, the published recipe on both sides.
- epoch_over_in_memory: an epoch of seam_lite through the pipeline over one of the same batch again and again.
- share_of_train_on_batch: pictures per second of seam_resnet in fit() through the pipeline, of bare train_on_batch().
"""

from collections import deque
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from benchmarks.harness import SEED, demo_class, main, medians, scratch_folder
from core.inputs import batches
from core.inputs.batches import Part
from core.media.library import frame_table
from core.runs.run import Run
from core.runs.settings import TrainSettings
from core.training.create_run import create_run
from core.workspace import Workspace

if TYPE_CHECKING:
    from core.networks.backend import keras, tf

VIDEOS, FRAMES = 5, 80
LITE_STEPS = 60  # about an epoch of the demo class
RESNET_STEPS = 4


def published(files: list[Path], targets: np.ndarray, batch: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Give out the set doubled by twins for ever, shuffled: each picture is read, resized and varied when its turn comes.

    Brightness and contrast change on 70 %; a portion is cut off the top of a twin and appended at the bottom.
    """
    rng, count = np.random.default_rng(SEED), len(files)
    while True:
        order = rng.permutation(2 * count)
        for first in range(0, len(order) - batch + 1, batch):
            chosen = order[first : first + batch]
            pictures = [_published_picture(files[n % count], n >= count, rng) for n in chosen]
            yield np.array(pictures), targets[chosen % count]


def _published_picture(file: Path, is_twin: bool, rng: np.random.Generator) -> np.ndarray:
    picture = cv2.resize(cv2.imread(str(file)), (100, 100), interpolation=cv2.INTER_AREA)
    if is_twin:
        row = rng.integers(1, 100)
        picture = np.concatenate([picture[row:], picture[:row]])
    if rng.random() < 0.7:
        picture = cv2.convertScaleAbs(picture, alpha=rng.uniform(0.8, 1.2), beta=int(rng.integers(15)))
    return picture


def generators(rounds: int, workspace: Workspace) -> list[float]:
    """Return the seconds of an epoch of pictures: published, and ours."""
    run = create_run(workspace, TrainSettings("seam_resnet", seed=SEED))
    part = batches.load(run, "train")
    file_of = frame_table(workspace).set_index("name")["file"]
    files = [workspace.path / file_of[name] for name in part.frames["name"]]
    steps = batches.steps_per_epoch(len(part), run.recipe)
    sources = published(files, part.targets, run.recipe.batch), iter(batches.dataset(part, run))
    return medians(rounds, *(lambda source=source: deque(islice(source, steps), 0) for source in sources))


def epochs(rounds: int, workspace: Workspace) -> list[float]:
    """Return the seconds of an epoch of seam_lite: through the pipeline, and on one batch in memory."""
    from core.networks.backend import tf  # not above: the processes that render import this module

    run, part, model = _compiled(workspace, "seam_lite")
    batch = next(iter(batches.dataset(part, run)))
    untuned = tf.data.Options()
    untuned.autotune.enabled = False  # or it could not be closed while the tuner sleeps
    constant = tf.data.Dataset.from_tensors(batch).repeat().with_options(untuned)
    fit = _fit(model, LITE_STEPS)
    return medians(rounds, lambda: fit(batches.dataset(part, run)), lambda: fit(constant))


def steps(rounds: int, workspace: Workspace) -> list[float]:
    """Return the seconds of some steps of seam_resnet: through the pipeline, and by train_on_batch in memory."""
    run, part, model = _compiled(workspace, "seam_resnet")
    rng, (width, height) = np.random.default_rng(SEED), run.size
    pictures = rng.integers(0, 256, (run.recipe.batch, height, width, 3), dtype=np.uint8)
    targets = rng.integers(0, 2, (run.recipe.batch, len(run.attributes))).astype(np.float32)
    fit = _fit(model, RESNET_STEPS)

    def bare() -> None:
        for _ in range(RESNET_STEPS):
            model.train_on_batch(pictures, targets)

    return medians(rounds, lambda: fit(batches.dataset(part, run)), bare)


def _compiled(workspace: Workspace, network: str) -> "tuple[Run, Part, keras.Model]":
    """Return a run, its training part and its network, compiled as a training compiles it."""
    from core.training.model_state import Lesson

    run = create_run(workspace, TrainSettings(network, seed=SEED))
    part = batches.load(run, "train")
    return run, part, Lesson(run, part).logits


def _fit(model: "keras.Model", steps: int) -> "Callable[[tf.data.Dataset], object]":
    return lambda data: model.fit(data, steps_per_epoch=steps, shuffle=False, verbose=0)


def measure(rounds: int) -> dict[str, float]:
    with scratch_folder() as folder:
        workspace = demo_class(folder, VIDEOS, FRAMES)
        theirs, ours = generators(rounds, workspace)
        piped, constant = epochs(rounds, workspace)
        fitted, bare = steps(rounds, workspace)
    return {
        "times_published_generator": theirs / ours,
        "epoch_over_in_memory": piped / constant,
        "share_of_train_on_batch": bare / fitted,
        "published_seconds": theirs,
        "pipeline_seconds": ours,
        "seam_lite_step_ms": 1e3 * piped / LITE_STEPS,
        "seam_resnet_step_ms": 1e3 * fitted / RESNET_STEPS,
    }


if __name__ == "__main__":
    main(__doc__, measure)
