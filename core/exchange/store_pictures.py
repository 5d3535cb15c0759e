"""Puts pictures that were scanned into the workspace: groups, indexes, files and rows. Labels that a table leaves out stay."""

import os
import shutil
from collections import defaultdict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
from sqlalchemy import Connection, insert, select, update

from core.errors import MediaError
from core.exchange.folder_split import stage_split
from core.exchange.grouping import clusters, indexes, numbered_as
from core.exchange.scan import Gathered
from core.files import Progress, natural
from core.labels.labels import labels_by, record_rows
from core.media.add_video import now, taken_keys, video_key
from core.media.images import perceptual_hash, read_picture
from core.media.library import videos
from core.media.transaction import Stage
from core.storage import database as db
from core.workspace import Workspace


def keep_unspoken(there: Workspace, annotator: str, gathered: Gathered) -> int:
    """Put the annotator's earlier labels where no table has the column for a frame; return how many.

    Left unset they would be taken back. Where a class is chosen, the others are no longer open.
    """
    table = gathered.labels
    spoken = gathered.spoken.reindex(index=table.index, columns=table.columns)
    if spoken.all(axis=None):
        return 0
    frames = frames_there(there)[["name", "video", "index"]]
    said = labels_by(there, annotator).merge(frames, on=["video", "index"])
    before = said.pivot(index="name", columns="attribute", values="value")
    before = before.reindex(index=table.index, columns=table.columns).astype("boolean")
    kept = ~spoken & before.notna()
    if there.attributes.exclusive:
        kept = kept.mul(~table.fillna(False).any(axis=1), axis=0)
    gathered.labels = table.mask(kept, before)
    return int(kept.to_numpy().sum())


OTHER_COLUMNS = "other_columns.csv"
ALIKE = 16
"""Grey levels of 255 by which 8x8 pixels may differ in the mean where a picture was compressed in between."""


@dataclass(frozen=True)
class Seen:
    """A picture that was read. Size in pixels."""

    file: Path
    phash: str
    width: int
    height: int


@dataclass(frozen=True)
class Filed:
    """What was stored: keys of the groups concerned, numbers of new pictures and of labels, and notes."""

    videos: list[str]
    pictures: int
    labels: int
    notes: list[str]


def look(files: Mapping[str, Path], progress: Progress | None) -> dict[str, Seen]:
    """Read every picture once, by name: that all can be read is known before anything is stored.

    Raises:
        MediaError: one is no picture.
    """
    seen = {}
    with ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as pool:
        for name, picture in zip(files, pool.map(_see, files.values()), strict=True):
            seen[name] = picture
            if progress:
                progress(len(seen), len(files))
    return seen


def file_pictures(
    workspace: Workspace,
    stage: Stage,
    gathered: Gathered,
    seen: Mapping[str, Seen],
    stem: str,
    annotator: str,
) -> Filed:
    """Store pictures and labels in one transaction; see `core.exchange.add_pictures.add_folder`.

    Raises:
        MediaError: a name belongs to another picture.
        LabelError: the labels cannot be stored.
    """
    there = frames_there(workspace)
    known = there[there["name"].isin(list(seen))]
    for name, file in zip(known["name"], known["file"], strict=True):
        _check_alike(name, workspace.path / file, seen[name].file)
    here = set(known["name"])
    new = {name: picture for name, picture in seen.items() if name not in here}
    groups, notes = _groups(gathered, new, stem)
    places = _places(workspace, groups, there)
    _stage_files(workspace, stage, places, new)
    everywhere = pd.concat([known[["name", "video", "index"]], _table(places)], ignore_index=True)
    _stage_other_columns(workspace, stage, gathered.other, everywhere)
    parts_notes = stage_split(workspace, stage, gathered, everywhere) if gathered.parts else []
    with db.writing(workspace) as connection:
        _bring_back(connection, set(known["video"]))
        for key, names in places.items():
            _write_group(connection, workspace, key, names, new)
        labels = _record(connection, workspace, annotator, gathered.labels, everywhere)
        stage.land()
    notes = [
        *gathered.notes,
        *notes,
        *parts_notes,
        *([f"{len(known)} pictures were here already."] if len(known) else []),
    ]
    return Filed(sorted(set(everywhere["video"]), key=natural), len(new), labels, notes)


def _see(file: Path) -> Seen:
    picture = read_picture(file)
    height, width = picture.shape[:2]
    return Seen(file, perceptual_hash(picture), width, height)


def frames_there(workspace: Workspace) -> pd.DataFrame:
    """Return name, video, index and file of every frame, those of removed videos too: their names are taken."""
    f = db.frames.c
    query = select(f.name, db.videos.c.key.label("video"), f.index, f.file).join_from(db.frames, db.videos)
    with db.reading(workspace) as connection:
        return pd.read_sql(query, connection)


def _check_alike(name: str, stored: Path, offered: Path) -> None:
    """Refuse another picture of a known name. A frame that was exported and comes back is not another one."""
    if stored.read_bytes() == offered.read_bytes():
        return
    ours, theirs = read_picture(stored).astype(np.float32), read_picture(offered).astype(np.float32)
    if ours.shape != theirs.shape or np.abs(cv2.blur(ours - theirs, (8, 8))).max() > ALIKE:
        raise MediaError(
            f"the picture that is called {name} here ({stored})",
            f"{offered}, which is another",
            "Rename one of them.",
        )


def _groups(gathered: Gathered, new: Mapping[str, Seen], stem: str) -> tuple[dict[str, list[str]], list[str]]:
    """Return the names of the new pictures by group, and a note where the groups had to be guessed.

    A guessed group's name begins with "/", which no other does: it never joins one that is there.
    """
    groups: dict[str, list[str]] = defaultdict(list)
    loose = [name for name in new if name not in gathered.groups]
    for name in new:
        if name in gathered.groups:
            groups[gathered.groups[name]].append(name)
    found = clusters([new[name].phash for name in loose])
    for name, cluster in zip(loose, found, strict=True):
        groups[f"/{stem}_{cluster + 1}"].append(name)
    if not loose:
        return groups, []
    note = (
        f"{len(loose)} pictures have no group: nearly equal ones were put together, which makes "
        f"{max(found) + 1} groups. Where a column “group” can say which belong together, that is better."
    )
    return groups, [note]


def _places(
    workspace: Workspace, groups: Mapping[str, list[str]], there: pd.DataFrame
) -> dict[str, dict[str, int]]:
    """Return the index of each new name, by the key of its group; a group that is there already grows."""
    taken = taken_keys(workspace)
    growing = {video.key: video.origin for video in videos(workspace)}
    places: dict[str, dict[str, int]] = {}
    for group, names in groups.items():
        key = video_key(group.removeprefix("/"), ())
        rows = there[there["video"] == key]
        before = dict(zip(rows["name"].tolist(), rows["index"].tolist(), strict=True))
        found = indexes(names, key, before)
        fits = growing.get(key) == "pictures" or numbered_as(dict(zip(names, found, strict=True)), key)
        if group.startswith("/") or key in places or (key in taken and not (key in growing and fits)):
            key = video_key(key, taken | set(places))
            found = indexes(names, key, {})
        places[key] = dict(zip(names, found, strict=True))
    return places


def _table(places: Mapping[str, Mapping[str, int]]) -> pd.DataFrame:
    rows = [(name, key, index) for key, names in places.items() for name, index in names.items()]
    return pd.DataFrame(rows, columns=["name", "video", "index"])


def _stage_files(
    workspace: Workspace, stage: Stage, places: Mapping[str, Mapping[str, int]], new: Mapping[str, Seen]
) -> None:
    for key, names in places.items():
        folder = stage.folder(workspace.frames / key)
        for name in names:
            shutil.copyfile(new[name].file, folder / _file_name(name, new[name]))


def _file_name(name: str, seen: Seen) -> str:
    """Return the file name of a picture in the workspace: files of one name may come from several folders."""
    return f"{name}{seen.file.suffix}"


def _stage_other_columns(
    workspace: Workspace, stage: Stage, other: pd.DataFrame, everywhere: pd.DataFrame
) -> None:
    """Keep the columns that are no attributes beside the pictures, together with those of earlier additions."""
    if not len(other.columns):
        return
    rows = everywhere.merge(other.reset_index(), on="name")
    for key, part in rows.groupby("video"):
        file = workspace.frames / str(key) / OTHER_COLUMNS
        table = part.drop(columns=["video", "index"]).set_index("name")
        if file.exists():
            table = table.combine_first(pd.read_csv(file, dtype=str, keep_default_na=False).set_index("name"))
        stage.put_aside(file)
        table.to_csv(stage.folder(file.parent) / file.name, lineterminator="\n")


def _bring_back(connection: Connection, keys: set[str]) -> None:
    """Show groups again that had been removed: whoever adds their pictures wants them."""
    hidden = update(db.videos).where(db.videos.c.key.in_(keys), db.videos.c.hidden)
    connection.execute(hidden.values(hidden=False))


def _write_group(
    connection: Connection,
    workspace: Workspace,
    key: str,
    names: Mapping[str, int],
    new: Mapping[str, Seen],
) -> None:
    of_key = select(db.videos.c.id).where(db.videos.c.key == key)
    first = new[next(iter(names))]
    if connection.scalar(of_key) is None:
        about = {"origin": "pictures", "width": first.width, "height": first.height, "added": now()}
        connection.execute(insert(db.videos).values(key=key, hidden=False, **about))
    video = connection.scalar(of_key)
    folder = (workspace.frames / key).relative_to(workspace.path).as_posix()
    rows = [
        {
            "video_id": video,
            "index": index,
            "name": name,
            "file": f"{folder}/{_file_name(name, new[name])}",
            "time": None,
            "phash": new[name].phash,
        }
        for name, index in names.items()
    ]
    connection.execute(insert(db.frames), rows)


def _record(
    connection: Connection,
    workspace: Workspace,
    annotator: str,
    labels: pd.DataFrame,
    everywhere: pd.DataFrame,
) -> int:
    if labels.empty:
        return 0
    rows = everywhere.merge(labels.reset_index(), on="name").drop(columns="name")
    return record_rows(connection, workspace, annotator, rows)
