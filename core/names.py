"""Names that people give: of annotators, attributes, videos, runs and sessions. Each is checked where it comes in."""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass

from core.errors import AccessError, LabelError, MediaError, RunError, SeamLensError, WorkspaceError

LONGEST = 60
"""Characters of a name."""

_JOINERS = "\u200c\u200d"  # parts of words in Persian and in Hindi


@dataclass(frozen=True)
class Kind:
    """What a name may be.

    Args:
        noun: what has the name.
        error: raised of a name that does not fit.
        longest: in characters.
        is_folder: it names a folder, so that it holds nothing that leads elsewhere.
    """

    noun: str
    error: type[SeamLensError]
    longest: int = LONGEST
    is_folder: bool = False

    def __call__(self, text: object) -> str:
        """Return a name in its one form: composed (Unicode NFC), trimmed, with single spaces.

        Raises:
            SeamLensError: of the kind's own class; the text cannot be such a name.
        """
        name = " ".join(unicodedata.normalize("NFC", text).split()) if isinstance(text, str) else ""
        if not name:
            raise self.error(f"The name of {self.noun} is empty: {quoted(text)}.", "Write a name.")
        if len(name) > self.longest:
            raise self.error(f"The name of {self.noun} has {len(name):,} characters.",
                             f"Use {self.longest} or fewer.")  # fmt: skip
        if odd := [c for c in name if not c.isprintable() and c not in _JOINERS]:
            raise self.error(f"The name of {self.noun} has a character that cannot be shown (U+{ord(odd[0]):04X}).",
                             "Use letters, digits and spaces.")  # fmt: skip
        if self.is_folder and (name.startswith(".") or {"/", "\\", ":"} & set(name)):
            raise self.error(f"{self.noun.capitalize()} cannot be called {name!r}.",
                             "Use no dot at the start, and none of / \\ :.")  # fmt: skip
        return name


annotator = Kind("an annotator", LabelError)
instructor = Kind("an instructor", WorkspaceError)
attribute = Kind("an attribute", WorkspaceError)
video = Kind("a video", MediaError, longest=255, is_folder=True)
run = Kind("a run", RunError, longest=255, is_folder=True)
run_title = Kind("a run", RunError)
client = Kind("a client", AccessError)
session = Kind("a session", RunError, longest=255, is_folder=True)


_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])", re.IGNORECASE)
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f]')  # in file names of Windows
LONGEST_FILE = 200
"""Bytes of a file name without its ending: file systems end at 255, and copies get longer names."""


def is_device(name: str) -> bool:
    """Return whether Windows takes a name, whatever its ending, for a device."""
    return _DEVICES.fullmatch(name.split(".")[0].strip()) is not None


def plain(text: str) -> str:
    """Return a text as a name of letters of any alphabet, digits, _ and -; everything else becomes _.

    >>> plain("O\u0308se 2 mm.v2"), plain("李 雷")
    ('Öse_2_mm_v2', '李_雷')
    """
    composed = unicodedata.normalize("NFC", text)
    letters = "".join(
        c if c.isalnum() or c in "_-" or unicodedata.category(c)[0] == "M" else "_" for c in composed
    )
    return letters.encode()[:LONGEST_FILE].decode(errors="ignore")


def file_name(text: str) -> str:
    """Return a text as the name of a file, without its ending, that every system takes; most stay as they are.

    >>> file_name("Öse (2)"), file_name("CON"), file_name("a/b: c?"), file_name("x. ")
    ('Öse (2)', '_CON', 'a_b_ c_', 'x')
    """
    name = _FORBIDDEN.sub("_", unicodedata.normalize("NFC", text)).rstrip(". ")
    name = name.encode()[:LONGEST_FILE].decode(errors="ignore").rstrip(". ") or "_"
    return f"_{name}" if is_device(name) else name


def key(name: str) -> str:
    """Return what a name has in common with all that read as the same person's: without capitals, wide letters and joiners.

    >>> key("Ａnna  O\u0308se") == key("anna öse")
    True
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return " ".join(folded.translate(dict.fromkeys(map(ord, _JOINERS))).split())


def is_among(name: str, people: Collection[str]) -> bool:
    """Return whether somebody is one of these people, however the name is written; see `key`."""
    return key(name) in {key(other) for other in people}


def is_storable(text: str) -> bool:
    """Return whether databases and tables take a text: it is Unicode, without a zero byte."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def quoted(text: object) -> str:
    """Return a text that somebody gave for an error: in quotes, and of a long one only its start."""
    words = str(text)
    return repr(words if len(words) <= LONGEST else f"{words[:LONGEST]}…")
