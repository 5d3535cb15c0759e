"""Reading one lookup table: the labels of pictures, ``,name,good,error,break,length``."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from core.attributes import TEXT_COLUMNS
from core.errors import LabelError
from core.lookup_tables.answers import OPEN, Column, ColumnReading, refusal
from core.lookup_tables.cells import read_cells
from core.lookup_tables.column_meanings import AS_WRITTEN, TableColumns, TableOptions
from core.lookup_tables.table_rows import composed, composed_all
from core.media.images import PICTURE_FORMATS
from core.text import count, listed

_ENDINGS = frozenset(PICTURE_FORMATS)


@dataclass(frozen=True)
class LookupTable:
    """What a lookup table says.

    Args:
        rows: ``name`` (str, bare stem), ``path`` (str, as written), ``line`` (int, of the file), those of
            `core.attributes.TEXT_COLUMNS` (str) that the table has, then one nullable boolean column per attribute.
        attributes: the names of the attribute columns of ``rows``.
        missing: those of them that the file has no column for, so that it says nothing about them.
        repeated: how many rows were left out because a later one has the same name.
        notes: what the user should know, one sentence each.
        columns: how each column was read that has a name of its own.
        empty_is_silent: an empty cell says nothing, so that an earlier label stays, rather than that it is unset.
    """

    rows: pd.DataFrame
    attributes: tuple[str, ...]
    missing: tuple[str, ...]
    repeated: int
    notes: tuple[str, ...]
    columns: tuple[ColumnReading, ...] = field(default=())
    empty_is_silent: bool = False


def stem(path: str) -> str:
    """Return the file name in ``path`` (with / or \\) without the ending of a picture, in its one form (NFC, trimmed)."""
    name = composed(path.replace("\\", "/").rpartition("/")[2])
    dot = name.rfind(".")
    return name[:dot] if dot >= 0 and name[dot:].lower() in _ENDINGS else name


def read_table(
    path: Path, attributes: Sequence[str] | None = None, options: TableOptions = AS_WRITTEN
) -> LookupTable:
    """Read a lookup table; see `read_tables`.

    Names may be bare or full paths with / or \\; the last of repeated names counts. The words for true and false are
    those of `core.lookup_tables.answers`; an empty cell, and an attribute without a column, is unset.

    Args:
        path: a file of `core.lookup_tables.cells.TABLE_FORMATS`.
        attributes: the columns to take, without regard to case. None: those that hold answers.
        options: for what the table leaves open.

    Raises:
        LabelError: the file cannot be read, has no column of names, or has a value that is neither true nor
            false; the message names file, line and column.
    """
    columns = TableColumns(path, read_cells(path), attributes or ())
    chosen = attributes if attributes is not None else columns.attributes(options)
    return _read(columns, chosen, options, attributes is None)


def read_tables(
    paths: Iterable[Path],
    attributes: Sequence[str] | None,
    options: TableOptions = AS_WRITTEN,
    is_empty: bool = False,
) -> dict[Path, LookupTable]:
    """Read lookup tables that belong together: an attribute of one is one of all; see `read_table`.

    Args:
        paths: the tables.
        attributes: as `read_table`.
        options: as `read_table`.
        is_empty: the workspace is, so that a column of labels that it has no attribute for is a mistake, and refused.

    Raises:
        LabelError: also where a table has a column for none of the attributes.
    """
    given = [TableColumns(path, read_cells(path), attributes or ()) for path in paths]
    is_new = attributes is None
    if attributes is None:
        attributes = list(dict.fromkeys(name for table in given for name in table.attributes(options)))
        _check_named(given, options)
    elif is_empty and options.attributes is None:
        for table in given:
            _check_none_left(table, attributes, options)
    read = {table.path: _read(table, attributes, options, is_new) for table in given}
    for path, done in read.items():
        if set(done.missing) == set(attributes):
            raise _without_attributes(path, done, attributes)
    return read


def _check_named(tables: Sequence[TableColumns], options: TableOptions) -> None:
    """Refuse attributes that were named and that no table has a column for."""
    columns = {name.casefold() for table in tables for name in table.cells.table.columns}
    if missing := [name for name in options.attributes or () if composed(name).casefold() not in columns]:
        raise LabelError(
            f"No table has a column {listed(missing, word='or')}.", "Check the names of the attributes."
        )


def _check_none_left(table: TableColumns, attributes: Sequence[str], options: TableOptions) -> None:
    """Refuse a table for an empty workspace that has labels which would be left out."""
    has = {name.casefold() for name in attributes}
    if left := [name for name in table.attributes(options) if name.casefold() not in has]:
        every = ",".join(table.attributes(options))
        raise LabelError(
            f"{listed(left, quoted=True)} of {table.path} {'holds' if len(left) == 1 else 'hold'} labels, "
            f"but the attributes of this workspace are {listed(attributes)}.",
            f"To take the columns of the table in their place, which an empty workspace allows, say --attributes {every}.",
        )


def _read(
    columns: TableColumns, attributes: Sequence[str], options: TableOptions, is_new: bool
) -> LookupTable:
    """Return the rows with the answers of these attributes."""
    rows, spelled = _named_rows(columns), columns.spelled(attributes)
    for name in columns.cells.table.columns:
        if name.casefold() in TEXT_COLUMNS and name.casefold() not in spelled and name != columns.names:
            rows[name.casefold()] = columns.cells.table[name].map(composed)
    readings: dict[str, ColumnReading] = {}
    for name in attributes:
        if name in spelled:
            rows[name], readings[spelled[name]] = _answers(columns, name, spelled[name], options)
        else:
            rows[name] = pd.Series(pd.NA, index=rows.index, dtype="boolean")
    missing = tuple(name for name in attributes if name not in spelled)
    is_repeated = rows["name"].duplicated(keep="last")
    repeated = int(is_repeated.sum())
    read = tuple(readings.get(name) or _unread(columns, name, options, is_new) for name in columns.others())
    notes = tuple(f"{columns.path.name}: {note}" for note in _notes(columns, missing, read, repeated))
    if repeated:
        rows = rows[~is_repeated].reset_index(drop=True)
    return LookupTable(rows, tuple(attributes), missing, repeated, notes, read)


def _named_rows(columns: TableColumns) -> pd.DataFrame:
    """Return ``name``, ``path`` and ``line`` of all rows."""
    paths = composed_all(columns.cells.table[columns.names].tolist())
    # As objects: strings of Arrow are slow to walk through.
    names = pd.Series(list(map(stem, paths)), dtype=object)
    lines = columns.cells.lines
    if (empty := (names == "").to_numpy()).any():
        raise LabelError(
            f"Line {lines[empty][0]} of {columns.path} has no name.", "Write the name of a picture."
        )
    return pd.DataFrame({"name": names, "path": pd.Series(paths, dtype=object), "line": lines})


def _answers(
    columns: TableColumns, attribute: str, name: str, options: TableOptions
) -> tuple[pd.Series, ColumnReading]:
    """Return the answers of a column, and how it is read."""
    column = columns.column(name)
    answers = column.answers(options.threshold, options.empty)
    if error := refusal(columns.path, column, answers, columns.cells.lines):
        raise error
    return column.values(answers), column.reading(attribute, answers, _remark(column, options))


def _remark(column: Column, options: TableOptions) -> str:
    if options.threshold is not None and column.are_probabilities:
        return f"true from {options.threshold:g} on"
    if column.are_marks and options.empty is None:
        return "an empty cell is unset, not false, unless you choose so (--empty false)"
    return ""


def _unread(columns: TableColumns, name: str, options: TableOptions, is_new: bool) -> ColumnReading:
    why = columns.why_not(name, options) if is_new else ""
    return ColumnReading(name, why=why or "no attribute is called so", is_open=why in OPEN)


def _without_attributes(path: Path, table: LookupTable, attributes: Sequence[str]) -> LabelError:
    """Return the error that a table has no column of labels; where some may be, it says how to name them."""
    unread = [reading for reading in table.columns if reading.is_open]
    if not attributes and unread:
        names = [reading.column for reading in unread]
        return LabelError(
            f"No column of {path} is labels without doubt: {'; '.join(reading.sentence()[:-1] for reading in unread)}.",
            f"Say which of them are labels: --attributes {','.join(names)}",
        )
    likely = [reading for reading in table.columns if "threshold" in reading.why]
    if not attributes and likely:
        return LabelError(
            f"{path} has no column for any attribute: {likely[0].sentence()}",
            "Choose the threshold, for example --threshold 0.5, if they are probabilities.",
        )
    return LabelError(
        f"{path} has no column for {listed(attributes, word='or') or 'any attribute'}.",
        "Rename its columns, or use another workspace.",
    )


def _notes(
    columns: TableColumns, missing: Sequence[str], read: Sequence[ColumnReading], repeated: int
) -> Iterator[str]:
    yield from columns.cells.notes
    if columns.names.casefold() != "name":
        yield f"“{columns.names}” holds the names of the pictures."
    if repeated:
        yield f"{count(repeated, 'row')} repeated; the last of each name counts."
    if missing:
        yield f"no column {', '.join(missing)}; those labels stay as they are."
    for reading in read:
        if reading.is_open or (reading.attribute and not reading.is_plain):
            yield reading.sentence()
    if ignored := [r.column for r in read if not r.attribute and not r.is_open]:
        yield f"{', '.join(ignored)} ignored, for no attribute is called so."
