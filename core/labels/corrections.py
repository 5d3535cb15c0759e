"""A second look at labels: they are corrected, or accepted although a network doubts them.

A correction is a decision where one has to be taken, else the annotator's own label. Accepted labels are events of the log that
are no labels (`core.storage.event_log.ACCEPTED`); they are not asked about again, unless they change later.
"""

from collections.abc import Sequence
from uuid import uuid4

import pandas as pd
from sqlalchemy import select, text

from core.access.person import Role, current
from core.access.rights import Right, check_name, may, shown_name
from core.attributes import Answer
from core.errors import LabelError
from core.labels.frame_stretches import joined
from core.labels.label_table import frames_of, given_labels
from core.labels.labels import annotator_here, called_here, check_annotator, record
from core.names import is_among
from core.storage import database as db
from core.storage import effective_events, event_log
from core.workspace import Workspace

_LATEST = text(
    """
    SELECT COALESCE(action, events.id) FROM events JOIN annotators ON annotators.id = events.annotator_id
    WHERE annotators.name = :annotator AND undoes IS NULL ORDER BY seq DESC LIMIT 1
    """
)


def correct(
    workspace: Workspace, annotator: str, video: str, first: int, last: int, attribute: str, value: bool
) -> str:
    """Set a label of the frames ``first`` to ``last`` of ``video``.

    It is an adjudication where the annotator `decides`, else the annotator's own label, as if it were typed, and others may
    differ.

    Returns:
        The action, for `take_back`.

    Raises:
        LabelError: unknown video or attribute, no annotator, no such frame. Nothing is stored.
    """
    annotator = called_here(workspace, annotator)
    decided = decides(workspace, annotator, video, first, last, attribute)
    source = "adjudication" if decided else "key"
    record(workspace, annotator, video, first, last, {attribute: value}, source)
    with db.reading(workspace) as connection:
        return str(connection.scalar(_LATEST, {"annotator": annotator}))


def decides(workspace: Workspace, annotator: str, video: str, first: int, last: int, attribute: str) -> bool:
    """Return whether a correction of these frames is a decision: an instructor decides, and where no instructor is named
    anybody does about what others have labelled.
    """
    if current().role != Role.OWNER:
        return may(Right.ADJUDICATE)
    if workspace.instructors:
        return is_among(annotator, workspace.instructors)
    return any(name != annotator for name, _ in labels_within(workspace, video, first, last, attribute))


def take_back(workspace: Workspace, action: str) -> None:
    """Take a correction back.

    Raises:
        LabelError: there is no such action.
    """
    with db.writing(workspace) as connection:
        events = effective_events.events_of(connection, action)
        if not events:
            raise LabelError("This correction was never stored.", "Look at the label again.")
        effective_events.take_back(connection, events, request=str(uuid4()), action=str(uuid4()))


def labels_within(
    workspace: Workspace, video: str, first: int, last: int, attribute: str
) -> list[tuple[str, Answer]]:
    """Return who gave which label of an attribute in the frames ``first`` to ``last`` of ``video``, by name.

    An annotator who gave both comes twice. Whoever may not see what others answered sees their own.
    """
    labels = given_labels(
        db.videos.c.key == video, db.current.c.index.between(first, last), db.attributes.c.name == attribute
    ).subquery()
    query = select(labels.c.annotator, labels.c.value).distinct().order_by(labels.c.annotator, labels.c.value)
    with db.reading(workspace) as connection:
        return [(name, bool(value)) for name, value in connection.execute(query) if shown_name(name)]


_KEY = ["name", "attribute", "value"]


def accept(workspace: Workspace, annotator: str, frames: Sequence[str], attribute: str, label: bool) -> None:
    """Remember that ``annotator`` finds ``label`` of ``attribute`` right on these frames, called by their names.

    Raises:
        LabelError: no annotator.
        AccessError: it is not who acts.
    """
    check_name(check_annotator(annotator))
    with db.writing(workspace) as connection:
        annotator = annotator_here(connection, annotator)
        table = frames_of(connection)
        table = table[table["name"].isin(frames)].assign(attribute=attribute, value=label)
        stretches = joined(table.astype({"value": "boolean"}))
        event_log.append(connection, workspace.attributes.names, annotator, stretches, event_log.ACCEPTED)


def doubt(workspace: Workspace, frames: Sequence[str], attribute: str, label: bool) -> None:
    """Take back that a label was accepted on these frames, whoever accepted it."""
    with db.writing(workspace) as connection:
        table = effective_events.frames_in_effect(connection, [event_log.ACCEPTED])
        hit = (table["attribute"] == attribute) & (table["value"] == label) & table["name"].isin(frames)
        events = table["id"].isin(table.loc[hit, "id"])
        for id in table.loc[hit, "id"].unique():
            event = effective_events.event_of(connection, id)
            effective_events.take_back(connection, event, str(uuid4()), str(uuid4()))
        for author, rest in table[events & ~hit].groupby("author"):  # of the same events, but not doubted
            names = workspace.attributes.names
            event_log.append(connection, names, str(author), joined(rest), event_log.ACCEPTED)


def accepted_labels(workspace: Workspace) -> pd.DataFrame:
    """Return what was accepted: ``name``, ``attribute``, ``value`` and ``author``, each once; of several the last author."""
    with db.reading(workspace) as connection:
        table = effective_events.frames_in_effect(connection, [event_log.ACCEPTED])
    return table.drop_duplicates(_KEY, keep="last")[[*_KEY, "author"]].reset_index(drop=True)


def is_accepted(workspace: Workspace, labels: pd.DataFrame) -> pd.Series:
    """Return for each row of ``labels`` (``frame``, ``attribute``, ``label``) whether it was accepted."""
    keys = pd.MultiIndex.from_frame(accepted_labels(workspace)[_KEY].astype({"value": bool}))
    asked = pd.MultiIndex.from_arrays([labels["frame"], labels["attribute"], labels["label"].astype(bool)])
    return pd.Series(asked.isin(keys), labels.index)
