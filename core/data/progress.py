"""How much of every video an annotator has labelled."""

from dataclasses import dataclass

from sqlalchemy import func, select

from core.data import database as db
from core.data.catalogue import Video, videos
from core.workspace import Workspace


@dataclass(frozen=True)
class VideoProgress:
    """One annotator's progress in one video: ``labelled`` of its frames have at least one answer of theirs."""

    video: Video
    labelled: int


def progress(workspace: Workspace, annotator: str) -> list[VideoProgress]:
    """Return the progress in every video that has frames, in natural order of their keys."""
    c = db.current.c
    query = (
        select(c.video_id, func.count(c["index"].distinct()))
        .join(db.annotators, db.annotators.c.id == c.annotator_id)
        .join(db.attributes, db.attributes.c.id == c.attribute_id)
        .where(db.annotators.c.name == annotator, ~db.attributes.c.hidden, c.value.is_not(None))
        .group_by(c.video_id)
    )
    with db.reading(workspace) as connection:
        labelled: dict[int, int] = dict(connection.execute(query).tuples().all())
    return [VideoProgress(video, labelled.get(video.id, 0)) for video in videos(workspace) if video.frames]
