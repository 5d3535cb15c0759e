"""The cells of a table file as text: CSV in the encodings and separators that people save, Excel and OpenDocument."""

import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import accumulate, chain, compress, islice
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from core.errors import LabelError
from core.exchange.zips import DAMAGED
from core.json_files import readable
from core.text import count, listed

TEXTS = (".csv", ".tsv")
SHEETS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")
TABLE_FORMATS = (*TEXTS, *SHEETS)
"""File name extensions of lookup tables, in small letters."""

LARGEST = 2 * 1024**3
"""Bytes that a table may have, unpacked."""

_AT_ONCE = 10_000  # rows
_LOOKED_AT = 200  # cells that tell whether a column repeats few words
_HEAD = 70_000  # letters that tell the separator
_BREAK = re.compile(r"\r\n|\r|\n")
TITLES = 10
"""Rows above the header that may be titles and notes."""

NAME_WORDS = (
    "name", "filename", "file name", "file_name", "file", "image", "image name", "image_name", "imagename", "img",
    "picture", "photo", "frame", "path", "filepath", "file_path", "image_path", "img_path",
    "dateiname", "datei", "bild", "bildname", "bilddatei", "foto", "pfad",
    "nom", "nom de fichier", "nom du fichier", "fichier", "image_nom", "chemin",
    "nombre", "nombre de archivo", "archivo", "fichero", "imagen", "ruta",
    "nome", "nome file", "nome del file", "immagine", "percorso",
)  # fmt: skip
"""What the column of file names is called, in small letters; the first of them counts."""

_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe\0\0", "utf-32"), (b"\0\0\xfe\xff", "utf-32"),
          (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))  # fmt: skip
_OLD = {"cp1252": "Windows-1252", "mac_roman": "Mac Roman", "cp850": "DOS 850"}
"""Encodings of one byte a letter that spreadsheets of western Europe write, by their names for people."""

_LETTERS = frozenset("äöüÄÖÜßéèêëÉÈàâáÀÁçÇîïíìôóòñÑûùúœŒ¿¡€°µ²–—’‘“”„…«»")
_INVISIBLE = dict.fromkeys(map(ord, "\ufeff\u200b\u2060"))


class Cells(NamedTuple):
    """A table as it is written.

    ``table`` holds text, an unnamed first column is called ""; ``lines`` (int) says on which line of the file each row
    ends; ``notes`` are sentences for the user.
    """

    table: pd.DataFrame
    lines: np.ndarray
    notes: tuple[str, ...]


Block = tuple[list[list[str]], Sequence[int]]
"""The cells of some rows, without blank rows, and the line of the file that each ends on."""


def read_cells(path: Path) -> Cells:
    """Read a table: its first row with several cells is the header. Blank rows, comments (#) and titles are passed over.

    Raises:
        LabelError: the file cannot be read, has no rows, or rows of different lengths.
    """
    try:
        size = _size(path)
        if size > LARGEST:
            raise LabelError(f"{path} has {size / 1024**3:.1f} GB; {LARGEST // 1024**3} GB are possible.",
                             "Divide it into several tables.")  # fmt: skip
        rows, notes = _sheet_rows(path) if path.suffix.lower() in SHEETS else _text_rows(path)
        return _cells(path, rows, notes)
    except OSError as error:
        raise LabelError(f"{path} cannot be read ({error.strerror}).", "Check its name.") from error


def composed(text: str) -> str:
    """Return a text in its one form: composed (Unicode NFC), trimmed, without characters that nobody sees."""
    if text.isascii():
        return text.strip()
    return unicodedata.normalize("NFC", text.translate(_INVISIBLE)).strip()


def composed_all(texts: Sequence[str]) -> list[str]:
    """Return texts in their one form; see `composed`."""
    is_plain = "".join(texts).isascii()
    return list(map(str.strip if is_plain else composed, texts))


def _size(path: Path) -> int:
    if path.suffix.lower() in SHEETS:
        with suppress(*DAMAGED), zipfile.ZipFile(path) as archive:
            return sum(entry.file_size for entry in archive.infolist())
    return path.stat().st_size


def _cells(path: Path, blocks: Iterator[Block], notes: list[str]) -> Cells:
    """Gather the columns of rows, of which one of the first is the header."""
    blocks = (block for block in blocks if block[0])
    rows, row_lines = next(blocks, ([], ()))
    place, skipped = _header_row(rows)
    if skipped:
        notes = [*notes, f"{count(skipped, 'row')} above the header passed over."]
    header = rows[place] if rows else []
    while (
        header and not header[-1].strip()
    ):  # spreadsheets write a separator for each column that was once used
        header = header[:-1]
    columns, lines = _columns(path, len(header), chain([(rows[place + 1 :], row_lines[place + 1 :])], blocks))
    if not len(lines):
        raise LabelError(f"There are no rows in {path}.", "Add a row for each picture.")
    names = _header(path, header, columns)
    kept = [place for place, name in enumerate(names) if name is not None]
    data = {names[place]: pd.Series(columns[place], dtype=object) for place in kept}
    return Cells(pd.DataFrame(data), lines, tuple(notes))


def _columns(path: Path, width: int, blocks: Iterable[Block]) -> tuple[list[list[str]], np.ndarray]:
    """Return the columns of rows, and the line of each row, (rows,) int64."""
    columns: list[list[str]] = [[] for _ in range(width)]
    lines = [np.empty(0, np.int64)]
    strings: dict[str, str] = {}
    for block in blocks:
        rows, row_lines = block if set(map(len, block[0])) <= {width} else _of_width(path, *block, width)
        lines.append(np.array(row_lines, np.int64))
        for column, words in zip(columns, zip(*rows, strict=True), strict=bool(rows)):
            is_varied = len(set(words[:_LOOKED_AT])) > _LOOKED_AT / 2
            # Of answers, each word once: a million rows repeat few of them.
            column.extend(words if is_varied else map(strings.setdefault, words, words))
        if len(strings) > _AT_ONCE:
            strings.clear()
    return columns, np.concatenate(lines)


def _of_width(path: Path, rows: list[list[str]], lines: Sequence[int], width: int) -> Block:
    """Return rows with as many cells as the header has; more are fine where they are empty. Comments are left out."""
    of_width = []
    for cells, line in zip(rows, lines, strict=True):
        if len(cells) != width and _is_comment(cells):
            continue
        if len(cells) < width or any(cell.strip() for cell in cells[width:]):
            raise LabelError(
                f"Line {line} of {path} has {len(cells)} cells where the first line has {width}.",
                "Correct the line.",
            )
        of_width.append((cells[:width], line))
    return [cells for cells, _ in of_width], [line for _, line in of_width]


def _header_row(rows: Sequence[Sequence[str]]) -> tuple[int, int]:
    """Return the place of the header, and how many titles stand above it: among the first rows it is the one with a name column."""
    is_no_comment = (_has_name(cells) or not _is_comment(cells) for cells in rows)
    first = next((place for place, is_row in enumerate(is_no_comment) if is_row), 0)
    for place, cells in enumerate(rows[first : first + TITLES + 1], first):
        if _has_name(cells):
            return place, place - first
        if place == first and len([cell for cell in cells if cell.strip()]) > 1:
            break  # a header without a name column, which is refused with its words
    return first, 0


def _has_name(cells: Sequence[str]) -> bool:
    return any(composed(cell).casefold() in NAME_WORDS for cell in cells)


def _is_comment(cells: Sequence[str]) -> bool:
    return bool(cells) and cells[0].lstrip().startswith("#")


def _header(path: Path, cells: Sequence[str], columns: Sequence[Sequence[str]]) -> list[str | None]:
    """Return the names of the columns; None for one without a name and without a cell."""
    header = [composed(cell) for cell in cells]
    if header and re.fullmatch(
        r"Unnamed: 0(\.\d+)?", header[0]
    ):  # an index that pandas has read and written again
        header[0] = ""
    names = [
        name or (f"column {place + 1}" if place else "")
        if name or any(map(str.strip, columns[place])) or not place
        else None
        for place, name in enumerate(header)
    ]
    if repeated := sorted({name for name in names if name is not None and names.count(name) > 1}):
        raise LabelError(f"The column {repeated[0]} stands twice in {path}.", "Rename one of them.")
    return names


# Text


def _text_rows(path: Path) -> tuple[Iterator[Block], list[str]]:
    content = readable(path).read_bytes()
    encoding, notes = _encoding(path, content)
    head = _stream(content, encoding).read(_HEAD)
    start, separator = _declared(head)
    separator = separator or _separator(head, start)
    return _read_text(path, _stream(content, encoding), head, start, separator), notes


def _stream(content: bytes, encoding: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(content), encoding, newline="")


def _encoding(path: Path, content: bytes) -> tuple[str, list[str]]:
    """Return the encoding of a file, and a note where it had to be guessed."""
    marked = [encoding for mark, encoding in _MARKS if content.startswith(mark)]
    encoding = (marked or [_wide(content) if _is_wide(content) else "utf-8"])[0]
    try:
        content.decode(encoding)
        return encoding, []
    except UnicodeDecodeError:
        if _is_binary(content):
            raise LabelError(f"{path} is not a table, but a file of another kind.",
                             "Save it as “CSV UTF-8”, or as .xlsx or .ods with that ending.") from None  # fmt: skip
        encoding = max(_OLD, key=lambda name: _letters(content, name))
        text = content.decode(encoding, errors="replace")
        if "\ufffd" in text:
            raise LabelError(f"{path} is not a CSV file in UTF-8 or another encoding that is known here.",
                             "Save it as “CSV UTF-8”.") from None  # fmt: skip
        return encoding, [f"read as {_OLD[encoding]}, for it is not UTF-8: check its umlauts and accents."]


def _is_wide(content: bytes) -> bool:
    """Return whether every second byte of a text is zero, as in UTF-16 without a mark."""
    start = content[:200]
    return len(start) > 3 and max(start[0::2].count(0), start[1::2].count(0)) > len(start) * 0.4


def _wide(content: bytes) -> str:
    start = content[:200]
    return "utf-16-le" if start[1::2].count(0) > start[0::2].count(0) else "utf-16-be"


def _is_binary(content: bytes) -> bool:
    start = content[:4096]
    return sum(byte < 32 and byte not in b"\t\n\r\f\x1a" for byte in start) > len(start) / 100


def _letters(content: bytes, encoding: str) -> int:
    odd = bytes(byte for byte in content[:1_000_000] if byte > 127)
    text = odd.decode(encoding, errors="replace")
    return sum(1 if letter in _LETTERS else -1 for letter in text)


def _declared(text: str) -> tuple[int, str]:
    """Return where the table begins and the separator that its first line says, as Excel does: ``sep=;``."""
    match = re.match(r"\s*\"?sep=(.|\\t)\"?[ \t]*(?:\r\n|\r|\n|$)", text, re.IGNORECASE)
    return (match.end(), match[1].replace("\\t", "\t")) if match else (0, "")


def _separator(text: str, start: int) -> str:
    """Return the mark that makes the most cells of the header, before all where one of them is the name column."""
    sample = io.StringIO(text[start:], newline="")
    first = [line for _, line in zip(range(TITLES), (line for line in sample if line.strip()), strict=False)]
    ranks = {}
    for mark in ",;\t|":
        with suppress(csv.Error):
            rows = [cells for line in first for cells in csv.reader([line], delimiter=mark)]
            named = [len(cells) for cells in rows if _has_name(cells)]
            ranks[mark] = (
                bool(named) and named[0] > 1,
                named[0] if named else max(map(len, rows), default=0),
            )
    return max(ranks, key=ranks.__getitem__, default=",")


def _read_text(
    path: Path, stream: io.TextIOWrapper, head: str, start: int, separator: str
) -> Iterator[Block]:
    stream.read(start)
    above = head.count("\n", 0, start) or int(bool(start))
    is_spaced = f'{separator} "' in head[start : start + 4096]
    reader = csv.reader(stream, delimiter=separator, strict=True, skipinitialspace=is_spaced)
    end = above
    try:
        while rows := list(islice(reader, _AT_ONCE)):
            begin, end = end, above + reader.line_num
            yield _without_blank(
                rows, range(begin + 1, end + 1) if end - begin == len(rows) else _ends(rows, begin)
            )
    except csv.Error as error:
        problem = f"{path} is not a CSV file: {error} (line {reader.line_num + above})."
        raise LabelError(
            problem, "Look for a quotation mark without its other half, or save the file anew."
        ) from error


def _ends(rows: Iterable[Sequence[str]], line: int) -> list[int]:
    """Return on which line each row ends that follows ``line``, where cells hold line breaks."""
    return list(
        accumulate((1 + sum(len(_BREAK.findall(cell)) for cell in cells) for cells in rows), initial=line)
    )[1:]


def _without_blank(rows: list[list[str]], lines: Sequence[int]) -> Block:
    if all(rows) and all(map(str.strip, map(itemgetter(-1), rows))):
        return rows, lines
    is_filled = [bool(cells) and bool(cells[-1].strip() or any(map(str.strip, cells))) for cells in rows]
    return list(compress(rows, is_filled)), list(compress(lines, is_filled))


# Spreadsheets


def _sheet_rows(path: Path) -> tuple[Iterator[Block], list[str]]:
    """Return the rows of the one sheet that has a name column, or of the first."""
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
        name for name, rows in sheets.items() if any(_has_name(_texts(row)) for row in rows[: TITLES + 1])
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
    for begin in range(0, len(rows), _AT_ONCE):
        some = list(map(_texts, rows[begin : begin + _AT_ONCE]))
        # A comment in a cell of its own is a blank row.
        some = [[] if _is_comment(cells) and not any(map(str.strip, cells[1:])) else cells for cells in some]
        yield _without_blank(some, range(begin + 1, begin + 1 + len(some)))


def _texts(row: Sequence[Any]) -> list[str]:
    """Return the values of cells as a CSV file would hold them."""
    return [str(int(v)) if isinstance(v, float) and v.is_integer() else str(v) for v in row]
