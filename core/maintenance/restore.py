"""A backup becomes a workspace again, in a folder of its own: whole and checked, or not at all."""

import shutil
import uuid
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import tomlkit

from core.access.rights import Right, needs
from core.errors import WorkspaceError
from core.files import Progress, remove, sync_folder, sync_tree, writable
from core.jobs import slots
from core.json_files import readable
from core.maintenance import archive as archives
from core.maintenance.archive import Manifest
from core.maintenance.check import check_workspace
from core.maintenance.findings import Finding
from core.text import count
from core.workspace import SETTINGS_FILE, Workspace, open_workspace


@dataclass(frozen=True)
class Restored:
    """A workspace that came out of a backup.

    Args:
        workspace: it.
        manifest: of the backup.
        findings: what it lacks as the workspace did when the backup was made.
    """

    workspace: Workspace
    manifest: Manifest
    findings: tuple[Finding, ...]

    def summary(self) -> str:
        """Return one line."""
        files = count(len(self.manifest.files), "file")
        line = f"Restored {self.workspace.path} as it was on {self.manifest.made[:16].replace('T', ' ')} UTC: {files}, all checked."
        if self.manifest.database == "server":
            line += " Its labels are in labels.db now; “labels move” brings them back to a database server."
        return line


@needs(Right.BACK_UP)
def restore(file: Path, folder: Path, progress: Progress | None = None) -> Restored:
    """Make the workspace in ``folder``, which is new or empty, that the backup ``file`` holds.

    Args:
        file: from `core.maintenance.backup.backup`.
        folder: it appears when everything in it was compared with the manifest and checked.
        progress: told how many bytes are done, of how many.

    Raises:
        WorkspaceError: ``folder`` is not empty or too small, or ``file`` is no backup, damaged, or of a newer version.
    """
    folder = folder.absolute()
    _check_empty(folder)
    stage = folder.with_name(f".restore-{uuid.uuid4().hex[:8]}")
    try:
        with _opened(file) as archive, writable(folder):
            manifest = archives.read_manifest(archive)
            folder.parent.mkdir(parents=True, exist_ok=True)
            _check_space(folder, manifest.size)
            _extract(archive, manifest, stage, progress)
        findings = _check(stage, manifest)
        with writable(folder):
            sync_tree(stage)
            if folder.exists():
                folder.rmdir()
            stage.rename(folder)
            sync_folder(folder.parent)
    finally:
        remove(stage)
    return Restored(open_workspace(folder, use_environment=False), manifest, findings)


def _check_empty(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        what = "is not empty" if folder.is_dir() else "is a file"
        raise WorkspaceError(f"{folder} {what}.", "Restore into a new or an empty folder.")


@contextmanager
def _opened(file: Path) -> Iterator[zipfile.ZipFile]:
    try:
        archive = zipfile.ZipFile(readable(file))
    except (zipfile.BadZipFile, EOFError) as error:
        raise WorkspaceError(
            f"{file} is not a backup of SeamLens, or its end was cut off.", archives.AGAIN
        ) from error
    except OSError as error:
        raise WorkspaceError(f"{file} cannot be read ({error.strerror}).", "Check its name.") from error
    with archive:
        yield archive


def _check_space(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder.parent).free
    if needed > free:
        raise WorkspaceError(
            f"The backup holds {needed / 1e9:,.2f} GB; {folder.parent} has {free / 1e9:,.2f} GB free.",
            "Free some space, or restore to another disk.",
        )


def _extract(archive: zipfile.ZipFile, manifest: Manifest, stage: Path, progress: Progress | None) -> None:
    done = 0
    for place in ("videos", "frames", "runs", "inbox"):
        (stage / place).mkdir(parents=True, exist_ok=True)
    for name, entry in manifest.files.items():
        target = stage / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as written:
            archives.read(archive, manifest, name, written)
        done += int(entry["size"])
        if progress:
            progress(done, manifest.size)


def _check(stage: Path, manifest: Manifest) -> tuple[Finding, ...]:
    """Check what was extracted; refuse it where it lacks what the workspace had when the backup was made."""
    if not (stage / SETTINGS_FILE).is_file():
        raise WorkspaceError("This backup has no workspace.toml.", archives.AGAIN)
    (stage / SETTINGS_FILE).chmod(0o600)
    _use_own_database(stage / SETTINGS_FILE)
    workspace = open_workspace(stage, use_environment=False)  # the labels are in the backup
    slots.note_deaths(workspace)
    findings = check_workspace(workspace).findings
    kinds = {kind for kind, _ in manifest.findings}
    for finding in findings:
        # Labels may have been on a server or in a file of another name when it was found.
        is_known = finding.kind in kinds and finding.where == archives.LABELS
        if not is_known and (finding.kind, finding.where) not in manifest.findings:
            raise WorkspaceError(
                f"This backup does not make a whole workspace. {finding.problem}", archives.AGAIN
            )
    return findings


def _use_own_database(settings: Path) -> None:
    """Take the address of a database out of the settings: the labels are in ``labels.db``, those there are somebody's."""
    try:
        document = tomlkit.parse(settings.read_text(encoding="utf-8"))
    except (tomlkit.exceptions.TOMLKitError, UnicodeDecodeError):
        return  # told when it is opened
    if "database" in document:
        del document["database"]
        settings.write_text(tomlkit.dumps(document), encoding="utf-8")
