"""Files of JSON lines: appended to the disk in one piece, and read even where a power cut has cut off the last one."""

import json
import os
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import ConfigDict
from typing_extensions import TypedDict  # of typing only from Python 3.12 on, for pydantic

from core.files import sync_folder, writable
from core.json_files import DamagedError, checked, parsed, read_text


class Line(TypedDict):
    """A line, which may hold more than is known of it."""

    __pydantic_config__ = ConfigDict(extra="allow")  # type: ignore[misc]


def append_lines(path: Path, lines: Iterable[Mapping[str, Any]]) -> None:
    """Append JSON lines in one piece, to the disk; never to a line that a power cut has cut off.

    Raises:
        WorkspaceError: they cannot be written.
    """
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    with writable(path), path.open("ab+") as file:
        if file.seek(0, os.SEEK_END) and file.seek(-1, os.SEEK_END) and file.read() != b"\n":
            text = "\n" + text
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())
        is_new = file.tell() == len(text.encode())
    if is_new:
        sync_folder(path.parent)


def read_lines(path: Path, kind: Any = Line) -> list[dict[str, Any]]:
    """Read JSON lines; one that was cut off is left out.

    Raises:
        DamagedError: it cannot be read, or has a line that is no ``kind`` (a TypedDict).
    """
    try:
        text = read_text(path, errors="replace")
    except FileNotFoundError:
        return []
    lines = []
    for number, line in enumerate(text.split("\n"), 1):  # names may hold other line ends
        line = line.strip("\0 \r\t")  # zeros are what a power cut leaves of what was not written yet
        try:
            if line:
                lines.append(parsed(line, partial(checked, kind)))
        except DamagedError as damage:
            if not line.startswith("{") or _is_json(line):
                raise DamagedError(f"line {number}: {damage}") from damage
    return lines


def _is_json(line: str) -> bool:
    """Return whether a line is whole: what was cut off is none."""
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True
