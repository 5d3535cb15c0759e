"""Labels that somebody looked at and found right although a network doubts them: they are not asked about again.

They are events of the log that are no labels: `core.storage.event_log.ACCEPTED`. A label that changes later is another one, and
may be asked about.
"""

from collections.abc import Sequence
from uuid import uuid4

import pandas as pd

from core.labels.label_table import frames_of
from core.labels.labels import check_annotator
from core.labels.stretches import joined
from core.storage import database as db
from core.storage import effective_events, event_log
from core.workspace import Workspace

_KEY = ["name", "attribute", "value"]


def accept(workspace: Workspace, annotator: str, frames: Sequence[str], attribute: str, label: bool) -> None:
    """Remember that ``annotator`` finds ``label`` of ``attribute`` right on these frames, called by their names.

    Raises:
        LabelError: no annotator.
    """
    check_annotator(annotator)
    with db.writing(workspace) as connection:
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
            event_log.append(
                connection, workspace.attributes.names, str(author), joined(rest), event_log.ACCEPTED
            )


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
