"""The input of a training: against the published generator, against pictures that lie in memory, and against the network.

- times_published_generator: an epoch of pictures through the pipeline, prepared before, against a Python generator that
  reads, resizes and varies one picture after the other; same frames, the published recipe on both sides.
- epoch_over_in_memory: an epoch of seam_lite through the pipeline over one of the same batch again and again.
- share_of_train_on_batch: pictures per second of seam_resnet through the pipeline, of Keras' bare train_on_batch().

python -m benchmarks.pipeline [--json] [--rounds N]
"""

import statistics
import tempfile
from collections.abc import Callable, Iterator
from itertools import islice, repeat
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import cv2
import numpy as np

from benchmarks.report import report
from core.demo.make import make_demo
from core.inputs import batches
from core.inputs.batches import Part
from core.inputs.prefetch import prefetched
from core.media.library import frame_table
from core.runs.run import Run
from core.runs.settings import TrainSettings
from core.side_effects import leave_opencv_one_thread
from core.training.create_run import create_run
from core.workspace import Workspace

if TYPE_CHECKING:
    from core.training.model_state import ModelState

VIDEOS, FRAMES = 5, 80
LITE_STEPS = 60  # about an epoch of the demo class
RESNET_STEPS = 4
SEED = 1
AHEAD = 4


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


def seconds(work: Callable[[], object]) -> float:
    """Return how long ``work`` takes."""
    start = perf_counter()
    work()
    return perf_counter() - start


def in_turn(rounds: int, one: Callable[[], object], other: Callable[[], object]) -> tuple[float, float]:
    """Return the median seconds of both, taken in turn after a round to warm up."""
    one(), other()
    pairs = [(seconds(one), seconds(other)) for _ in range(rounds)]
    return statistics.median(pair[0] for pair in pairs), statistics.median(pair[1] for pair in pairs)


def generators(rounds: int, workspace: Workspace) -> tuple[float, float]:
    """Return the seconds of an epoch of pictures: published, and ours."""
    run = create_run(workspace, TrainSettings("seam_resnet", seed=SEED))
    part = batches.load(run, "train")
    of_name = frame_table(workspace).set_index("name")["file"]
    files = [workspace.path / of_name[name] for name in part.frames["name"]]
    steps = batches.steps_per_epoch(len(part), run.recipe)
    theirs = published(files, part.targets, run.recipe.batch)
    ours = _piped(run, part)
    return in_turn(rounds, lambda: _take(theirs, steps), lambda: _take(ours, steps))


def _take(source: Iterator[object], steps: int) -> None:
    for _ in islice(source, steps):
        pass


def epochs(rounds: int, workspace: Workspace) -> tuple[float, float]:
    """Return the seconds of an epoch of seam_lite: through the pipeline, and on one batch in memory."""
    run, part, model = _taught(workspace, "seam_lite")
    batch = next(batches.stream(part, run.recipe, SEED))
    return in_turn(
        rounds,
        lambda: _learn(model, _piped(run, part), LITE_STEPS),
        lambda: _learn(model, repeat(batch), LITE_STEPS),
    )


def shares(rounds: int, workspace: Workspace) -> tuple[float, float]:
    """Return the seconds of some steps of seam_resnet: through the pipeline, and by Keras' train_on_batch in memory."""
    from core.networks.architectures import (
        logits_model,  # not above: the processes that render import this module
    )
    from core.training.losses import mean_loss

    run, part, model = _taught(workspace, "seam_resnet")
    batch = next(batches.stream(part, run.recipe, SEED))
    theirs = logits_model(run.network.build(len(run.attributes), run.attributes.exclusive, run.size))
    theirs.compile("adam", lambda targets, logits: mean_loss(targets, logits, run.attributes.exclusive))

    def bare() -> None:
        for _ in range(RESNET_STEPS):
            theirs.train_on_batch(*batch)

    return in_turn(rounds, lambda: _learn(model, _piped(run, part), RESNET_STEPS), bare)


def _taught(workspace: Workspace, network: str) -> "tuple[Run, Part, ModelState]":
    """Return a run, its training part, and its network as a training begins with it."""
    from core.training.model_state import ModelState

    run = create_run(workspace, TrainSettings(network, seed=SEED))
    part = batches.load(run, "train")
    built = run.network.build(len(run.attributes), run.attributes.exclusive, run.size)
    return run, part, ModelState(built, run.recipe, run.attributes, part.targets)


def _piped(run: Run, part: Part) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    leave_opencv_one_thread()
    return prefetched(batches.stream(part, run.recipe, SEED), AHEAD)


def _learn(model: "ModelState", source: Iterator[tuple[np.ndarray, np.ndarray]], steps: int) -> None:
    for pictures, targets in islice(source, steps):
        model.learn(pictures, targets, 1e-4)


def measure(rounds: int) -> dict[str, float]:
    """Take both sides of each figure in turn ``rounds`` times; return medians."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        workspace = make_demo(Path(scratch) / "class", SEED, VIDEOS, FRAMES).workspace
        theirs, ours = generators(rounds, workspace)
        piped, constant = epochs(rounds, workspace)
        fitted, bare = shares(rounds, workspace)
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
    report(__doc__, measure)
