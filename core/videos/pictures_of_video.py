"""Whether pictures that came earlier are the frames of a video, which then takes their place."""

from pathlib import Path

import numpy as np

from core.errors import MediaError
from core.media.images import hash_distances, hash_numbers
from core.media.near_duplicates import FLAT, read_small
from core.videos.store_video_frames import StoredFrame
from core.workspace import Workspace

UNLIKE = 8
"""Of 64 bits: a picture that differs in more from its frame is of another film, or of another frame."""


SHIFTED = 4
"""Bits by which a picture may be nearer to another frame than to its own: neighbours look alike, and codecs blur."""


SAME_LIGHT = 8.0
"""Grey levels by which flat pictures of one frame may differ in brightness."""


def check_same(
    workspace: Workspace,
    original: Path,
    folder: Path,
    stored: list[StoredFrame],
    pictures: dict[int, tuple[str, str]],
) -> None:
    """Refuse a video of which a frame is not the picture that is here under its name: its labels would be wrong."""
    if not pictures:
        return
    key, hashes = folder.name, {frame.index: frame.phash for frame in stored}
    indexes = sorted(pictures)
    problem = ""
    if beyond := sorted(set(pictures) - set(hashes)):
        problem = f"it has no frame {beyond[0]}"
    else:
        theirs = hash_numbers([pictures[index][0] for index in indexes])
        ours = hash_numbers([hashes[index] for index in indexes])
        own = hash_distances(theirs, ours).astype(int)
        # 1000 at a time: all pictures against all frames would be too much memory
        chunks = (theirs[first : first + 1000, None] for first in range(0, len(theirs), 1000))
        least = np.concatenate([hash_distances(chunk, ours[None, :]).min(axis=1) for chunk in chunks])
        wrong = [indexes[at] for at in np.flatnonzero((own > UNLIKE) | (own > least.astype(int) + SHIFTED))]
        for index in wrong:
            if not _are_flat(workspace.path / pictures[index][1], folder / f"{key}_{index}.jpg"):
                problem = f"its frame {index} looks different"
                break
    if problem:
        raise MediaError(
            f"{original.name} is not the video that the pictures of {key} come from: {problem}.",
            "Rename it if it is another video.",
        )


def _are_flat(*files: Path) -> bool:
    """Return whether pictures show nothing, so that chance makes their hashes, and are of one brightness."""
    smalls = [read_small(file) for file in files]
    means = [float(small.mean()) for small in smalls if small is not None and small.std() < FLAT]
    return len(means) == len(files) and max(means) - min(means) < SAME_LIGHT
