"""The frames of a video as files: decoded in order, compressed and hashed in other threads."""

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice, product
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import MediaError
from core.files import Progress
from core.media.images import QUALITY, encode_jpeg, perceptual_hash, write_jpeg
from core.media.whole import StoredPicture
from core.videos.video import Decoded, claimed_frames, decode
from core.videos.video_frames import Report
from core.workspace import Workspace

IN_FLIGHT = 24
"""Decoded pictures that may wait for their turn to be written: what an addition holds in memory at most."""


@dataclass(frozen=True)
class StoredFrame:
    """A frame whose picture is on disk. Size in pixels, time in seconds; ``file``: its size in bytes and its hash."""

    index: int
    time: float
    phash: str
    width: int
    height: int
    file: dict[str, Any]


@dataclass(frozen=True)
class Storing:
    """How frames become files: ``quality`` and ``half_colour`` as of a workspace, ``salvage`` and ``raw`` as of `decode`."""

    quality: int
    half_colour: bool = False
    salvage: bool = False
    raw: bool = False

    def encode(self, picture: np.ndarray) -> bytes:
        """Return the file of a picture (H, W, 3) uint8 BGR."""
        return encode_jpeg(picture, self.quality, self.half_colour)


def storing(workspace: Workspace, path: Path, picture: StoredPicture) -> Storing:
    """Return how a frame that is here was made from its video: by this version or an earlier one, with which settings.

    Where none gives the same file, as with another decoder, it is the way of now.
    """
    qualities = dict.fromkeys((workspace.quality, QUALITY))
    halves = dict.fromkeys((workspace.half_colour, False))
    for raw, salvage in product((False, True), repeat=2):
        frames = decode(path, picture.index.__eq__, salvage=salvage, raw=raw)
        with suppress(MediaError), closing(frames):
            for decoded in islice(frames, 1):
                for quality, half in product(qualities, halves):
                    way = Storing(quality, half, salvage, raw)
                    if sha256(way.encode(decoded.picture)).hexdigest() == picture.sha256:
                        return way
    return Storing(workspace.quality, workspace.half_colour)


def store_frames(
    path: Path,
    folder: Path,
    name_of: Callable[[int], str | None],
    progress: Progress | None,
    how: Storing,
    report: Report = lambda sentence: None,
) -> Iterator[StoredFrame]:
    """Decode here, compress and hash in other threads, and yield the frames that have a name as they are written."""
    claimed = claimed_frames(path)
    cores = os.cpu_count() or 1
    waiting: deque[Future[StoredFrame]] = deque()
    with ThreadPoolExecutor(max_workers=min(4, cores)) as pool:
        # A core is left to the compression, which is as much work as the decoding.
        wanted = lambda index: name_of(index) is not None  # noqa: E731
        frames = decode(path, wanted, max(1, cores - 1), report, how.salvage, how.raw)
        for decoded in frames:
            file = folder / f"{name_of(decoded.index)}.jpg"
            waiting.append(pool.submit(_write, decoded, file, how))
            if len(waiting) >= IN_FLIGHT:
                yield waiting.popleft().result()
            if progress:
                progress(decoded.index + 1, claimed if claimed and claimed > decoded.index else None)
        yield from map(Future.result, waiting)


def _write(decoded: Decoded, path: Path, how: Storing) -> StoredFrame:
    file = write_jpeg(path, decoded.picture, how.quality, how.half_colour)
    height, width = decoded.picture.shape[:2]
    return StoredFrame(decoded.index, decoded.time, perceptual_hash(decoded.picture), width, height, file)
