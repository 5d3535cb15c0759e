"""Who gets in, under which name, and until when."""

import os
import stat
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import pytest

from core.access import accounts, class_file, codes
from core.access.codes import Codes
from core.access.person import NOBODY, OWNER, Person, Role, acting_as
from core.errors import AccessError, LabelError, SeamLensError, WorkspaceError

STUDENT = Person("Ben", Role.STUDENT)


def test_a_new_name_takes_the_pin_and_later_the_pin_must_be_the_same(folder: Path, made: Codes) -> None:
    first = accounts.sign_in(folder, made.student, "Anna", "1234")
    again = accounts.sign_in(folder, made.student, "Anna", "1234")
    assert accounts.person_of(folder, first) == Person("Anna", Role.STUDENT)
    assert first.account == again.account
    with pytest.raises(AccessError):
        accounts.sign_in(folder, made.student, "Anna", "4321")


def test_the_instructor_code_makes_an_instructor(folder: Path, made: Codes) -> None:
    ticket = accounts.sign_in(folder, made.instructor, "Mr Li", "1234")
    assert accounts.person_of(folder, ticket) == Person("Mr Li", Role.INSTRUCTOR)


def test_the_code_of_a_student_makes_no_instructor_of_an_instructors_name(folder: Path, made: Codes) -> None:
    accounts.sign_in(folder, made.instructor, "Mr Li", "1234")
    ticket = accounts.sign_in(folder, made.student, "Mr Li", "1234")
    assert accounts.person_of(folder, ticket).role == Role.STUDENT


def test_a_wrong_code_and_a_wrong_pin_are_told_in_the_same_words(folder: Path, made: Codes) -> None:
    accounts.sign_in(folder, made.student, "Anna", "1234")
    for code, name, pin in (
        ("NOPE-NOPE", "Anna", "1234"),
        (made.student, "Anna", "4321"),
        ("", "Zoe", "1234"),
    ):
        with pytest.raises(AccessError) as refused:
            accounts.sign_in(folder, code, name, pin)
        assert refused.value.problem == accounts.WRONG


def test_a_code_is_read_without_its_hyphen_and_in_small_letters(folder: Path, made: Codes) -> None:
    accounts.sign_in(folder, f" {made.student.lower().replace('-', ' ')} ", "Anna", "1234")


@pytest.mark.parametrize("other", ["anna", "ANNA", " Anna  ", "Ａｎｎａ", "An\u200dna"])
def test_a_name_that_differs_in_form_or_case_is_the_same_person(
    folder: Path, made: Codes, other: str
) -> None:
    anna = accounts.sign_in(folder, made.student, "Anna", "1234")
    assert accounts.sign_in(folder, made.student, other, "1234").account == anna.account
    assert [each.name for each in accounts.people(folder)] == ["Anna"]


def test_composed_and_decomposed_umlauts_are_one_person(folder: Path, made: Codes) -> None:
    accounts.sign_in(folder, made.student, "Jörg", "1234")
    accounts.sign_in(folder, made.student, "Jo\u0308rg", "1234")
    assert len(accounts.people(folder)) == 1


@pytest.mark.parametrize("pin", ["", "123", "12345678901234", "abcd", "12 34", "-1234"])
def test_a_pin_is_four_digits_or_more(folder: Path, made: Codes, pin: str) -> None:
    with pytest.raises(AccessError, match="4 to 12 digits"):
        accounts.sign_in(folder, made.student, "Anna", pin)


def test_digits_of_another_keyboard_are_the_same_pin(folder: Path, made: Codes) -> None:
    accounts.sign_in(folder, made.student, "Anna", "１２３４")
    accounts.sign_in(folder, made.student, "Anna", "1234")


def test_who_has_no_name_is_refused(folder: Path, made: Codes) -> None:
    with pytest.raises(LabelError):
        accounts.sign_in(folder, made.student, "  ", "1234")


def test_nobody_comes_into_a_class_without_codes(folder: Path) -> None:
    for code in ("", "AAAA-AAAA"):
        with pytest.raises(AccessError):
            accounts.sign_in(folder, code, "Anna", "1234")


def test_ended_sign_ins_end_alone(folder: Path, made: Codes) -> None:
    laptop, phone = (accounts.sign_in(folder, made.student, "Anna", "1234") for _ in range(2))
    accounts.end(folder, laptop)
    assert accounts.person_of(folder, laptop) == NOBODY
    assert accounts.person_of(folder, phone).name == "Anna"


def test_whoever_signs_in_and_out_all_day_is_remembered_in_a_few_lines(
    folder: Path, made: Codes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accounts, "MOST_ENDED", 3)
    tickets = [accounts.sign_in(folder, made.student, "Anna", "1234") for _ in range(4)]
    for ticket in tickets:
        accounts.end(folder, ticket)
    assert len(accounts.people(folder)[0].ended) <= 3
    assert {accounts.person_of(folder, ticket) for ticket in tickets} == {NOBODY}


def test_signed_out_by_an_instructor_is_signed_out_everywhere(folder: Path, made: Codes) -> None:
    tickets = [accounts.sign_in(folder, made.student, "Anna", "1234") for _ in range(2)]
    accounts.sign_out(folder, "anna")
    assert {accounts.person_of(folder, ticket) for ticket in tickets} == {NOBODY}
    assert accounts.person_of(folder, accounts.sign_in(folder, made.student, "Anna", "1234")).name == "Anna"


def test_a_new_pin_is_chosen_at_the_next_sign_in(folder: Path, made: Codes) -> None:
    ticket = accounts.sign_in(folder, made.student, "Anna", "1234")
    accounts.reset_pin(folder, "Anna")
    assert accounts.person_of(folder, ticket) == NOBODY
    again = accounts.sign_in(folder, made.student, "Anna", "9999")
    assert again.account == ticket.account
    with pytest.raises(AccessError):
        accounts.sign_in(folder, made.student, "Anna", "1234")


def test_who_is_renamed_stays_signed_in_under_the_new_name(folder: Path, made: Codes) -> None:
    ticket = accounts.sign_in(folder, made.student, "Anna", "1234")
    accounts.rename(folder, "anna", "Blue fox")
    assert accounts.person_of(folder, ticket).name == "Blue fox"


def test_nobody_gets_the_name_of_somebody_else(folder: Path, made: Codes) -> None:
    for name in ("Anna", "Ben"):
        accounts.sign_in(folder, made.student, name, "1234")
    with pytest.raises(AccessError, match="in the class already"):
        accounts.rename(folder, "Ben", "ANNA")


def test_who_is_erased_is_signed_out_and_their_pin_forgotten(folder: Path, made: Codes) -> None:
    ticket = accounts.sign_in(folder, made.student, "Anna", "1234")
    accounts.erase(folder, "Anna")
    assert accounts.person_of(folder, ticket) == NOBODY
    assert accounts.people(folder) == []
    accounts.sign_in(folder, made.student, "Anna", "9999")


@pytest.mark.parametrize(
    "act",
    [
        accounts.people,
        lambda folder: accounts.rename(folder, "Anna", "Zoe"),
        lambda folder: accounts.erase(folder, "Anna"),
        lambda folder: accounts.sign_out(folder, "Anna"),
        lambda folder: accounts.reset_pin(folder, "Anna"),
        codes.readable_codes,
        codes.ensure,
        codes.renew,
    ],
)
def test_a_student_is_refused(folder: Path, made: Codes, act: Callable[[Path], object]) -> None:
    accounts.sign_in(folder, made.student, "Anna", "1234")
    before = class_file.read(folder)
    with acting_as(STUDENT), pytest.raises(AccessError, match="Only an instructor"):
        act(folder)
    assert class_file.read(folder) == before


def test_a_name_that_nobody_has_is_said(folder: Path, made: Codes) -> None:
    with pytest.raises(AccessError, match="Nobody called 'Zoe'"):
        accounts.sign_out(folder, "Zoe")


def test_a_class_can_be_full_and_may_refuse_to_grow_for_a_while(
    folder: Path, made: Codes, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts.sign_in(folder, made.student, "Anna", "1234")
    with pytest.raises(AccessError, match="at once"):
        accounts.sign_in(folder, made.student, "Ben", "1234", may_join=lambda: False)
    monkeypatch.setattr(accounts, "MOST_PEOPLE", 1)
    with pytest.raises(AccessError, match="no more can"):
        accounts.sign_in(folder, made.student, "Ben", "1234")
    accounts.sign_in(folder, made.student, "Anna", "1234", may_join=lambda: False)


def test_a_class_that_signs_in_at_once_is_all_there(folder: Path, made: Codes) -> None:
    names = [f"Student {number}" for number in range(12)]
    threads = [Thread(target=accounts.sign_in, args=(folder, made.student, name, "1234")) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {each.name for each in accounts.people(folder)} == set(names)


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps the folders of a user from others by other means")
def test_only_the_owner_reads_the_files(folder: Path, made: Codes, tmp_path: Path) -> None:
    accounts.sign_in(folder, made.student, "Anna", "1234")
    files = [folder / "people.json", *(tmp_path / "private").iterdir()]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE((tmp_path / "private").stat().st_mode) == 0o700


def test_the_workspace_holds_neither_codes_nor_pins_nor_the_key(folder: Path, made: Codes) -> None:
    accounts.sign_in(folder, made.student, "Anna", "918273")
    text = (folder / "people.json").read_text()
    secrets = (
        made.student,
        made.instructor,
        codes.comparable(made.student),
        codes.comparable(made.instructor),
        made.key,
    )
    assert not any(secret in text for secret in (*secrets, "918273"))


def test_a_damaged_file_lets_nobody_in_and_says_so(folder: Path, made: Codes) -> None:
    (folder / "people.json").write_text('{"id": 7}')
    with pytest.raises(WorkspaceError, match="is damaged"):
        accounts.sign_in(folder, made.student, "Anna", "1234")


def test_nothing_is_written_where_somebody_is_refused(folder: Path, made: Codes) -> None:
    before = (folder / "people.json").read_bytes()
    with pytest.raises(SeamLensError):
        accounts.sign_in(folder, "wrong", "Anna", "1234")
    assert (folder / "people.json").read_bytes() == before
    with acting_as(OWNER):
        assert accounts.people(folder) == []
