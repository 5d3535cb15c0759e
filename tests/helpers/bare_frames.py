"""A workspace with frames but without pictures: enough for everything about labels."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from core import workspace
from core.attributes import AttributeSet, named
from core.storage import database as db
from core.workspace import Workspace


def make(folder: Path, videos: Mapping[str, int], attributes: AttributeSet | None = None) -> Workspace:
    """Make a workspace with so many frames per video."""
    made = workspace.create(folder, attributes or named(["good", "error", "break", "length"]))
    add(made, videos)
    return made


def add(made: Workspace, videos: Mapping[str, int]) -> None:
    about = {"origin": "rendered", "width": 8, "height": 6, "added": "", "hidden": False}
    with db.writing(made) as connection:
        for key, frames in videos.items():
            video = connection.execute(db.videos.insert().values(key=key, **about)).inserted_primary_key[0]
            rows = [
                {"video_id": video, "index": i, "name": f"{key}_{i}", "file": f"frames/{key}/{key}_{i}.jpg"}
                for i in range(frames)
            ]
            connection.execute(db.frames.insert().values(phash="0" * 16), rows)


def labels(*rows: tuple[object, ...], attributes: tuple[str, ...] = ("good", "error")) -> pd.DataFrame:
    """Make a table like `consensus` returns, of (group, index, answers…)."""
    table = pd.DataFrame(rows, columns=["video", "index", *attributes])
    table.insert(0, "name", table["video"] + "_" + table["index"].astype(str))
    return table.astype(dict.fromkeys(attributes, "boolean"))


def csv(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path
