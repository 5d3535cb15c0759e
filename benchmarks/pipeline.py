"""The input of a training: against the published generator, against pictures that lie in memory, and against the network.

- times_published_generator: an epoch of pictures through the pipeline, prepared before, against a Python generator that
  reads, resizes and varies one picture after the other; same frames, the published recipe on both sides.
- epoch_over_in_memory: an epoch of seam_lite through the pipeline over one of the same batch again and again.
- share_of_train_on_batch: pictures per second of seam_resnet through the pipeline, of Keras' bare train_on_batch().
"""

from collections import deque
from collections.abc import Iterator
from itertools import islice, repeat
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from benchmarks.harness import SEED, demo_class, main, medians, scratch_folder
from core.inputs import batches
from core.inputs.batches import Part
from core.inputs.prefetch import prefetched
from core.media.library import frame_table
from core.process_settings import leave_opencv_one_thread
from core.runs.run import Run
from core.runs.settings import TrainSettings
from core.training.create_run import create_run
from core.workspace import Workspace

if TYPE_CHECKING:
    from core.training.model_state import ModelState

Batches = Iterator[tuple[np.ndarray, np.ndarray]]

VIDEOS, FRAMES = 5, 80
LITE_STEPS = 60  # about an epoch of the demo class
RESNET_STEPS = 4
AHEAD = 4


def published(files: list[Path], targets: np.ndarray, batch: int) -> Batches:
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
    sources = published(files, part.targets, run.recipe.batch), _pipeline(run, part)
    return medians(rounds, *(lambda source=source: deque(islice(source, steps), 0) for source in sources))


def epochs(rounds: int, workspace: Workspace) -> list[float]:
    """Return the seconds of an epoch of seam_lite: through the pipeline, and on one batch in memory."""
    run, part, model = _new_model(workspace, "seam_lite")
    batch = next(batches.stream(part, run.recipe, SEED))
    sides = (
        lambda: _learn(model, _pipeline(run, part), LITE_STEPS),
        lambda: _learn(model, repeat(batch), LITE_STEPS),
    )
    return medians(rounds, *sides)


def steps(rounds: int, workspace: Workspace) -> list[float]:
    """Return the seconds of some steps of seam_resnet: through the pipeline, and by Keras' train_on_batch in memory."""
    # Not above: the processes that render import this module.
    from core.networks.architectures import logits_model
    from core.training.losses import mean_loss

    run, part, model = _new_model(workspace, "seam_resnet")
    batch = next(batches.stream(part, run.recipe, SEED))
    theirs = logits_model(run.network.build(len(run.attributes), run.attributes.exclusive, run.size))
    theirs.compile("adam", lambda targets, logits: mean_loss(targets, logits, run.attributes.exclusive))

    def bare() -> None:
        for _ in range(RESNET_STEPS):
            theirs.train_on_batch(*batch)

    return medians(rounds, lambda: _learn(model, _pipeline(run, part), RESNET_STEPS), bare)


def _new_model(workspace: Workspace, network: str) -> "tuple[Run, Part, ModelState]":
    """Return a run, its training part, and its network as a training begins with it."""
    from core.training.model_state import ModelState

    run = create_run(workspace, TrainSettings(network, seed=SEED))
    part = batches.load(run, "train")
    built = run.network.build(len(run.attributes), run.attributes.exclusive, run.size)
    return run, part, ModelState(built, run.recipe, run.attributes, part.targets)


def _pipeline(run: Run, part: Part) -> Batches:
    leave_opencv_one_thread()
    return prefetched(batches.stream(part, run.recipe, SEED), AHEAD)


def _learn(model: "ModelState", source: Batches, steps: int) -> None:
    for pictures, targets in islice(source, steps):
        model.learn(pictures, targets, 1e-4)


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
