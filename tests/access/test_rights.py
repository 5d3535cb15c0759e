"""What each role may do."""

import pytest

from core.access.person import NOBODY, OWNER, Person, Role, acting_as, current
from core.access.rights import Right, check, check_name, may
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
