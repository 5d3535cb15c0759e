"""What a folder of pictures and its lookup tables say, before anything is stored."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from core.errors import LabelError, MediaError
from core.exchange.lookup_table import LookupTable, read_cells, read_table, stem
from core.files import natural
from core.media.images import PICTURE_FORMATS

_PUBLISHED = ("train.csv", "valid.csv", "test.csv")
_DATA = "_data"


@dataclass
class Gathered:
    """Pictures and what is said of them, by name.

    Args:
        files: name to picture file, in natural order.
        groups: name to group, where a table or its file name says it.
        labels: index name, one nullable boolean column per attribute; only names that stand in a table.
        other: index name, the columns that are no attributes (str), missing where a table lacks them.
        silent: attributes that no table has a column for: nothing is said of them.
        spoken: as ``labels``, boolean: whether a table that names the picture has a column for the attribute.
        exclusive: the attributes are classes.
        parts: name to ``train``, ``valid`` or ``test``, where its folder says it.
        notes: what the user should know, one sentence each.
    """

    files: dict[str, Path]
    groups: dict[str, str] = field(default_factory=dict)
    labels: pd.DataFrame = field(default_factory=pd.DataFrame)
    other: pd.DataFrame = field(default_factory=pd.DataFrame)
    silent: set[str] = field(default_factory=set)
    spoken: pd.DataFrame = field(default_factory=pd.DataFrame)
    exclusive: bool = False
    parts: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def attributes(self) -> tuple[str, ...]:
        return tuple(self.labels.columns)


def pictures_in(folder: Path, without: Iterable[Path] = ()) -> list[Path]:
    """Return the picture files below ``folder``, in natural order, leaving out folders and hidden files."""
    return [file for file in _files(folder, without) if file.suffix.lower() in PICTURE_FORMATS]


def tables_in(folder: Path, without: Iterable[Path] = ()) -> list[Path]:
    """Return the lookup tables below ``folder``: train, valid and test first, ``*_data.csv`` last, for it wins."""
    ranks = dict.fromkeys(_PUBLISHED, 0) | {"labels.csv": 1}
    found = [(ranks.get(file.name.lower(), 2), file) for file in _files(folder, without)]
    return [
        file
        for rank, file in sorted(found, key=lambda pair: pair[0])
        if rank < 2 or file.name.lower().endswith(f"{_DATA}.csv")
    ]


def gather(pictures: Sequence[Path], tables: Sequence[Path], attributes: Sequence[str] | None) -> Gathered:
    """Bring pictures and lookup tables together.

    Args:
        pictures: picture files; a name is the file name without its ending.
        tables: lookup tables; where two speak of one cell, the later counts.
        attributes: those of the workspace. None: every column that holds nothing but true and false.

    Raises:
        LabelError: a table cannot be read, has none of the attributes, or names a picture that is missing.
        MediaError: two different pictures have one name.
    """
    if attributes is None:
        # One table may hold an attribute that another lacks: all are read for all.
        attributes = list(dict.fromkeys(name for table in tables for name in read_table(table).attributes))
    chosen: dict[str, Path] = {}
    gathered = Gathered({}, silent=set(attributes) if tables else set())
    by_name = defaultdict(list)
    for picture in pictures:
        by_name[stem(picture.name)].append(picture)
    for file in tables:
        table = read_table(file, attributes)
        _check_attributes(file, table, attributes)
        chosen |= _match(file, table, by_name)
        _merge(gathered, file, table)
        gathered.silent &= set(table.missing)
    gathered.files = {
        name: chosen.get(name) or _only(name, by_name[name]) for name in sorted(by_name, key=natural)
    }
    unlisted = len(gathered.files) - len(gathered.labels)
    if tables and unlisted:
        gathered.notes.append(f"{unlisted} pictures stand in no lookup table; they come unlabelled.")
    return gathered


def _files(folder: Path, without: Iterable[Path]) -> list[Path]:
    top = folder.resolve()
    skipped = [path.resolve() for path in without]
    found = (
        folder / file
        for file in (path.relative_to(top) for path in top.rglob("*") if path.suffix and path.is_file())
        if not any(part.startswith(".") for part in file.parts)
        and not any((top / file).is_relative_to(path) for path in skipped)
    )
    return sorted(found, key=lambda file: natural(file.relative_to(folder).as_posix()))


def _check_attributes(file: Path, table: LookupTable, attributes: Sequence[str]) -> None:
    if len(table.missing) == len(attributes):
        columns = [name for name in read_cells(file)[0].columns if name]
        raise LabelError(
            f"a lookup table with an attribute ({', '.join(attributes) or 'a column of True and False'})",
            f"{file} with {', '.join(columns)}",
            "Rename its columns, or use another workspace.",
        )


def _match(file: Path, table: LookupTable, by_name: dict[str, list[Path]]) -> dict[str, Path]:
    """Return name to picture for every row of ``table``."""
    chosen = {}
    for name, path, line in table.rows[["name", "path", "line"]].itertuples(index=False):
        candidates = by_name.get(name, [])
        if not candidates:
            raise LabelError(
                "a picture for each row",
                f"{file}, line {line}, without the picture {path}",
                "Put it beside the table, or remove the row.",
            )
        chosen[name] = candidates[0] if len(candidates) == 1 else _nearest(file, path, name, candidates)
    return chosen


def _nearest(file: Path, path: str, name: str, candidates: list[Path]) -> Path:
    """Return the candidate whose folders are those written in the table, or that lies beside the table."""
    written = path.replace("\\", "/").split("/")
    exact = [c for c in candidates if list(c.parts[-len(written) :]) == written and len(written) > 1]
    beside = [c for c in candidates if c.is_relative_to(file.parent) and len(c.parts) == len(file.parts)]
    for found in (exact, beside):
        if len(found) == 1:
            return found[0]
    return _only(name, candidates)


def _only(name: str, candidates: list[Path]) -> Path:
    """Return the one picture of that name; copies of it do no harm.

    Raises:
        MediaError: two different pictures have that name.
    """
    first = candidates[0]
    for other in candidates[1:]:
        if other.read_bytes() != first.read_bytes():
            raise MediaError(
                f"one picture called {name}", f"{first} and {other}, which differ", "Rename one of them."
            )
    return first


def _merge(gathered: Gathered, file: Path, table: LookupTable) -> None:
    """Add what ``table`` says. Where it contradicts an earlier table it counts, and the note says how often."""
    rows = table.rows.set_index("name")
    if "group" in rows:
        gathered.groups |= {
            name: group for name, group in zip(rows.index.tolist(), rows["group"], strict=True) if group
        }
    if file.stem.lower().endswith(_DATA):
        group = file.stem[: -len(_DATA)]
        gathered.groups = dict.fromkeys(rows.index.tolist(), group) | gathered.groups
    labels, known = rows[list(table.attributes)], gathered.labels
    common = labels.index.intersection(known.index)
    if (
        changed := int((labels.loc[common] != known.loc[common]).fillna(False).to_numpy().sum())
        if len(common)
        else 0
    ):
        gathered.notes.append(f"{file.name}: contradicts an earlier table in {changed} cells and counts.")
    gathered.labels = labels.combine_first(known)[list(table.attributes)] if len(known) else labels
    spoken = pd.DataFrame(
        {name: name not in table.missing for name in table.attributes}, index=rows.index, dtype=bool
    )
    gathered.spoken = _either(gathered.spoken, spoken) if len(known) else spoken
    other = table.other.set_index(table.rows["name"])
    gathered.other = other.combine_first(gathered.other) if len(gathered.other.columns) else other
    gathered.notes += [note for note in table.notes if note not in gathered.notes]


def _either(one: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """Return where at least one of two boolean tables of the same columns is true; a missing row is false."""
    rows = one.index.union(other.index)
    return one.reindex(rows, fill_value=False) | other.reindex(rows, fill_value=False)
