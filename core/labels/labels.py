"""Storing labels: who labels which frames how, and what is new in a table of labels.

Annotators, attributes and videos have permanent ids in the log; here they are called by name.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
from sqlalchemy import Connection, select

from core import names
from core.attributes import Answer
from core.errors import LabelError
from core.files import natural
from core.labels.consensus import labels_of, unknown_video
from core.labels.frame_stretches import joined
from core.labels.label_table import frames_of, given_labels
from core.storage import database as db
from core.storage import event_log
from core.storage.event_log import Stretch
from core.workspace import Workspace

SOURCES = ("key", "paint", "import", "suggestion", "adjudication", "gold", "undo")


@dataclass(frozen=True)
class Changes:
    """How many labels of one attribute are new, changed, removed (unset from then on), and the same."""

    new: int = 0
    changed: int = 0
    removed: int = 0
    same: int = 0


def record(
    workspace: Workspace,
    annotator: str,
    video: str,
    first: int,
    last: int,
    answers: Mapping[str, Answer],
    source: str = "key",
) -> None:
    """Store labels of ``annotator`` for the frames ``first`` to ``last`` (both included) of ``video``.

    One event per attribute, all in one transaction and one action. Where attributes exclude each other,
    choosing one sets the others false. An adjudication leaves the labels of its author as they are.

    Raises:
        LabelError: unknown video, attribute or source, no annotator, no such frame. Nothing is stored.
    """
    annotator = _check(workspace, annotator, answers, source)
    stretches = [
        Stretch(video, int(first), int(last), attribute, None if value is None else bool(value))
        for attribute, value in workspace.attributes.without_rivals(answers).items()
    ]
    with db.writing(workspace) as connection:
        attributes = workspace.attributes.names
        annotator = annotator_here(connection, annotator)
        events, frames = event_log.append(connection, attributes, annotator, stretches, source)
        if events < len(stretches):
            raise unknown_video(video)
        if stretches and not frames and not _has_frame(connection, video, first, last):
            raise _no_frame(video, f"{first}" if first == last else f"{first} to {last}")


def record_labelled(
    workspace: Workspace, annotator: str, video: str, first: int, last: int, answers: Mapping[str, Answer]
) -> int:
    """Store the same answers for those frames from ``first`` to ``last`` (both included) of ``video`` that ``annotator`` has
    labelled; return how many they are.

    Raises:
        LabelError: unknown video or attribute, no annotator.
    """
    given = labels_of(workspace, called_here(workspace, annotator), video).loc[first:last]
    labelled = given.index[given.notna().any(axis=1)]
    rows = pd.DataFrame({"video": video, "index": labelled, **answers})
    record_table(workspace, annotator, rows, "paint")
    return len(rows)


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

    Only what differs from the annotator's labels becomes an event, and neighbouring frames with the
    same answer share one: the same table twice is stored once.

    ``rows`` have the columns ``video`` (key), ``index`` (int) and one per attribute (boolean, missing is unset). The last
    of repeated frames counts. Attributes without a column stay as they are.

    Returns:
        The number of labels in ``rows``: cells that are true or false.

    Raises:
        LabelError: unknown video, attribute or source, no annotator, no such frame.
    """
    annotator = annotator_here(connection, annotator)
    cells = _cells(workspace, annotator, rows, source)
    # Whether a decision is new does not depend on the labels of its author.
    new = cells if source in event_log.DECISIONS else _new(connection, annotator, cells)
    stretches = joined(new)
    events, frames = event_log.append(connection, workspace.attributes.names, annotator, stretches, source)
    if events < len(stretches) or frames < len(new):
        _check_frames(connection, rows)
    return int(cells["value"].notna().sum())


def changes(workspace: Workspace, annotator: str, rows: pd.DataFrame) -> dict[str, Changes]:
    """Count per attribute what `record_table` would change, and change nothing; the frames of ``rows`` need not be there.

    Raises:
        LabelError: unknown attribute, no annotator.
    """
    annotator = check_annotator(annotator)
    cells = _cells(workspace, annotator, rows, "import")
    with db.reading(workspace) as connection:
        both = _with_before(connection, annotator_here(connection, annotator), cells)
    value, before = both["value"], both["value_before"]
    kinds = {
        "new": value.notna() & before.isna(),
        "changed": (value != before).fillna(False),
        "removed": value.isna() & before.notna(),
        "same": (value == before).fillna(False),
    }
    counts = {kind: both["attribute"][found].value_counts() for kind, found in kinds.items()}
    attributes = dict.fromkeys(cells["attribute"])
    return {name: Changes(**{kind: int(c.get(name, 0)) for kind, c in counts.items()}) for name in attributes}


def labels_by(connection: Connection, annotator: str) -> pd.DataFrame:
    """Return all labels of one annotator, of removed videos too.

    Returns:
        ``video`` (key), ``index`` (int), ``attribute`` and ``value`` (nullable boolean), which is never unset.
    """
    labels = pd.read_sql(given_labels(db.annotators.c.name == annotator), connection)
    return labels.drop(columns="annotator").astype({"value": "boolean"})


def _with_before(connection: Connection, annotator: str, cells: pd.DataFrame) -> pd.DataFrame:
    """Return ``cells`` with ``value_before``: how ``annotator`` labelled them until now; missing is unset."""
    keys = ["video", "index", "attribute"]
    return cells.merge(labels_by(connection, annotator), "left", keys, suffixes=("", "_before"))


def _new(connection: Connection, annotator: str, cells: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of ``cells`` that differ from the labels of ``annotator``."""
    both = _with_before(connection, annotator, cells)
    same = (both["value"] == both["value_before"]).fillna(False)
    same |= both["value"].isna() & both["value_before"].isna()
    return both.loc[~same.astype(bool), list(cells.columns)]


def annotators(workspace: Workspace) -> list[str]:
    """Return who has labelled, in alphabetical order; who is only assigned to videos has not."""
    a, e = db.annotators.c, db.events.c
    is_label = e.source.not_in((event_log.ACCEPTED, "undo"))
    labelled = select(e.seq).where(e.annotator_id == a.id, is_label).exists()
    with db.reading(workspace) as connection:
        people = connection.scalars(select(a.name).where(~a.hidden, labelled))
        return sorted(people, key=natural)


def check_has_labelled(workspace: Workspace, name: str) -> None:
    """Raise a LabelError where nobody of that name has labelled."""
    people = annotators(workspace)
    if name not in people:
        who = ", ".join(people) or "nobody"
        raise LabelError(
            f"{names.quoted(name)} has not labelled anything here.", f"Check the name. Labels are by: {who}."
        )


def _cells(workspace: Workspace, annotator: str, rows: pd.DataFrame, source: str) -> pd.DataFrame:
    """Check ``rows`` and return ``video``, ``index``, ``attribute`` and ``value``, a row for each label."""
    given = columns = [name for name in rows.columns if name not in ("video", "index")]
    _check(workspace, annotator, dict.fromkeys(columns), source)
    rows = rows.drop_duplicates(["video", "index"], keep="last")
    if workspace.attributes.exclusive:
        rows, columns = _rows_without_rivals(workspace, rows), list(workspace.attributes.names)
    cells = rows.melt(["video", "index"], columns, "attribute", "value").astype({"value": "boolean"})
    return cells[cells["attribute"].isin(given) | cells["value"].notna()]


def _rows_without_rivals(workspace: Workspace, rows: pd.DataFrame) -> pd.DataFrame:
    attributes = list(workspace.attributes.names)
    table = rows.reindex(columns=["video", "index", *attributes]).astype(dict.fromkeys(attributes, "boolean"))
    for _, part in table.groupby(attributes, dropna=False):
        row = zip(attributes, part[attributes].iloc[0].tolist(), strict=True)
        answers = {name: None if value is pd.NA else bool(value) for name, value in row}
        table.loc[part.index, attributes] = list(workspace.attributes.without_rivals(answers).values())
    return table


def annotator_here(connection: Connection, annotator: str) -> str:
    """Return the name of an annotator as it is written here already, where it differs in capitals only; else in its one form.

    Raises:
        LabelError: it is no name.
    """
    name, a = check_annotator(annotator), db.annotators.c
    if connection.scalar(select(a.id).where(a.name == name)) is not None:
        return name
    people = connection.scalars(select(a.name).order_by(a.id))
    return next((other for other in people if other.casefold() == name.casefold()), name)


def called_here(workspace: Workspace, annotator: str) -> str:
    """Return the name of an annotator as it is written in a workspace; see `annotator_here`."""
    with db.reading(workspace) as connection:
        return annotator_here(connection, annotator)


def check_annotator(annotator: str) -> str:
    """Return the name of an annotator in its one form, or raise a LabelError; see `core.names`."""
    if not annotator.strip():
        raise LabelError("A label needs the name of its annotator.", "Write your name first.")
    return names.annotator(annotator)


def _check(workspace: Workspace, annotator: str, answers: Mapping[str, Answer], source: str) -> str:
    """Return the name of the annotator in its one form."""
    annotator = check_annotator(annotator)
    if source not in SOURCES:
        raise LabelError(f"Labels have no source {source!r}.", f"Use one of {', '.join(SOURCES)}.")
    for name in answers:
        if name not in workspace.attributes.names:
            raise LabelError(
                f"There is no attribute {names.quoted(name)} in this workspace; it has {', '.join(workspace.attributes.names)}.",
                "Check its spelling, or add it to workspace.toml.",
            )
    return annotator


def _has_frame(connection: Connection, video: str, first: int, last: int) -> bool:
    v, f = db.videos.c, db.frames.c
    query = select(f.index).join_from(db.frames, db.videos)
    query = query.where(v.key == video, f.index.between(first, last)).limit(1)
    return connection.scalar(query) is not None


def _check_frames(connection: Connection, rows: pd.DataFrame) -> None:
    """Refuse the first row without a frame. There is none where only a later event had been stored before."""
    frames = frames_of(connection)
    videos, places = set(frames["video"]), set(zip(frames["video"], frames["index"], strict=True))
    for video, index in zip(rows["video"], rows["index"], strict=True):
        if video not in videos:
            raise unknown_video(video)
        if (video, index) not in places:
            raise _no_frame(video, str(index))


def _no_frame(video: str, frames: str) -> LabelError:
    return LabelError(f"{video} has no frame {frames}.", "Only frames that were stored can be labelled.")
