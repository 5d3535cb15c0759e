"""Files that come and go through the browser."""

import io
import shutil
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.errors import LabelError
from core.exchange.export_tables import export_tables
from core.workspace import Workspace

LARGEST_ARCHIVE = 8 * 1024**3  # bytes that a zip may unpack to


@contextmanager
def on_disk(workspace: Workspace, uploads: Iterable[UploadedFile]) -> Iterator[list[Path]]:
    """Write uploads, under their own names, to a folder beside the workspace's that is gone afterwards."""
    folder = tempfile.TemporaryDirectory(prefix=".upload-", dir=workspace.path, ignore_cleanup_errors=True)
    with folder as place:
        paths = []
        for upload in uploads:
            paths.append(Path(place) / Path(upload.name).name)
            upload.seek(0)
            with paths[-1].open("wb") as file:
                shutil.copyfileobj(upload, file, 1024**2)
        yield paths


def unpacked(path: Path) -> Path:
    """Unpack a zip of lookup tables and pictures beside itself and return the folder.

    Raises:
        LabelError: it is no zip, or unpacks to too much.
    """
    folder = path.with_suffix("")
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
            if size > LARGEST_ARCHIVE:
                raise LabelError(
                    f"{path.name} would unpack to {size // 1024**3} GB; {LARGEST_ARCHIVE // 1024**3} GB are possible.",
                    "Copy the folder into the workspace's inbox instead.",
                )
            archive.extractall(folder)
    except (zipfile.BadZipFile, OSError) as error:
        raise LabelError(f"{path.name} cannot be unpacked ({error}).", "Make the zip again.") from error
    return folder


def exported(workspace: Workspace, annotator: str | None, pictures: bool) -> bytes:
    """Return a zip of the workspace's lookup tables, with the pictures of their frames or without."""
    packed = io.BytesIO()
    with tempfile.TemporaryDirectory() as folder:
        export_tables(workspace, Path(folder), annotator, pictures=pictures)
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
            for path in sorted(Path(folder).rglob("*")):
                if path.is_file():
                    archive.write(path, path.relative_to(folder))
    return packed.getvalue()
