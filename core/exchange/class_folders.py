"""Folders of pictures that mean something: ``<part>/<class>/…``, ``<class>/…``, ``<group>/…`` or ``<part>/…``."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from core.attributes import MOST_ATTRIBUTES, AttributeSet, one_class
from core.errors import LabelError
from core.exchange.folder_layout import Layout, Meaning, layout, question, split_part
from core.exchange.scan_tables import Scan
from core.lookup_tables.lookup_table import stem
from core.media.transaction import Stage
from core.splits import split, stored_split
from core.splits.stratify import assign_groups, sizes_of
from core.text import count, listed, percent
from core.workspace import Workspace

CUT = 0.2
"""Share of the training frames that validate where no folder says which."""


@dataclass(frozen=True)
class Placed:
    """A picture in its class folder.

    Args:
        file: the picture.
        folders: names of the folders it lies in, from the part or the class downwards.
        below: those of them below the part.
        label: name of its class; empty where it lies in none.
        part: ``train``, ``valid`` or ``test``; empty where the folders say nothing of it.
    """

    file: Path
    folders: tuple[str, ...]
    below: tuple[str, ...]
    label: str
    part: str


def scan_folders(
    folder: Path, pictures: Sequence[Path], attributes: AttributeSet | None, meaning: Meaning
) -> Scan:
    """Return pictures with what their folders say: class and part, group and part, or the part alone.

    A folder that holds nothing but one other is passed over, so that what a zip wraps does not matter.

    Args:
        folder: above all of them.
        pictures: the picture files below it.
        attributes: of the workspace; None where it is yet to be made.
        meaning: of the folders.

    Raises:
        LabelError: fewer than two classes, more than there can be, or others than those of the workspace; or a folder
            that is no part of a split.
    """
    placed = _placed(pictures, layout([file.relative_to(folder) for file in pictures], attributes), meaning)
    names = _names(placed)
    files = dict(zip(names, (p.file for p in placed), strict=True))
    parts = {name: p.part for name, p in zip(names, placed, strict=True) if p.part}
    if meaning == "groups":
        groups = {name: "_".join(p.below) for name, p in zip(names, placed, strict=True) if p.below}
        notes = [f"Groups: {listed(dict.fromkeys(groups.values()), most=12)}."]
        scan = Scan(files, parts=parts, notes=notes)
        scan.texts["group"] = groups
        return scan
    if meaning == "parts":
        if odd := list(dict.fromkeys(p.folders[0] for p in placed if p.folders and not p.part)):
            raise LabelError(
                f"{listed(odd, most=12, quoted=True)} in “{folder.resolve().name}” is no word for training, validation or test.",
                "Call the folders train, valid and test.",
            )
        return Scan(files, parts=parts)
    classes = list(dict.fromkeys(p.label for p in placed if p.label))
    _check_classes(folder, classes, attributes)
    labels = _labels(placed, names, classes if attributes is None else attributes.names)
    parts = {name: parts[name] for name, p in zip(names, placed, strict=True) if p.part and p.label}
    return Scan(files, labels=labels, exclusive=True, parts=parts, notes=_notes(placed))


def stage_split(workspace: Workspace, stage: Stage, scan: Scan, frames: pd.DataFrame) -> list[str]:
    """Make the parts of ``scan`` the current split, as soon as ``stage`` lands.

    What has a part keeps it. Where there was no split and no folder is for testing, the validation frames test; where
    none is for validation (any more), a fifth of the training groups validates.

    Args:
        workspace: whose split.
        stage: on which it is laid.
        scan: ``parts`` and ``labels`` by name.
        frames: ``name`` and ``video`` (key of the group) of every name scanned.

    Returns:
        What the user should know, one sentence each.
    """
    current = stored_split.load(workspace)
    part = frames["name"].map(scan.parts)
    table = pd.DataFrame({"name": frames["name"], "video": frames["video"], "part": part})[part.notna()]
    notes: list[str] = []
    if current is not None:
        table = table[~table["name"].isin(current.table["name"])]
        if table.empty:
            return []
        table = pd.concat([current.table, table], ignore_index=True)
    else:
        table, notes = _completed(table.reset_index(drop=True), scan.labels)
        if set(table["part"]) != set(split.PARTS):
            return notes
    # On the stage, in the place that the split will have in the workspace.
    stored_split.store(replace(workspace, path=stage.folder(workspace.path)), split.Split(table, "file"))
    counts = table["part"].value_counts()
    parts = ", ".join(f"{counts.get(part, 0):,} {part}" for part in split.PARTS)
    return [*notes, f"The split is that of the folders: {parts}.", *_crossing(table)]


def _placed(pictures: Sequence[Path], found: Layout, meaning: Meaning) -> list[Placed]:
    """Read part and class from the folders of each picture."""
    spelled: dict[str, str] = {}  # the first spelling of a class is that of all its folders
    placed = []
    for picture, way in zip(pictures, found.ways, strict=True):
        part = split_part(way[0]) if way and (found.has_parts or meaning == "parts") else ""
        below = way[1:] if part else () if found.has_parts else way
        label = spelled.setdefault(below[0].casefold(), below[0]) if below else ""
        placed.append(Placed(picture, way, below, label, part))
    return placed


def _check_classes(folder: Path, classes: Sequence[str], workspace: AttributeSet | None) -> None:
    """Refuse too few or too many classes, and those that the workspace does not have; capitals do not matter."""
    names = listed(classes, most=MOST_ATTRIBUTES)
    if not 2 <= len(classes) <= MOST_ATTRIBUTES:
        raise LabelError(
            f"“{folder.resolve().name}” has {count(len(classes), 'class folder')}{f' ({names})' if names else ''}; "
            f"2 to {MOST_ATTRIBUTES} are possible.",
            "If the folders are not classes, add each of them by itself.",
        )
    if workspace is None:
        return
    known = {name.casefold() for name in workspace.names} if workspace.exclusive else set()
    if not {name.casefold() for name in classes} <= known:
        found = Layout((), False, tuple(classes))
        raise question(folder.resolve().name, found, workspace)


def _labels(placed: Sequence[Placed], names: Sequence[str], classes: Sequence[str]) -> pd.DataFrame:
    """Return index name, one boolean column per class, exactly one of them true; pictures without class left out."""
    spelled = {name.casefold(): name for name in classes}
    labelled = ((name, p.label.casefold()) for name, p in zip(names, placed, strict=True) if p.label)
    answers = {name: one_class(classes, spelled[label]) for name, label in labelled}
    table = pd.DataFrame.from_dict(answers, "index", columns=list(classes)).astype("boolean")
    return table.rename_axis("name")


def _names(placed: Sequence[Placed]) -> list[str]:
    """Return a name for each picture, unique by as many of its folders as that takes: ``Apple/001.jpg`` is ``Apple_001``."""
    names = [stem(p.file.name) for p in placed]
    for folders in range(1, 1 + max(len(p.folders) for p in placed)):
        shared = _shared(names)
        for place, p in enumerate(placed):
            if names[place].casefold() in shared and len(p.folders) >= folders:
                folder = p.folders[-folders]
                repeats = names[place].casefold().startswith(folder.casefold())
                names[place] = names[place] if repeats else f"{folder}_{names[place]}"
    for clash in _shared(names):  # a name that a prefix would have repeated may be taken
        for place, p in enumerate(placed):
            if names[place].casefold() == clash:
                names[place] = "_".join([*p.folders, stem(p.file.name)])
    for name in _shared(names):
        first, second = [p.file for n, p in zip(names, placed, strict=True) if n.casefold() == name][:2]
        raise LabelError(f"{first} and {second} would get the same name.", "Rename one of them.")
    return names


def _shared(names: Sequence[str]) -> set[str]:
    return {name for name, times in Counter(name.casefold() for name in names).items() if times > 1}


def _notes(placed: Sequence[Placed]) -> list[str]:
    counts = Counter(p.label for p in placed if p.label)
    notes = [f"Classes: {', '.join(f'{name} ({number:,})' for name, number in counts.items())}."]
    if loose := sum(not p.label for p in placed):
        notes.append(f"{count(loose, 'picture')} in no class folder, so without labels.")
    return notes


def _completed(table: pd.DataFrame, labels: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Fill the parts that no folder is for; see `stage_split`."""
    given, notes = set(table["part"]), []
    if "train" not in given or given == {"train"}:
        missing = "none is for training" if "train" not in given else "all are for training"
        return table, [f"The folders make no split, for {missing}: split before training."]
    if "test" not in given:
        table = table.assign(part=table["part"].replace("valid", "test"))
        notes.append("There is no test folder: the validation pictures are used for testing.")
    if "valid" not in set(table["part"]):
        if table.loc[table["part"] == "train", "video"].nunique() < 2:
            return table, ["The folders make no split: the training pictures are one group, which cannot be divided. "
                           "Split before training."]  # fmt: skip
        table = _cut(table, labels)
        cut = f"{percent(CUT)} of the training pictures"
        notes.append(f"{cut} were cut from training by group, for validation.")
    return table, notes


def _cut(table: pd.DataFrame, labels: pd.DataFrame) -> pd.DataFrame:
    """Let some of the training groups validate, so that both resemble the whole."""
    training = table[table["part"] == "train"]
    groups, _ = pd.factorize(training["video"])
    answers = np.zeros((len(training), 1), np.float32)
    if not labels.empty:
        answers = labels.loc[training["name"]].to_numpy(np.float32, na_value=np.nan)
    chosen = assign_groups(sizes_of(groups, answers), np.array([1 - CUT, CUT]), seed=0)[groups]
    table = table.copy()
    table.loc[training.index, "part"] = np.array(["train", "valid"], object)[chosen]
    return table


def _crossing(table: pd.DataFrame) -> list[str]:
    """Warn where a group lies in several of the given parts; nothing is moved, for the folders are the user's."""
    parts = table.groupby("video")["part"].agg(set)
    crossing = parts[parts.map(len) > 1]
    if crossing.empty:
        return []
    tested = crossing.map(lambda of_group: {"train", "test"} <= of_group).sum()
    return [
        f"{count(len(crossing), 'group')} of nearly identical pictures in more than one part, {tested} of them in training "
        "and test: “Leaks” on the Balance page shows how far the test can be trusted."
    ]
