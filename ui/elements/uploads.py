"""Files from the browser, see `ui.elements.upload_field`, on their way into a job."""

import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

from core.exchange.uploads import Upload


def version(uploads: Iterable[Upload]) -> str:
    """Return names and sizes: two uploads of one file are the same."""
    return " ".join(f"{upload.name} {upload.size}" for upload in uploads)


def removal(path: Path) -> Callable[[bool], str]:
    """Return what removes the folder of a file at the end of a job."""

    def at_end(is_done: bool) -> str:
        shutil.rmtree(path.parent, ignore_errors=True)
        return ""

    return at_end
