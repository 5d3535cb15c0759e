"""The rows of CSV and TSV files in the encodings and with the separators that people save."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import accumulate, islice
from pathlib import Path

from core.errors import LabelError
from core.json_files import readable
from core.lookup_tables.table_rows import AT_ONCE, TITLES, Block, has_name, without_blank

_HEAD = 70_000  # letters that tell the separator


_BREAK = re.compile(r"\r\n|\r|\n")


_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe\0\0", "utf-32"), (b"\0\0\xfe\xff", "utf-32"),
          (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))  # fmt: skip


_OLD = {"cp1252": "Windows-1252", "mac_roman": "Mac Roman", "cp850": "DOS 850"}
"""Encodings of one byte a letter that spreadsheets of western Europe write, by their names for people."""


_LETTERS = frozenset("äöüÄÖÜßéèêëÉÈàâáÀÁçÇîïíìôóòñÑûùúœŒ¿¡€°µ²–—’‘“”„…«»")


def text_rows(path: Path) -> tuple[Iterator[Block], list[str]]:
    """Return the rows of a text in blocks, and notes on how it is read.

    Raises:
        LabelError: it is no table; also while the blocks are read.
    """
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
            named = [len(cells) for cells in rows if has_name(cells)]
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
        while rows := list(islice(reader, AT_ONCE)):
            begin, end = end, above + reader.line_num
            yield without_blank(
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
