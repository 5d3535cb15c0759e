"""The folder for what only the user of this computer may read: keys, certificates, and codes as they are typed.

It lies outside the workspace, which people copy, share and back up.
"""

import os
from pathlib import Path

from core.errors import WorkspaceError
from core.files import make_folder, replacing, writable


def private_folder() -> Path:
    """Return the folder, made where it is not there: the one that ``SEAMLENS_PRIVATE`` names, else the user's for settings.

    Raises:
        WorkspaceError: it cannot be made.
    """
    import typer  # not where nothing private is read: every process opens a workspace

    folder = Path(os.environ.get("SEAMLENS_PRIVATE") or typer.get_app_dir("seamlens"))
    with writable(folder):
        make_folder(folder)
        if os.name != "nt":  # Windows gives the folders of a user to nobody else
            folder.chmod(0o700)
    return folder


def write_private(file: Path, text: str) -> None:
    """Write a file, whole or not at all, that nobody but its owner may read (mode 0600).

    Raises:
        WorkspaceError: it cannot be written.
    """
    with writable(file, WorkspaceError), replacing(file) as partial:
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as written:
            written.write(text)
