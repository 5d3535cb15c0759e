"""What the pretrained trunk sees in each frame, computed once: the peaks of its features.

In ``cache/features`` of the workspace, kept and bounded like `core.inputs.picture_cache`: 1,824 bytes for a frame and 16
for its key. The files name the size of the picture, the versions of its preparation and of the trunk, and the weights, so
that others begin anew. Importing this does not import TensorFlow; nothing here does.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.errors import MediaError
from core.inputs.picture_cache import ArrayStore, PictureSource, Store
from core.media.images import read_picture
from core.networks.preprocessing import VERSION, Size, prepare
from core.networks.pretrained import forward
from core.networks.pretrained.forward import CHANNELS, peaks
from core.networks.pretrained.trunk import SHA256
from core.workspace import Workspace

SIZE: Size = (128, 128)
"""Width and height in pixels of what the trunk sees of a frame, whatever its aspect, as of ``seam_pretrained``."""

CHUNK = 16
"""Frames that are seen before their peaks are written."""


@dataclass(frozen=True)
class Peaks:
    """The peaks of some frames, as far as they are there.

    Args:
        values: (N, 912) float16, zero where they are not there.
        is_there: (N,) bool.
    """

    values: np.ndarray
    is_there: np.ndarray


def folder(workspace: Workspace) -> Path:
    """Return where the features of ``workspace`` lie."""
    return workspace.path / "cache" / "features"


def open_store(workspace: Workspace) -> ArrayStore:
    """Return the store of the features of ``workspace``: arrays (912,) float16 by the key of a `PictureSource`."""
    name = f"{SIZE[0]}x{SIZE[1]}-{VERSION}-{forward.VERSION}-{SHA256[:12]}"
    return ArrayStore(folder(workspace), name, (CHANNELS,), np.float16)


def read(workspace: Workspace, sources: Sequence[PictureSource]) -> Peaks:
    """Return the peaks of the frames of ``sources`` that are in the cache; nothing is computed."""
    store = open_store(workspace)
    store.used()
    rows = np.array([store.rows.get(key, -1) if (key := key_of(each)) else -1 for each in sources], np.int64)
    is_there = rows >= 0
    values = np.zeros((len(rows), CHANNELS), np.float16)
    values[is_there] = store.data[rows[is_there]]
    return Peaks(values, is_there)


def missing(workspace: Workspace, sources: Iterable[PictureSource]) -> list[PictureSource]:
    """Return the sources whose peaks are not in the cache and whose picture file is there, in their order."""
    rows = open_store(workspace).rows
    return [source for source in sources if (key := key_of(source)) is not None and key not in rows]


def add(
    workspace: Workspace, sources: Sequence[PictureSource], is_over: Callable[[], bool] = lambda: False
) -> int:
    """See the frames of ``sources`` and keep their peaks, until ``is_over()``; return of how many.

    A picture that cannot be read is passed over. What was seen is kept chunk by chunk: the rest may follow later.

    Raises:
        ModelError: the file of weights is missing or damaged.
        OSError: the disk is full, or not to be written.
    """
    store, pictures, done = open_store(workspace), Store(workspace, SIZE, None), 0
    for first in range(0, len(sources), CHUNK):
        keys, seen = [], []
        for source in sources[first : first + CHUNK]:
            if is_over():
                break
            with suppress(MediaError):
                key = source.key
                cached = pictures.find(key)
                picture = prepare(read_picture(source.file), SIZE) if cached is None else cached
                seen.append(peaks(picture[None])[0])  # one by one: larger batches leave the processor's cache
                keys.append(key)
        if keys:
            store.add(keys, np.stack(seen).astype(np.float16))
        done += len(keys)
        if is_over():
            break
    return done


def key_of(source: PictureSource) -> bytes | None:
    """Return the key of a source; none where its picture file is gone."""
    try:
        return source.key
    except MediaError:
        return None
