"""How far each annotator agrees with the gold frames, and which of them were missed.

Only frames that an annotator has labelled count, and nobody is measured by labels that they vouch for themselves.
"""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from core.files import natural
from core.labels.assignments import blind
from core.labels.label_table import given_labels, in_order
from core.review.gold import gold_labels
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
        right: how many of them as on the gold frame.
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
class GoldScores:
    """How far annotators agree with the gold frames.

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


def gold_scores(workspace: Workspace, annotator: str | None = None) -> GoldScores:
    """Compare the labels of annotators with the gold frames.

    Args:
        workspace: whose gold frames.
        annotator: only this one, as they may see it: nothing of videos that they still label blind. None is everyone, as an
            instructor sees it.
    """
    with db.reading(workspace) as connection:
        right = gold_labels(connection, workspace)
        labels = pd.read_sql(
            given_labels(db.videos.c.key.in_(right["video"].unique().tolist()), ~db.videos.c.hidden),
            connection,
        )
        labels = labels.rename(columns={"value": "answer"}).astype({"answer": bool})
    if annotator is not None:
        labels = labels[labels["annotator"] == annotator]
        labels = labels[~labels["video"].isin(blind(workspace, annotator))]
    both = labels.merge(right.rename(columns={"value": "right"}), "inner", _ANSWER)
    both = both[both["annotator"] != both["author"]]
    people = [annotator] if annotator is not None else sorted(both["annotator"].unique(), key=natural)
    names = [name for name in workspace.attributes.names if (right["attribute"] == name).any()]
    scores = [_score(right, both, person, name) for person in people for name in names]
    return GoldScores(scores, _missed(both, names))


def _score(right: pd.DataFrame, both: pd.DataFrame, annotator: str, attribute: str) -> Score:
    there = right[(right["attribute"] == attribute) & (right["author"] != annotator)]
    mine = both[(both["attribute"] == attribute) & (both["annotator"] == annotator)]
    hit = int((mine["answer"] == mine["right"]).sum())
    return Score(annotator, attribute, len(mine), hit, len(there), int(mine["video"].nunique()))


def _missed(both: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    missed = both[both["answer"] != both["right"]]
    people = missed["annotator"].map(sorted(missed["annotator"].unique(), key=natural).index)
    missed = in_order(missed, before=[missed["attribute"].map(names.index), people])
    return missed[["name", *_ANSWER, "annotator", "answer", "right"]]
