"""Files that come and go through the browser."""

import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath

from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.scratch import make_temporary_folder, temporary_folder
from core.workspace import Workspace
from core.zips import unpack


@contextmanager
def on_disk(workspace: Workspace, uploads: Iterable[UploadedFile]) -> Iterator[list[Path]]:
    """Write uploads, under their own names, to a folder beside the workspace's that is gone afterwards."""
    with temporary_folder(workspace.path, "upload") as folder:
        yield [_write(upload, folder) for upload in uploads]


def kept(workspace: Workspace, uploads: Iterable[UploadedFile]) -> list[Path]:
    """Write uploads to a temporary folder for a job, which removes it: they are gone when the browser leaves the page."""
    folder = make_temporary_folder(workspace.path, "upload")
    try:
        return [_write(upload, folder) for upload in uploads]
    except BaseException:  # a full disk
        shutil.rmtree(folder, ignore_errors=True)
        raise


def version(uploads: Iterable[UploadedFile]) -> str:
    """Return names and sizes: two uploads of one file are the same."""
    return " ".join(f"{upload.name} {upload.size}" for upload in uploads)


def _write(upload: UploadedFile, folder: Path) -> Path:
    path, number = folder / PurePath(upload.name).name, 1
    while (
        path.exists()
    ):  # another upload of the same name: both are kept, for the name of a table says whose group it is
        number += 1
        path = folder / str(number) / path.name
    path.parent.mkdir(exist_ok=True)
    upload.seek(0)
    with path.open("xb") as file:
        shutil.copyfileobj(upload, file, 1024**2)
    return path


def removal(path: Path) -> Callable[[bool], str]:
    """Return what removes the folder of a file at the end of a job."""

    def at_end(is_done: bool) -> str:
        shutil.rmtree(path.parent, ignore_errors=True)
        return ""

    return at_end


def unpacked(path: Path) -> Path:
    """Unpack a zip beside itself and return the folder.

    Raises:
        LabelError: as `core.zips.unpack`.
    """
    return unpack(path, path.with_suffix(""))
