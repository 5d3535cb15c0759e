"""The rows of Excel and OpenDocument files."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from core.errors import LabelError
from core.lookup_tables.table_rows import AT_ONCE, TITLES, Block, has_name, is_comment, without_blank
from core.text import listed


def sheet_rows(path: Path) -> tuple[Iterator[Block], list[str]]:
    """Return the rows of the one sheet that has a name column, or of the first, and notes on the others.

    Raises:
        LabelError: it cannot be read, or several sheets have a name column.
    """
    import python_calamine as calamine

    try:
        book = calamine.load_workbook(path)
        sheets = {
            name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names
        }
    except calamine.PasswordError as error:
        raise LabelError(f"{path} has a password.", "Save it without one.") from error
    except (calamine.CalamineError, ValueError, OverflowError, RuntimeError) as error:
        why = " ".join(str(error).split())
        problem = f"{path} cannot be read as a spreadsheet{f' ({why})' if why else ''}."
        raise LabelError(
            problem, "Open it in a spreadsheet and save it as .xlsx or as “CSV UTF-8”."
        ) from error
    fitting = [
        name for name, rows in sheets.items() if any(has_name(_texts(row)) for row in rows[: TITLES + 1])
    ]
    if len(fitting) > 1:
        raise LabelError(
            f"{path} has several sheets with a name column: {listed(fitting)}.", "Keep one of them."
        )
    filled = [name for name, rows in sheets.items() if rows]
    chosen = (fitting or filled or [""])[0]
    others = [name for name in filled if name != chosen]
    notes = [f"sheet “{chosen}” is read, {listed(others, quoted=True)} not."] if others else []
    return _read_sheet(sheets.get(chosen, [])), notes


def _read_sheet(rows: Sequence[Sequence[Any]]) -> Iterator[Block]:
    for begin in range(0, len(rows), AT_ONCE):
        some = list(map(_texts, rows[begin : begin + AT_ONCE]))
        # A comment in a cell of its own is a blank row.
        some = [[] if is_comment(cells) and not any(map(str.strip, cells[1:])) else cells for cells in some]
        yield without_blank(some, range(begin + 1, begin + 1 + len(some)))


def _texts(row: Sequence[Any]) -> list[str]:
    """Return the values of cells as a CSV file would hold them."""
    return [str(int(v)) if isinstance(v, float) and v.is_integer() else str(v) for v in row]
