"""Rows of a table as text, however it was saved: blocks of them, names in their one form, headers, comments."""

import unicodedata
from collections.abc import Sequence
from itertools import compress
from operator import itemgetter

AT_ONCE = 10_000
"""Rows of a block."""


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


_INVISIBLE = dict.fromkeys(map(ord, "\ufeff\u200b\u2060"))


Block = tuple[list[list[str]], Sequence[int]]
"""The cells of some rows, without blank rows, and the line of the file that each ends on."""


def composed(text: str) -> str:
    """Return a text in its one form: composed (Unicode NFC), trimmed, without characters that nobody sees."""
    if text.isascii():
        return text.strip()
    return unicodedata.normalize("NFC", text.translate(_INVISIBLE)).strip()


def composed_all(texts: Sequence[str]) -> list[str]:
    """Return texts in their one form; see `composed`."""
    is_plain = "".join(texts).isascii()
    return list(map(str.strip if is_plain else composed, texts))


def has_name(cells: Sequence[str]) -> bool:
    """Return whether a row has the header of a column of file names."""
    return any(composed(cell).casefold() in NAME_WORDS for cell in cells)


def is_comment(cells: Sequence[str]) -> bool:
    """Return whether a row begins with #."""
    return bool(cells) and cells[0].lstrip().startswith("#")


def without_blank(rows: list[list[str]], lines: Sequence[int]) -> Block:
    """Return rows, and the line that each ends on, without those that hold nothing."""
    if all(rows) and all(map(str.strip, map(itemgetter(-1), rows))):
        return rows, lines
    is_filled = [bool(cells) and bool(cells[-1].strip() or any(map(str.strip, cells))) for cells in rows]
    return list(compress(rows, is_filled)), list(compress(lines, is_filled))
