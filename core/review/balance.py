"""Balance: how many frames have each answer, per attribute, video and combination; the frames behind a number; chart rows."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Connection, func, select

from core import text
from core.access.rights import check_seen
from core.attributes import Answer
from core.errors import LabelError
from core.files import natural
from core.labels.consensus import FALSE, TRUE, attribute_ids, decide_consensus, digits, votes, weights
from core.labels.label_table import attributes_of
from core.storage import database as db
from core.storage import event_log
from core.storage.effective_events import decisions
from core.workspace import Workspace


@dataclass(frozen=True)
class AnswerCounts:
    """Labelled frames, counted per video and combination of answers."""

    attributes: tuple[str, ...]  # their names
    videos: tuple[str, ...]  # keys of all videos with frames
    frames: np.ndarray  # (videos,) int64, how many each video has
    places: np.ndarray  # (rows,) int64, the place in ``videos``
    answers: np.ndarray  # (rows, attributes) int64: `TRUE`, `FALSE` or 0. No row is all 0
    numbers: np.ndarray  # (rows,) int64, how many frames of that video have these answers


def answer_counts(workspace: Workspace, annotator: str | None = None) -> AnswerCounts:
    """Count the consensus labels, or those of one annotator, within the database: no frame is read but the adjudicated."""
    if annotator is not None:
        check_seen(annotator)
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
    # Add up the rows of the same place and code.
    pairs, which = np.unique(rows[:, :2], axis=0, return_inverse=True)
    numbers = np.zeros(len(pairs), np.int64)
    np.add.at(numbers, which.reshape(-1), rows[:, 2])
    some = (pairs[:, 1] > 0) & (numbers > 0)
    keys, answers = tuple(videos[id][0] for id in order), digits(pairs[some, 1], len(names))
    return AnswerCounts(names, keys, frames, pairs[some, 0], answers, numbers[some])


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
    decide_consensus(answers, frames, decided, names)
    videos, each = frames["video_id"].to_numpy(np.int64), np.ones(len(frames), np.int64)
    before, after = (videos, codes, -each), (videos, answers @ weights(len(names)), each)
    return np.concatenate([np.column_stack(before), np.column_stack(after)])


Counts = dict[str, int]


COUNTED = (
    "Labelled frames have an answer for at least one attribute, fully labelled ones for every attribute."
)
"""What is counted, wherever a page says how much is labelled."""


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
        complete: per video how many frames have an answer for every attribute.
    """

    frames: int
    labelled: int
    attributes: dict[str, Counts]
    videos: dict[str, dict[str, Any]]
    combinations: pd.DataFrame
    complete: dict[str, int] = field(default_factory=dict)

    @property
    def complete_videos(self) -> int:
        """How many videos have every answer in every frame."""
        return sum(self.complete.get(key) == video["frames"] for key, video in self.videos.items())

    @property
    def sentence(self) -> str:
        """How much is labelled, in the words of every page: ``Labelled: …. Fully labelled: …``."""
        of = f"{text.count(sum(self.complete.values()), 'frame')}, {self.complete_videos:,} of {text.count(len(self.videos), 'video')}"
        return f"Labelled: {self.labelled:,} of {text.count(self.frames, 'frame')}. Fully labelled: {of}."

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
    complete = _per_video(counted, (counted.answers != 0).all(axis=1, keepdims=True))[:, 0]
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
        dict(zip(counted.videos, complete.tolist(), strict=True)),
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


_GOLDEN = (5**0.5 - 1) / 2
"""Multiples of it, without their whole part, lie evenly spread however many are taken (Weyl 1916; three-gap theorem)."""


def frames_behind(
    labels: pd.DataFrame,
    answers: Mapping[str, Answer],
    videos: Collection[str] = (),
    limit: int | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """Return the frames with these answers, in such an order that the first few are spread over videos and time.

    Args:
        labels: as `core.labels.consensus.consensus` returns them.
        answers: what each attribute must be: true, false, or None for unset. Others may be anything.
        videos: only of these; none named is all.
        limit: how many at most; None is all.
        seed: another one begins with other frames.

    Returns:
        ``name``, ``video`` (key) and ``index`` (int), with the rows of ``labels`` they come from as the table's index:
        sorted by it, frames of a video are neighbours.

    Raises:
        LabelError: there is no such attribute or video.
    """
    found = labels.loc[_have(labels, answers, videos), ["name", "video", "index"]]
    groups = pd.factorize(found["video"])[0]
    turn = _spread(found.groupby("video", sort=False).cumcount().to_numpy(), seed)
    # One frame of each video, then the next.
    turn = pd.Series(turn).groupby(groups).rank(method="first").to_numpy()
    return found.iloc[np.lexsort((_spread(groups, seed), turn))].head(len(found) if limit is None else limit)


def frames_and_videos(found: pd.DataFrame) -> str:
    """Return how many frames of how many videos: ``812 frames of 14 videos``."""
    return f"{text.count(len(found), 'frame')} of {text.count(found['video'].nunique(), 'video')}"


def _have(labels: pd.DataFrame, answers: Mapping[str, Answer], videos: Collection[str]) -> np.ndarray:
    """Return which rows have the answers: (rows,) bool."""
    names = attributes_of(labels)
    if unknown := [name for name in answers if name not in names]:
        raise LabelError(
            f"There is no attribute {unknown[0]!r}; there are {', '.join(names)}.", "Check its spelling."
        )
    groups = labels["video"]
    if gone := set(videos).difference(groups.unique() if videos else ()):
        raise LabelError(f"There is no video {min(gone)!r} with frames.", "Check its spelling.")
    have = np.ones(len(labels), bool)
    if videos:
        have &= groups.isin(list(videos)).to_numpy(bool)
    for name, answer in answers.items():
        values = labels[name]
        have &= (values.isna() if answer is None else (values == answer).fillna(False)).to_numpy(bool)
    return have


def _spread(places: np.ndarray, seed: int) -> np.ndarray:
    """Return for each place, (N,) int64, when its turn is, 0 to 1: places of near turns lie far apart."""
    return (places * _GOLDEN + np.random.default_rng(seed).random()) % 1


MOST = 40
"""Videos that have a row of their own where not all can have one."""
FITTING = 80
"""Videos that all have a row of their own."""


@dataclass(frozen=True)
class BalanceRow:
    """A row of the chart."""

    words: str  # what it is called: the key of its video, or how many it stands for
    videos: tuple[str, ...]  # their keys
    counts: Counts  # of all their frames, ``true``, ``false`` and ``unset``


def folded(found: Balance, attribute: str) -> list[BalanceRow]:
    """Return a row per video; of more than `FITTING` videos the `MOST` largest, then the smaller ones in one row.

    Groups of one picture are then one row as well: photos without a group are hundreds of them. The videos keep the
    order of the balance, the rows of several come last.
    """
    videos = found.videos
    if len(videos) <= FITTING:
        return [_row(found, attribute, [video]) for video in videos]
    several = [video for video, counts in videos.items() if counts["frames"] > 1]
    largest = set(sorted(several, key=lambda video: -videos[video]["frames"])[:MOST])
    smaller = [video for video in several if video not in largest]
    single = [video for video, counts in videos.items() if counts["frames"] == 1]
    rows = [_row(found, attribute, [video]) for video in several if video in largest]
    if smaller:
        rows.append(_row(found, attribute, smaller, text.count(len(smaller), "smaller video")))
    if single:
        rows.append(_row(found, attribute, single, f"{text.count(len(single), 'group')} of one picture"))
    return rows


def _row(found: Balance, attribute: str, videos: Collection[str], words: str = "") -> BalanceRow:
    counts = [found.videos[video]["attributes"][attribute] for video in videos]
    added = {answer: sum(each[answer] for each in counts) for answer in ("true", "false", "unset")}
    return BalanceRow(words or next(iter(videos)), tuple(videos), added)
