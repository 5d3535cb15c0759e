"""The current view is what the log makes of it; what is not, is found and put right."""

from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import delete, insert, select, text, update

from core.labels.labels import record
from core.labels.sync import Labelled, Undone, store
from core.storage import database as db
from core.storage.current_view import differences, rebuild
from core.workspace import Workspace
from tests.helpers import bare_frames


@pytest.fixture
def seams(tmp_path: Path) -> Workspace:
    """Labels, a correction over some of them, an undo, a redo of another, and a decision of an instructor."""
    made = bare_frames.make(tmp_path / "w", {"seam_1": 10, "seam_2": 4})
    record(made, "Ann", "seam_1", 0, 9, {"good": True, "error": False})
    record(made, "Ann", "seam_1", 2, 4, {"good": False})
    record(made, "Ben", "seam_2", 0, 3, {"good": None, "break": True})
    record(made, "Zoe", "seam_1", 3, 3, {"good": True}, source="adjudication")
    first, back, again = (str(uuid4()) for _ in range(3))
    store(made, "Ben", [Labelled(first, first, 1, "good", 1, 5, True, "key"), Undone(back, back, first)])
    store(made, "Ben", [Undone(again, again, back)])
    last, gone = (str(uuid4()) for _ in range(2))
    store(made, "Ann", [Labelled(last, last, 1, "error", 5, 8, True, "key"), Undone(gone, gone, last)])
    return made


def view(seams: Workspace) -> list[tuple[object, ...]]:
    with db.reading(seams) as connection:
        return [
            tuple(row) for row in connection.execute(select(db.current).order_by(*db.current.primary_key))
        ]


def wrong(seams: Workspace) -> int:
    with db.reading(seams) as connection:
        return len(differences(connection))


def test_a_view_that_grew_with_the_log_does_not_differ(seams: Workspace) -> None:
    assert wrong(seams) == 0


@pytest.mark.parametrize(
    ("damage", "rows"),
    [
        (update(db.current).where(db.current.c.annotator_id == 1, db.current.c.index == 0).values(value=None), 2),
        (delete(db.current).where(db.current.c.annotator_id == 2), 13),
        (delete(db.current).where(db.current.c.attribute_id == 2, db.current.c.index == 0), 1),
        (delete(db.current), 33),
        (insert(db.current).values(video_id=2, index=0, attribute_id=1, annotator_id=1, value=True, seq=1), 1),
    ],
)  # fmt: skip
def test_rows_that_are_wrong_gone_or_too_many_are_put_right(seams: Workspace, damage, rows) -> None:
    before = view(seams)
    with db.writing(seams) as connection:
        connection.execute(damage)
    assert wrong(seams) == rows
    with db.writing(seams) as connection:
        assert rebuild(connection) == rows
    assert view(seams) == before


def test_a_frame_that_came_after_its_label_is_no_difference(seams: Workspace) -> None:
    with db.writing(seams) as connection:
        connection.execute(text("UPDATE events SET last = 11 WHERE seq = 1"))
        connection.execute(
            insert(db.frames).values(video_id=1, index=10, name="seam_1_10", file="x", phash="0" * 16)
        )
    assert wrong(seams) == 0


def test_an_empty_log_makes_an_empty_view(tmp_path: Path) -> None:
    assert wrong(bare_frames.make(tmp_path / "w", {"seam_1": 2})) == 0
