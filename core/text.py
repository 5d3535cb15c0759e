"""Numbers as people read them."""

from collections.abc import Sequence

UNKNOWN = "–"


def percent(share: float | None, digits: int = 0, signed: bool = False, unknown: str = UNKNOWN) -> str:
    """Return a share in percent, or ``unknown`` where there is none.

    >>> percent(0.7512, 1)
    '75.1 %'
    >>> percent(-0.14, signed=True)
    '-14 %'
    """
    return unknown if share is None else f"{100 * share:{'+' if signed else ''}.{digits}f} %"


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, in the plural where it is not one.

    >>> counted(1, "frame"), counted(1200, "frame")
    ('1 frame', '1,200 frames')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def share_of(few: int, whole: int) -> str:
    """Return which share of ``whole`` are ``few``, in whole percent; of a small one it does not say 0 %.

    >>> share_of(2, 3), share_of(1, 1000)
    ('67 %', 'under 1 %')
    """
    return "under 1 %" if 100 * few < whole else percent(few / whole)


def points(difference: float | None) -> str:
    """Return a difference of shares in points.

    >>> points(-0.0314)
    '-3.1'
    """
    return UNKNOWN if difference is None else f"{100 * difference:+.1f}"


def between(interval: Sequence[float] | None, signed: bool = False, unknown: str = UNKNOWN) -> str:
    """Return the interval of a share in percent, or where it is ``signed`` that of a difference in points.

    >>> between((0.7, 0.8512))
    '70.0 to 85.1 %'
    >>> between((-0.01, 0.02), signed=True)
    '-1.0 to +2.0'
    """
    if interval is None:
        return unknown
    low, high = interval
    return f"{points(low)} to {points(high)}" if signed else f"{100 * low:.1f} to {percent(high, 1)}"
