"""Labels of a run that have changed since it was made. Importing this does not import TensorFlow.

A test is measured against the labels of its run. Who has seen the mistakes of a network and relabels then, may make the
test kinder than it was; so it is remembered what had been said when a run was first tested. A later run that is tested on
the same frames inherits their labels, so what counts is when any run of the workspace was first tested on a frame.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

import pandas as pd
from sqlalchemy import func, select

from core.files import replacing
from core.labels.labels import consensus
from core.runs.registry import list_runs
from core.runs.run import Run
from core.storage import database as db

FILE = "seen.json"


@dataclass(frozen=True)
class Relabelled:
    """What has changed of the frames of a part.

    Args:
        table: ``name``, ``group`` and the attributes of the frames: labels as they are now.
        labels: how many are others now, set or unset.
        frames: on how many frames.
        since_seen: how many frames of the part have another label than when a run of the workspace was first tested on
            them, and were labelled after that: whether before this run was made or later.
    """

    table: pd.DataFrame
    labels: int
    frames: int
    since_seen: int

    def sentence(self) -> str:
        """Say it in a line; empty where nothing has changed."""
        said = []
        if self.labels:
            said.append(
                f"{self.labels:,} label{'s have' if self.labels != 1 else ' has'} changed since, on {self.frames:,} of "
                f"{len(self.table):,} test frames."
            )
        if self.since_seen:
            were = "frame was" if self.since_seen == 1 else "frames were"
            said.append(
                f"{self.since_seen:,} test {were} relabelled after a network's mistakes could be seen."
            )
        return " ".join(said)


def relabelled(run: Run, part: str = "test") -> Relabelled:
    """Compare the labels of ``run`` with the consensus of now; what is not in the workspace any more has not changed."""
    kept = run.frames[run.frames["part"] == part].drop(columns="part").reset_index(drop=True)
    now = consensus(run.workspace).set_index("name")
    names = [name for name in run.attributes.names if name in now.columns]
    there = kept["name"].isin(now.index)
    table = kept.copy()
    table.loc[there, names] = now.loc[kept.loc[there, "name"], names].to_numpy()
    table[names] = table[names].astype("boolean")
    differs = _differ(table[names], kept[names])
    since = _relabelled_since(run, kept, table)
    return Relabelled(table, int(differs.to_numpy().sum()), int(differs.any(axis=1).sum()), len(since))


def with_current_labels(run: Run, table: pd.DataFrame, changes: Relabelled | None = None) -> pd.DataFrame:
    """Return predictions on the test part of ``run`` with the labels as they are now.

    Args:
        run: that they are of.
        table: as `core.runs.predictions.read` returns it, with ``name`` as a column.
        changes: what `relabelled` returns, where it is at hand.
    """
    now = (changes or relabelled(run)).table.set_index("name")
    names = list(run.attributes.names)
    return table.assign(**{name: table["name"].map(now[name]).astype("boolean") for name in names})


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


def _seen(run: Run) -> int | None:
    """Return the last event before the first test of ``run``; none where nobody has tested it."""
    try:
        return int(json.loads((run.path / FILE).read_text(encoding="utf-8"))["event"])
    except (OSError, ValueError, KeyError):
        return None if run.test is None else _last_event(run)


def _relabelled_since(run: Run, kept: pd.DataFrame, now: pd.DataFrame) -> set[str]:
    """Return the names of the frames that were relabelled after a run of the workspace was first tested on them.

    Args:
        run: whose frames.
        kept: ``name`` and the labels that it was made with, a frame per row.
        now: the same with the labels as they are now.
    """
    tests = sorted(
        (seen, other.id) for other in list_runs(run.workspace) if (seen := _seen(other)) is not None
    )
    touched = _last_touched(run, tests[0][0]) if tests else {}
    left, found = set(kept["name"]) & touched.keys(), set[str]()
    for seen, name in tests:
        if not left:
            break
        first = _tested(Run(run.workspace, name), left)
        left -= set(first["name"])  # later tests of these frames do not matter
        touched_since = first["name"].map(touched) > seen
        found |= (_others(first, kept) | _others(first, now)) & set(first.loc[touched_since, "name"])
    return found


def _last_touched(run: Run, since: int) -> dict[str, int]:
    """Return for each frame of which an event after ``since`` speaks, by name, the last such event."""
    e, f = db.events.c, db.frames.c
    query = (
        select(f.name, func.max(e.seq))
        .join_from(db.frames, db.events, (e.video_id == f.video_id) & f.index.between(e.first, e.last))
        .where(e.seq > since)
        .group_by(f.name)
    )
    with db.reading(run.workspace) as connection:
        return {name: int(last) for name, last in connection.execute(query)}


def _tested(run: Run, names: set[str]) -> pd.DataFrame:
    """Return those of the frames called ``names`` that ``run`` is tested on, with its labels."""
    frames = run.frames
    return frames[(frames["part"] == "test") & frames["name"].isin(names)].reset_index(drop=True)


def _others(before: pd.DataFrame, after: pd.DataFrame) -> set[str]:
    """Return the names of the frames of ``before`` that have another label in ``after``, of the attributes of both."""
    after = after.set_index("name").loc[before["name"]].reset_index()
    columns = [name for name in before if name in after and name not in ("name", "group", "part")]
    return set(before.loc[_differ(before[columns], after[columns]).any(axis=1), "name"])


def _differ(one: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """Return where two tables of nullable booleans are not the same, unset being the same as unset."""
    return one.fillna(False).ne(other.fillna(False)) | (one.isna() != other.isna())
