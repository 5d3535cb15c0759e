"""Numbers as pages write them: 2,900; – for none; a true minus and a unit."""

from core.text import UNKNOWN, with_minus


def number(value: float | None, digits: int = 0, signed: bool = False, unit: str = "") -> str:
    """Return a number with thousands marked.

    >>> number(2900), number(None), number(-5, 1), number(0.5, 1, signed=True, unit="s")
    ('2,900', '–', '−5.0', '+0.5 s')
    """
    if value is None:
        return UNKNOWN
    return with_minus(f"{value:{'+' if signed else ''},.{digits}f}") + (f" {unit}" if unit else "")
