"""Zips as people make them: what is in them, and unpacking them without harm."""

import lzma
import os
import shutil
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath, PurePosixPath
from tempfile import TemporaryDirectory

from core.errors import LabelError
from core.files import is_system_file, make_folder
from core.scratch import temporary_folder

ENDING = ".zip"
OTHER_ARCHIVES = (".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zipx")

LARGEST = 8 * 1024**3
"""Bytes that a zip may unpack to, with the zips in it."""
MOST_FILES = 100_000
"""Files and folders."""
MOST_EMPTY = 1000
"""Files without content: they cost nothing to pack."""
LONGEST_LIST = 160 * MOST_FILES
"""Bytes of the list of files at the end of a zip, which is read at once."""
ROOM = 200 * 1024**2
"""Bytes that must stay free on the disk."""
DEEPEST = 3
"""Zips within zips."""
HARMLESS = 200 * 1024**2
"""Bytes below which a file may be packed as tightly as it likes."""
TIGHTEST = 200
"""Times that a larger file may be larger than packed: pictures and videos are hardly ever twice as large."""

UNPACK_YOURSELF = "Unpack it yourself and copy the folder into the workspace’s inbox instead."

_ENCRYPTED, _UTF_8 = 0x1, 0x800
_DEFLATE_64, _AES = 9, 99
DAMAGED = (zipfile.BadZipFile, EOFError, zlib.error, lzma.LZMAError, struct.error, ValueError, OverflowError,
            NotImplementedError, RuntimeError, KeyError, IndexError)  # fmt: skip
"""What reading a damaged zip raises."""


@contextmanager
def opened_zip(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open a zip whose list of files is not made to fill the memory; for the block.

    Raises:
        LabelError: it lists too much.
        BadZipFile: it is no zip, or another of `DAMAGED`.
    """
    if _list_size(path) > LONGEST_LIST:
        raise _too_many(path.name)
    with zipfile.ZipFile(path) as archive:
        if len(archive.infolist()) > MOST_FILES:
            raise _too_many(path.name)
        yield archive


def _list_size(path: Path) -> int:
    """Return the bytes of the list of files as the end of a zip gives them; 0 where that is no zip, as will be said later."""
    with path.open("rb") as file:
        end = file.seek(0, os.SEEK_END)
        file.seek(max(0, end - 2**16 - 100))
        tail = file.read()
    if (at := tail.rfind(b"PK\5\6")) < 0 or len(tail) < at + 16:
        return 0
    if at >= 76 and tail[at - 20 : at - 16] == b"PK\6\7":  # of more than 4 GB or 65,535 files
        return int(struct.unpack_from("<Q", tail, at - 76 + 40)[0])
    return int(struct.unpack_from("<L", tail, at + 12)[0])


def _too_many(name: str) -> LabelError:
    return LabelError(f"{name} holds more than {MOST_FILES:,} files.", UNPACK_YOURSELF)


@contextmanager
def unzipped(parent: Path, path: Path) -> Iterator[Path]:
    """Give the folder of an unpacked zip, which is gone after the block; of what is no zip, the path itself.

    Args:
        parent: the workspace, beside or in which there is room; it need not be there yet.
        path: a file or folder.

    Raises:
        LabelError: as `unpack`.
    """
    if not path.is_file() or path.suffix.lower() != ENDING:
        yield path
        return
    with temporary_folder(parent, "upload") if parent.is_dir() else TemporaryDirectory() as folder:
        yield unpack(path, Path(folder, path.stem))


def names_in(path: Path) -> list[PurePosixPath]:
    """Return the files of a zip, without those of the operating system and without looking into zips within it.

    Raises:
        LabelError: it is no zip, or is not whole.
    """
    try:
        with opened_zip(path) as archive:
            return [name for entry, name in _files(archive) if name.parts and not is_system_file(name)]
    except (*DAMAGED, OSError) as error:
        raise _damaged(path.name, error) from error


def unpack(path: Path, folder: Path) -> Path:
    """Unpack a zip, and the zips in it, into a new folder and return that; files of the operating system are left out.

    Raises:
        LabelError: it is no zip, is not whole, has a password, or unpacks to too much; the folder is gone then.
    """
    try:
        _unpack(path, folder, _Budget(path, folder), 1)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return folder


def unpack_some(path: Path, folder: Path, names: Collection[PurePath]) -> list[Path]:
    """Unpack some files of a zip, of which `names_in` returned the names; see `unpack`."""
    targets = []
    try:
        budget = _Budget(path, folder)
        with opened_zip(path) as archive:
            for entry, name in _files(archive):
                if name in names:
                    _check(path.name, entry, name)
                    budget.take(entry)
                    targets.append(folder.joinpath(*name.parts))
                    _copy(archive, entry, targets[-1])
    except (*DAMAGED, OSError) as error:
        raise _damaged(path.name, error) from error
    return list(dict.fromkeys(targets))


def _copy(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(entry) as source, target.open("wb") as copy:
        shutil.copyfileobj(source, copy, 1024**2)


class _Budget:
    """What a zip and those within it may still unpack to."""

    def __init__(self, path: Path, folder: Path) -> None:
        self.name, self.packed = path.name, path.stat().st_size
        self.bytes, self.files, self.empty = LARGEST, MOST_FILES, MOST_EMPTY
        self.room = shutil.disk_usage(next(each for each in (folder, *folder.parents) if each.exists())).free

    def take(self, entry: zipfile.ZipInfo) -> None:
        self.bytes -= entry.file_size
        self.files -= 1
        self.empty -= not entry.file_size
        taken = LARGEST - self.bytes
        if self.bytes < 0:
            raise LabelError(
                f"{self.name} would unpack to more than {LARGEST // 1024**3} GB.", UNPACK_YOURSELF
            )
        if self.files < 0:
            raise _too_many(self.name)
        if self.empty < 0:
            raise LabelError(
                f"{self.name} holds more than {MOST_EMPTY:,} empty files.", "Make the zip again without them."
            )
        if taken > self.room - ROOM:
            raise LabelError(f"The disk has not enough room to unpack {self.name} ({self.room // 1024**2:,} MB free).",
                             "Free some space.")  # fmt: skip
        if entry.file_size > HARMLESS and entry.file_size > TIGHTEST * max(1, entry.compress_size):
            raise LabelError(f"{entry.filename} in {self.name} would unpack to {entry.file_size // 1024**2:,} MB "
                             f"from {entry.compress_size // 1024:,} kB, which no picture does.", UNPACK_YOURSELF)  # fmt: skip
        if taken > HARMLESS and taken > TIGHTEST * self.packed:  # its files may lie over one another
            raise LabelError(
                f"{self.name} would unpack to more than {TIGHTEST} times its size.", UNPACK_YOURSELF
            )


def _unpack(path: Path, folder: Path, budget: _Budget, depth: int) -> None:
    inner: list[Path] = []
    try:
        with opened_zip(path) as archive:
            make_folder(folder)
            files = [(entry, name) for entry, name in _files(archive) if not is_system_file(name)]
            for entry, name in files:
                _check(path.name, entry, name)
                budget.take(entry)
            targets: dict[PurePosixPath, Path] = {}
            for entry, name in files:  # of one name twice the later counts, as everywhere
                target = targets[name] = targets.get(name) or _free(folder.joinpath(*name.parts))
                _copy(archive, entry, target)
                if target.suffix.lower() == ENDING:
                    inner.append(target)
    except (*DAMAGED, OSError) as error:
        raise _damaged(path.name, error) from error
    for zipped in inner:
        if depth == DEEPEST:
            raise LabelError(
                f"{budget.name} holds zips within zips within zips.", "Unpack it and add the folder."
            )
        _unpack(zipped, _free(zipped.with_suffix("")), budget, depth + 1)
        zipped.unlink()


def _files(archive: zipfile.ZipFile) -> Iterator[tuple[zipfile.ZipInfo, PurePosixPath]]:
    """Yield the files of a zip with their names as they were meant."""
    for entry in archive.infolist():
        name = entry.filename
        if (
            not entry.flag_bits & _UTF_8
        ):  # Python reads it as DOS text; macOS writes UTF-8, Windows that of the country
            raw = name.encode("cp437", errors="replace")
            try:
                name = raw.decode("utf-8")
            except UnicodeDecodeError:
                name = raw.decode("cp850")
        name = unicodedata.normalize("NFC", name.replace("\\", "/"))
        if not name.endswith("/"):
            yield (
                entry,
                PurePosixPath(*(part.strip() or "_" for part in name.split("/") if part not in ("", "."))),
            )


def _check(zip_name: str, entry: zipfile.ZipInfo, name: PurePosixPath) -> None:
    if ".." in name.parts or not name.parts or (os.name == "nt" and ":" in str(name)):
        raise LabelError(
            f"{zip_name} holds {entry.filename!r}, which leads out of its folder.", "Make the zip again."
        )
    if any(len(part.encode()) > 255 for part in name.parts):
        raise LabelError(
            f"{zip_name} holds a file with a name of more than 255 bytes: {name.name[:40]}….", "Shorten it."
        )
    if entry.flag_bits & _ENCRYPTED or entry.compress_type == _AES:
        raise LabelError(
            f"{zip_name} has a password.",
            "Unpack it with the password, and zip the folder again without one.",
        )
    if entry.compress_type == _DEFLATE_64:
        raise LabelError(
            f"{zip_name} is packed as Deflate64, as Windows does with large folders, which is not read here.",
            "Unpack it and add the folder (on the page: copy it into the inbox), or zip smaller parts.",
        )


def _free(path: Path) -> Path:
    """Return a path that is not there yet: a zip may hold names that differ in capitals, or one name twice."""
    if not path.exists():
        return path
    return next(
        new
        for number in range(2, MOST_FILES)
        if not (new := path.with_name(f"{path.stem}_{number}{path.suffix}")).exists()
    )


def _damaged(name: str, error: Exception) -> Exception:
    if isinstance(error, OSError) and not isinstance(error, zipfile.BadZipFile) and error.errno is not None:
        return LabelError(
            f"{name} cannot be unpacked ({error.strerror}).", "Check the disk and the rights of its folder."
        )
    if isinstance(error, NotImplementedError):
        return LabelError(
            f"{name} is packed in a way that is not read here.", "Unpack it and zip the folder again."
        )
    why = " ".join(str(error).split())
    return LabelError(
        f"{name} is damaged or not whole{f' ({why})' if why else ''}.", "Make or send the zip again."
    )
