"""JSON files that are read into records, or are damaged in a way that can be put into words."""

import errno
import json
import stat
from collections.abc import Callable
from dataclasses import asdict, is_dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

from annotated_types import Ge
from pydantic import AfterValidator, TypeAdapter, ValidationError

from core.errors import SeamLensError

Record = TypeVar("Record")

Count = Annotated[int, Ge(0)]
Positive = Annotated[int, Ge(1)]
Seconds = Annotated[float, Ge(0)]

LARGEST = 2**63 - 1


class DamagedError(Exception):
    """A file cannot be read as what it should be; the text says why, as the end of a sentence."""


def _file_name(name: str) -> str:
    if not name.isprintable() or name.startswith(".") or {"/", "\\"} & set(name):
        raise ValueError("must be the name of a file")
    return name


FileName = Annotated[str, AfterValidator(_file_name)]
"""Of a file in the same folder."""


def readable(file: Path) -> Path:
    """Return a path that leads to a file with an end: whoever reads a pipe or a device may wait for ever.

    Raises:
        OSError: it leads to something else, or is not there.
    """
    if stat.S_ISREG(mode := file.stat().st_mode):
        return file
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, "it is a folder", str(file))
    raise OSError(errno.EINVAL, "it is no file, but a pipe or a device", str(file))


def read_text(file: Path, errors: str = "strict") -> str:
    """Return the text of a file in UTF-8; ``errors`` as of `open`.

    Raises:
        FileNotFoundError: it is not there.
        DamagedError: it cannot be read.
    """
    try:
        return readable(file).read_text(encoding="utf-8-sig", errors=errors)
    except FileNotFoundError:
        raise
    except (OSError, UnicodeDecodeError) as error:
        raise DamagedError(why(error)) from error


def read_record(file: Path, make: Callable[[Any], Record]) -> Record:
    """Read a JSON file with ``make``, which returns a record of what the file holds.

    Raises:
        FileNotFoundError: it is not there.
        DamagedError: it cannot be read, or holds something else.
    """
    return parsed(read_text(file), make)


def parsed(text: str, make: Callable[[Any], Record]) -> Record:
    """Return the record that ``make`` makes of a text in JSON.

    Raises:
        DamagedError: it is no such text.
    """
    try:
        values = json.loads(text, parse_int=_whole, parse_float=_finite, parse_constant=_refused)
        if "\\ud" in text.lower():
            json.dumps(
                values, ensure_ascii=False
            ).encode()  # half of a pair is no character, and cannot be written
        return make(values)
    except (
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        RecursionError,
        IndexError,
        SeamLensError,
    ) as error:
        raise DamagedError(why(error)) from error


def checked(kind: Callable[..., Record], value: Any) -> Record:
    """Return ``value``, of plain values or a record of them, as a ``kind`` whose every field is what it should be.

    Raises:
        ValidationError: a field is not.
    """
    plain = asdict(value) if is_dataclass(value) and not isinstance(value, type) else value
    made: Record = _adapter(kind).validate_python(plain)
    return made


@lru_cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def why(error: Exception) -> str:
    """Return in a few words why a file cannot be read."""
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        return f"{place}: {first['msg'][:1].lower()}{first['msg'][1:]}".removeprefix(": ")
    if isinstance(error, FileNotFoundError):
        return "it is missing"
    if isinstance(error, IsADirectoryError):
        return "it is a folder"
    if isinstance(error, OSError):
        return str(error.strerror or error)
    if isinstance(error, UnicodeEncodeError):
        return "it holds half of a character"
    if isinstance(error, UnicodeDecodeError):
        return "it is not text in UTF-8"
    if isinstance(error, json.JSONDecodeError):
        return "it is empty" if not error.doc.strip() else f"it is not JSON from line {error.lineno} on"
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, KeyError):
        return f"{error.args[0]} is missing"
    if isinstance(error, TypeError | AttributeError | IndexError):
        return "it holds something else"
    return " ".join(str(error).split())[:200].removesuffix(".")


def _whole(text: str) -> int:
    number = int(text) if len(text) < 20 else LARGEST + 1
    if abs(number) > LARGEST:
        raise ValueError("a number is too large")
    return number


def _finite(text: str) -> float:
    if abs(number := float(text)) == float("inf"):
        raise ValueError("a number is too large")
    return number


def _refused(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number")
