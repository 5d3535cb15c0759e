"""Labels of a run that have changed since it was made. Importing this does not import TensorFlow.

A test is measured against the labels of its run. Whoever has seen a network's mistakes and then relabels can make the test
look better than it is, so the first test of a run remembers how far the log of labels had come. A later run that is tested
on the same frames inherits their labels: what counts is when any run of the workspace was first tested on a frame.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

import pandas as pd
from sqlalchemy import func, select

from core.files import is_read_only, replacing
from core.json_files import Count, DamagedError, checked, read_record
from core.labels.consensus import consensus
from core.runs.run import Run
from core.runs.run_store import list_runs
from core.storage import database as db
from core.text import count

FILE = "seen.json"


@dataclass(frozen=True)
class LabelChanges:
    """The labels of the frames of a part that have changed.

    Args:
        table: ``name``, ``video`` and the attributes of the frames: labels as they are now.
        labels: how many have changed, set or unset.
        frames: on how many frames.
        relabelled: frames of the part that were relabelled after a run of the workspace was first tested on them, whether
            before this run was made or later.
    """

    table: pd.DataFrame
    labels: int
    frames: int
    relabelled: int

    def sentence(self) -> str:
        """Say it in a line; empty where nothing has changed."""
        labels = count(self.labels, "label has", "labels have")
        changed = f"{labels} changed since, on {self.frames:,} of {len(self.table):,} test frames."
        return " ".join(filter(None, [changed * bool(self.labels), self.relabelled_sentence()]))

    def relabelled_sentence(self) -> str:
        """Say how many test frames were relabelled by people who could have seen mistakes; empty where none was."""
        frames = count(self.relabelled, "test frame was", "test frames were")
        return f"{frames} relabelled after a network's mistakes could be seen." * bool(self.relabelled)


def changed_labels(run: Run, part: str = "test") -> LabelChanges:
    """Compare the labels of ``run`` with the consensus now; frames that are no longer in the workspace have not changed."""
    before = run.frames[run.frames["part"] == part].drop(columns="part").reset_index(drop=True)
    now = consensus(run.workspace).set_index("name")
    names = [name for name in run.attributes.names if name in now.columns]
    there = before["name"].isin(now.index)
    table = before.copy()
    table.loc[there, names] = now.loc[before.loc[there, "name"], names].to_numpy()
    table[names] = table[names].astype("boolean")
    differs = _differ(table[names], before[names])
    since = _relabelled_since(run, before, table)
    return LabelChanges(table, int(differs.to_numpy().sum()), int(differs.any(axis=1).sum()), len(since))


def with_current_labels(run: Run, table: pd.DataFrame, changes: LabelChanges | None = None) -> pd.DataFrame:
    """Return a ``table`` of `core.runs.predictions` on the test part of ``run`` with the labels as they are now.

    ``changes`` are those of `changed_labels`, if at hand.
    """
    now = (changes or changed_labels(run)).table.set_index("name")
    names = list(run.attributes.names)
    return table.assign(**{name: table["name"].map(now[name]).astype("boolean") for name in names})


def remember_first_test(run: Run) -> None:
    """Remember, at the first test of ``run``, how far the log of labels has come."""
    if not (run.path / FILE).exists() and not is_read_only(run.path):
        with replacing(run.path / FILE) as partial:
            partial.write_text(json.dumps({"event": _last_event(run)}) + "\n", encoding="utf-8")


def _last_event(run: Run) -> int:
    """Return the last event; of a run of an earlier version, the last one before its test."""
    e = db.events.c
    query = select(func.coalesce(func.max(e.seq), 0))
    if (tested := run.path / "test.json").exists():
        at = datetime.fromtimestamp(tested.stat().st_mtime, UTC).isoformat()
        query = query.where(e.at <= at)
    with db.reading(run.workspace) as connection:
        return int(connection.scalar(query) or 0)


def _event_of_first_test(run: Run) -> int | None:
    """Return the last event before the first test of ``run``; none where it was not tested."""
    try:
        return read_record(run.path / FILE, lambda entry: checked(Count, entry["event"]))
    except (
        FileNotFoundError,
        DamagedError,
    ):  # one that is damaged must not keep other runs from being tested
        return None if run.test is None else _last_event(run)


def _relabelled_since(run: Run, before: pd.DataFrame, now: pd.DataFrame) -> set[str]:
    """Return the names of the frames that were relabelled after a run of the workspace was first tested on them."""
    first_tests = ((_event_of_first_test(other), other.id) for other in list_runs(run.workspace))
    tests = sorted((event, name) for event, name in first_tests if event is not None)
    touched = _last_touched(run, tests[0][0]) if tests else {}
    left, found = set(before["name"]) & touched.keys(), set[str]()
    for event, name in tests:
        if not left:
            break
        frames = Run(run.workspace, name).frames
        first = frames[(frames["part"] == "test") & frames["name"].isin(left)].reset_index(drop=True)
        left -= set(first["name"])  # later tests of these frames do not matter
        touched_since = first["name"].map(touched) > event
        found |= (_changed(first, before) | _changed(first, now)) & set(first.loc[touched_since, "name"])
    return found


def _last_touched(run: Run, since: int) -> dict[str, int]:
    """Return the last event after ``since`` of each frame that has one, by name."""
    e, f = db.events.c, db.frames.c
    query = (
        select(f.name, func.max(e.seq))
        .join_from(db.frames, db.events, (e.video_id == f.video_id) & f.index.between(e.first, e.last))
        .where(e.seq > since)
        .group_by(f.name)
    )
    with db.reading(run.workspace) as connection:
        return {name: int(last) for name, last in connection.execute(query)}


def _changed(before: pd.DataFrame, after: pd.DataFrame) -> set[str]:
    """Return the names of the frames with another label in ``after``, for the attributes that both tables have."""
    after = after.set_index("name").loc[before["name"]].reset_index()
    columns = [name for name in before if name in after and name not in ("name", "video", "part")]
    return set(before.loc[_differ(before[columns], after[columns]).any(axis=1), "name"])


def _differ(one: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """Return where two tables of nullable booleans differ; unset equals unset."""
    return one.fillna(False).ne(other.fillna(False)) | (one.isna() != other.isna())
