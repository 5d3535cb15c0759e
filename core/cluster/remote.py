"""A training as it runs on a computer of the cluster: in a folder of its own, of files and pictures that were sent.

It needs neither the workspace nor a shared disk there. What it writes is fetched while it works, in an order that leaves the folder
of the run as a local training could have left it.
"""

import os
import socket
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from core import scratch
from core.attributes import SEAM
from core.errors import RunError, SeamLensError, describe
from core.files import Progress
from core.inputs.batches import Part, targets_of
from core.runs.run import Run
from core.training.status_writer import StatusWriter, failures_told
from core.workspace import Workspace

SENT = ("config.json", "frames.csv", "limits.json", "legs.json", "status.json", "history.csv", "worst.csv", "model.keras",
        "checkpoint.npz")  # fmt: skip
"""What a training needs of the folder of its run."""

RETURNED = ("worst.csv", "history.csv", "model.keras", "checkpoint.npz")
"""In the order in which they are read: the checkpoint last, so that none of the others is of a later epoch."""

LOG = "log.txt"
FOLDER = "seamlens-cluster"
"""Of temporary folders, where the computer keeps such."""


@dataclass(frozen=True)
class News:
    """What a training wrote since it was last asked.

    Args:
        status: text of ``status.json``.
        files: content of the files of `RETURNED` that changed, in that order.
        log: lines that were added to the log.
        is_over: whether it has ended; then this is all.
        error: why it failed.
    """

    status: str
    files: dict[str, bytes] = field(default_factory=dict)
    log: bytes = b""
    is_over: bool = False
    error: SeamLensError | None = None


class RemoteTraining:
    """Lives in a process of the cluster.

    Args:
        id: of the run.
        files: content of its files, by name; see `SENT`.
    """

    def __init__(self, id: str, files: dict[str, bytes]) -> None:
        parent = Path(tempfile.gettempdir()) / f"{FOLDER}-{os.getuid() if sys.platform != 'win32' else 0}"
        parent.mkdir(mode=0o700, exist_ok=True)
        scratch.sweep(parent)  # what killed processes have left
        self._folder = scratch.make_temporary_folder(parent, "cluster")
        # Attributes are those of the run. Settings stay at home: they may hold passwords.
        self._run = Run(Workspace(self._folder, SEAM, ""), id)
        self._run.path.mkdir(parents=True)
        for name, content in files.items():
            (self._run.path / name).write_bytes(content)
        self._sent: dict[str, tuple[int, int]] = {name: self._version(name) for name in RETURNED}
        self._logged = 0
        self._error: SeamLensError | None = None
        self._thread: threading.Thread | None = None

    def where(self) -> str:
        """Return in words where it runs."""
        return f"{socket.gethostname()}, process {os.getpid()}"

    def add_pictures(self, part: str, pictures: np.ndarray) -> None:
        """Take pictures (n, h, w, 3) uint8 BGR, prepared, of the next frames of a part."""
        with self._pictures(part).open("ab") as file:
            file.write(np.ascontiguousarray(pictures).tobytes())

    def begin(self) -> None:
        """Begin to train, and return at once."""
        self._thread = threading.Thread(target=self._train, name="training", daemon=True)
        self._thread.start()

    def news(self, is_stopping: bool = False) -> News:
        """Return what is new; where it is to stop, it ends after its current step."""
        if is_stopping:
            self._run.stop_file.touch()
        is_over = self._thread is not None and not self._thread.is_alive()
        # The status first: it never names an epoch the best before its network is there.
        status = (self._run.path / "status.json").read_text("utf-8")
        return News(status, self._changed(), self._new_log(), is_over, self._error)

    def close(self) -> None:
        """Remove what it wrote here."""
        import shutil

        shutil.rmtree(self._folder, ignore_errors=True)

    def _train(self) -> None:
        status = StatusWriter(self._run, time.monotonic())
        status.update(now=True, phase="starting")  # TensorFlow takes its time
        try:
            from core.training.loop import learn

            with failures_told(self._run, status), status.beating():
                status.finish(learn(self._run, status, self._load))
        except SeamLensError as error:
            self._error = error
        except BaseException as error:  # a thread has nobody to raise to
            self._error = RunError(
                f"The training failed on the cluster: {describe(error) if isinstance(error, Exception) else error!r}",
                "Its log.txt says where.",
            )

    def _load(self, run: Run, part: str, progress: Progress | None = None) -> Part:
        frames = run.frames[run.frames["part"] == part].reset_index(drop=True)
        width, height = run.size
        shape = (len(frames), height, width, 3)
        pictures = np.empty(shape, np.uint8)
        if len(frames):
            pictures = np.asarray(np.memmap(self._pictures(part), np.uint8, "r", shape=shape))
        return Part(frames, pictures, targets_of(frames, run.attributes))

    def _pictures(self, part: str) -> Path:
        return self._folder / f"{part}.pictures"

    def _version(self, name: str) -> tuple[int, int]:
        try:
            about = (self._run.path / name).stat()
        except OSError:
            return (0, 0)
        return about.st_mtime_ns, about.st_ino

    def _changed(self) -> dict[str, bytes]:
        changed = {}
        for name in RETURNED:
            if (version := self._version(name)) != self._sent[name]:
                with suppress(FileNotFoundError):
                    changed[name] = (self._run.path / name).read_bytes()
                    self._sent[name] = version
        return changed

    def _new_log(self) -> bytes:
        try:
            with (self._run.path / LOG).open("rb") as file:
                file.seek(self._logged)
                new = file.read()
        except FileNotFoundError:
            return b""
        self._logged += len(new)
        return new
