"""Files on their way from a browser: in pieces, straight to the disk, so that they go on after a broken connection.

Each has a folder ``.uploads/<id>/`` in the workspace, with ``upload.json`` and the file: ``content.part`` while it comes in, under its
own name once all of it is there. The size of the part is how far it has come; nothing else has to be remembered.
"""

import json
import re
import shutil
import time
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock
from uuid import uuid4

from core import names
from core.access.person import current
from core.access.rights import Right, check
from core.errors import MediaError, WorkspaceError
from core.files import make_folder, remove, replacing, sync_file, sync_folder, writable
from core.json_files import Count, DamagedError, checked, read_record
from core.lookup_tables.cells import SHEETS, TEXTS
from core.scratch import DAY, make_temporary_folder
from core.text import size as shown_size
from core.workspace import Workspace
from core.zips import ENDING, ROOM

FOLDER = ".uploads"
PART, ABOUT = "content.part", "upload.json"
MOST = 200
"""Unfinished and unused uploads of a workspace."""

_ID = re.compile(r"[0-9a-f]{32}")
_beginning = Lock()
_written: set[str] = set()
"""Ids of those that a request is writing now."""


@dataclass(frozen=True)
class Upload:
    """A file that comes in, or has come.

    Args:
        id: 32 hexadecimal digits.
        name: of the file, as every system takes it.
        size: bytes that it will have.
        fingerprint: tells it from other files of the same browser: chosen again, it goes on.
        owner: who brings it; empty for the owner of the folder.
        place: the folder it lies in.
    """

    id: str
    name: str
    size: Count
    fingerprint: str
    owner: str
    place: Path

    @property
    def file(self) -> Path:
        """Where all of it is in the end."""
        return self.place / self.name

    @property
    def is_whole(self) -> bool:
        return self.file.is_file()

    @property
    def offset(self) -> int:
        """How many bytes are here."""
        if self.is_whole:
            return self.size
        with suppress(OSError):
            return (self.place / PART).stat().st_size
        return 0


def begin(
    workspace: Workspace, name: str, size: int, fingerprint: str, formats: Iterable[str] | None = None
) -> Upload:
    """Return the upload of a file: a new one, or the one that was begun before.

    Args:
        workspace: where to.
        name: as the browser calls the file.
        size: in bytes.
        fingerprint: of the file and the browser.
        formats: endings that are taken; None takes all.

    Raises:
        MediaError: the file is too large, empty, or of another kind.
        WorkspaceError: the disk has not enough room, or cannot be written.
        AccessError: whoever asks may not add anything.
    """
    check(Right.ADD)
    name = _safe(name)
    if formats is not None and Path(name).suffix.lower() not in formats:
        raise MediaError(f"{name} is not one of {', '.join(formats)}.", "Choose another file.")
    if size < 1:
        raise MediaError(f"{name} is empty.", "Choose another file.")
    if size > workspace.upload * 1024**3:
        raise MediaError(
            f"{name} has {shown_size(size)}; a file may have {workspace.upload} GB here.",
            "Ask your instructor to copy it into the inbox, or divide it.",
        )
    with _beginning:
        remove_abandoned(workspace)
        there = list(_uploads(workspace))
        for upload in there:
            if (upload.fingerprint, upload.size, upload.owner) == (fingerprint, size, current().name):
                return upload
        if len(there) >= MOST:
            raise WorkspaceError(f"{len(there)} uploads wait already.", "Add or remove some of them first.")
        _check_room(workspace, size + sum(upload.size - upload.offset for upload in there))
        return _new(workspace, name, size, fingerprint)


def find(workspace: Workspace, id: str) -> Upload:
    """Return an upload of whoever acts.

    Raises:
        MediaError: there is none; another person's is none.
    """
    place = workspace.path / FOLDER / id
    try:
        if not _ID.fullmatch(id):
            raise FileNotFoundError
        upload = _read(place)
    except (FileNotFoundError, DamagedError):
        upload = None
    if upload is None or upload.owner != current().name:
        raise MediaError("This upload is not here any more.", "Choose the file again.")
    return upload


class ElsewhereError(Exception):
    """A piece of an upload does not begin where it is, or another request writes it now: ask for the offset, and go on there."""


class Writing:
    """Writes a piece of an upload to the disk; see `writing`."""

    def __init__(self, upload: Upload, offset: int) -> None:
        self._left = upload.size - offset
        self._upload = upload
        self._file = (upload.place / PART).open("ab")

    def write(self, content: bytes | bytearray) -> None:
        """Write what comes next.

        Raises:
            MediaError: more comes than was said.
            WorkspaceError: the disk is full.
        """
        self._left -= len(content)
        if self._left < 0:
            raise MediaError(f"More of {self._upload.name} comes than was said.", "Choose the file again.")
        with writable(self._upload.place):
            self._file.write(content)
            self._file.flush()

    def close(self) -> None:
        self._file.close()


@contextmanager
def writing(upload: Upload, offset: int) -> Iterator[Writing]:
    """Give what writes a piece that begins at ``offset``; what was written stays, also where the connection breaks.

    Raises:
        ElsewhereError: this is not the next piece.
    """
    with _beginning:
        if upload.id in _written or offset != upload.offset or upload.is_whole:
            raise ElsewhereError
        _written.add(upload.id)
    try:
        piece = Writing(upload, offset)
        try:
            yield piece
        finally:
            piece.close()
    finally:
        _written.discard(upload.id)


def finish(upload: Upload) -> None:
    """Give an upload its name once all of it is here and on the disk; before, do nothing.

    Raises:
        MediaError: it is not what its name says; it is removed.
    """
    part = upload.place / PART
    if upload.is_whole or upload.offset < upload.size:
        return
    try:
        _check_content(part, upload.name)
    except MediaError:
        remove(upload.place)
        raise
    sync_file(part)
    part.rename(upload.file)
    sync_folder(upload.place)


def discard(upload: Upload) -> None:
    """Remove an upload."""
    remove(upload.place)


def take(workspace: Workspace, uploads: Iterable[Upload]) -> list[Path]:
    """Move whole uploads into a temporary folder for a job, which removes it; nothing is copied.

    Returns:
        The files, each in a folder of its own in that temporary one: two of one name are both kept.
    """
    folder = make_temporary_folder(workspace.path, "upload")
    taken = []
    for number, upload in enumerate(uploads):
        place = folder / str(number)
        upload.place.rename(place)
        (place / ABOUT).unlink(missing_ok=True)
        taken.append(place / upload.name)
    return taken


def remove_abandoned(workspace: Workspace) -> None:
    """Remove what nobody has gone on with, or used, for a day."""
    for place in (workspace.path / FOLDER).glob("*"):
        with suppress(OSError):
            newest = max(path.stat().st_mtime for path in (place, *place.iterdir()))
            if time.time() - newest > DAY and place.name not in _written:
                remove(place)


def _uploads(workspace: Workspace) -> Iterator[Upload]:
    for place in (workspace.path / FOLDER).glob("*"):
        with suppress(FileNotFoundError, DamagedError):
            yield _read(place)


def _read(place: Path) -> Upload:
    return read_record(place / ABOUT, lambda values: checked(Upload, {**values, "place": place}))


def _new(workspace: Workspace, name: str, size: int, fingerprint: str) -> Upload:
    id = uuid4().hex
    place = workspace.path / FOLDER / id
    upload = Upload(id, name, size, fingerprint[:500], current().name, place)
    about = {key: value for key, value in asdict(upload).items() if key != "place"}
    with writable(workspace.path):
        make_folder(place)
        place.chmod(0o700)
        with replacing(place / ABOUT) as partial:
            partial.write_text(json.dumps(about), encoding="utf-8")
        (place / PART).touch()
    return upload


def _safe(name: str) -> str:
    """Return the name of a file that every system takes, without folders before it."""
    last = re.split(r"[/\\]", name)[-1]
    stem, dot, ending = last.rpartition(".")
    safe = names.file_name(stem if dot else last).lstrip(".") or "file"
    ending = re.sub(r"[^0-9A-Za-z]", "", ending)[:10]
    safe = f"{safe}.{ending}" if dot and ending else safe
    return f"_{safe}" if safe in (PART, ABOUT) else safe


def _check_room(workspace: Workspace, needed: int) -> None:
    free = shutil.disk_usage(workspace.path).free
    if needed > free - ROOM:
        raise WorkspaceError(
            f"The disk has not enough room: {shown_size(needed)} are needed, {shown_size(max(0, free - ROOM))} are free.",
            "Free some space, or ask your instructor.",
        )


def _check_content(file: Path, name: str) -> None:
    """Refuse a file that its first bytes tell to be something else; videos and pictures are looked at by who reads them."""
    ending = Path(name).suffix.lower()
    with file.open("rb") as content:
        head = content.read(4096)
    if ending == ENDING and not zipfile.is_zipfile(file):
        raise MediaError(f"{name} is not a zip, or not whole.", "Make the zip again.")
    if ending in SHEETS and not head.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
        raise MediaError(f"{name} is not a spreadsheet.", "Save it again as .xlsx or .csv.")
    if ending in TEXTS and b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise MediaError(f"{name} is not a table of text.", "Save it again as .csv.")
