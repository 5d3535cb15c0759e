import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import text

from core.errors import LabelError
from core.labels import corrections, labels
from core.labels.consensus import consensus, labels_of
from core.labels.labels import annotators, record
from core.review import disputes
from core.storage import database as db
from core.workspace import open_workspace
from tests.helpers import bare_frames


@pytest.fixture
def workspace(tmp_path):
    """Ada calls the frames 0 to 3 broken."""
    made = bare_frames.make(tmp_path / "class", {"a": 5})
    labels.record(made, "Ada", "a", 0, 3, {"break": True})
    return made


def broken(workspace, annotator=None):
    return consensus(workspace, annotator)["break"].astype(object).where(lambda x: x.notna(), None).tolist()


def test_ones_own_label_is_changed(workspace):
    corrections.correct(workspace, "Ada", "a", 1, 2, "break", False)
    assert broken(workspace, "Ada") == [True, False, False, True, None]


def test_without_instructors_what_another_labelled_is_decided(workspace):
    corrections.correct(workspace, "Ben", "a", 1, 1, "break", False)
    assert broken(workspace) == [True, False, True, True, None]
    assert broken(workspace, "Ada") == [True, True, True, True, None]


def test_an_instructor_decides(workspace):
    corrections.correct(replace(workspace, instructors=("Eva",)), "Eva", "a", 0, 0, "break", False)
    assert broken(workspace)[0] is False


def test_where_instructors_are_named_the_others_only_give_their_own_label(workspace):
    corrections.correct(replace(workspace, instructors=("Eva",)), "Ben", "a", 0, 0, "break", False)
    assert broken(workspace)[0] is None  # one against one
    assert broken(workspace, "Ben")[0] is False


@pytest.mark.parametrize(
    ("annotator", "instructors", "decides"),
    [("Ada", (), False), ("Ben", (), True), ("Eva", ("Eva",), True), ("Ben", ("Eva",), False)],
)
def test_a_correction_decides_as_was_said_before(workspace, annotator, instructors, decides):
    workspace = replace(workspace, instructors=instructors)
    assert corrections.decides(workspace, annotator, "a", 1, 1, "break") is decides
    corrections.correct(workspace, annotator, "a", 1, 1, "break", False)
    assert len(disputes.adjudications(workspace)) == decides


@pytest.mark.parametrize("annotator", ["Ada", "Ben"])
def test_a_correction_can_be_taken_back(workspace, annotator):
    before = broken(workspace)
    action = corrections.correct(workspace, annotator, "a", 0, 3, "break", False)
    corrections.take_back(workspace, action)
    assert broken(workspace) == before


def test_what_was_never_done_cannot_be_taken_back(workspace):
    with pytest.raises(LabelError, match="correction"):
        corrections.take_back(workspace, "nothing")


def test_who_has_no_name_corrects_nothing(workspace):
    with pytest.raises(LabelError, match="annotator"):
        corrections.correct(workspace, "", "a", 0, 0, "break", False)


def test_it_is_known_who_said_so(workspace):
    labels.record(workspace, "Ben", "a", 3, 3, {"break": False})
    assert corrections.labels_within(workspace, "a", 2, 3, "break") == [("Ada", True), ("Ben", False)]


@pytest.fixture
def unlabelled(tmp_path):
    return bare_frames.make(tmp_path / "class", {"a": 3})


def known(unlabelled, *rows):
    return corrections.is_accepted(
        unlabelled, pd.DataFrame(rows, columns=["frame", "attribute", "label"])
    ).tolist()


def test_an_accepted_label_is_remembered(unlabelled):
    corrections.accept(unlabelled, "Ada", ["a_0", "a_1"], "break", True)
    assert known(unlabelled, ("a_0", "break", True), ("a_1", "break", True), ("a_2", "break", True)) == [
        True,
        True,
        False,
    ]


def test_the_other_answer_and_other_attributes_are_not_accepted_with_it(unlabelled):
    corrections.accept(unlabelled, "Ada", ["a_0"], "break", True)
    assert known(unlabelled, ("a_0", "break", False), ("a_0", "good", True)) == [False, False]


def test_it_can_be_taken_back(unlabelled):
    corrections.accept(unlabelled, "Ada", ["a_0", "a_1"], "break", True)
    corrections.doubt(unlabelled, ["a_0"], "break", True)
    assert known(unlabelled, ("a_0", "break", True), ("a_1", "break", True)) == [False, True]


def test_twice_the_same_is_kept_once(unlabelled):
    for who in ("Ada", "Ben"):
        corrections.accept(unlabelled, who, ["a_0"], "break", False)
    assert corrections.accepted_labels(unlabelled).to_dict("records") == [
        {"name": "a_0", "attribute": "break", "value": False, "author": "Ben"}
    ]


def test_who_has_no_name_accepts_nothing(unlabelled):
    with pytest.raises(LabelError, match="annotator"):
        corrections.accept(unlabelled, " ", ["a_0"], "break", True)
    assert known(unlabelled, ("a_0", "break", True)) == [False]


def test_it_is_no_label_of_whoever_accepted_it(unlabelled):
    record(unlabelled, "Ben", "a", 0, 0, {"break": True})
    corrections.accept(unlabelled, "Ada", ["a_0"], "break", True)
    corrections.doubt(unlabelled, ["a_0"], "break", True)
    assert annotators(unlabelled) == ["Ben"]
    assert labels_of(unlabelled, "Ada", "a").isna().all(axis=None)


def old_workspace(unlabelled, folder, *rows):
    """Copy a unlabelled as the version before would have left it, with an accepted.csv."""
    with db.writing(unlabelled) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0003'"))
        for table in ("identity", "additions"):
            connection.execute(text(f"DROP TABLE {table}"))
        for column in (
            "videos DROP COLUMN size",
            "frames DROP COLUMN size",
            "frames DROP COLUMN sha256",
            "events DROP COLUMN role",
        ):
            connection.execute(text(f"ALTER TABLE {column}"))
    copy = open_workspace(Path(shutil.copytree(unlabelled.path, folder)))
    pd.DataFrame(rows, columns=["name", "attribute", "label", "annotator"]).to_csv(
        folder / "accepted.csv", index=False
    )
    return copy


def test_what_an_older_version_kept_in_a_file_is_accepted_still(unlabelled, tmp_path):
    record(unlabelled, "Ben", "a", 0, 2, {"break": True})
    rows = [
        ("a_0", "break", "True", "Ada"),
        ("a_1", "break", "False", "Ada"),
        ("gone_7", "break", "True", "Ada"),
    ]
    copy = old_workspace(unlabelled, tmp_path / "old", *rows)
    assert known(copy, ("a_0", "break", True), ("a_0", "break", False), ("a_1", "break", False)) == [
        True,
        False,
        True,
    ]
    assert annotators(copy) == ["Ben"]
    assert (copy.path / "accepted.csv").is_file()


def test_a_file_that_is_read_twice_counts_once(unlabelled, tmp_path):
    record(unlabelled, "Ben", "a", 0, 2, {"break": True})
    copy = old_workspace(unlabelled, tmp_path / "old", ("a_0", "break", "True", "Ada"))
    assert len(corrections.accepted_labels(copy)) == 1
    again = old_workspace(copy, tmp_path / "again", ("a_0", "break", "True", "Ada"))
    assert len(corrections.accepted_labels(again)) == 1
    corrections.doubt(again, ["a_0"], "break", True)
    assert corrections.accepted_labels(again).empty
