"""What a folder of pictures and its lookup tables contain, before anything is stored."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath

import pandas as pd

from core.attributes import TEXT_COLUMNS
from core.errors import LabelError, MediaError
from core.files import is_system_file, natural
from core.lookup_tables.cells import TABLE_FORMATS
from core.lookup_tables.lookup_table import LookupTable, stem
from core.lookup_tables.table_rows import composed
from core.media.images import PICTURE_FORMATS
from core.names import is_storable
from core.text import count
from core.videos.add_video import FORMATS

_RANKS = {"train": 0, "valid": 0, "test": 0, "labels": 1}
"""Names of lookup tables without their endings, in the order in which they are read."""

_DATA = "_data"


@dataclass
class Scan:
    """Pictures and what is said of them, by name.

    Args:
        files: name to picture file, in natural order.
        labels: index name, one nullable boolean column per attribute; only names that stand in a table.
        covered: as ``labels``, boolean: whether a table that names the picture has a column for the attribute.
        exclusive: the attributes are classes.
        is_new: the attributes take the place of those of an empty workspace, as somebody wants it.
        parts: name to ``train``, ``valid`` or ``test``, where its folder gives one.
        notes: what the user should know, one sentence each.
        texts: for each of `TEXT_COLUMNS` name to text, where a table gives one. The group may come from the name of the table.
    """

    files: dict[str, Path]
    labels: pd.DataFrame = field(default_factory=pd.DataFrame)
    covered: pd.DataFrame = field(default_factory=pd.DataFrame)
    exclusive: bool = False
    is_new: bool = False
    parts: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    texts: dict[str, dict[str, str]] = field(default_factory=lambda: {name: {} for name in TEXT_COLUMNS})

    @property
    def attributes(self) -> tuple[str, ...]:
        return tuple(self.labels.columns)


def pictures_in(folder: Path, without: Iterable[Path] = ()) -> list[Path]:
    """Return the picture files below ``folder``, in natural order, leaving out folders and hidden files."""
    return [file for file in _files(folder, without) if file.suffix.lower() in PICTURE_FORMATS]


def tables_in(folder: Path, without: Iterable[Path] = ()) -> list[Path]:
    """Return the lookup tables below ``folder``: train, valid and test first, ``*_data`` last, for it wins."""
    files = [file for file in _files(folder, without) if is_table(file)]
    return sorted(files, key=lambda file: _RANKS.get(file.stem.lower(), 2))


def is_table(file: PurePath) -> bool:
    """Return whether a file is a lookup table by its name."""
    stem = file.stem.lower()
    return file.suffix.lower() in TABLE_FORMATS and (stem in _RANKS or stem.endswith(_DATA))


def unread_in(folder: Path, without: Iterable[Path] = ()) -> list[Path]:
    """Return the files below ``folder`` that are neither pictures, lookup tables nor videos."""
    known = (*PICTURE_FORMATS, *FORMATS)
    return [f for f in _files(folder, without) if f.suffix.lower() not in known and not is_table(f)]


def respelled(table: LookupTable, names: Collection[str]) -> LookupTable:
    """Return a table with names of pictures that are here under the same name but for capitals, or in another form of Unicode."""
    missing = [name for name in table.rows["name"].tolist() if name not in names]
    if not missing:
        return table
    here = {composed(name).casefold(): name for name in names}
    other = {name: here[name.casefold()] for name in missing if name.casefold() in here}
    if not other:
        return table
    rows = table.rows.assign(name=table.rows["name"].map(lambda name: other.get(name, name)))
    return replace(table, rows=rows[~rows["name"].duplicated(keep="last")].reset_index(drop=True))


def scan(
    pictures: Iterable[Path], tables: Mapping[Path, LookupTable], names: Mapping[Path, str] | None = None
) -> Scan:
    """Bring pictures and lookup tables together. Attributes that no table has a column for are left out.

    Args:
        pictures: picture files; a name is the file name without its ending.
        names: of pictures that are in the workspace under another name.
        tables: as `read_tables` returns them; where two speak of one cell, the later counts.

    Raises:
        LabelError: a table names a picture that is missing.
        MediaError: two different pictures have one name.
    """
    by_name = defaultdict(list)
    for picture in pictures:
        name = names.get(picture) if names else None
        by_name[name or stem(picture.name)].append(picture)
    tables = {file: respelled(table, by_name) for file, table in tables.items()}
    chosen: dict[str, Path] = {}
    for file, table in tables.items():
        chosen |= _match(file, table, by_name)
    result = merged(tables)
    if tables and (unlisted := len(by_name) - len(result.labels)):
        result.notes.append(f"{count(unlisted, 'picture')} in no lookup table, so without labels.")
    result.files = {n: chosen.get(n) or _only(n, by_name[n]) for n in sorted(by_name, key=natural)}
    return result


def merged(tables: Mapping[Path, LookupTable]) -> Scan:
    """Return what tables say of pictures that are not looked for; see `scan`."""
    result = Scan({})
    for file, table in tables.items():
        _merge(result, file, table)
    if tables:
        columns = [name for name in result.attributes if result.covered[name].any()]
        result.labels, result.covered = result.labels[columns], result.covered[columns]
    return result


def _files(folder: Path, without: Iterable[Path]) -> list[Path]:
    top, skipped = folder.resolve(), [path.resolve() for path in without]
    files = (
        folder / file
        for file in (path.relative_to(top) for path in top.rglob("*") if path.suffix and path.is_file())
        if not is_system_file(file) and not any((top / file).is_relative_to(path) for path in skipped)
    )
    ordered = sorted(files, key=lambda file: natural(file.relative_to(folder).as_posix()))
    for file in ordered:
        if not is_storable(file.as_posix()):
            raise MediaError(f"The path {str(file)!a} is not Unicode.", "Rename it.")
    return ordered


def _match(file: Path, table: LookupTable, by_name: dict[str, list[Path]]) -> dict[str, Path]:
    """Return name to picture for every row of ``table``."""
    chosen = {}
    for name, path, line in zip(
        *(table.rows[column].tolist() for column in ("name", "path", "line")), strict=True
    ):
        candidates = by_name.get(name, [])
        if not candidates:
            raise LabelError(
                f"There is no picture {path} for line {line} of {file}.",
                "Put it beside the table, or remove the line.",
            )
        chosen[name] = candidates[0] if len(candidates) == 1 else _nearest(file, path, name, candidates)
    return chosen


def _nearest(file: Path, path: str, name: str, candidates: list[Path]) -> Path:
    """Return the candidate whose folders are those written in the table, or that lies beside the table."""
    written = path.replace("\\", "/").split("/")
    exact = [
        c
        for c in candidates
        if [composed(part) for part in c.parts[-len(written) :]] == written and len(written) > 1
    ]
    beside = [c for c in candidates if c.is_relative_to(file.parent) and len(c.parts) == len(file.parts)]
    for fitting in (exact, beside):
        if len(fitting) == 1:
            return fitting[0]
    return _only(name, candidates)


def _only(name: str, candidates: list[Path]) -> Path:
    """Return the one picture of that name; copies of it do no harm."""
    first = candidates[0]
    for other in candidates[1:]:
        if other.read_bytes() != first.read_bytes():
            raise MediaError(f"{first} and {other} differ but are both called {name}.", "Rename one of them.")
    return first


def _merge(result: Scan, file: Path, table: LookupTable) -> None:
    """Add what ``table`` says. Where it contradicts an earlier table it counts, and the note says how often."""
    rows = table.rows.set_index("name")
    names = rows.index.tolist()
    for column in set(rows.columns).intersection(TEXT_COLUMNS).difference(table.attributes):
        cells = zip(names, rows[column].tolist(), strict=True)
        result.texts[column] |= {name: text for name, text in cells if text}
    if file.stem.lower().endswith(_DATA):
        result.texts["group"] = dict.fromkeys(names, file.stem[: -len(_DATA)]) | result.texts["group"]
    labels = rows[list(table.attributes)]
    has_column = {name: name not in table.missing for name in table.attributes}
    covered = pd.DataFrame(has_column, index=rows.index, dtype=bool)
    if table.empty_is_silent:
        covered &= labels.notna()
    if len(earlier := result.labels):
        common = labels.index.intersection(earlier.index)
        changed = int((labels.loc[common] != earlier.loc[common]).fillna(False).to_numpy().sum())
        if changed:
            unlike = f"{count(changed, 'cell')} unlike an earlier table"
            result.notes.append(f"{file.name}: {unlike}; this table counts.")
        labels = labels.combine_first(earlier)[list(table.attributes)]
        before = result.covered.reindex(labels.index, fill_value=False)
        covered = covered.reindex(labels.index, fill_value=False) | before
    result.labels, result.covered = labels, covered
    result.notes += [note for note in table.notes if note not in result.notes]
