"""Folders that are classes: ``<part>/<class>/…`` or ``<class>/…``. The folder of a picture is its label."""

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from core.attributes import MOST_ATTRIBUTES, AttributeSet
from core.errors import LabelError
from core.exchange.lookup_table import stem
from core.exchange.scan import Gathered

PARTS = {
    "train": ("train", "training", "trainieren"),
    "valid": ("valid", "validation", "validate", "val", "validierung", "validieren", "dev"),
    "test": ("test", "testing", "tests", "testen"),
}
"""How the folders of the parts of a split are called, in English and German, in small letters."""

_PART_OF = {word: part for part, words in PARTS.items() for word in words}


@dataclass(frozen=True)
class Placed:
    """A picture in its class folder.

    Args:
        file: the picture.
        folders: names of the folders it lies in, from the part or the class downwards.
        label: name of its class; empty where it lies in none.
        part: ``train``, ``valid`` or ``test``; empty where the folders say nothing of it.
    """

    file: Path
    folders: tuple[str, ...]
    label: str
    part: str


def class_folders(folder: Path, pictures: Sequence[Path], known: AttributeSet | None) -> Gathered | None:
    """Return pictures with their class and part, or None where the folders are no classes.

    They are where the uppermost folders are called like parts, or where all pictures lie in two folders or more.
    A folder that holds nothing but one other is passed over, so that what a zip wraps does not matter.

    Args:
        folder: above all of them.
        pictures: the picture files below it.
        known: the attributes of the workspace; none where it is yet to be made.

    Raises:
        LabelError: fewer than two classes, more than there can be, or others than those of the workspace.
    """
    placed = _placed(folder, pictures)
    if placed is None:
        return None
    classes = list(dict.fromkeys(p.label for p in placed if p.label))
    _check_number(folder, classes)
    if known is not None:
        _check_known(classes, known)
    names = _names(placed)
    labels = _labels(placed, names, classes if known is None else known.names)
    gathered = Gathered(
        dict(zip(names, (p.file for p in placed), strict=True)), labels=labels, exclusive=True
    )
    gathered.parts = {name: p.part for name, p in zip(names, placed, strict=True) if p.part and p.label}
    gathered.notes = _notes(placed)
    return gathered


def _placed(folder: Path, pictures: Sequence[Path]) -> list[Placed] | None:
    """Read part and class from the folders of each picture; None where they are no classes."""
    ways = [tuple(_composed(name) for name in p.relative_to(folder).parts[:-1]) for p in pictures]
    while ways and all(len(way) > 1 for way in ways) and len({way[0] for way in ways}) == 1:
        if _part(ways[0][0]):
            break
        ways = [way[1:] for way in ways]
    first = {way[0] if way else "" for way in ways}
    in_parts = any(len(way) > 1 and _part(way[0]) for way in ways)
    if not in_parts and ("" in first or len(first) < 2 or any(map(_part, first))):
        return None
    spelled: dict[str, str] = {}  # the first spelling of a class is that of all its folders
    placed = []
    for picture, way in zip(pictures, ways, strict=True):
        part = _part(way[0]) if in_parts and way else ""
        below = way[1:] if part else () if in_parts else way
        label = spelled.setdefault(below[0].casefold(), below[0]) if below else ""
        placed.append(Placed(picture, way, label, part))
    return placed


def _composed(name: str) -> str:
    """Return a folder's name as it is typed: a Mac writes an umlaut as two characters."""
    return unicodedata.normalize("NFC", name).strip()


def _part(name: str) -> str:
    return _PART_OF.get(name.casefold(), "")


def _check_number(folder: Path, classes: Sequence[str]) -> None:
    if not 2 <= len(classes) <= MOST_ATTRIBUTES:
        raise LabelError(
            f"2 to {MOST_ATTRIBUTES} class folders",
            f"{len(classes)} in {folder}: {_listed(classes)}",
            "Where the folders are no classes, add each of them by itself.",
        )


def _check_known(classes: Sequence[str], known: AttributeSet) -> None:
    """Refuse classes that the workspace does not have; capitals do not matter."""
    here = {name.casefold() for name in known.names}
    if known.exclusive and {name.casefold() for name in classes} <= here:
        return
    kind = "folders of the classes of this workspace"
    if not known.exclusive:
        kind = "no class folders for a workspace of attributes, of which a frame may have several"
    raise LabelError(
        f"{kind} ({_listed(known.names)})",
        f"the class folders {_listed(classes)}",
        "Rename the folders, or use a new workspace. Where they are no classes, add each of them by itself.",
    )


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:MOST_ATTRIBUTES])
    return f"{shown}, …" if len(names) > MOST_ATTRIBUTES else shown or "none"


def _labels(placed: Sequence[Placed], names: Sequence[str], classes: Sequence[str]) -> pd.DataFrame:
    """Return index name, one boolean column per class, exactly one of them true; pictures without class left out."""
    said = [(name, p.label.casefold()) for name, p in zip(names, placed, strict=True) if p.label]
    index = pd.Index([name for name, _ in said], name="name")
    columns = {c: [label == c.casefold() for _, label in said] for c in classes}
    return pd.DataFrame(columns, index=index).astype("boolean")


def _names(placed: Sequence[Placed]) -> list[str]:
    """Return a name for each picture: its file's, with as many of its folders before it as make it unique.

    ``Apple/001.jpg`` and ``Orange/001.jpg`` become ``Apple_001`` and ``Orange_001``. A folder's name that the name
    begins with is not said twice.

    Raises:
        LabelError: two pictures of one folder differ in their ending only.
    """
    names = [stem(_composed(p.file.name)) for p in placed]
    for folders in range(1, 1 + max(len(p.folders) for p in placed)):
        shared = _shared(names)
        for place, p in enumerate(placed):
            if names[place].casefold() in shared and len(p.folders) >= folders:
                names[place] = _prefixed(names[place], p.folders[-folders])
    for clash in _shared(names):  # that what was not said twice made another one's name
        for place, p in enumerate(placed):
            if names[place].casefold() == clash:
                names[place] = "_".join([*p.folders, stem(_composed(p.file.name))])
    for name in _shared(names):
        one, other = [p.file for n, p in zip(names, placed, strict=True) if n.casefold() == name][:2]
        raise LabelError("pictures with names of their own", f"{one} and {other}", "Rename one of them.")
    return names


def _shared(names: Sequence[str]) -> set[str]:
    return {name for name, times in Counter(name.casefold() for name in names).items() if times > 1}


def _prefixed(name: str, folder: str) -> str:
    return name if name.casefold().startswith(folder.casefold()) else f"{folder}_{name}"


def _notes(placed: Sequence[Placed]) -> list[str]:
    found = Counter(p.label for p in placed if p.label)
    notes = [f"Classes: {', '.join(f'{name} ({count})' for name, count in found.items())}."]
    if loose := sum(not p.label for p in placed):
        notes.append(f"{loose} pictures lie in no class folder; they come unlabelled.")
    return notes
