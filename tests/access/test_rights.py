"""What each role may do."""

from dataclasses import replace
from pathlib import Path

import pytest

import core
from core.access.person import NOBODY, OWNER, Person, Role, acting_as, carried, current
from core.access.rights import (
    Right,
    check,
    check_name,
    check_own,
    is_instructor,
    may,
    may_own,
    own_name,
    shown_name,
)
from core.errors import AccessError

ANNA, TEACHER = Person("Anna", Role.STUDENT), Person("Mr Li", Role.INSTRUCTOR)


def test_the_command_line_acts_as_the_owner_of_the_folder():
    assert current() == OWNER


def test_the_owner_may_do_everything_and_nobody_nothing():
    assert all(may(right) for right in Right)
    with acting_as(NOBODY):
        assert not any(may(right) for right in Right)


def test_a_student_may_label_but_not_delete():
    with acting_as(ANNA):
        check(Right.LABEL)
        with pytest.raises(AccessError, match="Only an instructor may delete"):
            check(Right.DELETE)


def test_an_instructor_may_do_everything():
    with acting_as(TEACHER):
        assert all(may(right) for right in Right)


def test_nobody_is_told_to_sign_in():
    with acting_as(NOBODY), pytest.raises(AccessError, match="not signed in"):
        check(Right.LOOK)


def test_nobody_answers_under_another_name():
    with acting_as(ANNA):
        check_name("anna")  # capitals do not make another person
        with pytest.raises(AccessError, match="cannot answer as Ben"):
            check_name("Ben")


def test_the_owner_answers_under_any_name():
    check_name("Ben")


def test_a_block_ends_with_who_acted_before():
    with acting_as(ANNA):
        with acting_as(TEACHER):
            pass
        assert current() == ANNA


def test_the_docs_have_a_row_for_every_right():
    page = (Path(core.__file__).parents[1] / "docs" / "roles.md").read_text(encoding="utf-8")
    rows = {
        line.split(" | ")[0].strip("| "): line.split(" | ")[1]
        for line in page.splitlines()
        if line.startswith("| ")
    }
    assert all(
        (rows[right.words] != "–") is (right.least is Role.STUDENT or right is Right.EXPORT_NAMES)
        for right in Right
    )


def test_only_who_begun_something_or_an_instructor_changes_it():
    for person, allowed in (
        (ANNA, False),
        (replace(ANNA, name="ben"), True),
        (TEACHER, True),
        (OWNER, True),
        (NOBODY, False),
    ):
        with acting_as(person):
            assert may_own("Ben") is allowed


def test_what_nobody_has_begun_is_no_students():
    with acting_as(ANNA), pytest.raises(AccessError, match="somebody else has begun"):
        check_own("")


def test_students_read_no_name_but_their_own():
    with acting_as(ANNA):
        assert [shown_name(name) for name in ("anna", "Ben", "")] == ["anna", "", ""]
    with acting_as(TEACHER):
        assert shown_name("Ben") == "Ben"


def test_only_the_owner_begins_something_under_a_name_of_choice():
    assert own_name("Ben") == "Ben"
    with acting_as(ANNA):
        assert own_name("Ben") == "Anna"


def test_the_settings_name_instructors_for_the_owner_alone():
    assert (
        is_instructor("Mr Li", ["mr li"]) and not is_instructor("Ben", ["Mr Li"]) and is_instructor("Ben", [])
    )
    with acting_as(ANNA):
        assert not is_instructor("Mr Li", ["Mr Li"]) and not is_instructor("Anna", [])
    with acting_as(TEACHER):
        assert is_instructor("Anna", ["Ben"])


def test_what_is_carried_to_a_thread_acts_as_before():
    with acting_as(ANNA):
        work = carried(current)
    assert work() == ANNA and current() == OWNER
