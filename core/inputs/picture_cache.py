"""Frames made ready for a network once, and mapped from disk by every later run, test and fold.

In ``cache/pictures`` of the workspace lie two files per preparation (size, region, version): the pictures one behind
the other, and their index, 16 bytes for each. A picture is written before its entry, so what the index names is whole.

What was not used for longest goes when a training starts and there is more than the workspace allows.

The cache changes how long something takes and nothing else. A picture file that was changed is prepared anew, one that
is gone is missed as ever, and where nothing can be written the pictures are held in memory. The folder may be deleted
at any time.
"""

import errno
import os
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from filelock import FileLock

from core.files import Progress
from core.media.images import read_picture
from core.networks.preprocessing import VERSION, Region, Size, prepare
from core.workspace import Workspace

KEY = 16  # bytes
CHUNK = 256
"""Pictures that are prepared before they are written: what is lost when a process is killed."""

SPARE = 256 * 2**20
"""Bytes that stay free on the disk: labels need them more."""

GIGABYTE = 10**9

PATIENCE = 30.0
"""Seconds to wait while another process writes."""


class PictureSource(NamedTuple):
    """Where the picture of a frame comes from.

    Args:
        file: its picture.
        content: what the database knows of its content.
    """

    file: Path
    content: str

    @property
    def key(self) -> bytes:
        """16 bytes that change with the content of the file; its size and time stand for what is in it.

        Raises:
            MediaError: the file is gone.
        """
        try:
            status = self.file.stat()
        except OSError:
            read_picture(self.file)  # which says so in plain words
            raise
        about = f"{self.content} {status.st_size} {status.st_mtime_ns}"
        return blake2b(about.encode(), digest_size=KEY).digest()


class StoredPictures:
    """(N, h, w, 3) uint8, BGR, somewhere on disk; an index, a slice or an array of them reads what it names.

    Args:
        data: (M, h, w, 3) uint8.
        rows: (N,) int: where each picture is in ``data``.
    """

    dtype = np.dtype(np.uint8)

    def __init__(self, data: np.ndarray, rows: np.ndarray) -> None:
        self._data, self._rows = data, rows
        self.shape = (len(rows), *data.shape[1:])

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, which: Any) -> np.ndarray:
        return self._data[self._rows[which]]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return self[:].astype(dtype or self.dtype, copy=False)


class ArrayStore:
    """Arrays of one shape, one behind the other in a file, found by their keys in another.

    Args:
        folder: where both files lie; the one of the arrays ends in its name, ``cache/pictures/….pictures``.
        name: what they are called, without their endings.
        shape: of each array.
        dtype: of each array.
    """

    def __init__(self, folder: Path, name: str, shape: tuple[int, ...], dtype: type) -> None:
        self._arrays, self._index, self._lock = (
            folder / f"{name}.{ending}" for ending in (folder.name, "index", "lock")
        )
        self.shape, self.dtype = shape, np.dtype(dtype)
        self._bytes = int(np.prod(shape)) * self.dtype.itemsize
        self.look()

    @property
    def name(self) -> str:
        """What its files are called, without their endings."""
        return self._index.stem

    def used(self) -> None:
        """Note that it was used just now."""
        with suppress(OSError):  # nothing was kept here yet, or it is not to be written
            os.utime(self._index)

    def look(self) -> None:
        """See what is there now: ``rows`` by key, and ``data`` (M, …), mapped and not to be written."""
        try:
            index = self._index.read_bytes()
            count = min(len(index) // KEY, self._arrays.stat().st_size // self._bytes)
        except OSError:
            count = 0
        self.data = np.empty((0, *self.shape), self.dtype)
        if count:
            self.data = np.asarray(np.memmap(self._arrays, self.dtype, "r", shape=(count, *self.shape)))
        self.rows = {index[row * KEY : (row + 1) * KEY]: row for row in range(count)}

    def find(self, key: bytes) -> np.ndarray | None:
        """Return the array of a key, none where it is not there."""
        row = self.rows.get(key)
        return None if row is None else self.data[row]

    def add(self, keys: Sequence[bytes], arrays: np.ndarray) -> None:
        """Append ``arrays`` (n, …), but for those that another process has added meanwhile.

        Raises:
            OSError: the disk is full, or not to be written.
        """
        self._index.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(self._lock, timeout=PATIENCE):
            self.look()
            new = {key: number for number, key in enumerate(keys) if key not in self.rows}
            self._check_room(len(new))
            if not self.rows:
                self._arrays.unlink(missing_ok=True)  # its index was deleted; somebody may still look at it
            _append(self._arrays, len(self.data) * self._bytes, arrays[list(new.values())].tobytes())
            _append(self._index, len(self.data) * KEY, b"".join(new))
            self.look()

    def _check_room(self, arrays: int) -> None:
        if shutil.disk_usage(self._index.parent).free < arrays * self._bytes + SPARE:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self._arrays))


class Store(ArrayStore):
    """The prepared pictures of one size and region.

    Args:
        workspace: whose frames they are.
        size: width and height in pixels.
        region: what of a frame they show.
    """

    def __init__(self, workspace: Workspace, size: Size, region: Region | None) -> None:
        self.size, self.region = size, region
        shown = "" if region is None else "-" + ",".join(map(str, region))
        width, height = size
        name = f"{width}x{height}{shown}-{VERSION}"
        super().__init__(folder(workspace), name, (height, width, 3), np.uint8)


def folder(workspace: Workspace) -> Path:
    """Return where the prepared pictures of ``workspace`` lie."""
    return workspace.path / "cache" / "pictures"


def source(workspace: Workspace, file: str, phash: str, sha256: str | None) -> PictureSource:
    """Return where a frame comes from, as the database knows it: file, perceptual hash, hash of its video."""
    return PictureSource(workspace.path / file, f"{sha256 or ''} {file} {phash}")


def load(
    workspace: Workspace,
    sources: Sequence[PictureSource],
    size: Size,
    region: Region | None = None,
    progress: Progress | None = None,
) -> StoredPictures:
    """Return the prepared pictures of frames, of which those are read that nobody has prepared before.

    Args:
        workspace: whose frames they are.
        sources: (N) of the frames.
        size: width and height in pixels.
        region: what of a frame is shown.
        progress: called as ``progress(pictures done, pictures in all)``.

    Returns:
        (N, h, w, 3) uint8, BGR, on disk; in memory where the disk is full or not to be written.

    Raises:
        MediaError: a picture file is gone or cannot be read.
    """
    keys = [source.key for source in sources]
    store = Store(workspace, size, region)
    store.used()
    missing = [number for number, key in enumerate(keys) if key not in store.rows]
    ready = _prepared(sources, missing, store, progress)
    try:
        for first in range(0, len(missing), CHUNK):
            chunk = missing[first : first + CHUNK]
            store.add([keys[number] for number in chunk], np.stack([next(ready) for _ in chunk]))
        return StoredPictures(store.data, np.array([store.rows[key] for key in keys], np.int64))
    except (OSError, KeyError):  # a KeyError: the folder was deleted a moment ago
        return _in_memory(store, keys, sources, progress)


def prune(workspace: Workspace, size: Size, region: Region | None = None) -> list[str]:
    """Delete what was not used for longest until the caches of pictures and of features (`core.inputs.feature_cache`)
    together take no more than ``workspace.cache``; return what went.

    What is there of ``size`` and ``region`` stays, whatever it takes: it is needed now. A training that reads what goes
    keeps what it has mapped.
    """
    needed = Store(workspace, size, region).name
    found = sorted((_used_at(index), index) for index in folder(workspace).parent.glob("*/*.index"))
    sizes = {index: _bytes(index) + _bytes(_arrays_of(index)) for _, index in found}
    over = sum(sizes.values()) - workspace.cache * GIGABYTE
    gone = []
    for _, index in found:
        if over <= 0:
            break
        if index.stem != needed and _deleted(index):
            over -= sizes[index]
            gone.append(index.stem)
    return gone


def _arrays_of(index: Path) -> Path:
    return index.with_suffix(f".{index.parent.name}")


def _used_at(index: Path) -> int:
    try:
        return index.stat().st_mtime_ns
    except OSError:  # another process has deleted it
        return 0


def _bytes(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _deleted(index: Path) -> bool:
    """Delete the arrays of an index with it, and return whether they went: not while somebody writes them."""
    try:
        with FileLock(index.with_suffix(".lock"), timeout=0):
            index.unlink(missing_ok=True)
            _arrays_of(index).unlink(missing_ok=True)
    except OSError:  # of the lock too: somebody has it
        return False
    return True


def _in_memory(
    store: Store, keys: Sequence[bytes], sources: Sequence[PictureSource], progress: Progress | None
) -> StoredPictures:
    data = np.empty((len(keys), *store.data.shape[1:]), np.uint8)
    missing = [number for number, key in enumerate(keys) if key not in store.rows]
    for number, key in enumerate(keys):
        if key in store.rows:
            data[number] = store.data[store.rows[key]]
    for number, picture in zip(missing, _prepared(sources, missing, store, progress), strict=True):
        data[number] = picture
    return StoredPictures(data, np.arange(len(keys)))


def _prepared(
    sources: Sequence[PictureSource], numbers: Sequence[int], store: Store, progress: Progress | None
) -> Iterator[np.ndarray]:
    """Yield the picture (h, w, 3) uint8 BGR of each of those ``numbers``; the other sources count as done."""

    def fetch(number: int) -> np.ndarray:
        return prepare(read_picture(sources[number].file), store.size, store.region)

    with ThreadPoolExecutor(os.cpu_count()) as pool:  # decoding and resizing leave Python's lock
        for first in range(0, len(numbers), CHUNK):
            chunk = numbers[first : first + CHUNK]
            for done, picture in enumerate(pool.map(fetch, chunk), len(sources) - len(numbers) + first + 1):
                if progress:
                    progress(done, len(sources))
                yield picture


def _append(path: Path, size: int, content: bytes) -> None:
    """Write ``content`` behind the first ``size`` bytes of a file, in place of what a killed writer left there."""
    path.touch()
    try:
        with path.open("r+b") as file:
            file.truncate(size)
            file.seek(size)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        os.truncate(path, size)  # the disk may be full: nobody shall lack what a half picture takes
        raise
