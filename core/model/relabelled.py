"""Labels of a run that have changed since it was made. Importing this does not import TensorFlow.

A test is measured against the labels of its run. Who has seen the mistakes of a network and relabels then, may make the
test kinder than it was; so it is remembered what had been said when the run was first tested.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

import pandas as pd
from sqlalchemy import func, select

from core.data import database as db
from core.data.labels import consensus
from core.files import replacing
from core.model.run import Run

FILE = "seen.json"


@dataclass(frozen=True)
class Relabelled:
    """What has changed of the frames of a part.

    Args:
        table: ``name``, ``group`` and the attributes of the frames: labels as they are now.
        labels: how many are others now, set or unset.
        frames: on how many frames.
        since_seen: how many of these frames were labelled again after the first test.
    """

    table: pd.DataFrame
    labels: int
    frames: int
    since_seen: int

    def sentence(self) -> str:
        """Say it in a line; empty where nothing has changed."""
        if not self.labels:
            return ""
        seen = f" {_frames(self.since_seen)} relabelled after the network's mistakes could be seen."
        return (
            f"{self.labels:,} label{'s have' if self.labels != 1 else ' has'} changed since, on {self.frames:,} of "
            f"{len(self.table):,} test frames." + (seen if self.since_seen else "")
        )


def _frames(count: int) -> str:
    return f"{count:,} {'frames were' if count != 1 else 'frame was'}"


def relabelled(run: Run, part: str = "test") -> Relabelled:
    """Compare the labels of ``run`` with the consensus of now; what is not in the workspace any more has not changed."""
    kept = run.frames[run.frames["part"] == part].drop(columns="part").reset_index(drop=True)
    now = consensus(run.workspace).set_index("name")
    names = [name for name in run.attributes.names if name in now.columns]
    there = kept["name"].isin(now.index)
    table = kept.copy()
    table.loc[there, names] = now.loc[kept.loc[there, "name"], names].to_numpy()
    table[names] = table[names].astype("boolean")
    differs = table[names].fillna(False).ne(kept[names].fillna(False)) | (
        table[names].isna() != kept[names].isna()
    )
    changed = set(kept.loc[differs.any(axis=1), "name"])
    since = changed & _touched_since(run) if changed else set()
    return Relabelled(table, int(differs.to_numpy().sum()), len(changed), len(since))


def note_seen(run: Run) -> None:
    """Remember, at the first test of ``run``, up to which event the log of labels had come."""
    if not (run.path / FILE).exists():
        with replacing(run.path / FILE) as partial:
            partial.write_text(json.dumps({"event": _last_event(run)}) + "\n", encoding="utf-8")


def _last_event(run: Run) -> int:
    """Return the last event; of a run that was tested before this was remembered, the last one before its test."""
    e = db.events.c
    query = select(func.coalesce(func.max(e.seq), 0))
    if (tested := run.path / "test.json").exists():
        at = datetime.fromtimestamp(tested.stat().st_mtime, UTC).isoformat()
        query = query.where(e.at <= at)
    with db.reading(run.workspace) as connection:
        return int(connection.scalar(query) or 0)


def _touched_since(run: Run) -> set[str]:
    """Return the names of the frames that an event speaks of which came after the first test."""
    try:
        seen = int(json.loads((run.path / FILE).read_text(encoding="utf-8"))["event"])
    except (OSError, ValueError, KeyError):
        if run.test is None:
            return set()  # nobody has seen anything yet
        seen = _last_event(run)
    e, f = db.events.c, db.frames.c
    query = (
        select(f.name)
        .join_from(db.frames, db.events, (e.video_id == f.video_id) & f.index.between(e.first, e.last))
        .where(e.seq > seen)
        .distinct()
    )
    with db.reading(run.workspace) as connection:
        return set(connection.scalars(query))
