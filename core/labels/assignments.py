"""Videos that several annotators label, each without seeing the others until they have finished.

Agreement can only be measured where labels overlap, and means something only where nobody saw the other labels first.
"""

from collections.abc import Iterable, Mapping, Sequence
from math import ceil

import numpy as np
import pandas as pd
from sqlalchemy import Connection, case, delete, func, insert, select

from core.access.rights import Right, check_seen, needs
from core.errors import LabelError
from core.files import natural
from core.labels.labels import check_annotator
from core.media.library import Video, get_video, videos
from core.storage import database as db
from core.storage import event_log
from core.workspace import Workspace

FEWEST_VIDEOS = 5
"""An interval over fewer videos would say nothing."""

ENOUGH = 300
"""Frames that shall overlap at least: ten seconds of video, so that a rare attribute occurs at all."""


def overlap(workspace: Workspace, share: float = 0.2, least: int = ENOUGH, seed: int = 0) -> list[str]:
    """Propose a ``share`` of the videos (above 0, up to 1) to be labelled twice, spread over short and long ones.

    The videos are ordered by length and cut into as many strata as videos are wanted; of each stratum one is drawn. At
    least five with ``least`` frames together are wanted, where there are so many: with fewer videos, agreement has no
    interval over videos.

    Returns:
        Keys of the videos, in natural order.

    Raises:
        LabelError: no such share, or no video with frames.
    """
    if not 0 < share <= 1:
        raise LabelError(
            f"The share of the videos is above 0 and at most 1, not {share}.", "Use for example 0.2, a fifth."
        )
    by_length = sorted((video for video in videos(workspace) if video.frames), key=lambda video: video.frames)
    if not by_length:
        raise LabelError("There are no videos to assign.", "Add videos first.")
    number = min(len(by_length), max(ceil(share * len(by_length)), FEWEST_VIDEOS))
    chosen = _one_of_each(by_length, number, seed)
    while sum(video.frames for video in chosen) < least and number < len(by_length):
        number += 1
        chosen = _one_of_each(by_length, number, seed)
    return sorted((video.key for video in chosen), key=natural)


def _one_of_each(by_length: Sequence[Video], number: int, seed: int) -> list[Video]:
    """Draw one video of each of ``number`` strata of neighbours."""
    rng = np.random.default_rng(seed)
    strata = np.array_split(np.arange(len(by_length)), number)
    return [by_length[int(rng.choice(places))] for places in strata]


def plan(
    frames: Mapping[str, int],
    annotators: Sequence[str],
    per_video: int,
    keep: Mapping[str, Sequence[str]],
    loads: Mapping[str, int],
    seed: int = 0,
) -> dict[str, list[str]]:
    """Give each video to ``per_video`` annotators, the longest first, each time to those with the fewest frames.

    Args:
        frames: video to how many frames it has.
        annotators: who can be given a video.
        per_video: how many annotators each video gets.
        keep: video to the annotators who have it already and keep it; they may be more than ``per_video``.
        loads: annotator to the frames of other videos that this one has already.
        seed: decides between annotators with equally many frames.

    Returns:
        Video to its annotators, those who keep it first.

    >>> plan({"seam_1": 9, "seam_2": 9}, ["Ann", "Ben"], 1, {"seam_2": ["Ben"]}, {})
    {'seam_1': ['Ann'], 'seam_2': ['Ben']}
    """
    rng = np.random.default_rng(seed)
    load = {name: loads.get(name, 0) for name in annotators}
    for video, names in keep.items():
        for name in names:
            load[name] = load.get(name, 0) + frames[video]
    given = {}
    for video in sorted(frames, key=lambda key: (-frames[key], natural(key))):
        stay = list(keep.get(video, ()))
        drawn = [annotators[place] for place in rng.permutation(len(annotators))]
        others = sorted((name for name in drawn if name not in stay), key=load.__getitem__)
        new = others[: max(0, per_video - len(stay))]
        for name in new:
            load[name] += frames[video]
        given[video] = [*stay, *new]
    return {video: given[video] for video in frames}


@needs(Right.ASSIGN)
def assign(
    workspace: Workspace, keys: Iterable[str], annotators: Iterable[str], per_video: int = 2, seed: int = 0
) -> dict[str, list[str]]:
    """Give each of these videos to ``per_video`` annotators, evenly, and store it.

    Whoever is assigned to a video and has begun it keeps it; who has not may lose it to somebody else. Of the annotators
    that are named, those who began a video without being assigned come first.

    The ``seed`` decides between annotators with equally many frames. Returns video to its annotators.

    Raises:
        LabelError: no video, too few annotators, or one without a name. Nothing is stored.
        MediaError: there is no such video.
    """
    chosen = {key: get_video(workspace, key) for key in dict.fromkeys(keys)}
    names = list(dict.fromkeys(name.strip() for name in annotators))
    _check(chosen, names, per_video)
    with db.writing(workspace) as connection:
        pairs, ids = _pairs(connection), [video.id for video in chosen.values()]
        others = pairs[~pairs["video_id"].isin(ids)].groupby("annotator")["frames"].sum()
        loads = {str(name): int(number) for name, number in others.items()}
        keep = _kept(pairs, _answered(connection, workspace, ids), names, per_video)
        frames = {key: video.frames for key, video in chosen.items()}
        given = plan(frames, names, per_video, keep, loads, seed)
        _store(connection, workspace, {chosen[key].id: given[key] for key in chosen})
    return given


@needs(Right.ASSIGN)
def remove(
    workspace: Workspace, keys: Iterable[str] | None = None, annotators: Iterable[str] | None = None
) -> int:
    """Take assignments back, of these videos and these annotators only, also of what was begun; labels stay. Return how many.

    Raises:
        LabelError: one of the names is no annotator's.
        MediaError: there is no such video.
    """
    annotators = None if annotators is None else list(annotators)
    a, gone = db.assignments.c, delete(db.assignments)
    if keys is not None:
        gone = gone.where(a.video_id.in_([get_video(workspace, key).id for key in keys]))
    if annotators is not None:
        people = select(db.annotators.c.id).where(db.annotators.c.name.in_(annotators))
        gone = gone.where(a.annotator_id.in_(people))
    with db.writing(workspace) as connection:
        everyone = set(connection.scalars(select(db.annotators.c.name)))
        if unknown := [name for name in annotators or [] if name not in everyone]:
            raise LabelError(
                f"Nobody called {', '.join(unknown)} labels here.",
                f"Check the spelling; annotators are: {', '.join(sorted(everyone, key=natural)) or 'none yet'}.",
            )
        return connection.execute(gone).rowcount


def assigned(workspace: Workspace, annotator: str | None = None) -> pd.DataFrame:
    """Return who, or where this one, is assigned to which video, and how far they have come.

    Returns:
        ``video`` (key), ``video_id``, ``annotator``, ``answered`` (int: frames of which all attributes have an answer of this
        annotator), ``begun`` (bool: some frame has any answer), ``frames`` (int) and ``finished`` (bool); by video and annotator
        in natural order.

    Raises:
        AccessError: they are another person's, or everybody's, and who acts may see their own only.
    """
    check_seen(annotator)
    with db.reading(workspace) as connection:
        pairs = _pairs(connection, annotator)
        done = _answered(connection, workspace, pairs["video_id"].unique().tolist(), annotator)
    table = pairs.merge(done, "left", ["video_id", "annotator", "video"])
    table = table.fillna({"begun": False, "answered": 0}).astype({"begun": bool, "answered": np.int64})
    return table.assign(finished=table["answered"] >= table["frames"])


def blind(workspace: Workspace, annotator: str) -> list[str]:
    """Return the keys of the videos that an annotator labels blind: assigned, and not finished."""
    found = assigned(workspace, annotator)
    return found.loc[~found["finished"], "video"].tolist()


def is_assigned(connection: Connection, annotator: str, video_id: int) -> bool:
    """Return whether an annotator is assigned to a video."""
    a, people = db.assignments.c, db.annotators.c
    query = select(a.video_id).join_from(db.assignments, db.annotators)
    return connection.scalar(query.where(a.video_id == video_id, people.name == annotator)) is not None


def _check(chosen: Mapping[str, Video], names: Sequence[str], per_video: int) -> None:
    for name in names:
        check_annotator(name)
    if not chosen:
        raise LabelError("No videos are chosen.", "Choose some, or let SeamLens propose a share of them.")
    if not 1 <= per_video <= len(names):
        raise LabelError(
            f"{len(names)} annotators cannot label each video {per_video} times.",
            "Name more annotators, or have each video labelled by fewer of them (at least one).",
        )


def _kept(
    pairs: pd.DataFrame, done: pd.DataFrame, names: Sequence[str], per_video: int
) -> dict[str, list[str]]:
    """Return who keeps a video: assigned and begun, then begun by one of ``names`` as far as there is room."""
    both = done.merge(pairs.assign(assigned=True), "left", ["video_id", "annotator", "video"])
    keep: dict[str, list[str]] = {}
    for video, part in both.groupby("video"):
        stay = part["assigned"].notna()
        others = part.loc[~stay & part["annotator"].isin(names), "annotator"].tolist()
        room = max(0, per_video - int(stay.sum()))
        keep[str(video)] = part.loc[stay, "annotator"].tolist() + others[:room]
    return keep


def _store(connection: Connection, workspace: Workspace, given: Mapping[int, Sequence[str]]) -> None:
    for name in sorted({name for names in given.values() for name in names}, key=natural):
        event_log.register(connection, workspace.attributes.names, name)
    people = dict(connection.execute(select(db.annotators.c.name, db.annotators.c.id)).tuples().all())
    connection.execute(delete(db.assignments).where(db.assignments.c.video_id.in_(list(given))))
    rows = [{"video_id": id, "annotator_id": people[name]} for id, names in given.items() for name in names]
    connection.execute(insert(db.assignments), rows)


def _pairs(connection: Connection, annotator: str | None = None) -> pd.DataFrame:
    """Return ``video_id``, ``video`` (key), ``annotator`` and ``frames`` (int) of the assignments, in natural order."""
    v, people = db.videos.c, db.annotators.c
    frames = select(func.count()).where(db.frames.c.video_id == v.id).scalar_subquery()
    query = (
        select(
            v.id.label("video_id"),
            v.key.label("video"),
            people.name.label("annotator"),
            frames.label("frames"),
        )
        .select_from(db.assignments.join(db.videos).join(db.annotators))
        .where(~v.hidden)
    )
    found = pd.read_sql(query if annotator is None else query.where(people.name == annotator), connection)
    return found.sort_values(["video", "annotator"], key=lambda c: c.map(natural), ignore_index=True)


def _answered(
    connection: Connection, workspace: Workspace, videos: Sequence[int], annotator: str | None = None
) -> pd.DataFrame:
    """Return ``video_id``, ``video`` (key), ``annotator``, ``answered`` (int: frames with all answers) and ``begun`` (true)
    of each annotator who has any answer in a video.
    """
    c, f, v, people = db.current.c, db.frames.c, db.videos.c, db.annotators.c
    names = workspace.attributes.names
    ids = select(db.attributes.c.id).where(db.attributes.c.name.in_(names))
    answers = (
        select(c.video_id, c.annotator_id, func.count().label("number"))
        # A group of pictures may have become a video that lacks some of the frames that were labelled.
        .join(db.frames, (f.video_id == c.video_id) & (f.index == c.index))
        .where(c.video_id.in_(videos), c.value.is_not(None), c.attribute_id.in_(ids))
        .group_by(c.video_id, c.index, c.annotator_id)
    )
    if annotator is not None:
        who = select(people.id).where(people.name == annotator)
        answers = answers.where(c.annotator_id.in_(who))
    found = answers.subquery("answers")
    whole = func.sum(case((found.c.number == len(names), 1), else_=0)).label("answered")
    query = (
        select(v.id.label("video_id"), v.key.label("video"), people.name.label("annotator"), whole)
        .join_from(found, db.videos, v.id == found.c.video_id)
        .join(db.annotators, people.id == found.c.annotator_id)
        .group_by(v.id, people.id)
    )
    return pd.read_sql(query, connection).assign(begun=True)
