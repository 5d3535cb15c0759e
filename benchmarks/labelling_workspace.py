"""A workspace to label in: a seam whose answers are known, and a very long video that is only rows of the database."""

from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.harness import SEED
from benchmarks.stored_videos import add_video as store_video
from core import workspace as workspaces
from core.attributes import SEAM
from core.demo.render import render_class
from core.labels.labels import record_table
from core.media.add_video import add_video
from core.media.library import frame_table
from core.media.video import decode, write_video
from core.workspace import Workspace

SEAM_VIDEO, LONG_VIDEO = "seam", "long"
PIECES = 2  # rendered side by side; each shows ten defects
LONG = 20_000  # frames
STRETCH = 200  # frames of the long video between two changes of its labels
READER = "reader"
"""Who has labelled the long video: with labels, a video is slower to open."""


def labelling_workspace(folder: Path, frames: int) -> tuple[Workspace, pd.DataFrame]:
    """Return the workspace in ``folder``, which is made if it is not there.

    Args:
        folder: of the workspace and of what it was made from.
        frames: of the seam.

    Returns:
        The workspace, and what is true of each frame of the seam: (frames, attributes) bool.
    """
    truth = folder / "answers.csv"
    if not truth.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        _make(folder, frames).to_csv(truth, index=False)
    return workspaces.open_workspace(folder / "workspace"), pd.read_csv(truth)


def _make(folder: Path, frames: int) -> pd.DataFrame:
    """Make both videos; return what is true of the seam. Where the picture leaves that open, it is as before."""
    workspace = workspaces.create(folder / "workspace", SEAM)
    pieces = render_class(folder / "rendered", SEED, PIECES, frames // PIECES)
    path = folder / f"{SEAM_VIDEO}.mp4"
    write_video(path, (frame.picture for piece in pieces for frame in decode(piece.path)), 25)
    add_video(workspace, path, origin="rendered")
    store_video(workspace, LONG_VIDEO, LONG, list(frame_table(workspace, SEAM_VIDEO)["file"]))
    indexes = np.arange(LONG)
    changing = {name: indexes // STRETCH % (n + 2) == 0 for n, name in enumerate(SEAM.names)}
    record_table(workspace, READER, pd.DataFrame({"video": LONG_VIDEO, "index": indexes, **changing}))
    truth = pd.DataFrame([frame.answers for piece in pieces for frame in piece.truth])
    return truth.astype("boolean").ffill().bfill().astype(bool)
