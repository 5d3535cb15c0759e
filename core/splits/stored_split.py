"""The current split of a workspace: split.csv, and how it was made in split.json."""

import hashlib
import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from core.access.rights import Right, needs
from core.errors import SplitError
from core.files import Progress, replacing
from core.json_files import Count, DamagedError, checked, read_record, readable, why
from core.labels.consensus import consensus
from core.labels.label_table import from_file, to_file
from core.lookup_tables.cells import read_cells
from core.media.transaction import recover
from core.splits.extend_split import with_newer
from core.splits.make_split import make_split
from core.splits.split import PARTS, By, Split
from core.text import listed
from core.workspace import Workspace


@needs(Right.SPLIT)
def store(workspace: Workspace, split: Split) -> None:
    """Make ``split`` the current one of the workspace: split.csv, and how it was made in split.json.

    Raises:
        SplitError: a folder is in the way.
    """
    if workspace.split_file.is_dir():
        raise _in_the_way(workspace)
    recover(workspace)  # else what a killed process was adding could bring the split of before back later
    content = to_file(split.table).to_csv(index=False, lineterminator="\n").encode()
    before = _origin(workspace, _content(workspace)) if workspace.split_file.is_file() else None
    origin = _Origins(split.by, hashlib.sha256(content).hexdigest(), split.seed, before)
    # First the origins of both tables: wherever the power fails, the table that is there has its own.
    with replacing(_origin_file(workspace)) as json_file:
        json_file.write_text(json.dumps(asdict(origin), indent=2) + "\n", encoding="utf-8")
    with replacing(workspace.split_file) as csv:
        csv.write_bytes(content)


@needs(Right.SPLIT)
def renew(workspace: Workspace, by: By | None, seed: int = 0, progress: Progress | None = None) -> str:
    """Make a split of the labels as they are, and make it the current one; return what was done, in words.

    Args:
        workspace: whose split.
        by: how it is made. None: the current one takes in what was labelled since, see `with_newer`.
        seed: of a new one.
        progress: as of `assign_groups`.

    Raises:
        SplitError: it cannot be made of these labels, or a folder is in the way.
    """
    labels = consensus(workspace)
    if by is None and (current := load(workspace)):
        made = with_newer(workspace, current, labels, progress)
        words = " ".join(made.notes)
    else:
        made, words = make_split(workspace, labels, by or "video", seed, progress), ""
    store(workspace, made)
    return words or "The split is saved."


def load(workspace: Workspace) -> Split | None:
    """Return the current split, or None where there is none. One that was edited counts as a file's.

    Raises:
        SplitError: split.csv is no split, or a folder.
    """
    try:
        content = _content(workspace)
    except FileNotFoundError:
        return None
    except IsADirectoryError as error:
        raise _in_the_way(workspace) from error
    except OSError as error:
        raise SplitError(
            f"{workspace.split_file} cannot be read ({why(error)}).", "Remove it, then split again."
        ) from error
    cells = read_cells(workspace.split_file).table
    has_columns = {"name", "group", "part"} <= set(cells.columns)
    if not has_columns or not cells["part"].isin(PARTS).all() or not cells["name"].is_unique:
        raise SplitError(
            f"{workspace.split_file} is not a split: it needs the columns name (each once), group and part "
            f"({listed(PARTS, word='or')}).",
            "Split again.",
        )
    table = from_file(cells[["name", "group", "part"]]).astype(str)
    origin = _origin(workspace, content)
    return Split(table, origin.by, origin.seed) if origin else Split(table, "file")


def _content(workspace: Workspace) -> bytes:
    return readable(workspace.split_file).read_bytes()


@dataclass(frozen=True)
class _Origin:
    """How a split.csv was made, which is known by its hash."""

    by: By
    sha256: str
    seed: Count | None


@dataclass(frozen=True)
class _Origins(_Origin):
    """What split.json says: of the split that is stored, and of the one before it."""

    before: _Origin | None = None


def _origin(workspace: Workspace, content: bytes) -> _Origin | None:
    """Return how the table of this content was made; none where it was edited or nobody knows."""
    digest = hashlib.sha256(content).hexdigest()
    with suppress(FileNotFoundError, DamagedError):
        latest = read_record(_origin_file(workspace), partial(checked, _Origins))
        for origin in (latest, latest.before):
            if origin and origin.sha256 == digest:
                return _Origin(origin.by, origin.sha256, origin.seed)
    return None


def _in_the_way(workspace: Workspace) -> SplitError:
    return SplitError(f"{workspace.split_file} is a folder, not a file.", "Move it elsewhere.")


def _origin_file(workspace: Workspace) -> Path:
    return workspace.split_file.with_suffix(".json")
