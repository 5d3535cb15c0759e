"""Cookies: only those that were signed here are worth something, and only for a day of lessons."""

import time
from pathlib import Path

import pytest
from itsdangerous import URLSafeTimedSerializer

from core.access import accounts, tickets
from core.access.accounts import Ticket
from core.access.codes import Codes
from core.access.person import NOBODY, Person, Role


@pytest.fixture
def ticket(folder: Path, made: Codes) -> Ticket:
    return accounts.sign_in(folder, made.student, "Anna", "1234")


def test_a_cookie_says_who_has_it(folder: Path, ticket: Ticket) -> None:
    assert tickets.person(folder, tickets.sign(folder, ticket)) == Person("Anna", Role.STUDENT)


def test_a_changed_cookie_is_worth_nothing(folder: Path, ticket: Ticket) -> None:
    cookie = tickets.sign(folder, ticket)
    payload, at, signature = cookie.rsplit(".", 2)
    other = "B" if signature[0] == "A" else "A"
    changed = (payload, f"{payload}A.{at}.{signature}", f"{payload}.{at}.{other}{signature[1:]}")
    for forged in ("", "x", *changed, "é" * 40, "x" * 5000):
        assert tickets.person(folder, forged) == NOBODY


def test_a_cookie_of_another_key_is_worth_nothing(folder: Path, ticket: Ticket) -> None:
    payload = {"account": ticket.account, "session": "x", "role": "instructor", "code": 0, "generation": 0}
    for key in ("", "0" * 64):
        forged = URLSafeTimedSerializer(key, salt=tickets.SALT).dumps(payload)
        assert tickets.person(folder, forged) == NOBODY


def test_a_cookie_ends_after_a_day_of_lessons(
    folder: Path, ticket: Ticket, monkeypatch: pytest.MonkeyPatch
) -> None:
    cookie, now = tickets.sign(folder, ticket), time.time()
    monkeypatch.setattr(time, "time", lambda: now + accounts.LASTS - 5)
    assert tickets.person(folder, cookie).name == "Anna"
    monkeypatch.setattr(time, "time", lambda: now + accounts.LASTS + 5)
    assert tickets.person(folder, cookie) == NOBODY


def test_a_signed_cookie_with_something_else_in_it_is_worth_nothing(folder: Path, made: Codes) -> None:
    serializer = URLSafeTimedSerializer(made.key, salt=tickets.SALT)
    for content in (7, [], {"account": 7}, {"role": "owner"}):
        assert tickets.person(folder, serializer.dumps(content)) == NOBODY


def test_two_classes_of_one_computer_have_cookies_of_their_own(folder: Path, made: Codes) -> None:
    assert tickets.cookie_name(folder, is_https=True).startswith("__Host-seamlens-")
    assert tickets.cookie_name(folder, is_https=False) != tickets.cookie_name(folder.parent, is_https=False)
