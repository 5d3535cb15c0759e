"""Coaching: how far each annotator agrees with the gold frames, and which of them were missed.

Only frames that an annotator has answered count, and nobody is measured by answers that they vouch for themselves.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import select

from core.files import natural
from core.labels.assignments import blind
from core.review.gold import gold_answers
from core.storage import database as db
from core.workspace import Workspace

_ANSWER = ["video", "index", "attribute"]


@dataclass(frozen=True)
class Score:
    """How far one annotator agrees with the gold frames about one attribute.

    Args:
        annotator: who.
        attribute: about what.
        answered: gold frames that this one has answered.
        right: how many of them as the gold frame says.
        gold: gold frames that there are, without those that this one vouches for.
        videos: of the frames that were answered.
    """

    annotator: str
    attribute: str
    answered: int
    right: int
    gold: int
    videos: int


@dataclass(frozen=True)
class Coaching:
    """What gold frames say of annotators.

    Args:
        scores: one per annotator and attribute with gold frames; annotators in alphabetical order.
        missed: ``name``, ``video`` (key), ``index`` (int), ``attribute``, ``annotator``, ``answer`` (bool, theirs) and ``right``
            (bool); by annotator, attribute, video and index.
    """

    scores: list[Score]
    missed: pd.DataFrame

    def to_json(self) -> dict[str, Any]:
        """Return what ``coaching --json`` prints."""
        return {"scores": [vars(score) for score in self.scores], "missed": self.missed.to_dict("records")}


def coaching(workspace: Workspace, annotator: str | None = None) -> Coaching:
    """Compare what annotators answered with the gold frames.

    Args:
        workspace: whose gold frames.
        annotator: only this one, as they may see it: nothing of videos that they still label blind. None is everyone, as an
            instructor sees it.
    """
    with db.reading(workspace) as connection:
        right = gold_answers(connection, workspace)
        said = pd.read_sql(_said(right["video"].unique().tolist()), connection).astype({"answer": bool})
    if annotator is not None:
        said = said[said["annotator"] == annotator]
        said = said[~said["video"].isin(blind(workspace, annotator))]
    both = said.merge(right.rename(columns={"value": "right"}), "inner", _ANSWER)
    both = both[both["annotator"] != both["author"]]
    people = [annotator] if annotator is not None else sorted(both["annotator"].unique(), key=natural)
    names = [name for name in workspace.attributes.names if (right["attribute"] == name).any()]
    scores = [_score(right, both, person, name) for person in people for name in names]
    return Coaching(scores, _missed(both, names))


def _said(videos: list[str]) -> Any:
    """Select ``video``, ``index``, ``attribute``, ``annotator`` and ``answer`` of all that is said in some videos."""
    c, v, a, people = db.current.c, db.videos.c, db.attributes.c, db.annotators.c
    return (
        select(v.key.label("video"), c.index, a.name.label("attribute"), people.name.label("annotator"))
        .add_columns(c.value.label("answer"))
        .select_from(db.current)
        .join(db.videos, v.id == c.video_id)
        .join(db.attributes, a.id == c.attribute_id)
        .join(db.annotators, people.id == c.annotator_id)
        .where(v.key.in_(videos), ~v.hidden, ~people.hidden, c.value.is_not(None))
    )


def _score(right: pd.DataFrame, both: pd.DataFrame, annotator: str, attribute: str) -> Score:
    there = right[(right["attribute"] == attribute) & (right["author"] != annotator)]
    mine = both[(both["attribute"] == attribute) & (both["annotator"] == annotator)]
    hit = int((mine["answer"] == mine["right"]).sum())
    return Score(annotator, attribute, len(mine), hit, len(there), int(mine["video"].nunique()))


def _missed(both: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    missed = both[both["answer"] != both["right"]]
    rank = missed["attribute"].map(names.index)
    order = np.lexsort((missed["index"], _ranks(missed["video"]), rank, _ranks(missed["annotator"])))
    columns = ["name", *_ANSWER, "annotator", "answer", "right"]
    return missed.iloc[order][columns].reset_index(drop=True)


def _ranks(names: pd.Series) -> pd.Series:
    """Return the place of each name in natural order."""
    order = {name: place for place, name in enumerate(sorted(names.unique(), key=natural))}
    return names.map(order)
