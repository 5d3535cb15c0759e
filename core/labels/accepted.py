"""Labels that somebody looked at and found right although a network doubts them: they are not asked about again.

Kept in ``accepted.csv`` of the workspace: ``name``, ``attribute``, ``label``, ``annotator``. A label that changes later is
another one, and may be asked about.
"""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from filelock import FileLock

from core.files import replacing
from core.labels.labels import check_annotator
from core.workspace import Workspace

COLUMNS = ["name", "attribute", "label", "annotator"]
_KEY = COLUMNS[:3]


def accept(workspace: Workspace, annotator: str, frames: Sequence[str], attribute: str, label: bool) -> None:
    """Remember that ``annotator`` finds ``label`` of ``attribute`` right on these frames, called by their names.

    Raises:
        LabelError: no annotator.
    """
    check_annotator(annotator)
    new = pd.DataFrame(
        {"name": list(frames), "attribute": attribute, "label": str(label), "annotator": annotator}
    )
    with _writing(workspace):
        _write(workspace, pd.concat([read(workspace), new]).drop_duplicates(_KEY, keep="last"))


def doubt(workspace: Workspace, frames: Sequence[str], attribute: str, label: bool) -> None:
    """Take back that a label was accepted on these frames."""
    with _writing(workspace):
        table = read(workspace)
        taken = (
            table["name"].isin(frames) & (table["attribute"] == attribute) & (table["label"] == str(label))
        )
        _write(workspace, table[~taken])


def read(workspace: Workspace) -> pd.DataFrame:
    """Return what was accepted: ``name``, ``attribute``, ``label`` (``True`` or ``False``) and ``annotator``, all text."""
    try:
        table = pd.read_csv(file_of(workspace), dtype=str, keep_default_na=False)
    except (OSError, ValueError):  # none, or emptied by hand: pandas' errors are ValueErrors
        table = pd.DataFrame(columns=COLUMNS, dtype=str)
    return table.reindex(columns=COLUMNS)


def is_accepted(workspace: Workspace, labels: pd.DataFrame) -> pd.Series:
    """Return for each row of ``labels`` (``frame``, ``attribute``, ``label``) whether it was accepted."""
    keys = pd.MultiIndex.from_frame(read(workspace)[_KEY])
    asked = pd.MultiIndex.from_arrays([labels["frame"], labels["attribute"], labels["label"].astype(str)])
    return pd.Series(asked.isin(keys), labels.index)


def file_of(workspace: Workspace) -> Path:
    """Return where it is kept; the file may not be there yet."""
    return workspace.path / "accepted.csv"


def _writing(workspace: Workspace) -> FileLock:
    return FileLock(workspace.path / ".accepted.lock")


def _write(workspace: Workspace, table: pd.DataFrame) -> None:
    with replacing(file_of(workspace)) as partial:
        table.to_csv(partial, index=False, lineterminator="\n")
