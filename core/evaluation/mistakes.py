"""The mistakes of a run on its test part, one by one. Importing this does not import TensorFlow."""

from typing import Any

import pandas as pd

from core.errors import RunError
from core.evaluation import evaluate
from core.evaluation.thresholds import check_attribute
from core.media.library import frame_table
from core.runs import describe
from core.runs.run import Run

COLUMNS = ["name", "video", "index", "attribute", "label", "probability", "side", "decided"]
AROUND = 3
"""Frames before a mistake, and after it, that are shown beside it."""


def find(run: Run, attribute: str = "", side: str = "", video: str = "") -> pd.DataFrame:
    """Return where the tested ``run`` decided otherwise than the label, the surest mistakes first.

    Args:
        run: that was tested.
        attribute: only of this one; of classes, what is labelled so. Empty is all.
        side: only ``missed`` or ``false alarm``; classes have no sides. Empty is both.
        video: only of this one. Empty is all.

    Returns:
        ``name``, ``video``, ``index`` (int; -1 where the frame is gone), ``attribute``, ``label`` (bool), ``probability``
        (float, that it is true), ``side`` and ``decided``. Of classes ``attribute`` is the labelled one, ``decided`` the one
        that it was taken for, ``probability`` that of the decided one; else ``side`` says it all, and ``decided`` is empty.

    Raises:
        RunError: the run was not tested, or has no such attribute or video, or is one of classes and a side is asked for.
    """
    _check(run, attribute, side, video)
    found = _of_classes(run) if run.attributes.exclusive else evaluate.mistakes(run).assign(decided="")
    for column, wanted in (("attribute", attribute), ("side", side), ("video", video)):
        found = found[found[column] == wanted] if wanted else found
    indexes = frame_table(run.workspace).set_index("name")["index"]
    places = indexes.reindex(found["name"]).fillna(-1).astype(int).to_numpy()
    return found.assign(index=places)[COLUMNS].reset_index(drop=True)


def _of_classes(run: Run) -> pd.DataFrame:
    found = evaluate.confusions(run)
    return found.rename(columns={"label": "attribute"}).assign(label=True, side="")


def _check(run: Run, attribute: str, side: str, video: str) -> None:
    if attribute:
        check_attribute(run, attribute)
    if side and run.attributes.exclusive:
        raise RunError("attributes, which can be missed or falsely alarmed", f"the classes of {run.id}",
                       "Ask by attribute: it is what is labelled.")  # fmt: skip
    tested = run.frames.loc[run.frames["part"] == "test", "video"]
    if video and video not in set(tested):
        known = ", ".join(list(dict.fromkeys(tested))[:5])
        raise RunError(f"a video of the test part, such as {known}", repr(video), "Check its spelling.")


def around(frames: pd.DataFrame, index: int) -> pd.DataFrame:
    """Return the frames of a video from `AROUND` before the one called ``index`` to as many after it, where there are any.

    Args:
        frames: of one video, in order, with ``index``.
        index: of the frame in their midst.
    """
    place = int((frames["index"] < index).sum())
    return frames.iloc[max(0, place - AROUND) : place + AROUND + 1]


def counted(run: Run, found: pd.DataFrame) -> str:
    """Say how many mistakes there are, on how many of how many test frames of how many videos."""
    frames = found["name"].nunique()
    said = f"{len(found):,} mistake{'s' * (len(found) != 1)}" if len(found) else "no mistakes"
    on = f" on {frames:,} frame{'s' * (frames != 1)}" if len(found) else ""
    return f"{said}{on}; {describe.counted(run, 'test')} were tested."


def to_json(found: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a table of `find` as plain values."""
    rows = found.round({"probability": 6}).to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in rows]
