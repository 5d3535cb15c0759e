"""The frames of a run: prepared once, then given out in batches."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

import numpy as np
import pandas as pd
from sqlalchemy import select

from core.attributes import AttributeSet
from core.errors import RunError
from core.files import Progress
from core.inputs import picture_cache
from core.inputs.augmentation import augment, cut_and_append, transformed
from core.networks.recipe import Recipe
from core.runs.run import Run
from core.storage import database as db
from core.workspace import Workspace

UNSET = -1.0

Batch = tuple[np.ndarray, np.ndarray]
"""Pictures (n, h, w, 3) uint8 BGR, augmented, and targets (n, A) float32."""


@dataclass(frozen=True)
class Part:
    """Frames of a run, ready for its network.

    Args:
        frames: ``name``, ``video``, ``part`` and the attributes, as in the run.
        pictures: (N, h, w, 3) uint8, BGR, prepared; mostly on disk, see `core.inputs.picture_cache`.
        targets: (N, A) float32: 1 true, 0 false, -1 unset.
    """

    frames: pd.DataFrame
    pictures: np.ndarray | picture_cache.StoredPictures
    targets: np.ndarray

    def __len__(self) -> int:
        return len(self.frames)


def load(run: Run, part: str, progress: Progress | None = None) -> Part:
    """Read the frames of one part of ``run``; what was prepared before is taken as it is.

    Args:
        run: whose frames.csv says which.
        part: ``train``, ``valid`` or ``test``.
        progress: called as ``progress(done, total)``.

    Raises:
        RunError: a frame is no longer in the workspace.
        MediaError: a picture file is gone or cannot be read.
    """
    frames = run.frames[run.frames["part"] == part].reset_index(drop=True)
    sources = sources_of(run.workspace, frames["name"].tolist())
    pictures = picture_cache.load(run.workspace, sources, run.size, run.region, progress)
    return Part(frames, pictures, targets_of(frames, run.attributes))


def sources_of(workspace: Workspace, names: list[str]) -> list[picture_cache.PictureSource]:
    """Return where the frames called ``names`` come from, of removed videos too: their files stay.

    Raises:
        RunError: one is no longer in the workspace.
    """
    f, v = db.frames.c, db.videos.c
    query = select(f.name, f.file, f.phash, v.sha256).join_from(db.frames, db.videos)
    with db.reading(workspace) as connection:
        rows = connection.execute(query).all()
    by_name = {row.name: row for row in rows}
    if missing := [name for name in names if name not in by_name]:
        raise RunError(
            f"{len(missing)} frames are no longer in the workspace, such as {missing[0]}.",
            "Add their video again, or train again.",
        )
    return [picture_cache.source(workspace, *by_name[name][1:]) for name in names]


def targets_of(frames: pd.DataFrame, attributes: AttributeSet) -> np.ndarray:
    """Return the labels of ``frames`` as (N, A) float32: 1 true, 0 false, -1 unset."""
    return frames[list(attributes.names)].to_numpy(dtype=np.float32, na_value=UNSET)


def steps_per_epoch(frames: int, recipe: Recipe) -> int:
    """Return how many batches an epoch over ``frames`` training frames takes."""
    pictures = frames * (1 + recipe.augmentation.twins)
    steps = max(1, round(pictures / recipe.batch), recipe.least_steps)
    return min(steps, recipe.most_steps or steps)


def stream(part: Part, recipe: Recipe, seed: int, first_epoch: int = 1) -> Iterator[Batch]:
    """Give out augmented batches for ever, `steps_per_epoch` of them per epoch, none of them short.

    The batches of an epoch follow from the seed and its number alone: a training that is resumed sees what an
    uninterrupted one would have seen.
    """
    for epoch in count(first_epoch):
        rng = np.random.default_rng([seed, epoch])
        for chosen in _order(len(part), recipe, rng):
            yield _varied(part, chosen, recipe, rng)


def _order(frames: int, recipe: Recipe, rng: np.random.Generator) -> np.ndarray:
    """Return the pictures of an epoch, (steps, batch) int64: numbers from ``frames`` on are twins.

    It is made of shuffled passes, one behind the other and the last one cut short, so no picture comes more than
    once more often than another. With twins a pass holds every frame twice: as it is, and cut and appended.
    """
    steps = steps_per_epoch(frames, recipe)
    pictures = frames * (1 + recipe.augmentation.twins)
    passes = -(-steps * recipe.batch // pictures)
    order = np.concatenate([rng.permutation(pictures) for _ in range(passes)])
    return order[: steps * recipe.batch].reshape(steps, recipe.batch)


def _varied(part: Part, chosen: np.ndarray, recipe: Recipe, rng: np.random.Generator) -> Batch:
    """Return a batch, varied as the recipe says; ``chosen`` as from `_order`."""
    frames, is_twin = chosen % len(part), chosen >= len(part)
    # A copy: taking memory for a second one would cost as much as half of the changes.
    pictures = part.pictures[frames]
    if is_twin.any():
        twins = pictures[is_twin]
        pictures[is_twin] = transformed(twins, [cut_and_append(twins.shape, recipe.augmentation, rng)])
    return augment(pictures, recipe.augmentation, rng, into=pictures), part.targets[frames]
