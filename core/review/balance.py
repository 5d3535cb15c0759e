"""Balance: how many frames have each answer, per attribute, per video and per combination."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import ColumnElement, Connection, Select, Subquery, case, func, literal, select

from core.files import natural
from core.storage import database as db
from core.storage import event_log
from core.storage.effective_events import standing
from core.workspace import Workspace

TRUE, FALSE = 1, 2
"""Digits of a combination; 0 is unset."""


@dataclass(frozen=True)
class Tally:
    """Labelled frames, counted per video and combination of answers.

    Args:
        attributes: their names.
        videos: keys of all videos with frames.
        frames: (videos,) int64, how many each video has.
        places: (rows,) int64, the place in ``videos``.
        answers: (rows, attributes) int64: `TRUE`, `FALSE` or 0. No row is all 0.
        numbers: (rows,) int64, how many frames of that video have these answers.
    """

    attributes: tuple[str, ...]
    videos: tuple[str, ...]
    frames: np.ndarray
    places: np.ndarray
    answers: np.ndarray
    numbers: np.ndarray


def tally(workspace: Workspace, annotator: str | None = None) -> Tally:
    """Count the consensus labels, or those of one annotator, within the database: no frame is read but the adjudicated."""
    names = workspace.attributes.names
    with db.reading(workspace) as connection:
        videos, known = _videos(connection), _ids(connection)
        ids = [known.get(name, -1) for name in names]  # an attribute that nobody has answered has no id
        votes = _votes(ids, annotator)
        counts = select(votes.c.video_id, votes.c.code, func.count()).group_by(votes.c.video_id, votes.c.code)
        rows = _numbers(connection, counts)
        if not annotator:
            rows = np.concatenate([rows, _adjudicated(connection, ids)])
    order = sorted(videos, key=lambda id: natural(videos[id][0]))
    places = pd.Index(order, dtype=np.int64).get_indexer(pd.Index(rows[:, 0]))
    rows = np.column_stack([places, rows[:, 1:]])[places >= 0]  # nothing of removed videos
    frames = np.array([videos[id][1] for id in order], np.int64)
    return _tally(names, [videos[id][0] for id in order], frames, rows)


def _tally(names: tuple[str, ...], videos: Sequence[str], frames: np.ndarray, rows: np.ndarray) -> Tally:
    """Add up rows (N, 3) int64 of the same place and combination: place, combination, number."""
    pairs, which = np.unique(rows[:, :2], axis=0, return_inverse=True)
    numbers = np.zeros(len(pairs), np.int64)
    np.add.at(numbers, which.reshape(-1), rows[:, 2])
    kept = (pairs[:, 1] > 0) & (numbers > 0)
    answers = pairs[kept, 1, None] // _weights(len(names)) % 3
    return Tally(names, tuple(videos), frames, pairs[kept, 0], answers, numbers[kept])


def _weights(attributes: int) -> np.ndarray:
    """Return what one of each digit counts in a combination: (attributes,) int64."""
    return 3 ** np.arange(attributes, dtype=np.int64)


def _videos(connection: Connection) -> dict[int, tuple[str, int]]:
    """Return key and number of frames of every video that has frames."""
    v, f = db.videos.c, db.frames.c
    counts = select(f.video_id, func.count().label("frames")).group_by(f.video_id).subquery()
    query = select(v.id, v.key, counts.c.frames).join(counts, counts.c.video_id == v.id).where(~v.hidden)
    return {id: (key, frames) for id, key, frames in connection.execute(query)}


def _ids(connection: Connection) -> dict[str, int]:
    return dict(connection.execute(select(db.attributes.c.name, db.attributes.c.id)).tuples().all())


def _votes(ids: Sequence[int], annotator: str | None, adjudicated: bool = False) -> Subquery:
    """Select ``video_id``, ``index`` and ``code``, the combination that most annotators say, of labelled frames.

    A sum for each attribute takes half the time of a group for each: so the answers stay in the order in which they
    are stored, and nothing is sorted.

    Args:
        ids: of the attributes.
        annotator: only this one.
        adjudicated: only frames that were adjudicated. As often as they were each vote is counted, which leaves the
            sign of a sum as it is, and spares the database a list of these frames.
    """
    c, f, people = db.current.c, db.frames.c, db.annotators.c
    voters = select(people.id).where(~people.hidden, people.name == annotator if annotator else literal(True))
    vote = case((c.value, 1), else_=-1)
    sums = [
        func.sum(case((c.attribute_id == id, vote), else_=0)).label(f"sum_{i}") for i, id in enumerate(ids)
    ]
    query = select(c.video_id, c.index, *sums).where(c.value.is_not(None), c.annotator_id.in_(voters))
    if adjudicated:
        e = db.events.c
        # Plus 0, so that the database goes from the few decisions to their labels, not from every label to its decisions.
        within = (c.video_id == e.video_id + 0) & c.index.between(e["first"], e["last"])
        query = query.join(db.events, within).where(e.source.in_(event_log.DECISIONS))
    v = query.group_by(c.video_id, c.index).subquery().c
    code = _code([v[f"sum_{i}"] for i in range(len(ids))])
    # A group of pictures may have become a video that lacks some of the frames that were labelled.
    there = select(f.video_id).where(f.video_id == v.video_id, f.index == v.index).exists()
    return select(v.video_id, v.index, code.label("code")).where(there).subquery()


def _code(sums: Sequence[ColumnElement[int]]) -> ColumnElement[int]:
    """Return the combination: one digit of base 3 for each sum of votes."""
    code: ColumnElement[int] = literal(0)
    for one, weight in zip(sums, _weights(len(sums)).tolist(), strict=True):
        code += case((one > 0, TRUE * weight), (one < 0, FALSE * weight), else_=0)
    return code


def _adjudicated(connection: Connection, ids: Sequence[int]) -> np.ndarray:
    """Return what adjudications change: (rows, 3) int64 of video, combination and how many frames more or fewer."""
    verdicts = _verdicts(connection, ids)
    if verdicts.empty:
        return np.zeros((0, 3), np.int64)
    votes = select(_votes(ids, None, adjudicated=True))
    voted = pd.DataFrame(_numbers(connection, votes), columns=["video_id", "index", "code"])
    voted = verdicts[["video_id", "index"]].drop_duplicates().merge(voted, "left").fillna({"code": 0})
    old = voted["code"].to_numpy(np.int64)
    frame = pd.MultiIndex.from_frame(voted[["video_id", "index"]])
    rows = frame.get_indexer(pd.MultiIndex.from_frame(verdicts[["video_id", "index"]]))
    digits = old[:, None] // _weights(len(ids)) % 3
    digits[rows, verdicts["place"]] = np.where(verdicts["balance"] > 0, TRUE, FALSE)
    videos, one = voted["video_id"].to_numpy(np.int64), np.ones(len(old), np.int64)
    before, after = (videos, old, -one), (videos, digits @ _weights(len(ids)), one)
    return np.concatenate([np.column_stack(before), np.column_stack(after)])


def _verdicts(connection: Connection, ids: Sequence[int]) -> pd.DataFrame:
    """Return the adjudications that stand: ``video_id``, ``index``, ``place`` of the attribute, ``balance`` 1 or -1."""
    found = standing(connection)
    found = found[found["attribute_id"].isin(ids)]
    return found.assign(place=found["attribute_id"].map({id: i for i, id in enumerate(ids)}).astype(np.int64))


def _numbers(connection: Connection, query: Select[tuple[int, int, int]]) -> np.ndarray:
    """Return the (rows, 3) int64 of a query for three whole numbers."""
    return np.array([tuple(row) for row in connection.execute(query)], np.int64).reshape(-1, 3)


Counts = dict[str, int]


@dataclass(frozen=True)
class Balance:
    """How the labels are spread.

    Args:
        frames: how many there are.
        labelled: how many of them have at least one label.
        attributes: per attribute ``true``, ``false`` and ``unset``, which add up to ``frames``.
        videos: per video ``frames``, ``labelled`` and ``attributes``, counted in the same way.
        combinations: one row per combination of answers of labelled frames, the most frequent first: one
            nullable boolean column per attribute, and ``frames`` (int).
    """

    frames: int
    labelled: int
    attributes: dict[str, Counts]
    videos: dict[str, dict[str, Any]]
    combinations: pd.DataFrame

    def to_json(self) -> dict[str, Any]:
        """Return what ``balance --json`` prints."""
        names = list(self.attributes)
        answers = self.combinations[names].astype(object).where(self.combinations[names].notna(), None)
        together = zip(answers.to_dict("records"), self.combinations["frames"].tolist(), strict=True)
        return {
            "frames": self.frames,
            "labelled": self.labelled,
            "attributes": self.attributes,
            "videos": self.videos,
            "combinations": [{"answers": said, "frames": frames} for said, frames in together],
        }


def balance(workspace: Workspace, annotator: str | None = None) -> Balance:
    """Count the consensus labels, or those of one annotator; the database counts."""
    return counts_of(tally(workspace, annotator))


def counts_of(counted: Tally) -> Balance:
    """Add up what was counted per video and combination."""
    true, false = (_per_video(counted, counted.answers == answer) for answer in (TRUE, FALSE))
    done = _per_video(counted, np.ones((len(counted.numbers), 1), bool))[:, 0]
    frames = counted.frames
    return Balance(
        int(frames.sum()),
        int(done.sum()),
        _counts(counted.attributes, true.sum(axis=0), false.sum(axis=0), int(frames.sum())),
        {
            video: {
                "frames": int(frames[i]),
                "labelled": int(done[i]),
                "attributes": _counts(counted.attributes, true[i], false[i], int(frames[i])),
            }
            for i, video in enumerate(counted.videos)
        },
        _combinations(counted),
    )


def _per_video(counted: Tally, marks: np.ndarray) -> np.ndarray:
    """Add up the frames of the rows that have a mark (rows, columns) bool: (videos, columns) int64."""
    sums = np.zeros((len(counted.videos), marks.shape[1]), np.int64)
    np.add.at(sums, counted.places, marks * counted.numbers[:, None])
    return sums


def _counts(names: Sequence[str], true: np.ndarray, false: np.ndarray, frames: int) -> dict[str, Counts]:
    return {
        name: {"true": int(yes), "false": int(no), "unset": frames - int(yes) - int(no)}
        for name, yes, no in zip(names, true, false, strict=True)
    }


def _combinations(counted: Tally) -> pd.DataFrame:
    names = list(counted.attributes)
    said = [pd.arrays.BooleanArray(column == TRUE, column == 0) for column in counted.answers.T]
    table = pd.DataFrame(dict(zip(names, said, strict=True))).assign(frames=counted.numbers)
    table = table.groupby(names, dropna=False, sort=True)["frames"].sum().reset_index()
    table = table.astype(dict.fromkeys(names, "boolean"))
    return table.sort_values("frames", ascending=False, kind="stable", ignore_index=True)
