"""What the columns of a lookup table mean, and what they leave open: file names, texts, labels, numbers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.attributes import SEAM, TEXT_COLUMNS, Answer, is_reserved
from core.errors import LabelError
from core.lookup_tables import answers
from core.lookup_tables.cells import Cells, read_cells
from core.lookup_tables.table_rows import NAME_WORDS, composed
from core.media.images import PICTURE_FORMATS
from core.text import listed

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


class TableColumns:
    """The cells of a lookup table, and what its columns are."""

    def __init__(self, path: Path, cells: Cells, attributes: Sequence[str]) -> None:
        self.path, self.cells = path, cells
        self.names = self._name_column({name.casefold() for name in attributes})
        self._columns: dict[str, answers.Column] = {}

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

    def column(self, name: str) -> answers.Column:
        """Return the words of a column."""
        if name not in self._columns:
            self._columns[name] = answers.Column(name, self.cells.table[name])
        return self._columns[name]

    def others(self) -> list[str]:
        """Return the columns beside the names and texts: of these nothing but their names is known."""
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
            for name in self.others()
            if name.casefold() in seam or not self.why_not(name, options)
        ]

    def columns(self) -> list[answers.Column]:
        """Return the columns beside the names and texts."""
        return [self.column(name) for name in self.others()]

    def open_columns(self, options: TableOptions) -> list[str]:
        """Return the columns that may hold labels, which only somebody who knows the table can say."""
        return [name for name in self.others() if self.why_not(name, options) in answers.OPEN]

    def why_not(self, name: str, options: TableOptions) -> str:
        """Return in a few words why a column that nobody has named is not read as labels; nothing where it is."""
        if is_reserved(name):
            return "the word stands for something else here"
        column = self.column(name)
        why = answers.why_not(column, options.threshold, options.empty)
        if why in answers.OPEN and self._is_index(name):
            return "it numbers the rows"
        return why

    def _is_index(self, name: str) -> bool:
        """Return whether a column left of the names counts the rows, however few they are."""
        order = list(self.cells.table.columns)
        return order.index(name) < order.index(self.names) and self.column(name).is_numbered

    def spelled(self, attributes: Sequence[str]) -> dict[str, str]:
        """Return the column of each attribute: called like it, else like it but for capitals."""
        spelled: dict[str, str] = {}
        for name in attributes:
            alike = [c for c in self.others() if composed(c).casefold() == composed(name).casefold()]
            if name in alike:
                alike = [name]
            if len(alike) > 1:
                raise LabelError(
                    f"{listed(alike, quoted=True)} in {self.path} are both the attribute {name}.",
                    "Rename one of them.",
                )
            spelled |= dict.fromkeys([name], *alike) if alike else {}
        return spelled


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
    columns: list[answers.Column] = []
    for path in paths:
        table = TableColumns(path, read_cells(path), ())
        sure |= dict.fromkeys(table.attributes(options))
        likely |= dict.fromkeys(table.open_columns(options))
        columns += table.columns()
    return Proposal(
        tuple(sure),
        tuple(name for name in likely if name not in sure),
        any(column.are_marks for column in columns),
        any(column.are_probabilities for column in columns),
    )
