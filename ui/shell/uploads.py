"""Files that come and go through the browser."""

import io
import shutil
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.exchange.export_tables import export_tables
from core.exchange.zips import unpack
from core.scratch import temporary_folder
from core.workspace import Workspace


@contextmanager
def on_disk(workspace: Workspace, uploads: Iterable[UploadedFile]) -> Iterator[list[Path]]:
    """Write uploads, under their own names, to a folder beside the workspace's that is gone afterwards."""
    with temporary_folder(workspace.path, "upload") as folder:
        paths = []
        for upload in uploads:
            paths.append(folder / Path(upload.name).name)
            upload.seek(0)
            with paths[-1].open("wb") as file:
                shutil.copyfileobj(upload, file, 1024**2)
        yield paths


def unpacked(path: Path) -> Path:
    """Unpack a zip beside itself and return the folder.

    Raises:
        LabelError: as `core.exchange.zips.unpack`.
    """
    return unpack(path, path.with_suffix(""))


def exported(
    workspace: Workspace, annotator: str | None, pictures: bool, decimal_comma: bool = False
) -> bytes:
    """Return a zip of the workspace's lookup tables, with the pictures of their frames or without."""
    packed = io.BytesIO()
    with tempfile.TemporaryDirectory() as folder:
        export_tables(workspace, Path(folder), annotator, pictures=pictures, decimal_comma=decimal_comma)
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
            for path in sorted(Path(folder).rglob("*")):
                if path.is_file():
                    archive.write(path, path.relative_to(folder))
    return packed.getvalue()
