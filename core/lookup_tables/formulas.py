"""Cells that a spreadsheet would run: whoever opens a table must not start what somebody wrote as a name.

A text that begins with one of =, +, -, @, a tab or a line break gets an apostrophe before it, with which spreadsheets show it as
text (OWASP, CSV Injection). Reading takes that apostrophe away again, so that a table comes back as it was. Numbers stay numbers.
"""

import re

import pandas as pd

_RUN = re.compile(r"'*\s*[=+\-@\t\r\n＝＋－＠]")
"""What begins with apostrophes already gets one more, so that reading takes one away."""
_NUMBER = re.compile(r"[+-]?([0-9]+([.,][0-9]*)?|[.,][0-9]+)([eE][+-]?[0-9]+)?")
_HARMLESS = re.compile(r"'+\s*[=+\-@\t\r\n＝＋－＠]")


def as_text(cell: str) -> str:
    """Return a cell as one that no spreadsheet runs.

    >>> as_text("=cmd|x"), as_text("-1.5"), as_text("seam_1.png"), as_text("'=a")
    ("'=cmd|x", '-1.5', 'seam_1.png', "''=a")
    """
    return f"'{cell}" if _RUN.match(cell) and not _NUMBER.fullmatch(cell) else cell


def as_written(cell: str) -> str:
    """Return what `as_text` made a cell of.

    >>> as_written("'=cmd|x"), as_written("-1.5"), as_written("''=a"), as_written("'90s")
    ('=cmd|x', '-1.5', "'=a", "'90s")
    """
    return cell[1:] if cell.startswith("'") and _HARMLESS.match(cell) else cell


def without_formulas(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table in which neither a cell nor a header is run by a spreadsheet."""

    def safe(cell: object) -> object:
        return as_text(cell) if isinstance(cell, str) else cell

    texts = {name: table[name].map(safe) for name in table.columns if not _has_no_text(table[name])}
    return table.assign(**texts).rename(columns=safe)


def _has_no_text(column: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_bool_dtype(column.dtype)
