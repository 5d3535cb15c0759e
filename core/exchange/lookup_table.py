"""Reading one lookup table: the labels of pictures, ``,name,good,error,break,length``."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from core.attributes import SEAM, Answer, is_reserved
from core.errors import LabelError
from core.exchange.answers import OPEN, Column, Reading, refusal, why_not
from core.exchange.cells import NAME_WORDS, Cells, composed, composed_all, read_cells
from core.media.images import PICTURE_FORMATS
from core.text import count, listed

TEXT_COLUMNS = ("group", "boxes")
"""Columns beside ``name`` that are read as text. Their readers: `core.exchange.scan_tables` and `core.exchange.boxes`."""

_ENDINGS = frozenset(PICTURE_FORMATS)
_LOOKED_AT = 200  # rows that decide which column holds the file names


@dataclass(frozen=True)
class TableOptions:
    """How tables are read where they leave it open.

    Args:
        attributes: the columns that become the attributes of a new workspace; None takes those that hold words for true
            and false, or are called like attributes of a seam.
        threshold: the probability from which on a number between 0 and 1 is true; None refuses probabilities.
        empty: what an empty cell means in a column of marks (x); never anything but unset unasked.
    """

    attributes: tuple[str, ...] | None = None
    threshold: float | None = None
    empty: Answer = None


AS_WRITTEN = TableOptions()


@dataclass(frozen=True)
class LookupTable:
    """What a lookup table says.

    Args:
        rows: ``name`` (str, bare stem), ``path`` (str, as written), ``line`` (int, of the file), ``group`` and ``boxes``
            (str) where the table has those columns, then one nullable boolean column per attribute.
        attributes: the names of the attribute columns of ``rows``.
        missing: those of them that the file has no column for, so that it says nothing about them.
        repeated: how many rows were left out because a later one has the same name.
        notes: what the user should know, one sentence each.
        columns: how each column was read that has a name of its own.
    """

    rows: pd.DataFrame
    attributes: tuple[str, ...]
    missing: tuple[str, ...]
    repeated: int
    notes: tuple[str, ...]
    columns: tuple[Reading, ...] = field(default=())


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
    those of `core.exchange.answers`; an empty cell, and an attribute without a column, is unset.

    Args:
        path: a file of `core.exchange.cells.TABLE_FORMATS`.
        attributes: the columns to take, without regard to case. None: those that hold answers.
        options: for what the table leaves open.

    Raises:
        LabelError: the file cannot be read, has no column of names, or has a value that is neither true nor
            false; the message names file, line and column.
    """
    table = _Table(path, read_cells(path), attributes or ())
    chosen = attributes if attributes is not None else table.attributes(options)
    return table.read(chosen, options, attributes is None)


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
    given = [_Table(path, read_cells(path), attributes or ()) for path in paths]
    is_new = attributes is None
    if attributes is None:
        attributes = list(dict.fromkeys(name for table in given for name in table.attributes(options)))
        _check_named(given, options)
    elif is_empty and options.attributes is None:
        for table in given:
            _check_none_left(table, attributes, options)
    read = {table.path: table.read(attributes, options, is_new) for table in given}
    for path, done in read.items():
        if set(done.missing) == set(attributes):
            raise _without_attributes(path, done, attributes)
    return read


@dataclass(frozen=True)
class Proposal:
    """What tables leave open: ``sure`` are attributes that they hold for an empty workspace, ``likely`` columns that may hold
    some; whether a column has nothing but marks (x), and whether one has probabilities.
    """

    sure: tuple[str, ...]
    likely: tuple[str, ...]
    has_marks: bool
    has_probabilities: bool


def propose(paths: Iterable[Path], options: TableOptions = AS_WRITTEN) -> Proposal:
    """Return what tables leave open.

    Raises:
        LabelError: a table cannot be read.
    """
    sure: dict[str, None] = {}
    likely: dict[str, None] = {}
    columns: list[Column] = []
    for path in paths:
        table = _Table(path, read_cells(path), ())
        sure |= dict.fromkeys(table.attributes(options))
        likely |= dict.fromkeys(table.open_columns(options))
        columns += table.columns()
    return Proposal(
        tuple(sure),
        tuple(name for name in likely if name not in sure),
        any(column.are_marks for column in columns),
        any(column.are_probabilities for column in columns),
    )


def _check_named(tables: Sequence["_Table"], options: TableOptions) -> None:
    """Refuse attributes that were named and that no table has a column for."""
    columns = {name.casefold() for table in tables for name in table.cells.table.columns}
    if missing := [name for name in options.attributes or () if composed(name).casefold() not in columns]:
        raise LabelError(
            f"No table has a column {listed(missing, word='or')}.", "Check the names of the attributes."
        )


def _check_none_left(table: "_Table", attributes: Sequence[str], options: TableOptions) -> None:
    """Refuse a table for an empty workspace that has labels which would be left out."""
    has = {name.casefold() for name in attributes}
    if left := [name for name in table.attributes(options) if name.casefold() not in has]:
        every = ",".join(table.attributes(options))
        raise LabelError(
            f"{listed(left, quoted=True)} of {table.path} {'holds' if len(left) == 1 else 'hold'} labels, "
            f"but the attributes of this workspace are {listed(attributes)}.",
            f"To take the columns of the table in their place, which an empty workspace allows, say --attributes {every}.",
        )


class _Table:
    """The cells of a lookup table, and what its columns are."""

    def __init__(self, path: Path, cells: Cells, attributes: Sequence[str]) -> None:
        self.path, self.cells = path, cells
        self.names = self._name_column({name.casefold() for name in attributes})
        self._columns: dict[str, Column] = {}

    def _name_column(self, attributes: set[str]) -> str:
        """Return the column of file names: of several that are called so the one with most endings of pictures."""
        table = self.cells.table
        ranks = {name: NAME_WORDS.index(name.casefold()) for name in table.columns
                 if name.casefold() in NAME_WORDS and name.casefold() not in attributes - {"name"}}  # fmt: skip
        if not ranks:
            raise LabelError(
                f"{self.path} has no column “name”, only {', '.join(filter(None, table.columns)) or 'unnamed columns'}.",
                "The first line should read like “,name,good,error,break,length”.",
            )

        def fits(name: str) -> tuple[int, int]:
            cells = table[name].head(_LOOKED_AT).str.strip().str.lower()
            return int(cells.str.endswith(PICTURE_FORMATS).sum()), -ranks[name]

        return max(ranks, key=fits)

    def column(self, name: str) -> Column:
        if name not in self._columns:
            self._columns[name] = Column(name, self.cells.table[name])
        return self._columns[name]

    def _others(self) -> list[str]:
        """Return the columns that nothing is known of but their names."""
        taken = {
            "",
            self.names,
            *(name for name in self.cells.table.columns if name.casefold() in TEXT_COLUMNS),
        }
        return [name for name in self.cells.table.columns if name not in taken]

    def attributes(self, options: TableOptions) -> list[str]:
        """Return the attributes that the table has for a new workspace; those of a seam in their own spelling."""
        seam = {name.casefold(): name for name in SEAM.names}
        if options.attributes is not None:
            return list(options.attributes)
        return [
            seam.get(name.casefold(), name)
            for name in self._others()
            if name.casefold() in seam or not self._why_not(name, options)
        ]

    def columns(self) -> list[Column]:
        """Return the columns beside the names and texts."""
        return [self.column(name) for name in self._others()]

    def open_columns(self, options: TableOptions) -> list[str]:
        """Return the columns that may hold labels, which only somebody who knows the table can say."""
        return [name for name in self._others() if self._why_not(name, options) in OPEN]

    def _why_not(self, name: str, options: TableOptions) -> str:
        if is_reserved(name):
            return "the word stands for something else here"
        column = self.column(name)
        why = why_not(column, options.threshold, options.empty)
        if why in OPEN and self._is_index(name):
            return "it numbers the rows"
        return why

    def _is_index(self, name: str) -> bool:
        """Return whether a column left of the names counts the rows, however few they are."""
        order = list(self.cells.table.columns)
        return order.index(name) < order.index(self.names) and self.column(name).is_numbered

    def read(self, attributes: Sequence[str], options: TableOptions, is_new: bool) -> LookupTable:
        """Return the rows with the answers of these attributes."""
        table, lines = self.cells.table, self.cells.lines
        paths = composed_all(table[self.names].tolist())
        # As objects: strings of Arrow are slow to walk through.
        names = pd.Series(list(map(stem, paths)), dtype=object)
        rows = pd.DataFrame({"name": names, "path": pd.Series(paths, dtype=object), "line": lines})
        if (empty := rows["name"] == "").any():
            raise LabelError(
                f"Line {rows['line'][empty].iloc[0]} of {self.path} has no name.",
                "Write the name of a picture.",
            )
        spelled = self._spelled(attributes)
        for name in table.columns:
            if name.casefold() in TEXT_COLUMNS and name.casefold() not in spelled and name != self.names:
                rows[name.casefold()] = table[name].map(composed)
        readings = {}
        for name in attributes:
            if name not in spelled:
                rows[name] = pd.Series(pd.NA, index=table.index, dtype="boolean")
                continue
            column = self.column(spelled[name])
            answers = column.answers(options.threshold, options.empty)
            if error := refusal(self.path, column, answers, lines):
                raise error
            rows[name] = column.values(answers)
            readings[spelled[name]] = column.reading(name, answers, self._remark(column, options))
        missing = tuple(name for name in attributes if name not in spelled)
        last = ~rows["name"].duplicated(keep="last")
        columns = tuple(readings.get(name) or self._unread(name, options, is_new) for name in self._others())
        repeated = int((~last).sum())
        notes = tuple(f"{self.path.name}: {note}" for note in self._notes(missing, columns, repeated))
        if repeated:
            rows = rows[last].reset_index(drop=True)
        return LookupTable(rows, tuple(attributes), missing, repeated, notes, columns)

    def _notes(self, missing: Sequence[str], columns: Sequence[Reading], repeated: int) -> Iterator[str]:
        yield from self.cells.notes
        if self.names.casefold() != "name":
            yield f"“{self.names}” holds the names of the pictures."
        yield from _notes(missing, columns, repeated)

    def _spelled(self, attributes: Sequence[str]) -> dict[str, str]:
        """Return the column of each attribute: called like it, else like it but for capitals."""
        spelled: dict[str, str] = {}
        for name in attributes:
            alike = [c for c in self._others() if composed(c).casefold() == composed(name).casefold()]
            if name in alike:
                alike = [name]
            if len(alike) > 1:
                raise LabelError(
                    f"{listed(alike, quoted=True)} in {self.path} are both the attribute {name}.",
                    "Rename one of them.",
                )
            spelled |= dict.fromkeys([name], *alike) if alike else {}
        return spelled

    def _remark(self, column: Column, options: TableOptions) -> str:
        if options.threshold is not None and column.are_probabilities:
            return f"true from {options.threshold:g} on"
        if column.are_marks and options.empty is None:
            return "an empty cell is unset, not false, unless you choose so (--empty false)"
        return ""

    def _unread(self, name: str, options: TableOptions, is_new: bool) -> Reading:
        why = self._why_not(name, options) if is_new else ""
        return Reading(name, why=why or "no attribute is called so", is_open=why in OPEN)


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


def _notes(missing: Sequence[str], columns: Sequence[Reading], repeated: int) -> Iterator[str]:
    if repeated:
        yield f"{count(repeated, 'row')} repeated; the last of each name counts."
    if missing:
        yield f"no column {', '.join(missing)}; those labels stay as they are."
    for reading in columns:
        if reading.is_open or (reading.attribute and not reading.is_plain):
            yield reading.sentence()
    if ignored := [r.column for r in columns if not r.attribute and not r.is_open]:
        yield f"{', '.join(ignored)} ignored, for no attribute is called so."
