"""Reading and writing the files of formats, with limits: they come from anywhere."""

import csv
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, ElementTree, ParseError, indent

import yaml
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import parse

from core.errors import LabelError
from core.files import is_system_file, natural
from core.json_files import DamagedError, parsed, read_text, why
from core.text import listed

LARGEST = 512 * 1024**2
"""Bytes of one file: it is read as a whole, and takes ten times as much memory."""
LARGEST_YAML = 1024**2
"""Bytes of a list of classes."""

_FAULTS = (KeyError, ValueError, TypeError, AttributeError, IndexError, OverflowError)
"""What looking into a file raises that holds something else than it should."""


@contextmanager
def read_as(path: Path, title: str) -> Iterator[None]:
    """Say in plain words that a file which the block looks into is not what it should be.

    Raises:
        LabelError: it is not.
    """
    try:
        yield
    except _FAULTS as error:
        raise not_such(path, title, why(error)) from error


def not_such(path: Path, title: str, reason: str) -> LabelError:
    """Return the error that a file is not of a format."""
    return LabelError(
        f"{path.name} cannot be read as {title}: {reason}.",
        "Check the file, or choose another format with --format.",
    )


def read_json(path: Path, title: str) -> Any:
    """Read a JSON file.

    Raises:
        LabelError: it cannot be read, is too large, or is not JSON.
    """
    return _json(path, title, text_of(path, title))


def read_json_lines(path: Path, title: str) -> list[Any]:
    """Read a file with JSON in each line; empty lines are passed over. See `read_json`."""
    return [_json(path, title, line) for line in text_of(path, title).split("\n") if line.strip()]


def _json(path: Path, title: str, text: str) -> Any:
    try:
        return parsed(text, lambda values: values)
    except DamagedError as error:
        raise not_such(path, title, str(error)) from error


def read_xml(path: Path, title: str) -> Element:
    """Read an XML file. Entities and outside files are refused.

    Raises:
        LabelError: it cannot be read, is too large, or is not XML.
    """
    _check_size(path, LARGEST, title)
    try:
        root: Element = parse(path, forbid_dtd=True).getroot()
    except ParseError as error:
        raise not_such(path, title, f"it is not XML ({error})") from error
    except DefusedXmlException as error:
        raise not_such(path, title, "it defines entities, which labels do not need") from error
    except (OSError, ValueError) as error:
        raise not_such(path, title, why(error)) from error
    return root


def read_yaml(path: Path, title: str) -> Any:
    """Read a small YAML file of plain values; see `read_xml`."""
    _check_size(path, LARGEST_YAML, title)
    try:
        return yaml.load(
            read_text(path), Loader=yaml.BaseLoader
        )  # texts only: a class called “no” is no false
    except (yaml.YAMLError, RecursionError) as error:
        raise not_such(path, title, "it is not YAML") from error
    except (DamagedError, OSError) as error:
        raise not_such(path, title, str(error)) from error


def read_rows(path: Path, title: str) -> list[list[str]]:
    """Return the cells of a table with commas, semicolons or tabs between them; rows may differ in length.

    Raises:
        LabelError: it cannot be read, or is too large.
    """
    text = text_of(path, title)
    head = text[:5000]
    separator = max("\t,;", key=head.count)
    try:
        return list(csv.reader(text.splitlines(), delimiter=separator))
    except csv.Error as error:
        raise not_such(path, title, str(error)) from error


def text_of(path: Path, title: str) -> str:
    """Return the text of a file in UTF-8; see `read_json`."""
    _check_size(path, LARGEST, title)
    try:
        return read_text(path)
    except (DamagedError, OSError) as error:
        raise not_such(path, title, why(error)) from error


def _check_size(path: Path, most: int, title: str) -> None:
    try:
        size = path.stat().st_size
    except OSError as error:
        raise not_such(path, title, why(error)) from error
    if size > most:
        raise LabelError(
            f"{path.name} has {size / 1024**2:,.0f} MB; {most // 1024**2} MB are possible.",
            "Divide it into several.",
        )


def check_free(attributes: Sequence[str], taken: Collection[str], title: str) -> None:
    """Refuse attributes that are called like something else in a format.

    Raises:
        LabelError: one is.
    """
    if both := [name for name in attributes if name in taken]:
        raise LabelError(
            f"{title} has a meaning of its own for {listed(both, quoted=True)}.",
            "Rename the attribute, or use another format.",
        )


def write_json(path: Path, value: Any) -> None:
    """Write a JSON file in UTF-8, with the folders above it."""
    write_text(path, json.dumps(value, indent=1, ensure_ascii=False) + "\n")


def write_text(path: Path, text: str) -> None:
    """Write a text in UTF-8, with the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def write_xml(path: Path, root: Element) -> None:
    """Write an XML file in UTF-8."""
    indent(root)
    ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def write_rows(path: Path, heads: Sequence[str], rows: Sequence[Mapping[str, object]]) -> None:
    """Write a table with commas, as UTF-8; a row may lack columns."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, heads, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def found(path: Path, patterns: Sequence[str], title: str) -> list[Path]:
    """Return the file itself, or those in a folder that fit the first of the ``patterns`` that any fits.

    Raises:
        LabelError: there is none.
    """
    if not path.is_dir():
        return [path]
    for pattern in patterns:
        files = [
            file
            for file in path.glob(pattern)
            if file.is_file() and not is_system_file(file.relative_to(path))
        ]
        if files:
            return sorted(files, key=lambda file: natural(str(file)))
    raise LabelError(
        f"There is no {patterns[0]} in {path}, as {title} has it.", "Name the file or its folder."
    )
