"""Labels: an append-only log of who said what, and the current view that is kept with it.

Annotators, attributes and videos have permanent ids; here they are spoken of by name.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from sqlalchemy import Connection, select

from core.attributes import Answer
from core.errors import LabelError
from core.files import natural
from core.labels.diff import Changes, count_changes, news, stretches
from core.storage import database as db
from core.storage import event_log
from core.storage.effective_events import standing
from core.storage.event_log import Stretch
from core.workspace import Workspace

SOURCES = ("key", "paint", "import", "suggestion", "adjudication", "gold", "undo")


def record(
    workspace: Workspace,
    annotator: str,
    video: str,
    first: int,
    last: int,
    answers: Mapping[str, Answer],
    source: str = "key",
) -> None:
    """Store what ``annotator`` says of the frames ``first`` to ``last`` (both included) of ``video``.

    One event per attribute, all in one transaction and one action. Where attributes exclude each other,
    choosing one sets the others false. An adjudication leaves what its author had answered as it is.

    Raises:
        LabelError: unknown video, attribute or source, no annotator, no such frame. Nothing is stored.
    """
    _check(workspace, annotator, answers, source)
    if workspace.attributes.exclusive:
        answers = _without_rivals(workspace, answers)
    stretches = [
        Stretch(video, int(first), int(last), attribute, None if value is None else bool(value))
        for attribute, value in answers.items()
    ]
    with db.writing(workspace) as connection:
        events, frames = event_log.append(
            connection, workspace.attributes.names, annotator, stretches, source
        )
        if events < len(stretches):
            raise _unknown_video(video)
        if stretches and not frames and not _has_frame(connection, video, first, last):
            raise _no_frame(video, f"{first}" if first == last else f"{first} to {last}")


def record_table(workspace: Workspace, annotator: str, rows: pd.DataFrame, source: str = "import") -> int:
    """Store many labels in a transaction of its own; see `record_rows`."""
    with db.writing(workspace) as connection:
        return record_rows(connection, workspace, annotator, rows, source)


def record_rows(
    connection: Connection,
    workspace: Workspace,
    annotator: str,
    rows: pd.DataFrame,
    source: str = "import",
) -> int:
    """Store many labels within the transaction of ``connection``, as one action.

    Only what differs from what the annotator says already becomes an event, and neighbouring frames with the
    same answer share one: the same table twice is stored once.

    Args:
        connection: from `core.storage.database.writing`.
        workspace: whose labels they are.
        annotator: who says so.
        rows: columns ``video`` (key), ``index`` (int) and one per attribute (boolean, missing is unset). The
            last of repeated frames counts. Attributes without a column stay as they are.
        source: where the labels come from, one of `SOURCES`.

    Returns:
        The number of labels in ``rows``: cells that are true or false.

    Raises:
        LabelError: unknown video, attribute or source, no annotator, no such frame.
    """
    said = _cells(workspace, annotator, rows, source)
    # What its author answered says nothing of whether a decision is new.
    new = said if source in event_log.DECISIONS else news(connection, annotator, said)
    found = stretches(new)
    events, frames = event_log.append(connection, workspace.attributes.names, annotator, found, source)
    if events < len(found) or frames < len(new):
        _check_frames(connection, rows)
    return int(said["value"].notna().sum())


def changes(workspace: Workspace, annotator: str, rows: pd.DataFrame) -> dict[str, Changes]:
    """Count per attribute what `record_table` would change, and change nothing.

    Args:
        workspace: whose labels.
        annotator: who would say so.
        rows: as for `record_rows`, but their frames need not be there.

    Raises:
        LabelError: unknown attribute, no annotator.
    """
    said = _cells(workspace, annotator, rows, "import")
    with db.reading(workspace) as connection:
        return count_changes(connection, annotator, said)


def labels_of(workspace: Workspace, annotator: str, video: str) -> pd.DataFrame:
    """Return what ``annotator`` says of every frame of ``video``: row ``index``, one boolean column per attribute.

    Raises:
        LabelError: there is no such video.
    """
    table = _answers(workspace, annotator, video)
    if table.empty:
        raise _unknown_video(video)
    return table.set_index("index")[list(workspace.attributes.names)]


def annotators(workspace: Workspace) -> list[str]:
    """Return who has labelled, in alphabetical order; who is only assigned to videos has not."""
    a, e = db.annotators.c, db.events.c
    spoke = select(e.seq).where(e.annotator_id == a.id).exists()
    with db.reading(workspace) as connection:
        names = connection.scalars(select(a.name).where(~a.hidden, spoke))
        return sorted(names, key=natural)


def check_has_labelled(workspace: Workspace, name: str) -> None:
    """Refuse a name that no label is stored under.

    Raises:
        LabelError: nobody of that name has labelled.
    """
    known = annotators(workspace)
    if name not in known:
        who = ", ".join(known) or "nobody"
        raise LabelError(f"someone who has labelled here ({who})", repr(name), "Check the name.")


def consensus(workspace: Workspace, annotator: str | None = None) -> pd.DataFrame:
    """Return the one label per frame and attribute that balance, training and testing use.

    Adjudicated where someone adjudicated (the latest counts; unset withdraws it), else what most annotators
    say, unset where they are even. With ``annotator``: what this one says.

    Returns:
        Every frame of every video: ``name``, ``video`` (key of the video), ``index`` (int) and one nullable
        boolean column per attribute; by group in natural order and index.
    """
    return _answers(workspace, annotator or "", "")


def _answers(workspace: Workspace, annotator: str, video: str) -> pd.DataFrame:
    """Empty ``annotator``: all of them. Empty ``video``: all of them."""
    with db.reading(workspace) as connection:
        frames = pd.read_sql(event_log.FRAMES, connection, params={"video": video})
        said = [_votes(connection, annotator, video)]
        if not annotator:
            said.append(standing(connection).to_numpy(np.int64))
        ids = dict(connection.execute(select(db.attributes.c.name, db.attributes.c.id)).tuples().all())
    rank = {key: i for i, key in enumerate(sorted(frames["video"].unique(), key=natural))}
    frames = frames.iloc[np.lexsort((frames["index"], frames["video"].map(rank)))]
    table = frames[["name", "video", "index"]].reset_index(drop=True)
    place = pd.Index(
        event_log.frame_number(frames["video_id"].to_numpy(np.int64), frames["index"].to_numpy(np.int64))
    )
    for name in workspace.attributes.names:
        balance = np.zeros(len(table), np.int64)
        for votes in said:  # columns as in `log.VOTES`; what comes later replaces what came before
            mine = votes[votes[:, 2] == ids.get(name, -1)]
            rows = place.get_indexer(pd.Index(event_log.frame_number(mine[:, 0], mine[:, 1])))
            balance[rows[rows >= 0]] = mine[rows >= 0, 3]
        table[name] = pd.arrays.BooleanArray(balance > 0, balance == 0)
    return table


def _votes(connection: Connection, annotator: str, video: str) -> np.ndarray:
    """Return (rows, 4) int64, columns as in `log.VOTES`."""
    rows = connection.execute(event_log.VOTES, {"annotator": annotator, "video": video}).fetchall()
    return np.array([tuple(row) for row in rows], np.int64).reshape(-1, 4)


def _cells(workspace: Workspace, annotator: str, rows: pd.DataFrame, source: str) -> pd.DataFrame:
    """Check ``rows`` and return ``video``, ``index``, ``attribute`` and ``value``, a row for each label."""
    spoken = names = [name for name in rows.columns if name not in ("video", "index")]
    _check(workspace, annotator, dict.fromkeys(names), source)
    rows = rows.drop_duplicates(["video", "index"], keep="last")
    if workspace.attributes.exclusive:
        rows, names = _rows_without_rivals(workspace, rows), list(workspace.attributes.names)
    cells = rows.melt(["video", "index"], names, "attribute", "value").astype({"value": "boolean"})
    return cells[cells["attribute"].isin(spoken) | cells["value"].notna()]


def _without_rivals(workspace: Workspace, answers: Mapping[str, Answer]) -> Mapping[str, Answer]:
    chosen = [name for name, value in answers.items() if value]
    if len(chosen) > 1:
        raise _not_exclusive(chosen)
    return {**dict.fromkeys(workspace.attributes.names, False), **answers} if chosen else answers


def _rows_without_rivals(workspace: Workspace, rows: pd.DataFrame) -> pd.DataFrame:
    names = list(workspace.attributes.names)
    table = rows.reindex(columns=["video", "index", *names]).astype(dict.fromkeys(names, "boolean"))
    chosen = table[names].fillna(False).sum(axis=1)
    if (chosen > 1).any():
        first = table[chosen > 1].iloc[0]
        raise _not_exclusive([name for name in names if first[name] is not pd.NA and first[name]])
    some = chosen == 1
    table.loc[some, names] = table.loc[some, names].fillna(False)
    return table


def check_annotator(annotator: str) -> None:
    """Refuse a name that is empty.

    Raises:
        LabelError: it is.
    """
    if not annotator.strip():
        raise LabelError("the name of an annotator", "none", "Say who labels.")


def _check(workspace: Workspace, annotator: str, answers: Mapping[str, Answer], source: str) -> None:
    check_annotator(annotator)
    if source not in SOURCES:
        raise LabelError(f"one of {', '.join(SOURCES)}", f"the source {source!r}", "Choose one of them.")
    for name in answers:
        if name not in workspace.attributes.names:
            raise LabelError(
                f"one of {', '.join(workspace.attributes.names)}",
                f"the attribute {name!r}",
                "Check its spelling, or add it to workspace.toml.",
            )


def _has_frame(connection: Connection, video: str, first: int, last: int) -> bool:
    v, f = db.videos.c, db.frames.c
    query = (
        select(f.index).join_from(db.frames, db.videos).where(v.key == video, f.index.between(first, last))
    )
    return connection.scalar(query.limit(1)) is not None


def _check_frames(connection: Connection, rows: pd.DataFrame) -> None:
    """Refuse the first row without a frame. There is none where only a later event had been stored before."""
    frames = pd.read_sql(event_log.FRAMES, connection, params={"video": ""})
    videos, places = set(frames["video"]), set(zip(frames["video"], frames["index"], strict=True))
    for video, index in zip(rows["video"], rows["index"], strict=True):
        if video not in videos:
            raise _unknown_video(video)
        if (video, index) not in places:
            raise _no_frame(video, str(index))


def _unknown_video(video: str) -> LabelError:
    return LabelError("a video of this workspace", repr(video), "Add it first, or check its name.")


def _no_frame(video: str, frames: str) -> LabelError:
    return LabelError(
        f"a frame of {video}", f"the index {frames}", "Only frames that were stored have labels."
    )


def _not_exclusive(chosen: list[str]) -> LabelError:
    return LabelError(
        "one class per frame",
        f"{' and '.join(chosen)} together",
        "Choose one: the classes exclude each other.",
    )
