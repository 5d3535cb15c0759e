"""Files of JSON: lines that are appended whole, and single values that are replaced whole."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from core.errors import WorkspaceError
from core.files import replacing


def append_lines(path: Path, lines: Iterable[Mapping[str, Any]]) -> None:
    """Append JSON lines in one piece; never to a line that a power cut has cut off.

    Raises:
        WorkspaceError: they cannot be written.
    """
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    with plain_errors(path), path.open("ab+") as file:
        if file.seek(0, os.SEEK_END) and file.seek(-1, os.SEEK_END) and file.read() != b"\n":
            text = "\n" + text
        file.write(text.encode())


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Read JSON lines; one that was cut off is left out."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return []
    found = []
    for line in text.split("\n"):  # names may hold what other ways of splitting take for the end of a line
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return found


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write a JSON file, all of it or nothing.

    Raises:
        WorkspaceError: it cannot be written.
    """
    with plain_errors(path), replacing(path) as partial:
        partial.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


@contextmanager
def plain_errors(path: Path) -> Iterator[None]:
    """Say in plain words that ``path`` cannot be written."""
    try:
        yield
    except OSError as error:
        raise WorkspaceError(
            "a file that can be written",
            f"{path} ({error.strerror or error})",
            "Free some space or check who may write there.",
        ) from error
