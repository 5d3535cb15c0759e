"""The frames of a run in memory: prepared once, then given out in batches."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from sqlalchemy import select

from core.attributes import AttributeSet
from core.data import database as db
from core.data.images import read_picture
from core.errors import RunError
from core.files import Progress
from core.model.augmentation import augment, cut_and_append
from core.model.pictures import prepare
from core.model.recipes import Recipe
from core.model.run import Run
from core.workspace import Workspace

if TYPE_CHECKING:
    from core.model.backend import tf

UNSET = -1.0
PREFETCH = 4  # batches made ahead while the network works


@dataclass(frozen=True)
class Part:
    """Frames of a run, ready for its network.

    Args:
        frames: ``name``, ``group``, ``part`` and the attributes, as in the run.
        pictures: (N, h, w, 3) uint8, BGR, prepared.
        targets: (N, A) float32: 1 true, 0 false, -1 unset.
    """

    frames: pd.DataFrame
    pictures: np.ndarray
    targets: np.ndarray

    def __len__(self) -> int:
        return len(self.frames)


def load(run: Run, part: str, progress: Progress | None = None) -> Part:
    """Read and prepare the frames of one part of ``run``.

    Args:
        run: whose frames.csv says which.
        part: ``train``, ``valid`` or ``test``.
        progress: called as ``progress(done, total)``.

    Raises:
        RunError: a frame is no longer in the workspace.
        MediaError: a picture file cannot be read.
    """
    frames = run.frames[run.frames["part"] == part].reset_index(drop=True)
    files = _files(run.workspace, frames["name"].tolist())
    width, height = run.size
    pictures = np.empty((len(frames), height, width, 3), np.uint8)

    def fetch(number: int) -> None:
        pictures[number] = prepare(read_picture(files[number]), run.size, run.region)

    with ThreadPoolExecutor(os.cpu_count()) as pool:  # decoding and resizing leave Python's lock
        for done, _ in enumerate(pool.map(fetch, range(len(files))), 1):
            if progress:
                progress(done, len(files))
    return Part(frames, pictures, targets_of(frames, run.attributes))


def targets_of(frames: pd.DataFrame, attributes: AttributeSet) -> np.ndarray:
    """Return the labels of ``frames`` as (N, A) float32: 1 true, 0 false, -1 unset."""
    return frames[list(attributes.names)].to_numpy(dtype=np.float32, na_value=UNSET)


def steps_per_epoch(frames: int, recipe: Recipe) -> int:
    """Return how many batches an epoch over ``frames`` training frames takes."""
    pictures = 2 * frames if recipe.augmentation.twins else frames
    return max(1, round(pictures / recipe.batch), recipe.least_steps)


def stream(part: Part, recipe: Recipe, seed: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Give out augmented batches for ever: pass after pass, each in another order, none of them short.

    With twins in the recipe each pass holds every picture twice: as it is, and cut and appended.

    Yields:
        pictures (batch, h, w, 3) uint8 BGR and targets (batch, A) float32.
    """
    rng = np.random.default_rng(seed)
    count = len(part)
    for chosen in _choices(2 * count if recipe.augmentation.twins else count, recipe.batch, rng):
        pictures = part.pictures[chosen % count]
        twins = chosen >= count
        if twins.any():
            pictures[twins] = cut_and_append(pictures[twins], rng)
        yield augment(pictures, recipe.augmentation, rng), part.targets[chosen % count]


def dataset(part: Part, run: Run, first_epoch: int = 1) -> "tf.data.Dataset":
    """Return the endless stream of batches from ``first_epoch`` on, made ahead in a thread of its own.

    Each element is pictures (batch, h, w, 3) uint8 BGR and targets (batch, A) float32.
    """
    from core.model.backend import tf

    width, height = run.size
    signature = (
        tf.TensorSpec((run.recipe.batch, height, width, 3), tf.uint8),
        tf.TensorSpec((run.recipe.batch, len(run.attributes)), tf.float32),
    )
    made = tf.data.Dataset.from_generator(
        lambda: stream(part, run.recipe, run.config["seed"]), output_signature=signature
    )
    return made.prefetch(PREFETCH)


def _choices(count: int, batch: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Yield (batch,) indices below ``count`` for ever: shuffled passes, one behind the other."""
    waiting = np.empty(0, np.int64)
    while True:
        while len(waiting) < batch:
            waiting = np.concatenate([waiting, rng.permutation(count)])
        yield waiting[:batch]
        waiting = waiting[batch:]


def _files(workspace: Workspace, names: list[str]) -> list[Path]:
    """Return the picture files of the frames called ``names``, of removed videos too: their files stay."""
    with db.reading(workspace) as connection:
        rows = connection.execute(select(db.frames.c.name, db.frames.c.file)).all()
    known = {name: workspace.path / file for name, file in rows}
    if missing := [name for name in names if name not in known]:
        raise RunError(
            "all frames of the run in its workspace",
            f"{len(missing)} that are gone, such as {missing[0]}",
            "Bring their video in again, or train anew.",
        )
    return [known[name] for name in names]
