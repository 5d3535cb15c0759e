"""How many labels began as suggestions."""

from pathlib import Path
from uuid import uuid4

import pandas as pd
import pytest
from sqlalchemy import func, select

from core.labels import provenance
from core.labels.labels import record
from core.storage import database as db
from core.storage import effective_events
from core.workspace import Workspace
from tests.helpers import bare_frames


@pytest.fixture
def seams(tmp_path: Path) -> Workspace:
    return bare_frames.make(tmp_path / "workspace", {"seam_1": 4, "seam_2": 4})


def counts(seams: Workspace, *names: str) -> dict[str, list[int]]:
    """Labels and those that began as suggestions, of the attributes that have labels."""
    found = provenance.suggested(seams, names)
    return {name: row.tolist() for name, row in found[found["labels"] > 0].iterrows()}


def take_back_last(seams: Workspace) -> None:
    """Take back what was done last: an undo of an undo does it again."""
    with db.writing(seams) as connection:
        action = connection.scalar(
            select(func.coalesce(db.events.c.action, db.events.c.id)).order_by(db.events.c.seq.desc())
        )
        effective_events.take_back(
            connection, effective_events.events_of(connection, action), str(uuid4()), str(uuid4())
        )


def total(labels: int, suggested: int) -> pd.DataFrame:
    return pd.DataFrame({"labels": [labels], "suggested": [suggested]}, index=["good"])


def test_labels_and_those_by_suggestion(seams: Workspace) -> None:
    record(seams, "Ann", "seam_1", 0, 1, {"good": True, "error": False}, "suggestion")
    record(seams, "Ann", "seam_1", 2, 2, {"good": False})
    names = ("seam_1_0", "seam_1_1", "seam_1_2", "seam_1_3")
    assert counts(seams, *names) == {"good": [3, 2], "error": [2, 2]}


def test_only_the_frames_that_were_asked_for(seams: Workspace) -> None:
    record(seams, "Ann", "seam_1", 0, 3, {"good": True}, "suggestion")
    record(seams, "Ann", "seam_2", 0, 3, {"good": True})
    assert counts(seams, "seam_1_2", "seam_2_2", "seam_2_3") == {"good": [3, 1]}


def test_each_annotator_counts(seams: Workspace) -> None:
    record(seams, "Ann", "seam_1", 0, 0, {"good": True}, "suggestion")
    record(seams, "Ben", "seam_1", 0, 0, {"good": True})
    assert counts(seams, "seam_1_0") == {"good": [2, 1]}


def test_an_answer_that_was_changed_by_hand_is_no_suggestion(seams: Workspace) -> None:
    record(seams, "Ann", "seam_1", 0, 0, {"good": True}, "suggestion")
    record(seams, "Ann", "seam_1", 0, 0, {"good": False})
    assert counts(seams, "seam_1_0") == {"good": [1, 0]}


def test_an_answer_that_was_withdrawn_is_no_label(seams: Workspace) -> None:
    record(seams, "Ann", "seam_1", 0, 0, {"good": True}, "suggestion")
    record(seams, "Ann", "seam_1", 0, 0, {"good": None})
    assert counts(seams, "seam_1_0") == {}


def test_a_suggestion_that_an_undo_brought_back_is_one(seams: Workspace) -> None:
    record(seams, "Ann", "seam_1", 0, 3, {"good": True}, "suggestion")
    record(seams, "Ann", "seam_1", 1, 2, {"good": False})
    take_back_last(seams)
    assert counts(seams, "seam_1_0", "seam_1_1", "seam_1_2") == {"good": [3, 3]}


def test_an_answer_by_hand_that_an_undo_brought_back_is_no_suggestion(seams: Workspace) -> None:
    record(seams, "Ann", "seam_1", 0, 3, {"good": True})
    record(seams, "Ann", "seam_1", 1, 2, {"good": False}, "suggestion")
    take_back_last(seams)
    assert counts(seams, "seam_1_0", "seam_1_1", "seam_1_2") == {"good": [3, 0]}


def test_a_suggestion_that_was_undone_and_done_again_is_one(seams: Workspace) -> None:
    record(seams, "Ann", "seam_1", 0, 0, {"good": True}, "suggestion")
    take_back_last(seams)
    take_back_last(seams)
    assert counts(seams, "seam_1_0") == {"good": [1, 1]}


def test_an_undo_brings_back_the_answer_of_its_annotator(seams: Workspace) -> None:
    record(seams, "Ben", "seam_1", 0, 0, {"good": True}, "suggestion")
    record(seams, "Ann", "seam_1", 0, 0, {"good": True})
    record(seams, "Ann", "seam_1", 0, 0, {"good": False})
    take_back_last(seams)
    assert counts(seams, "seam_1_0") == {"good": [2, 1]}


def test_every_attribute_has_a_row(seams: Workspace) -> None:
    assert provenance.suggested(seams, ["seam_1_0"]).index.tolist() == ["good", "error", "break", "length"]


def test_no_frames_no_labels(seams: Workspace) -> None:
    record(seams, "Ann", "seam_1", 0, 0, {"good": True}, "suggestion")
    assert counts(seams) == {}


def test_the_sentence_about_none() -> None:
    expected = "None of the labels of these frames began as a suggestion of a network."
    assert provenance.sentence(total(24, 0)) == expected


def test_the_sentence_about_some() -> None:
    assert provenance.sentence(total(2400, 312)) == (
        "312 of 2,400 labels (13 %) began as suggestions of a network; they may repeat its mistakes."
    )


def test_the_sentence_does_not_round_to_nothing() -> None:
    assert "3 of 2,400 labels (under 1 %)" in provenance.sentence(total(2400, 3))


def test_an_adjudication_in_between_does_not_hide_the_suggestion(seams: Workspace) -> None:
    record(seams, "Ann", "seam_1", 0, 0, {"good": True}, "suggestion")
    record(seams, "Ann", "seam_1", 0, 0, {"good": True}, "adjudication")
    record(seams, "Ann", "seam_1", 0, 0, {"good": False})
    take_back_last(seams)
    assert counts(seams, "seam_1_0") == {"good": [1, 1]}
