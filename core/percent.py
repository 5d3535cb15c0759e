"""Shares as people read them."""


def percent(share: float, digits: int = 0, signed: bool = False) -> str:
    """Return a share in percent.

    >>> percent(0.7512, 1)
    '75.1 %'
    >>> percent(-0.14, signed=True)
    '-14 %'
    """
    return f"{100 * share:{'+' if signed else ''}.{digits}f} %"
