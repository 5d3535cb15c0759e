"""The split that the folders of pictures say: kept as it is given, and completed where a part is missing."""

from dataclasses import replace

import numpy as np
import pandas as pd

from core.exchange.scan import Gathered
from core.media.transaction import Stage
from core.splits import split
from core.splits.split import PARTS
from core.splits.stratify import assign, sizes_of
from core.workspace import Workspace

CUT = 0.2
"""Share of the training frames that validate where no folder says which."""


def stage_split(workspace: Workspace, stage: Stage, gathered: Gathered, frames: pd.DataFrame) -> list[str]:
    """Make the parts of ``gathered`` the current split, from the moment on at which ``stage`` lands.

    What has a part keeps it. Where there was no split and no folder is for testing, the validation frames test; where
    none is for validation (any more), a fifth of the training groups validates.

    Args:
        workspace: whose split.
        stage: on which it is laid.
        gathered: ``parts`` and ``labels`` by name.
        frames: ``name`` and ``video`` (key of the group) of every name gathered.

    Returns:
        What the user should know, one sentence each.
    """
    current = split.load(workspace)
    part = frames["name"].map(gathered.parts)
    table = pd.DataFrame({"name": frames["name"], "video": frames["video"], "part": part})[part.notna()]
    notes: list[str] = []
    if current is not None:
        table = table[~table["name"].isin(current.table["name"])]
        if table.empty:
            return []
        table = pd.concat([current.table, table], ignore_index=True)
    else:
        table, notes = _completed(table.reset_index(drop=True), gathered.labels)
        if set(table["part"]) != set(PARTS):
            return notes
    for file in (workspace.split_file, workspace.split_file.with_suffix(".json")):
        stage.put_aside(file)
    # On the stage, in the place that the split will have in the workspace.
    staged = replace(workspace, path=stage.folder(workspace.path))
    split.store(staged, split.Split(table, "file"))
    return [*notes, _counts(table), *_crossing(table)]


def _completed(table: pd.DataFrame, labels: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Fill the parts that no folder is for; see `stage_split`."""
    given, notes = set(table["part"]), []
    if "train" not in given or given == {"train"}:
        missing = "none for training" if "train" not in given else "one for training only"
        return table, [f"The folders make no split, for there is {missing}: split before training."]
    if "test" not in given:
        table = table.assign(part=table["part"].replace("valid", "test"))
        notes.append("There is no test folder: the validation pictures are the test part.")
    if "valid" not in set(table["part"]):
        if table.loc[table["part"] == "train", "video"].nunique() < 2:
            return table, [
                "The folders make no split, for the training pictures are one group, of which none can be cut for "
                "validation: split before training."
            ]
        table = _cut(table, labels)
        notes.append(
            f"The validation part, {CUT * 100:.0f} % of the training pictures, was cut from training by group."
        )
    return table, notes


def _cut(table: pd.DataFrame, labels: pd.DataFrame) -> pd.DataFrame:
    """Let some of the training groups validate, so that both resemble the whole."""
    training = table[table["part"] == "train"]
    groups, _ = pd.factorize(training["video"])
    answers = labels.loc[training["name"]].to_numpy(np.float32, na_value=np.nan)
    chosen = assign(sizes_of(groups, answers), np.array([1 - CUT, CUT]), seed=0)[groups]
    table = table.copy()
    table.loc[training.index, "part"] = np.array(["train", "valid"], object)[chosen]
    return table


def _counts(table: pd.DataFrame) -> str:
    counts = table["part"].value_counts()
    said = ", ".join(f"{counts.get(part, 0)} {part}" for part in PARTS)
    return f"The split is that of the folders: {said}."


def _crossing(table: pd.DataFrame) -> list[str]:
    """Say it where a group lies in several of the given parts: nothing is moved, the folders are the user's."""
    parts = table.groupby("video")["part"].agg(set)
    crossing = parts[parts.map(len) > 1]
    if crossing.empty:
        return []
    tested = crossing.map(lambda found: {"train", "test"} <= found).sum()
    return [
        f"{len(crossing)} groups of nearly equal pictures lie in more than one part, {tested} of them in training and "
        "test: “leaks” says how far the test can be trusted."
    ]
