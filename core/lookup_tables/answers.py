"""What people write for true, false and unset, and how a column of such words is read."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from core.attributes import Answer
from core.errors import LabelError
from core.lookup_tables.table_rows import composed
from core.text import count, listed

TRUE = ("true", "wahr", "vrai", "verdadero", "vero", "yes", "ja", "oui", "sí", "sì", "si", "on", "1")
FALSE = ("false", "falsch", "faux", "falso", "no", "nein", "non", "off", "0")
"""Words of English, German, French, Spanish and Italian spreadsheets, in small letters."""

UNSET = ("", "nan", "na", "n/a", "#n/a", "#nv", "<na>", "none", "null", "nil", "unset", "-", "–", "—", "?")

LETTERS = (("t", "f"), ("y", "n"), ("j", "n"), ("o", "n"), ("s", "n"), ("v", "f"), ("w", "f"))
"""Pairs of single letters; a column holds letters of one pair, or they may mean anything."""

MARKS = ("x", "✓", "✔", "☑", "✅")
"""True in a column that holds nothing else, besides empty cells."""

_NUMBER = re.compile(r"([+-]?[0-9]+)(?:[.,]([0-9]+))?(?:e[+-]?[0-9]+)?")
_THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2},[0-9]{3}")
"""A thousand in English and one in German."""
_SHOWN = 4  # words of a column that a sentence names


@dataclass(frozen=True)
class ColumnReading:
    """How a column is read.

    Args:
        column: as its header is written.
        attribute: whose labels it holds; empty where it is not read as labels.
        true: the words that count as true, as they are written first, with how many cells hold them.
        false: the same for false.
        unset: how many cells say nothing.
        why: what the column is else, a few words: why it is not read, or how it is.
        is_open: it may hold labels, but only somebody who knows the table can say so.
    """

    column: str
    attribute: str = ""
    true: dict[str, int] = field(default_factory=dict)
    false: dict[str, int] = field(default_factory=dict)
    unset: int = 0
    why: str = ""
    is_open: bool = False

    @property
    def is_plain(self) -> bool:
        """Return whether it holds only the words that SeamLens writes, so that there is nothing to say."""
        plain = {word.casefold() for word in (*self.true, *self.false)} <= {
            "true",
            "false",
            "0",
            "1",
            "0.0",
            "1.0",
        }
        return plain and not self.why

    def sentence(self) -> str:
        """Return how it is read, in one line without the name of the file."""
        if not self.attribute:
            return f"“{self.column}” is not read: {self.why}."
        meant = [f"{listed(words, most=_SHOWN, quoted=True, word='or')} is {name}"
                 for name, words in (("true", self.true), ("false", self.false)) if words]  # fmt: skip
        empty = [f"{count(self.unset, 'cell')} unset"] if self.unset and not self.why else []
        why = [self.why] if self.why else []
        name = f"“{self.column}”" if self.column == self.attribute else f"“{self.column}” ({self.attribute})"
        return f"{name}: {', '.join([*meant, *empty, *why])}."


def beside(notes: Sequence[str], columns: Mapping[str, Sequence[ColumnReading]]) -> list[str]:
    """Return the notes on tables that do not repeat how their columns are read."""
    sentences = {f"{file}: {r.sentence()}" for file, readings in columns.items() for r in readings}
    return [note for note in notes if note not in sentences]


class Column:
    """The distinct words of a column, in one form, and how often each stands there."""

    def __init__(self, name: str, cells: pd.Series) -> None:
        self.name, self.cells = name, cells
        self.written = cells.value_counts(sort=False)
        forms = {str(cell): _form(str(cell)) for cell in self.written.index}
        self.form = forms
        self.words = {form for form in forms.values() if form not in UNSET}
        self.numbers = {form: number for form in self.words if (number := _number(form)) is not None}

    @property
    def is_empty(self) -> bool:
        return not self.words

    @property
    def is_binary_number(self) -> bool:
        """Return whether all that it holds are zeros and ones: answers, or numbers, or counts."""
        return bool(self.words) and all(self.numbers.get(word) in (0, 1) for word in self.words)

    @property
    def are_numbers(self) -> bool:
        return bool(self.words) and len(self.numbers) == len(self.words)

    @property
    def are_probabilities(self) -> bool:
        """Return whether it holds fractions between 0 and 1."""
        values = self.numbers.values()
        return self.are_numbers and all(0 <= n <= 1 for n in values) and any(0 < n < 1 for n in values)

    @property
    def are_marks(self) -> bool:
        """Return whether it holds nothing but marks (x)."""
        return bool(self.words) and self.words <= set(MARKS)

    @property
    def is_numbered(self) -> bool:
        """Return whether it counts the rows from 0 or 1, as an index does."""
        if not self.are_numbers or len(self.written) != len(self.cells):
            return False
        first = self.numbers.get(_form(self.cells.iloc[0]))
        if first not in (0, 1):
            return False
        return all(self.numbers.get(_form(cell)) == first + place for place, cell in enumerate(self.cells))

    def answers(self, threshold: float | None = None, empty: Answer = None) -> dict[str, Answer]:
        """Return the answer of each word in its one form; words that are no answers are left out.

        Args:
            threshold: of probabilities; the number from which on one is true.
            empty: what an empty cell means in a column of marks (x).
        """
        if threshold is not None and self.are_numbers and all(0 <= n <= 1 for n in self.numbers.values()):
            known: dict[str, Answer] = {word: number >= threshold for word, number in self.numbers.items()}
            return known | dict.fromkeys(UNSET)
        answers: dict[str, Answer] = dict.fromkeys(UNSET)
        if self.are_marks:
            return answers | dict.fromkeys(self.words, True) | {"": empty}
        letters = {word for word in self.words if len(word) == 1 and word.isalpha()}
        pair = next((pair for pair in LETTERS if letters <= set(pair)), None) if letters else None
        if pair and (len(letters) == 2 or not letters & {"o", "s"}):
            answers |= {pair[0]: True, pair[1]: False}
        answers |= dict.fromkeys(TRUE, True) | dict.fromkeys(FALSE, False)
        return answers | {word: bool(number) for word, number in self.numbers.items() if number in (0, 1)}

    def odd(self, answers: Collection[str]) -> list[str]:
        """Return the cells, as they are written, that are no answers."""
        return [cell for cell, form in self.form.items() if form not in answers]

    def reading(self, attribute: str, answers: dict[str, Answer], why: str = "") -> ColumnReading:
        """Return how the column is read with these answers of its words."""
        counts: dict[Answer, dict[str, int]] = {True: {}, False: {}}
        unset = 0
        for cell, number in self.written.items():
            value = answers.get(self.form[str(cell)])
            if value is None:
                unset += int(number)
            else:
                word = composed(str(cell)) or "an empty cell"
                counts[value][word] = counts[value].get(word, 0) + int(number)
        return ColumnReading(self.name, attribute, counts[True], counts[False], unset, why)

    def values(self, answers: dict[str, Answer]) -> pd.Series:
        """Return the answers of all cells, nullable boolean."""
        numbers = {True: 1, False: 0, None: -1}
        of_cell = {cell: numbers[answers.get(form)] for cell, form in self.form.items()}
        number = np.fromiter(map(of_cell.__getitem__, self.cells.tolist()), np.int8, len(self.cells))
        return pd.Series(pd.arrays.BooleanArray(number == 1, number < 0), index=self.cells.index)


OPEN = (
    "it is empty",
    "it holds only 0 and 1, which may be numbers; name it as an attribute if they are labels",
)
"""Why a column is not read that may hold labels nevertheless."""


def why_not(column: Column, threshold: float | None, empty: Answer) -> str:
    """Return in a few words why a column that nobody has named is not read as labels; nothing where it is."""
    if column.is_empty:
        return OPEN[0]
    if column.is_numbered:
        return "it numbers the rows"
    if column.is_binary_number and threshold is None:
        return OPEN[1]
    if column.are_probabilities and threshold is None:
        return "it holds numbers between 0 and 1; if they are probabilities, choose a threshold"
    answers = column.answers(threshold, empty)
    odd = column.odd(answers)
    cells = int(column.written.sum()) - sum(
        int(n) for cell, n in column.written.items() if column.form[str(cell)] in UNSET
    )
    are_odd = sum(int(column.written[cell]) for cell in odd)
    if not odd or (are_odd < cells / 2 and not column.are_numbers):
        return ""
    return f"{listed(odd, most=2, quoted=True)} are no words for true or false" if len(odd) > 1 else (
        f"“{odd[0]}” is no word for true or false")  # fmt: skip


def refusal(path: object, column: Column, answers: dict[str, Answer], lines: np.ndarray) -> LabelError | None:
    """Return an error about the highest cell of a column of labels that is no answer; None where all are answers."""
    odd = set(column.odd(answers))
    if not odd:
        return None
    at = int(column.cells.isin(odd).to_numpy().argmax())
    cell = column.cells.iloc[at]
    place = f"{composed(cell)!r} in {path}, line {lines[at]}, column {column.name}"
    if column.are_probabilities:
        return LabelError(
            f"{place} is a probability, not a label.",
            "Choose from which probability on it counts as true, for example with --threshold 0.5.",
        )
    if _form(cell) in {*MARKS, *(letter for pair in LETTERS for letter in pair)}:
        return LabelError(
            f"{place} is neither true nor false beside the other words of the column.",
            "Write True, False, or nothing in all its cells.",
        )
    return LabelError(f"{place} is neither true nor false.", "Write True, False, 1, 0, or nothing.")


def _form(cell: str) -> str:
    """Return a cell in the one form in which words are compared."""
    return composed(cell).casefold()


def _number(word: str) -> float | None:
    if not _NUMBER.fullmatch(word) or _THOUSANDS.fullmatch(word):
        return None
    return float(word.replace(",", "."))
