"""Videos that are only rows of the database: made in a moment, however long."""

from collections.abc import Sequence

import numpy as np

from core.storage import database as db
from core.workspace import Workspace

RATE = 25.0  # frames per second


def add_video(
    workspace: Workspace, key: str, frames: int, files: Sequence[str] = ("",), seed: int = 0
) -> int:
    """Store a video of ``frames`` frames, whose pictures are ``files`` again and again; return its permanent number."""
    hashes = np.random.default_rng(seed).integers(2**63, size=frames)
    video = {"key": key, "origin": "rendered", "frame_rate": RATE, "width": 640, "height": 480, "added": "", "hidden": False}  # fmt: skip
    with db.writing(workspace) as connection:
        [number] = connection.execute(db.videos.insert().values(video)).inserted_primary_key
        rows = [
            {"video_id": number, "index": i, "name": f"{key}_{i}", "file": files[i % len(files)], "time": i / RATE,
             "phash": f"{hashes[i]:016x}"}
            for i in range(frames)
        ]  # fmt: skip
        connection.execute(db.frames.insert(), rows)
    return int(number)
