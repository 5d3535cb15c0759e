"""What processes of jobs do in tests."""

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from core.access.person import Person, current
from core.errors import MediaError
from core.files import Progress
from core.media.transaction import adding
from core.scratch import temporary_folder
from core.workspace import Workspace


def add_up(first: int, second: int, progress: Progress) -> int:
    print("a library that prints does no harm")
    progress(1, 2)
    return first + second


def say_who(progress: Progress) -> list[Person]:
    """Return who acts here, and who acts in a thread of this process."""
    with ThreadPoolExecutor(1) as pool:
        return [current(), pool.submit(current).result()]


def refuse(problem: str, progress: Progress) -> None:
    raise MediaError(problem, "Take another one.")


def break_down(progress: Progress) -> None:
    raise ZeroDivisionError


def die(progress: Progress) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def add_for_ever(workspace: Workspace, started: Path, progress: Progress) -> Iterator[str]:
    """Be in the middle of the second addition, with a temporary folder, until somebody ends this process."""
    yield "the first"
    with temporary_folder(workspace.path, "demo") as folder, adding(workspace, "seam") as stage:
        (folder / "seam.mp4").write_bytes(b"half a video")
        (stage.folder(workspace.frames / "seam") / "seam_0.jpg").write_bytes(b"a frame")
        progress(1, 4)
        started.write_text(str(os.getpid()))
        while True:
            time.sleep(0.05)
