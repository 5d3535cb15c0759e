"""Numbers as pages write them: 2,900; – for none; a true minus as in −5.0. Plain text of core is for the command line."""

from collections.abc import Sequence
from typing import Any

from core import text
from core.text import UNKNOWN


def number(value: float | None, digits: int = 0, signed: bool = False, unit: str = "") -> str:
    """Return a number with thousands marked.

    >>> number(2900), number(None), number(-5, 1), number(0.5, 1, signed=True, unit="s")
    ('2,900', '–', '−5.0', '+0.5 s')
    """
    if value is None:
        return UNKNOWN
    return with_minus(f"{value:{'+' if signed else ''},.{digits}f}") + (f" {unit}" if unit else "")


def percent(share: float | None, digits: int = 0, signed: bool = False, unknown: str = UNKNOWN) -> str:
    """Return a share in percent, or ``unknown`` where there is none.

    >>> percent(-0.1234, 1), percent(None)
    ('−12.3 %', '–')
    """
    return with_minus(text.percent(share, digits, signed, unknown))


def points(difference: float | None) -> str:
    """Return a difference of shares in points.

    >>> points(-0.05), points(0.01)
    ('−5.0', '+1.0')
    """
    return with_minus(text.points(difference))


def between(interval: Sequence[float] | None, signed: bool = False, unknown: str = UNKNOWN) -> str:
    """Return the interval of a share in percent, or where it is ``signed`` that of a difference in points.

    >>> between((-0.01, 0.02), signed=True)
    '−1.0 to +2.0'
    """
    return with_minus(text.between(interval, signed, unknown))


def with_minus(words: Any) -> str:
    """Return a number that was written with a hyphen with a minus."""
    return str(words).replace("-", "−")
