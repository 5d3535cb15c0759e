"""Labels that are corrected on a second look: as a decision where one has to be taken, else as the annotator's own label."""

from uuid import uuid4

from sqlalchemy import select, text

from core.attributes import Answer
from core.errors import LabelError
from core.labels.label_table import given_labels
from core.labels.labels import check_annotator, record
from core.storage import database as db
from core.storage import effective_events
from core.workspace import Workspace

_LATEST = text(
    """
    SELECT COALESCE(action, events.id) FROM events JOIN annotators ON annotators.id = events.annotator_id
    WHERE annotators.name = :annotator AND undoes IS NULL ORDER BY seq DESC LIMIT 1
    """
)


def correct(
    workspace: Workspace, annotator: str, video: str, first: int, last: int, attribute: str, value: bool
) -> str:
    """Set a label of the frames ``first`` to ``last`` of ``video``.

    It is an adjudication where the annotator `decides`, else the annotator's own label, as if it were typed, and others may
    differ.

    Returns:
        The action, for `take_back`.

    Raises:
        LabelError: unknown video or attribute, no annotator, no such frame. Nothing is stored.
    """
    check_annotator(annotator)
    decided = decides(workspace, annotator, video, first, last, attribute)
    source = "adjudication" if decided else "key"
    record(workspace, annotator, video, first, last, {attribute: value}, source)
    with db.reading(workspace) as connection:
        return str(connection.scalar(_LATEST, {"annotator": annotator}))


def decides(workspace: Workspace, annotator: str, video: str, first: int, last: int, attribute: str) -> bool:
    """Return whether a correction of these frames is a decision: an instructor decides, and where no instructor is named
    anybody does about what others have labelled.
    """
    if workspace.instructors:
        return annotator in workspace.instructors
    return any(name != annotator for name, _ in labels_within(workspace, video, first, last, attribute))


def take_back(workspace: Workspace, action: str) -> None:
    """Take a correction back.

    Raises:
        LabelError: there is no such action.
    """
    with db.writing(workspace) as connection:
        events = effective_events.events_of(connection, action)
        if not events:
            raise LabelError("This correction was never stored.", "Look at the label again.")
        effective_events.take_back(connection, events, request=str(uuid4()), action=str(uuid4()))


def labels_within(
    workspace: Workspace, video: str, first: int, last: int, attribute: str
) -> list[tuple[str, Answer]]:
    """Return who gave which label of an attribute in the frames ``first`` to ``last`` of ``video``, by name.

    An annotator who gave both comes twice.
    """
    labels = given_labels(
        db.videos.c.key == video, db.current.c.index.between(first, last), db.attributes.c.name == attribute
    ).subquery()
    query = select(labels.c.annotator, labels.c.value).distinct().order_by(labels.c.annotator, labels.c.value)
    with db.reading(workspace) as connection:
        return [(name, bool(value)) for name, value in connection.execute(query)]
