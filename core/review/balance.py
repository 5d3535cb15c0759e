"""Balance: how many frames have each answer, per attribute, per video and per combination."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Connection, func, select

from core.files import natural
from core.labels.consensus import FALSE, TRUE, attribute_ids, decide, digits, votes, weights
from core.storage import database as db
from core.storage import event_log
from core.storage.effective_events import decisions
from core.workspace import Workspace


@dataclass(frozen=True)
class AnswerCounts:
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


def answer_counts(workspace: Workspace, annotator: str | None = None) -> AnswerCounts:
    """Count the consensus labels, or those of one annotator, within the database: no frame is read but the adjudicated."""
    names = workspace.attributes.names
    with db.reading(workspace) as connection:
        videos, ids = _videos(connection), attribute_ids(connection, names)
        voted = votes(ids, annotator)
        counts = select(voted.c.video_id, voted.c.code, func.count()).group_by(voted.c.video_id, voted.c.code)
        rows = db.integers(connection, counts).T
        if not annotator:
            rows = np.concatenate([rows, _adjudicated(connection, names, ids)])
    order = sorted(videos, key=lambda id: natural(videos[id][0]))
    places = pd.Index(order, dtype=np.int64).get_indexer(pd.Index(rows[:, 0]))
    rows = np.column_stack([places, rows[:, 1:]])[places >= 0]  # nothing of removed videos
    frames = np.array([videos[id][1] for id in order], np.int64)
    return _added(names, tuple(videos[id][0] for id in order), frames, rows)


def _added(
    names: tuple[str, ...], videos: tuple[str, ...], frames: np.ndarray, rows: np.ndarray
) -> AnswerCounts:
    """Add up rows (N, 3) int64 of the same place and code: place, code, number."""
    pairs, which = np.unique(rows[:, :2], axis=0, return_inverse=True)
    numbers = np.zeros(len(pairs), np.int64)
    np.add.at(numbers, which.reshape(-1), rows[:, 2])
    some = (pairs[:, 1] > 0) & (numbers > 0)
    return AnswerCounts(
        names, videos, frames, pairs[some, 0], digits(pairs[some, 1], len(names)), numbers[some]
    )


def _videos(connection: Connection) -> dict[int, tuple[str, int]]:
    """Return key and number of frames of every video that has frames."""
    v, f = db.videos.c, db.frames.c
    counts = select(f.video_id, func.count().label("frames")).group_by(f.video_id).subquery()
    query = select(v.id, v.key, counts.c.frames).join(counts, counts.c.video_id == v.id).where(~v.hidden)
    return {id: (key, frames) for id, key, frames in connection.execute(query)}


def _adjudicated(connection: Connection, names: Sequence[str], ids: Sequence[int]) -> np.ndarray:
    """Return what adjudications change: (rows, 3) int64 of video, code and how many frames more or fewer."""
    decided = decisions(connection)
    frames = decided[["video_id", "index"]].drop_duplicates(ignore_index=True)
    if frames.empty:
        return np.zeros((0, 3), np.int64)
    voted = db.integers(connection, select(votes(ids, adjudicated=True)))
    rows = event_log.frame_index(frames).get_indexer(pd.Index(event_log.frame_number(*voted[:2])))
    codes = np.zeros(len(frames), np.int64)
    codes[rows[rows >= 0]] = voted[2, rows >= 0]
    answers = digits(codes, len(names))
    decide(answers, frames, decided, names)
    videos, each = frames["video_id"].to_numpy(np.int64), np.ones(len(frames), np.int64)
    before, after = (videos, codes, -each), (videos, answers @ weights(len(names)), each)
    return np.concatenate([np.column_stack(before), np.column_stack(after)])


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
            "combinations": [{"answers": each, "frames": frames} for each, frames in together],
        }


def balance(workspace: Workspace, annotator: str | None = None) -> Balance:
    """Count the consensus labels, or those of one annotator; the database counts."""
    return counts_of(answer_counts(workspace, annotator))


def counts_of(counted: AnswerCounts) -> Balance:
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


def _per_video(counted: AnswerCounts, marks: np.ndarray) -> np.ndarray:
    """Add up the frames of the rows that have a mark (rows, columns) bool: (videos, columns) int64."""
    sums = np.zeros((len(counted.videos), marks.shape[1]), np.int64)
    np.add.at(sums, counted.places, marks * counted.numbers[:, None])
    return sums


def _counts(names: Sequence[str], true: np.ndarray, false: np.ndarray, frames: int) -> dict[str, Counts]:
    return {
        name: {"true": int(yes), "false": int(no), "unset": frames - int(yes) - int(no)}
        for name, yes, no in zip(names, true, false, strict=True)
    }


def _combinations(counted: AnswerCounts) -> pd.DataFrame:
    names = list(counted.attributes)
    answers = [pd.arrays.BooleanArray(column == TRUE, column == 0) for column in counted.answers.T]
    table = pd.DataFrame(dict(zip(names, answers, strict=True))).assign(frames=counted.numbers)
    table = table.groupby(names, dropna=False, sort=True)["frames"].sum().reset_index()
    table = table.astype(dict.fromkeys(names, "boolean"))
    return table.sort_values("frames", ascending=False, kind="stable", ignore_index=True)
