"""A long video to label, whose answers are known, and a very long one that is only rows in the database."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import pandas as pd

from core import workspace as workspaces
from core.attributes import SEAM
from core.demo.render import render_class
from core.labels.labels import record_table
from core.media.add_video import add_video
from core.media.library import frame_table, get_video
from core.storage import database as db
from core.workspace import Workspace

SEAM_VIDEO, LONG_VIDEO = "seam", "long"
PIECES = 2  # rendered side by side; each shows ten defects
LONG = 20_000  # frames
STRETCH = 200  # frames of the long video between two changes of its labels
READER = "reader"
"""Who has labelled the long video: a desk with labels is the slower one to open."""

RATE = 25.0  # frames per second


@dataclass(frozen=True)
class Footage:
    """A workspace to measure on.

    Args:
        workspace: it has two videos, `SEAM_VIDEO` and `LONG_VIDEO`.
        answers: (frames, attributes) bool: what is true of each frame of the seam.
        seam: permanent number of the seam's video.
        long: permanent number of the long one.
    """

    workspace: Workspace
    answers: pd.DataFrame
    seam: int
    long: int


def footage(folder: Path, frames: int, seed: int = 1) -> Footage:
    """Return the workspace in ``folder`` with a seam of ``frames`` frames; one that is there is taken as it is."""
    known = folder / "answers.csv"
    if not known.is_file():
        _make(folder, frames, seed).to_csv(known, index=False)
    workspace = workspaces.open_workspace(folder / "workspace")
    ids = [get_video(workspace, key).id for key in (SEAM_VIDEO, LONG_VIDEO)]
    return Footage(workspace, pd.read_csv(known), *ids)


def _make(folder: Path, frames: int, seed: int) -> pd.DataFrame:
    workspace = workspaces.create(folder / "workspace", SEAM)
    rendered = render_class(folder / "rendered", seed, PIECES, frames // PIECES)
    path = folder / f"{SEAM_VIDEO}.mp4"
    join([piece.path for piece in rendered], path)
    add_video(workspace, path, origin="rendered")
    lay_out(workspace, LONG_VIDEO, LONG, SEAM_VIDEO)
    return decided(pd.DataFrame([frame.answers for piece in rendered for frame in piece.truth]))


def join(pieces: Sequence[Path], path: Path) -> None:
    """Write videos one after the other into one, as they are: nothing is encoded again."""
    with av.open(str(path), "w") as joined:
        stream, start = None, 0
        for piece in pieces:
            with av.open(str(piece)) as source:
                video = source.streams.video[0]
                stream = stream or joined.add_stream_from_template(video)
                for packet in source.demux(video):
                    if packet.dts is None:  # the end, which has no picture
                        continue
                    packet.pts, packet.dts = packet.pts + start, packet.dts + start
                    packet.stream = stream
                    joined.mux(packet)
                start += video.duration


def decided(truth: pd.DataFrame) -> pd.DataFrame:
    """Fill the answers that the picture leaves open (None): whoever labels stays with the answer before."""
    return truth.astype("boolean").ffill().bfill().astype(bool)


def lay_out(workspace: Workspace, key: str, frames: int, like: str) -> None:
    """Write a video of ``frames`` frames into the database, labelled by `READER`; its pictures are those of ``like``."""
    files, random = frame_table(workspace, like)["file"], np.random.default_rng(0)
    hashes = random.integers(2**63, size=frames)
    about = {"key": key, "origin": "rendered", "frame_rate": RATE, "width": 640, "height": 480, "added": "", "hidden": False}  # fmt: skip
    with db.writing(workspace) as connection:
        [video] = connection.execute(db.videos.insert().values(about)).inserted_primary_key
        rows = [
            {"video_id": video, "index": i, "name": f"{key}_{i}", "file": files[i % len(files)], "time": i / RATE,
             "phash": f"{hashes[i]:016x}"}
            for i in range(frames)
        ]  # fmt: skip
        connection.execute(db.frames.insert(), rows)
    indexes = np.arange(frames)
    changing = {name: indexes // STRETCH % (n + 2) == 0 for n, name in enumerate(workspace.attributes.names)}
    record_table(workspace, READER, pd.DataFrame({"video": key, "index": indexes, **changing}))
