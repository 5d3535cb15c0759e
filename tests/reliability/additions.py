"""Additions to a workspace that has something already, and what a workspace holds, so that a loss shows.

It is imported by processes that are killed.
"""

import hashlib
import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import event, select
from sqlalchemy.engine import Engine

from core.exchange.add_pictures import add_folder
from core.exchange.import_tables import import_tables
from core.media.add_frames import Origin, Shot, add_shots
from core.media.images import encode_jpeg
from core.storage import database as db
from core.videos.add_video import add_video
from core.workspace import open_workspace
from tests.helpers.tiny_videos import film, numbered, save, textured

WORKSPACE, INPUT = "class", "input"
LIVE = Origin("session 1", "live_monday", "live")


class Addition(NamedTuple):
    """What is there before, and what is added to it; both get the folder of the trial."""

    prepare: Callable[[Path], Any]
    add: Callable[[Path], Any]


def _classes(folder: Path, numbers: range) -> None:
    for number in numbers:
        part, fruit = ("train", "train", "valid", "test")[number % 4], ("Apple", "Orange")[number // 4 % 2]
        save(folder / part / fruit / f"{number}.png", textured(number))


def _prepare_classes(folder: Path) -> None:
    _classes(folder / "first", range(16))
    add_folder(folder / WORKSPACE, folder / "first")
    _classes(folder / INPUT, range(8, 24))


def _add_classes(folder: Path) -> None:
    add_folder(folder / WORKSPACE, folder / INPUT)


def _table(folder: Path, numbers: range, good: str) -> None:
    rows = [f"{number},tile{number}.png,board,{good},False" for number in numbers]
    (folder / "labels.csv").write_text("\n".join([",name,group,good,open", *rows, ""]))
    for number in numbers:
        save(folder / f"tile{number}.png", textured(number))


def _prepare_table(folder: Path) -> None:
    for name, numbers, good in (("first", range(6), "True"), (INPUT, range(3, 10), "False")):
        (folder / name).mkdir()
        _table(folder / name, numbers, good)
    add_folder(folder / WORKSPACE, folder / "first")
    # No row speaks of this one; and of two a power cut has left nothing.
    (folder / WORKSPACE / "frames" / "board" / "tile7.png").write_text("left by somebody")
    for number in (4, 5):
        (folder / WORKSPACE / "frames" / "board" / f"tile{number}.png").write_bytes(b"")


def _add_table(folder: Path) -> None:
    import_tables(folder / WORKSPACE, [folder / INPUT], "Ann")


def _prepare_video(folder: Path) -> None:
    for number in range(10):
        ending = "jpg" if number % 2 else "png"
        save(folder / "first" / f"seam_{number}.{ending}", numbered(number))
    rows = [f"{number},seam_{number}.png,True" for number in range(10)]
    (folder / "first" / "seam_data.csv").write_text("\n".join([",name,good", *rows, ""]))
    add_folder(folder / WORKSPACE, folder / "first")
    (folder / INPUT).mkdir()
    film(folder / INPUT / "seam.mp4", 14)


def _add_video(folder: Path) -> None:
    add_video(open_workspace(folder / WORKSPACE), folder / INPUT / "seam.mp4", every=2)


def _shots(numbers: range) -> list[Shot]:
    return [Shot(number, number / 10, encode_jpeg(np.roll(textured(1), number, 1))) for number in numbers]


def _prepare_shots(folder: Path) -> None:
    _prepare_table(folder)
    workspace = open_workspace(folder / WORKSPACE)
    add_shots(workspace, LIVE, _shots(range(3)))
    (workspace.frames / "live_monday" / "live_monday_4.jpg").write_text("left by somebody")


def _add_shots(folder: Path) -> None:
    add_shots(open_workspace(folder / WORKSPACE), LIVE, _shots(range(2, 7)))


ADDITIONS = {
    "class folders again": Addition(_prepare_classes, _add_classes),
    "a table that replaces": Addition(_prepare_table, _add_table),
    "a video over its pictures": Addition(_prepare_video, _add_video),
    "frames of a camera": Addition(_prepare_shots, _add_shots),
}


def contents(folder: Path) -> dict[str, Any]:
    """Return what the workspace of a trial holds: its files by hash, its rows, and every label event."""
    workspace = open_workspace(folder / WORKSPACE)
    files = (path for path in workspace.path.rglob("*") if path.is_file())
    own = ("labels.db", ".adding.lock")
    held: dict[str, Any] = {
        path.relative_to(workspace.path).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
        if not path.name.startswith(own)
    }
    held |= {f"folder {path.name}": "" for path in workspace.path.glob(".*") if path.is_dir()}
    v, f, e = db.videos.c, db.frames.c, db.events.c
    queries = {
        "video": select(v.key, v.origin, v.file, v.sha256, v.hidden),
        "frame": select(f.name, f.index, f.file, f.time, f.phash),
        "event": select(
            e.seq, e.annotator_id, e.video_id, e.first, e.last, e.attribute_id, e.value, e.source
        ),
        "label": select(db.current),
    }
    with db.reading(workspace) as connection:
        for kind, query in queries.items():
            held |= {f"{kind} {tuple(row)}": "" for row in connection.execute(query)}
    return held


class Points:
    """Counts the points at which a process may be killed: before each renaming, link, removal, flush, and statement."""

    def __init__(self, fatal: int | None) -> None:
        self.count = 0
        self._fatal = fatal
        for module, names in (
            (os, ("replace", "rename", "link", "unlink", "rmdir", "mkdir", "fsync")),
            (shutil, ("copyfile", "move")),
        ):
            for name in names:
                setattr(module, name, self._counted(getattr(module, name)))
        for name in ("before_cursor_execute", "commit", "rollback"):
            event.listen(Engine, name, self._pass)

    def _pass(self, *_: object) -> None:
        if self.count == self._fatal:
            os.kill(os.getpid(), signal.SIGKILL)
        self.count += 1

    def _counted(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any, **named: Any) -> Any:
            self._pass()
            return function(*arguments, **named)

        return counted


def add_until(name: str, folder: Path, fatal: int | None) -> None:
    """Add, and be killed at that point; leave the number of points in a file where the end was reached."""
    points = Points(fatal)
    ADDITIONS[name].add(folder)
    (folder / "points").write_text(str(points.count))


def add_when_told(name: str, folder: Path, ready: Any) -> None:
    """Say that everything is imported, then add."""
    ready.send(True)
    ADDITIONS[name].add(folder)
    ready.send(False)
