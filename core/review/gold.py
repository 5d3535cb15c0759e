"""Gold frames: frames whose right answers an instructor vouches for, so that annotators can be measured by them.

A gold answer is an adjudication that says so: it is the consensus, it is no vote, and of all decisions about a frame and
an attribute the latest counts. So nothing can contradict a gold answer: a later adjudication replaces it.
"""

import pandas as pd
from sqlalchemy import Connection, text

from core.errors import LabelError
from core.files import natural
from core.labels import labels
from core.labels.answers import check_attribute
from core.labels.diff import stretches
from core.media.library import get_video
from core.review.disputes import verdicts
from core.storage import database as db
from core.storage import effective_events, event_log
from core.workspace import Workspace

_IN_VIDEOS = text("SELECT DISTINCT video_id FROM events WHERE source = 'gold'")
# Who decides again, decides: a later adjudication of a gold frame leaves its answer, and the frame is gold no more.
_DECIDED = text(
    """
    SELECT events.video_id, videos.key AS video, frames."index", frames.name, events.attribute_id,
           attributes.name AS attribute, events.value, events.source, annotators.name AS author, events.seq
    FROM events
    JOIN frames ON frames.video_id = events.video_id AND frames."index" BETWEEN events."first" AND events."last"
    JOIN videos ON videos.id = events.video_id
    JOIN attributes ON attributes.id = events.attribute_id
    JOIN annotators ON annotators.id = events.annotator_id
    WHERE events.source IN ('adjudication', 'gold') AND NOT videos.hidden
      AND events.video_id IN (SELECT video_id FROM events WHERE source = 'gold')
    ORDER BY events.seq
    """
)
_FRAME = ["video", "index", "attribute"]


def gold(workspace: Workspace) -> pd.DataFrame:
    """Return the gold answers that stand.

    Returns:
        ``name``, ``video`` (key), ``index`` (int), ``attribute``, ``value`` (bool, the right answer) and ``author``; by video
        in natural order, index and attribute.
    """
    with db.reading(workspace) as connection:
        return gold_answers(connection, workspace)


def gold_answers(connection: Connection, workspace: Workspace) -> pd.DataFrame:
    """Return what `gold` does, by an open connection."""
    columns = ["name", *_FRAME, "value", "author"]
    if connection.execute(_IN_VIDEOS).first() is None:  # by an index; the log itself is long
        return pd.DataFrame(columns=columns).astype({"index": int, "value": bool})
    found = pd.read_sql(_DECIDED, connection)
    found = found[~found["seq"].isin(effective_events.undone(connection))].drop_duplicates(
        _FRAME, keep="last"
    )
    names = list(workspace.attributes.names)
    found = found[(found["source"] == "gold") & found["value"].notna() & found["attribute"].isin(names)]
    found = found.assign(rank=found["attribute"].map(names.index)).sort_values(
        ["video", "index", "rank"], key=lambda c: c.map(natural) if c.name == "video" else c
    )
    return found[columns].astype({"value": bool}).reset_index(drop=True)


def add(
    workspace: Workspace, author: str, video: str, first: int, last: int, attribute: str | None = None
) -> int:
    """Make the frames ``first`` to ``last`` (both included) of a video gold, in every attribute that has an answer.

    The answer is what was adjudicated, else what the author answered.

    Args:
        workspace: whose frames.
        author: who vouches for the answers; an instructor, where the workspace names some.
        video: its key.
        first: index of the first frame.
        last: index of the last frame.
        attribute: only this one; None is all of them, and of classes it is always all.

    Returns:
        How many frames are concerned.

    Raises:
        LabelError: who vouches is no instructor, there is no such attribute, or a frame has no answer of any attribute.
            Nothing is stored.
        MediaError: there is no such video.
    """
    check_instructor(workspace, author)
    key = get_video(workspace, video).key
    names = check_attribute(workspace, attribute)
    if workspace.attributes.exclusive:
        names = workspace.attributes.names
    answers = _known(workspace, author, key).reindex(columns=list(names))
    answers = answers[(answers.index >= first) & (answers.index <= last)]
    _check_known(answers, key, first, last)
    _record(workspace, author, key, answers, "gold")
    return len(answers)


def remove(workspace: Workspace, author: str, video: str, first: int, last: int) -> int:
    """Let the frames ``first`` to ``last`` (both included) be gold no more; their answers stay adjudicated.

    Returns:
        How many frames were gold.

    Raises:
        LabelError: who says so is no instructor.
        MediaError: there is no such video.
    """
    check_instructor(workspace, author)
    key = get_video(workspace, video).key
    found = gold(workspace)
    found = found[(found["video"] == key) & found["index"].between(first, last)]
    answers = found.pivot(index="index", columns="attribute", values="value").astype("boolean")
    _record(workspace, author, key, answers, "adjudication")
    return len(answers)


def check_instructor(workspace: Workspace, name: str) -> None:
    """Refuse who is no instructor; where none is named, anyone is.

    Raises:
        LabelError: there is no name, or it is that of no instructor.
    """
    labels.check_annotator(name)
    if workspace.instructors and name not in workspace.instructors:
        raise LabelError(
            f"an instructor ({', '.join(workspace.instructors)})",
            repr(name),
            "Ask one of them, or name this one too in workspace.toml.",
        )


def unanswered(workspace: Workspace, annotator: str, video: str) -> int:
    """Count the gold answers of a video that an annotator has not given yet; what they vouch for themselves is none."""
    found = gold(workspace)
    found = found[(found["video"] == video) & (found["author"] != annotator)]
    if found.empty:
        return 0
    said = labels.labels_of(workspace, annotator, video)
    return sum(
        bool(said.loc[index, name] is pd.NA)
        for index, name in zip(found["index"], found["attribute"], strict=True)
    )


def _known(workspace: Workspace, author: str, video: str) -> pd.DataFrame:
    """Return what was adjudicated of a video, else what the author answered: row index, a column per attribute."""
    own = labels.labels_of(workspace, author, video)
    decided = verdicts(workspace)
    decided = decided[decided["video"] == video]
    said = decided.pivot(index="index", columns="attribute", values="value").astype("boolean")
    return said.reindex(index=own.index, columns=own.columns).combine_first(own)


def _check_known(answers: pd.DataFrame, video: str, first: int, last: int) -> None:
    if answers.empty:
        raise LabelError(
            f"a frame of {video}", f"the index {first} to {last}", "Only frames that were stored have labels."
        )
    nothing = answers.index[answers.isna().all(axis=1)]
    if len(nothing):
        raise LabelError(
            "frames that the instructor has answered or adjudicated",
            f"{len(nothing)} without an answer, the first is frame {nothing[0]} of {video}",
            "Label or adjudicate them first: gold frames are those whose answers are known.",
        )


def _record(workspace: Workspace, author: str, video: str, answers: pd.DataFrame, source: str) -> None:
    """Store the answers that are not unset as decisions, in one action."""
    cells = answers.reset_index(names="index").assign(video=video)
    cells = cells.melt(["video", "index"], var_name="attribute", value_name="value")
    found = stretches(cells[cells["value"].notna()].astype({"value": "boolean"}))
    with db.writing(workspace) as connection:
        event_log.append(connection, workspace.attributes.names, author, found, source)
