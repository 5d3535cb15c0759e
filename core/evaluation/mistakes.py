"""The mistakes of a run on its test part, one by one. Importing this does not import TensorFlow."""

from typing import Any

import numpy as np
import pandas as pd

from core.errors import RunError
from core.evaluation import evaluate
from core.evaluation.metrics import labelled_classes
from core.evaluation.thresholds import check_is_learned
from core.media.library import frame_table
from core.runs import run_parts
from core.runs.predictions import column
from core.runs.run import Run
from core.text import count

COLUMNS = ["name", "video", "index", "attribute", "label", "probability", "side", "decided"]
MISSED, FALSE_ALARM = "missed", "false alarm"
AROUND = 3
"""Frames before a mistake, and after it, that are shown beside it."""


def find_mistakes(run: Run, attribute: str = "", side: str = "", video: str = "") -> pd.DataFrame:
    """Return where the tested ``run`` decided otherwise than the label, the surest mistakes first.

    Args:
        run: that was tested.
        attribute: only this one; of classes, what is labelled so. Empty is all.
        side: only `MISSED` (true was decided false) or `FALSE_ALARM`; classes have no sides. Empty is both.
        video: only this one. Empty is all.

    Returns:
        ``name``, ``video``, ``index`` (int; -1 where the frame is gone), ``attribute``, ``label`` (bool), ``probability``
        (float, that it is true), ``side`` and ``decided``. Of classes ``attribute`` is the labelled one, ``decided`` the
        decided one with its ``probability``; else ``decided`` is empty.

    Raises:
        RunError: the run was not tested, or has no such attribute or video, or has classes and a side is asked for.
    """
    _check(run, attribute, side, video)
    table = evaluate.predictions(run, part="test")
    found = _of_classes(run, table) if run.attributes.exclusive else _of_attributes(run, table)
    for key, wanted in (("attribute", attribute), ("side", side), ("video", video)):
        found = found[found[key] == wanted] if wanted else found
    indexes = frame_table(run.workspace).set_index("name")["index"]
    places = indexes.reindex(found["name"]).fillna(-1).astype(int).to_numpy()
    return found.assign(index=places)[COLUMNS].reset_index(drop=True)


def _of_attributes(run: Run, table: pd.DataFrame) -> pd.DataFrame:
    decided = evaluate.decisions(table, run)
    parts = []
    for number, name in enumerate(run.attributes.names):
        is_wrong = table[name].notna() & (table[name].fillna(False) != decided[:, number])
        wrong = table[is_wrong.to_numpy(dtype=bool)]
        wrong = wrong.assign(attribute=name, label=wrong[name].astype(bool), probability=wrong[column(name)])
        parts.append(wrong[["name", "video", "attribute", "label", "probability"]])
    together = pd.concat(parts, ignore_index=True)
    together = together.assign(side=np.where(together["label"], MISSED, FALSE_ALARM), decided="")
    sureness = (together["probability"] - together["label"].astype(float)).abs()
    return together.loc[sureness.sort_values(ascending=False, kind="stable").index]


def _of_classes(run: Run, table: pd.DataFrame) -> pd.DataFrame:
    frames, labels, probabilities = labelled_classes(table, run.attributes.names)
    classes, decided = np.array(run.attributes.names, object), probabilities.argmax(axis=1)
    found = frames[["name", "video"]].assign(
        attribute=classes[labels],
        label=True,
        probability=probabilities.max(axis=1),
        side="",
        decided=classes[decided],
    )[labels != decided]
    return found.sort_values("probability", ascending=False, kind="stable")


def _check(run: Run, attribute: str, side: str, video: str) -> None:
    if attribute:
        check_is_learned(run, attribute)
    if side and run.attributes.exclusive:
        raise RunError(f"{run.id} learned classes, which have no {side} frames.", "Choose a class instead.")
    tested = run.frames.loc[run.frames["part"] == "test", "video"]
    if video and video not in set(tested):
        names = ", ".join(list(dict.fromkeys(tested))[:5])
        raise RunError(
            f"{run.id} was not tested on a video called {video}.", f"Choose one of its test videos: {names}."
        )


def around(frames: pd.DataFrame, index: int) -> pd.DataFrame:
    """Return the ``frames`` of a video, in order, from `AROUND` before ``index`` to as many after it, where there are any."""
    place = int((frames["index"] < index).sum())
    return frames.iloc[max(0, place - AROUND) : place + AROUND + 1]


def mistakes_counted(run: Run, found: pd.DataFrame) -> str:
    """Say how many mistakes there are, on how many of how many test frames of how many videos."""
    tested = f"{run_parts.frames_counted(run, 'test')} were tested."
    if found.empty:
        return f"no mistakes; {tested}"
    return f"{count(len(found), 'mistake')} on {count(found['name'].nunique(), 'frame')}; {tested}"


def mistakes_as_json(found: pd.DataFrame) -> list[dict[Any, Any]]:
    """Return a table of `find_mistakes` as plain values."""
    return found.round({"probability": 6}).to_dict("records")


def decided_right(run: Run) -> pd.DataFrame:
    """Return where the tested ``run`` said rightly that an attribute is true, or which class it is.

    Returns:
        ``name``, ``video``, ``attribute`` and ``probability``; of each attribute the surest of every video come first, by turns.

    Raises:
        RunError: the run was not tested.
    """
    table = evaluate.predictions(run, part="test")
    if run.attributes.exclusive:
        frames, labels, probabilities = labelled_classes(table, run.attributes.names)
        names = np.array(run.attributes.names, object)[labels]
        every = frames[["name", "video"]].assign(attribute=names, probability=probabilities.max(axis=1))
        right = every[labels == probabilities.argmax(axis=1)]
    else:
        decided, parts = evaluate.decisions(table, run), []
        for number, name in enumerate(run.attributes.names):
            is_right = table[name].fillna(False).to_numpy(dtype=bool) & decided[:, number]
            rows = table[is_right]
            parts.append(rows[["name", "video"]].assign(attribute=name, probability=rows[column(name)]))
        right = pd.concat(parts, ignore_index=True)
    surest = right.sort_values("probability", ascending=False, kind="stable")
    turns = surest.groupby(["attribute", "video"]).cumcount()
    return surest.loc[turns.sort_values(kind="stable").index].reset_index(drop=True)
