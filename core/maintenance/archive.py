"""The file of a backup: a ZIP with a manifest that names each of its files with size and SHA-256."""

import hashlib
import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from core.errors import WorkspaceError
from core.storage.upgrade import schema

FORMAT = 1
MANIFEST = "manifest.json"
LABELS = "labels.db"
BLOCK = 1 << 20
COMPRESSED = (".jpg", ".jpeg", ".png", ".webp", ".mp4", ".mov", ".mkv", ".webm", ".avi", ".keras", ".npz")
"""Endings of files that deflating does not make smaller."""

AGAIN = "Use another backup, or copy this one again from where it came."


@dataclass(frozen=True)
class Manifest:
    """What a backup holds.

    Args:
        format: of the file, `FORMAT`.
        seamlens: version that made it.
        schema: revision of the tables in its labels.
        made: when, ISO 8601, UTC.
        workspace: name of the folder that it is of.
        database: ``sqlite``, or ``server`` where the labels were on a server; they are a SQLite file in any case.
        without: folders that were left out.
        training: runs that were training meanwhile; restored, they are interrupted after their last finished epoch.
        findings: ``kind`` and ``where`` of what the workspace lacked already.
        files: path to ``size`` (bytes) and ``sha256``.
    """

    format: int
    seamlens: str
    schema: str
    made: str
    workspace: str
    database: str
    without: tuple[str, ...]
    training: tuple[str, ...]
    findings: tuple[tuple[str, str], ...]
    files: Mapping[str, Mapping[str, Any]]

    @property
    def size(self) -> int:
        """Bytes of all files, not compressed."""
        return sum(int(entry["size"]) for entry in self.files.values())


def write(archive: zipfile.ZipFile, name: str, path: Path) -> dict[str, Any]:
    """Add a file to a backup; return its ``size`` and ``sha256`` as they are in it, also where somebody writes it meanwhile."""
    info = zipfile.ZipInfo.from_file(path, name, strict_timestamps=False)
    stored = path.suffix.lower() in COMPRESSED
    info.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as source, archive.open(info, "w", force_zip64=True) as target:
        for block in _blocks(source):
            digest.update(block)
            size += len(block)
            target.write(block)
    return {"size": size, "sha256": digest.hexdigest()}


def write_manifest(archive: zipfile.ZipFile, manifest: Manifest) -> None:
    """Add the manifest, the last file of a backup."""
    archive.writestr(MANIFEST, json.dumps(asdict(manifest), indent=1, ensure_ascii=False) + "\n")


def read_manifest(archive: zipfile.ZipFile) -> Manifest:
    """Read and check the manifest of a backup.

    Raises:
        WorkspaceError: there is none, it is of a newer version, or it does not fit the files.
    """
    try:
        entry = json.loads(archive.read(MANIFEST))
        if entry["format"] > FORMAT or entry["schema"] not in schema()[1]:
            raise WorkspaceError(
                f"This backup was made by a newer version of SeamLens ({entry['seamlens']}).",
                "Update SeamLens, then restore it.",
            )
        manifest = Manifest(
            **{
                **entry,
                "without": tuple(entry["without"]),
                "training": tuple(entry["training"]),
                "findings": tuple((str(kind), str(where)) for kind, where in entry["findings"]),
            }
        )
        sizes = {name: int(file["size"]) for name, file in manifest.files.items() if file["sha256"]}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise WorkspaceError(
            "This file is not a backup of SeamLens: it has no manifest that can be read.", AGAIN
        ) from error
    _check_names(archive, sizes)
    return manifest


def _check_names(archive: zipfile.ZipFile, sizes: Mapping[str, int]) -> None:
    """Refuse a backup whose files are not those of its manifest, or would leave the folder that they are restored into."""
    there = [info for info in archive.infolist() if info.filename != MANIFEST]
    for name in [*sizes, *(info.filename for info in there)]:
        parts = name.split("/")
        if any(part in ("", "..") or part.startswith(".") or set(part) & set("\\:\0") for part in parts):
            raise WorkspaceError(f"This backup names a file {name!r} that no backup has.", "Do not trust it.")
    if len(there) != len(sizes) or {info.filename: info.file_size for info in there} != sizes:
        raise WorkspaceError("This backup is damaged: its files are not those of its manifest.", AGAIN)


def read(archive: zipfile.ZipFile, manifest: Manifest, name: str, target: BinaryIO | None = None) -> None:
    """Read a file of a backup, into ``target`` if there is one, and compare it with the manifest.

    Raises:
        WorkspaceError: it differs.
    """
    digest = hashlib.sha256()
    try:
        with archive.open(name) as source:
            for block in _blocks(source):
                digest.update(block)
                if target is not None:
                    target.write(block)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise damaged(name) from error
    if digest.hexdigest() != manifest.files[name]["sha256"]:
        raise damaged(name)


def damaged(name: str) -> WorkspaceError:
    """Return the error that a file of a backup is not what the manifest says."""
    return WorkspaceError(f"This backup is damaged: {name} in it is not what its manifest says.", AGAIN)


def _blocks(source: Any) -> Iterator[bytes]:
    while block := source.read(BLOCK):
        yield block
