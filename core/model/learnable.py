"""What labelled frames can teach: an attribute is learned from frames where it is true and others where it is false."""

from dataclasses import replace

import pandas as pd

from core.attributes import AttributeSet
from core.errors import RunError


def attributes_of(
    attributes: AttributeSet, frames: pd.DataFrame, *, pass_over: bool
) -> tuple[AttributeSet, list[str]]:
    """Return the attributes that are learned, and a note about each of the others.

    Args:
        attributes: of the workspace.
        frames: their labels and their ``part``.
        pass_over: one with a single answer in the training part is not learned, instead of refused. Nobody chooses how a
            series divides the videos: a rare attribute that one of its runs does not meet shall not forbid all others.
    """
    training = frames[frames["part"] == "train"]
    answers = {a: training[a.name].nunique() for a in attributes}
    known = tuple(a for a in attributes if answers[a] >= (2 if pass_over else 1))
    if len(known) in (0, len(attributes)) or (attributes.exclusive and len(known) == 1):
        return attributes, []
    has = {0: "no label", 1: "one answer only"}
    notes = [
        f"“{a.name}” has {has[answers[a]]} in the training part and is not learned."
        for a in attributes
        if a not in known
    ]
    return replace(attributes, attributes=known, rules=()), notes


def frames_of(frames: pd.DataFrame, attributes: AttributeSet) -> pd.DataFrame:
    """Return the frames that teach these attributes: of classes, those of one that is learned.

    Raises:
        RunError: a part is empty, or an attribute has one answer only in the training part.
    """
    if attributes.exclusive:
        shown = frames[list(attributes.names)].fillna(False).any(axis=1)
        frames = frames[shown].reset_index(drop=True)
    _check(frames, attributes)
    return frames


def _check(frames: pd.DataFrame, attributes: AttributeSet) -> None:
    for part in ("train", "valid"):
        if not (frames["part"] == part).any():
            raise RunError(
                f"labelled frames in the part {part}",
                "none",
                "Label more videos and split again, or split with “--by blocks”.",
            )
    training = frames[frames["part"] == "train"]
    for attribute in attributes:
        answers = training[attribute.name].dropna()
        if answers.nunique() < 2:
            only, missing = ("true", "false") if answers.all() else ("false", "true")
            raise RunError(
                f"frames with “{attribute.name}” true and others with it false in the training part",
                f"{len(answers)} that are all {only}",
                f"Label frames where “{attribute.name}” is {missing}, then split again.",
            )
