"""Storing labels: who labels which frames how, and what is new in a table of labels.

Annotators, attributes and videos have permanent ids in the log; here they are called by name.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sqlalchemy import Connection, select

from core import names
from core.access.rights import Right, check_name, needs, shown_name
from core.attributes import Answer
from core.errors import LabelError
from core.files import natural
from core.labels.annotator_labels import UNSET
from core.labels.consensus import consensus, labels_of, unknown_video
from core.labels.label_table import frames_of
from core.labels.table_labels import TableLabels, as_stretches, labels_before, new_stretches, table_labels
from core.storage import database as db
from core.storage import event_log
from core.storage.event_log import Stretch
from core.workspace import Workspace

DRAWN = "renderer"
"""The annotator of labels that were drawn together with practice videos."""
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
    annotator = called_here(workspace, annotator)
    check_name(annotator)
    given = labels_of(workspace, annotator, video).loc[first:last]
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
    labels = _labels_of_table(workspace, annotator, rows, source)
    # Whether a decision is new does not depend on the labels of its author.
    is_decision = source in event_log.DECISIONS
    before = None if is_decision else labels_before(connection, annotator, labels)
    new = new_stretches(labels, before)
    stretches = as_stretches(labels, new)
    events, frames = event_log.append(connection, workspace.attributes.names, annotator, stretches, source)
    if events < len(new) or frames < (new["last"] - new["first"] + 1).sum():
        _check_frames(connection, rows)
    return labels.count()


def erase(workspace: Workspace, annotator: str, attribute: str) -> int:
    """Take back every answer that ``annotator`` gave about ``attribute``; return how many there were.

    Raises:
        LabelError: unknown attribute, no annotator.
        AccessError: the answers are another person's.
    """
    check_name(annotator)
    own = consensus(workspace, annotator)
    rows = own.loc[own[attribute].notna(), ["video", "index", attribute]]
    record_table(
        workspace, annotator, rows.assign(**{attribute: pd.array([None] * len(rows), "boolean")}), "key"
    )
    return len(rows)


def changes(workspace: Workspace, annotator: str, rows: pd.DataFrame) -> dict[str, Changes]:
    """Count per attribute what `record_table` would change, and change nothing; the frames of ``rows`` need not be there.

    Raises:
        LabelError: unknown attribute, no annotator.
        AccessError: the labels are another person's.
    """
    annotator = check_annotator(annotator)
    check_name(annotator)
    labels = _labels_of_table(workspace, annotator, rows, "import")
    with db.reading(workspace) as connection:
        before = labels_before(connection, annotator_here(connection, annotator), labels)
    return {name: _changes(values, before[name]) for name, values in labels.values.items()}


def _changes(values: np.ndarray, before: np.ndarray) -> Changes:
    """Count the changes of one attribute; (rows,) int8 as of `core.labels.table_labels`."""
    is_set, was_set = values >= 0, before >= 0
    kinds = {
        "new": is_set & ~was_set,
        "changed": is_set & was_set & (values != before),
        "removed": (values == UNSET) & was_set,
        "same": is_set & (values == before),
    }
    return Changes(**{kind: int(rows.sum()) for kind, rows in kinds.items()})


def has_labels(workspace: Workspace) -> bool:
    """Return whether anybody has labelled anything."""
    return bool(_people(workspace))


@needs(Right.SEE_OTHERS)
def annotators(workspace: Workspace) -> list[str]:
    """Return who has labelled, in alphabetical order; who is only assigned to videos has not."""
    return _people(workspace)


def _people(workspace: Workspace) -> list[str]:
    a, e = db.annotators.c, db.events.c
    is_label = e.source.not_in((event_log.ACCEPTED, "undo"))
    labelled = select(e.seq).where(e.annotator_id == a.id, is_label).exists()
    with db.reading(workspace) as connection:
        people = connection.scalars(select(a.name).where(~a.hidden, labelled))
        return sorted(people, key=natural)


def called(annotator: str) -> str:
    """Return what people read where the name of ``annotator`` stands; that of drawn labels is no person's."""
    return "drawn by SeamLens" if annotator == DRAWN else annotator


def check_has_labelled(workspace: Workspace, name: str) -> None:
    """Raise a LabelError where nobody of that name has labelled."""
    people = _people(workspace)
    if name not in people:
        who = ", ".join(filter(None, map(shown_name, people))) or "nobody"
        raise LabelError(
            f"{names.quoted(name)} has not labelled anything here.", f"Check the name. Labels are by: {who}."
        )


def _labels_of_table(workspace: Workspace, annotator: str, rows: pd.DataFrame, source: str) -> TableLabels:
    """Check ``rows`` and return their labels."""
    columns = [name for name in rows.columns if name not in ("video", "index")]
    _check(workspace, annotator, dict.fromkeys(columns), source)
    return table_labels(workspace, rows)


def annotator_here(connection: Connection, annotator: str) -> str:
    """Return the name of an annotator as it is written here already, where it reads the same (`core.names.key`); else in its one form.

    Raises:
        LabelError: it is no name.
    """
    name, a = check_annotator(annotator), db.annotators.c
    if connection.scalar(select(a.id).where(a.name == name)) is not None:
        return name
    people = connection.scalars(select(a.name).order_by(a.id))
    return next((other for other in people if names.key(other) == names.key(name)), name)


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
