"""Cookies: a ticket with a signature and the time, that nobody else can make and that ends after a day of lessons."""

import secrets
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path

from itsdangerous import BadData, URLSafeTimedSerializer
from pydantic import ValidationError

from core.access import accounts, class_file, codes
from core.access.accounts import LASTS, Ticket
from core.access.person import NOBODY, Person
from core.json_files import checked

SALT, DEVICE = "seamlens sign-in", "seamlens device"
"""What a signature is for: none stands for the other."""

DEVICE_LASTS = 180 * 24 * 60 * 60
"""Seconds that a device is known."""

LONGEST = 1000
"""Characters of a cookie that is looked at."""


def cookie_name(folder: Path, is_https: bool) -> str:
    """Return the name of the cookie of the class in ``folder``: two classes on two ports of one computer share their cookies."""
    return f"{'__Host-' if is_https else ''}seamlens-{class_file.read(folder).id}"


def sign(folder: Path, ticket: Ticket) -> str:
    """Return the value of the cookie for a ticket."""
    return str(_serializer(codes.key(folder)).dumps(asdict(ticket)))


def read(folder: Path, cookie: str) -> Ticket | None:
    """Return the ticket of a cookie; none where it was not signed here, or has expired."""
    key = codes.key(folder)
    if not key or len(cookie) > LONGEST:
        return None
    try:
        return checked(Ticket, _serializer(key).loads(cookie, max_age=LASTS))
    except (BadData, ValidationError, TypeError):
        return None


def person(folder: Path, cookie: str) -> Person:
    """Return who has a cookie: `NOBODY` where it was not signed here, has expired, or they were signed out."""
    ticket = read(folder, cookie)
    return accounts.person_of(folder, ticket) if ticket else NOBODY


def sign_device(folder: Path, account: str) -> str:
    """Return the value of a cookie by which a device is known on which an account (its id) has signed in."""
    return str(_serializer(codes.key(folder), DEVICE).dumps([account, secrets.token_hex(8)]))


def device(folder: Path, cookie: str, account: str) -> str:
    """Return the id of a device on which an account (its id) has signed in; empty where it has not."""
    key = codes.key(folder)
    if not key or len(cookie) > LONGEST:
        return ""
    try:
        owner, id = _serializer(key, DEVICE).loads(cookie, max_age=DEVICE_LASTS)
        return str(id) if owner == account else ""
    except (BadData, TypeError, ValueError):
        return ""


@lru_cache(maxsize=8)
def _serializer(key: str, salt: str = SALT) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(key, salt=salt)
