import shutil
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import text

from core.errors import LabelError
from core.labels import corrections
from core.labels.consensus import labels_of
from core.labels.labels import annotators, record
from core.storage import database as db
from core.workspace import open_workspace
from tests.helpers import bare_frames


@pytest.fixture
def workspace(tmp_path):
    return bare_frames.make(tmp_path / "class", {"a": 3})


def known(workspace, *rows):
    return corrections.is_accepted(
        workspace, pd.DataFrame(rows, columns=["frame", "attribute", "label"])
    ).tolist()


def test_an_accepted_label_is_remembered(workspace):
    corrections.accept(workspace, "Ada", ["a_0", "a_1"], "break", True)
    assert known(workspace, ("a_0", "break", True), ("a_1", "break", True), ("a_2", "break", True)) == [
        True,
        True,
        False,
    ]


def test_the_other_answer_and_other_attributes_are_not_accepted_with_it(workspace):
    corrections.accept(workspace, "Ada", ["a_0"], "break", True)
    assert known(workspace, ("a_0", "break", False), ("a_0", "good", True)) == [False, False]


def test_it_can_be_taken_back(workspace):
    corrections.accept(workspace, "Ada", ["a_0", "a_1"], "break", True)
    corrections.doubt(workspace, ["a_0"], "break", True)
    assert known(workspace, ("a_0", "break", True), ("a_1", "break", True)) == [False, True]


def test_twice_the_same_is_kept_once(workspace):
    for who in ("Ada", "Ben"):
        corrections.accept(workspace, who, ["a_0"], "break", False)
    assert corrections.accepted_labels(workspace).to_dict("records") == [
        {"name": "a_0", "attribute": "break", "value": False, "author": "Ben"}
    ]


def test_who_has_no_name_accepts_nothing(workspace):
    with pytest.raises(LabelError, match="annotator"):
        corrections.accept(workspace, " ", ["a_0"], "break", True)
    assert known(workspace, ("a_0", "break", True)) == [False]


def test_it_is_no_label_of_whoever_accepted_it(workspace):
    record(workspace, "Ben", "a", 0, 0, {"break": True})
    corrections.accept(workspace, "Ada", ["a_0"], "break", True)
    corrections.doubt(workspace, ["a_0"], "break", True)
    assert annotators(workspace) == ["Ben"]
    assert labels_of(workspace, "Ada", "a").isna().all(axis=None)


def old_workspace(workspace, folder, *rows):
    """Copy a workspace as the version before would have left it, with an accepted.csv."""
    with db.writing(workspace) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0003'"))
        connection.execute(text("DROP TABLE identity"))
    copy = open_workspace(Path(shutil.copytree(workspace.path, folder)))
    pd.DataFrame(rows, columns=["name", "attribute", "label", "annotator"]).to_csv(
        folder / "accepted.csv", index=False
    )
    return copy


def test_what_an_older_version_kept_in_a_file_is_accepted_still(workspace, tmp_path):
    record(workspace, "Ben", "a", 0, 2, {"break": True})
    rows = [
        ("a_0", "break", "True", "Ada"),
        ("a_1", "break", "False", "Ada"),
        ("gone_7", "break", "True", "Ada"),
    ]
    copy = old_workspace(workspace, tmp_path / "old", *rows)
    assert known(copy, ("a_0", "break", True), ("a_0", "break", False), ("a_1", "break", False)) == [
        True,
        False,
        True,
    ]
    assert annotators(copy) == ["Ben"]
    assert (copy.path / "accepted.csv").is_file()


def test_a_file_that_is_read_twice_counts_once(workspace, tmp_path):
    record(workspace, "Ben", "a", 0, 2, {"break": True})
    copy = old_workspace(workspace, tmp_path / "old", ("a_0", "break", "True", "Ada"))
    assert len(corrections.accepted_labels(copy)) == 1
    again = old_workspace(copy, tmp_path / "again", ("a_0", "break", "True", "Ada"))
    assert len(corrections.accepted_labels(again)) == 1
    corrections.doubt(again, ["a_0"], "break", True)
    assert corrections.accepted_labels(again).empty
