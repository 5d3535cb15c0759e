"""Gold frames: frames whose right labels an instructor vouches for, so that annotators can be measured by them.

A gold label is an adjudication with that source: it is the consensus, it is no vote, and of all decisions about a frame and
an attribute the latest counts. So nothing can contradict a gold label: a later adjudication replaces it. Only frames that an
annotator has labelled are scored, and nobody is measured by labels that they vouch for themselves.
"""

from dataclasses import dataclass
from typing import Any

import pandas as pd
from sqlalchemy import Connection, text

from core.access.rights import Right, check, check_seen, is_instructor, needs
from core.errors import LabelError
from core.files import natural
from core.labels import labels
from core.labels.annotator_labels import check_attribute
from core.labels.assignments import blind
from core.labels.consensus import labels_of
from core.labels.frame_stretches import joined
from core.labels.label_table import given_labels, in_order
from core.media.library import get_video
from core.review.disputes import adjudications
from core.storage import database as db
from core.storage import event_log
from core.storage.effective_events import decisions
from core.workspace import Workspace

_ANY = text("SELECT 1 FROM events WHERE source = 'gold' LIMIT 1")
_FRAME = ["video", "index", "attribute"]


@needs(Right.SEE_OTHERS)
def gold(workspace: Workspace) -> pd.DataFrame:
    """Return the gold labels, which only instructors see: they are the right answers.

    Returns:
        ``name``, ``video`` (key), ``index`` (int), ``attribute``, ``value`` (bool, the right answer) and ``author``; by video
        in natural order, index and attribute.
    """
    return _gold(workspace)


def _gold(workspace: Workspace) -> pd.DataFrame:
    with db.reading(workspace) as connection:
        return gold_labels(connection, workspace)


def gold_labels(connection: Connection, workspace: Workspace) -> pd.DataFrame:
    """Return what `gold` does, through an open connection."""
    columns = ["name", *_FRAME, "value", "author"]
    if connection.execute(_ANY).first() is None:  # by an index; the log itself is long
        return pd.DataFrame(columns=columns).astype({"index": int, "value": bool})
    names = list(workspace.attributes.names)
    found = decisions(connection)
    found = found[(found["source"] == "gold") & found["attribute"].isin(names)]
    return in_order(found, after=[found["attribute"].map(names.index)])[columns]


@needs(Right.VOUCH)
def add_gold(
    workspace: Workspace, author: str, video: str, first: int, last: int, attribute: str | None = None
) -> int:
    """Make the frames ``first`` to ``last`` (both included) of a video gold, in every attribute that has a label.

    That is what was adjudicated, else what the author labelled. ``attribute`` chooses only this one; of classes it is always
    all. The author vouches for the labels: an instructor, where the workspace names some.

    Returns:
        How many frames are concerned.

    Raises:
        LabelError: who vouches is no instructor, there is no such attribute, or a frame has no label at all.
            Nothing is stored.
        MediaError: there is no such video.
    """
    check_instructor(workspace, author)
    key = get_video(workspace, video).key
    names = check_attribute(workspace, attribute)
    if workspace.attributes.exclusive:
        names = workspace.attributes.names
    answers = _vouched(workspace, author, key).reindex(columns=list(names))
    answers = answers[(answers.index >= first) & (answers.index <= last)]
    _check_labelled(answers, key, first, last)
    _record(workspace, author, key, answers, "gold")
    return len(answers)


@needs(Right.VOUCH)
def remove_gold(workspace: Workspace, author: str, video: str, first: int, last: int) -> int:
    """Let the frames ``first`` to ``last`` (both included) be gold no more; their labels stay adjudicated.

    Returns:
        How many frames were gold.

    Raises:
        LabelError: the author is no instructor.
        MediaError: there is no such video.
    """
    check_instructor(workspace, author)
    key = get_video(workspace, video).key
    found = _gold(workspace)
    found = found[(found["video"] == key) & found["index"].between(first, last)]
    answers = found.pivot(index="index", columns="attribute", values="value").astype("boolean")
    _record(workspace, author, key, answers, "adjudication")
    return len(answers)


def check_instructor(workspace: Workspace, name: str) -> None:
    """Refuse who is no instructor; where none is named and nobody has to sign in, anyone is.

    Raises:
        LabelError: there is no name, or it is that of no instructor.
        AccessError: who acts signed in as a student, or not at all.
    """
    labels.check_annotator(name)
    check(Right.VOUCH)
    if not is_instructor(name, workspace.instructors):
        raise LabelError(
            f"{name} is not an instructor of this workspace.",
            f"Ask {' or '.join(workspace.instructors)}, or add the name to workspace.toml.",
        )


def unanswered(workspace: Workspace, annotator: str, video: str) -> int:
    """Count the gold labels of a video that an annotator has not labelled yet; those they vouch for themselves do not count."""
    found = _gold(workspace)
    found = found[(found["video"] == video) & (found["author"] != annotator)]
    if found.empty:
        return 0
    own = labels_of(workspace, annotator, video)
    cells = zip(found["index"], found["attribute"], strict=True)
    return sum(bool(own.loc[index, name] is pd.NA) for index, name in cells)


def _vouched(workspace: Workspace, author: str, video: str) -> pd.DataFrame:
    """Return what was adjudicated of a video, else the labels of the author: row index, a column per attribute."""
    own = labels_of(workspace, author, video)
    decided = adjudications(workspace)
    decided = decided[decided["video"] == video]
    table = decided.pivot(index="index", columns="attribute", values="value").astype("boolean")
    return table.reindex(index=own.index, columns=own.columns).combine_first(own)


def _check_labelled(answers: pd.DataFrame, video: str, first: int, last: int) -> None:
    if answers.empty:
        raise LabelError(f"{video} has no frames {first} to {last}.", "Choose frames that were stored.")
    nothing = answers.index[answers.isna().all(axis=1)]
    if len(nothing):
        raise LabelError(
            f"{len(nothing):,} of these frames have no label of yours and no decision; the first is frame {nothing[0]} of {video}.",
            "Label them or decide them under Disputes first.",
        )


def _record(workspace: Workspace, author: str, video: str, answers: pd.DataFrame, source: str) -> None:
    """Store the labels that are not unset as decisions, in one action."""
    cells = answers.reset_index(names="index").assign(video=video)
    cells = cells.melt(["video", "index"], var_name="attribute", value_name="value")
    found = joined(cells[cells["value"].notna()].astype({"value": "boolean"}))
    with db.writing(workspace) as connection:
        event_log.append(connection, workspace.attributes.names, author, found, source)


_ANSWER = ["video", "index", "attribute"]


@dataclass(frozen=True)
class Score:
    """How far one annotator agrees with the gold frames about one attribute: of ``gold`` frames, without those that this one
    vouches for, ``answered`` in ``videos`` (how many of each), and ``right`` as on the gold frame.
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
    """Compare the labels of everyone with the gold frames, as an instructor sees it.

    Or of one annotator, as they may see it: nothing of videos that they still label blind.

    Raises:
        AccessError: they are another person's, or everybody's, and who acts may see their own only.
    """
    check_seen(annotator)
    with db.reading(workspace) as connection:
        right = gold_labels(connection, workspace)
        keys = right["video"].unique().tolist()
        labels = pd.read_sql(given_labels(db.videos.c.key.in_(keys), ~db.videos.c.hidden), connection)
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
