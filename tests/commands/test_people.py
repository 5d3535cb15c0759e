"""The people of a class and its codes on the command line."""

import json
from pathlib import Path

import pytest

from core.access import accounts, codes, hashes
from core.labels.labels import annotators
from core.workspace import Workspace
from tests.helpers.page_workspace import small_workspace


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.setattr(hashes, "N", 2)
    monkeypatch.setenv("SEAMLENS_PRIVATE", str(tmp_path / "private"))
    made = small_workspace(tmp_path / "class")
    accounts.sign_in(made.path, codes.ensure(made.path).student, "Zoe", "1234")
    return made


def test_the_list_has_who_signed_in_and_who_answered(workspace, seamlens):
    code, out, _ = seamlens("people", "list", "--json")
    assert code == 0
    assert [(row["name"], row["role"]) for row in json.loads(out)] == [("Ada", None), ("Zoe", "student")]
    assert "student" in seamlens("people", "list")[1]


def test_rename_says_the_new_name(workspace, seamlens):
    assert seamlens("people", "rename", "Ada", "Mr  Li")[:2] == (0, "Ada is called Mr Li now.\n")
    assert annotators(workspace) == ["Mr Li"]


def test_erase_asks_for_yes_and_says_where_the_answers_are(workspace, seamlens):
    code, _, problem = seamlens("people", "erase", "Ada")
    assert code == 2 and "Add --yes" in problem
    code, out, _ = seamlens("people", "erase", "Ada", "--yes")
    assert code == 0 and "The answers stay under “erased person" in out


def test_sign_out_and_reset_pin_name_who_it_was(workspace, seamlens):
    assert seamlens("people", "sign-out", "Zoe")[:2] == (0, "Zoe is signed out everywhere.\n")
    assert seamlens("people", "reset-pin", "zoe")[0] == 0
    assert accounts.people(workspace.path)[0].pin == ""


def test_who_is_not_there_is_one_line(workspace, seamlens):
    code, _, problem = seamlens("people", "sign-out", "Nobody")
    assert (code, problem.count("\n")) == (2, 1)


def test_codes_are_shown_and_changed(workspace, seamlens):
    before = json.loads(seamlens("codes", "show", "--json")[1])
    after = json.loads(seamlens("codes", "new", "--only", "class", "--json")[1])
    assert before["class_code"] != after["class_code"]
    assert before["instructor_code"] == after["instructor_code"]
    assert after["class_code"] in seamlens("codes", "show")[1]


def test_codes_of_another_computer_are_said_to_be(workspace, seamlens, tmp_path, monkeypatch):
    monkeypatch.setenv("SEAMLENS_PRIVATE", str(tmp_path / "elsewhere"))
    code, _, problem = seamlens("codes", "show")
    assert code == 2 and "another computer" in problem
