"""People of a class and their answers: another name, and none."""

from pathlib import Path

import pytest

from core.access import accounts, codes, hashes
from core.access.person import NOBODY, Person, Role, acting_as
from core.errors import AccessError, LabelError
from core.labels import people
from core.labels.labels import DRAWN, annotators, record
from core.workspace import Workspace
from tests.helpers.page_workspace import small_workspace


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.setattr(hashes, "N", 2)
    monkeypatch.setenv("SEAMLENS_PRIVATE", str(tmp_path / "private"))
    made = small_workspace(tmp_path / "workspace", labelled=False)
    for name in ("Anna", "Ben"):
        record(made, name, "seam_a", 0, 2, {"good": True})
    return made


def signed_in(workspace: Workspace, name: str) -> accounts.Ticket:
    return accounts.sign_in(workspace.path, codes.ensure(workspace.path).student, name, "1234")


def test_who_is_renamed_keeps_their_answers_and_their_sign_in(workspace: Workspace) -> None:
    ticket = signed_in(workspace, "Anna")
    assert people.rename(workspace, "anna", "Blue fox") == "Blue fox"
    assert annotators(workspace) == ["Ben", "Blue fox"]
    assert accounts.person_of(workspace.path, ticket) == Person("Blue fox", Role.STUDENT)


def test_who_has_only_answered_is_renamed_too(workspace: Workspace) -> None:
    people.rename(workspace, "Ben", "Red fox")
    assert annotators(workspace) == ["Anna", "Red fox"]


def test_who_has_only_signed_in_is_renamed_too(workspace: Workspace) -> None:
    ticket = signed_in(workspace, "Zoe")
    people.rename(workspace, "Zoe", "Fox")
    assert accounts.person_of(workspace.path, ticket).name == "Fox"


def test_the_answers_of_two_people_are_never_mixed(workspace: Workspace) -> None:
    signed_in(workspace, "Anna")
    with pytest.raises(AccessError, match="answers of 'Ben' already"):
        people.rename(workspace, "Anna", "BEN")
    assert annotators(workspace) == ["Anna", "Ben"]


def test_a_name_of_somebody_without_answers_is_taken_too_and_nothing_is_changed(workspace: Workspace) -> None:
    signed_in(workspace, "Zoe")
    signed_in(workspace, "Anna")
    with pytest.raises(AccessError, match="in the class already"):
        people.rename(workspace, "Anna", "zoe")
    assert annotators(workspace) == ["Anna", "Ben"]


def test_capitals_of_a_name_can_be_put_right(workspace: Workspace) -> None:
    people.rename(workspace, "Anna", "ANNA")
    assert annotators(workspace) == ["ANNA", "Ben"]


def test_the_answers_of_somebody_erased_stay_under_a_name_that_says_nothing(workspace: Workspace) -> None:
    ticket = signed_in(workspace, "Anna")
    stays = people.erase(workspace, "Anna")
    assert stays.startswith(people.ERASED)
    assert annotators(workspace) == ["Ben", stays]
    assert accounts.person_of(workspace.path, ticket) == NOBODY
    assert people.erase(workspace, "Ben") != stays


def test_whoever_takes_an_erased_name_gets_none_of_its_answers(workspace: Workspace) -> None:
    stays = people.erase(workspace, "Anna")
    record(workspace, "Anna", "seam_a", 4, 4, {"good": False})
    assert annotators(workspace) == ["Anna", "Ben", stays]


def test_who_has_no_answers_leaves_nothing(workspace: Workspace) -> None:
    signed_in(workspace, "Zoe")
    assert people.erase(workspace, "Zoe") == ""
    assert accounts.people(workspace.path) == []


def test_drawn_labels_have_no_person(workspace: Workspace) -> None:
    record(workspace, DRAWN, "seam_a", 0, 1, {"good": True})
    for refused in ((DRAWN, "Anna K"), ("Anna", DRAWN)):
        with pytest.raises(AccessError):
            people.rename(workspace, *refused)
    with pytest.raises(AccessError):
        people.erase(workspace, DRAWN)
    assert people.with_answers(workspace) == ["Anna", "Ben"]


def test_nobody_and_no_name_are_said(workspace: Workspace) -> None:
    with pytest.raises(AccessError, match="Nobody here is called 'Zoe'"):
        people.rename(workspace, "Zoe", "Fox")
    with pytest.raises(LabelError):
        people.rename(workspace, "Anna", " ")


def test_a_student_is_refused(workspace: Workspace) -> None:
    with acting_as(Person("Ben", Role.STUDENT)):
        for act in (lambda: people.rename(workspace, "Ben", "Fox"), lambda: people.erase(workspace, "Anna"),
                    lambda: people.with_answers(workspace)):  # fmt: skip
            with pytest.raises(AccessError, match="Only an instructor"):
                act()


def test_labels_that_wait_in_a_browser_are_known_by_the_name_of_before(workspace: Workspace) -> None:
    signed_in(workspace, "Anna")
    people.rename(workspace, "Anna", "Fox")
    people.rename(workspace, "Fox", "Owl")
    assert [accounts.name_now(workspace.path, name) for name in ("anna", "Fox", "Owl", "Ben")] == [
        "Owl", "Owl", "Owl", "Ben",
    ]  # fmt: skip
    signed_in(workspace, "Anna")  # somebody else
    assert accounts.name_now(workspace.path, "Anna") == "Anna"
