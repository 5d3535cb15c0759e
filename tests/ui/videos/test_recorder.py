"""Recording from a camera: whoever ends it never waits for a disk that is full."""

import threading
from pathlib import Path

import av
import numpy as np
import pytest

from core.errors import MediaError
from core.live import camera_recorder as recorders
from core.scratch import make_temporary_folder
from core.workspace import Workspace, create
from ui.videos.recorder import Recorder, keep_recording

FRAME = av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), format="bgr24")
PATIENCE = 30  # seconds; a passing test takes none of them


class Full:
    """Stands for a video on a disk that is full, or, before it is told, on one that is slow."""

    may_go_on = threading.Event()

    def __init__(self, path: Path, fps: float) -> None:
        pass

    def __enter__(self) -> "Full":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def write(self, picture: np.ndarray, seconds: float) -> None:
        self.may_go_on.wait(PATIENCE)
        raise OSError("the disk is full")


@pytest.fixture
def recording(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Recorder:
    """A recording whose queue is full; its writer waits."""
    monkeypatch.setattr(recorders, "VideoWriter", Full)
    monkeypatch.setattr(recorders, "WAITING", 3)
    Full.may_go_on.clear()
    recorder = Recorder()
    recorder.start(tmp_path / "seam.mp4")
    while not recorder.dropped:
        recorder.recv(FRAME)
    return recorder


@pytest.mark.timeout(PATIENCE)
def test_a_recording_whose_disk_is_full_ends_with_the_reason(recording: Recorder) -> None:
    Full.may_go_on.set()
    with pytest.raises(MediaError, match="the disk is full"):
        recording.stop()


@pytest.mark.timeout(PATIENCE)
def test_a_recording_without_a_picture_ends_with_the_reason(tmp_path: Path) -> None:
    recorder = Recorder()
    recorder.start(tmp_path / "seam.mp4")
    with pytest.raises(MediaError, match="without pictures"):
        recorder.stop()


@pytest.mark.timeout(PATIENCE)
def test_the_end_of_the_camera_does_not_wait_for_the_disk(recording: Recorder) -> None:
    recording.on_ended()
    assert not Full.may_go_on.is_set()  # the writer still waits
    assert not recording.recording
    writer = recording._thread
    Full.may_go_on.set()
    assert writer is not None
    writer.join(PATIENCE)
    assert not writer.is_alive()


@pytest.fixture
def recorded(tmp_path: Path) -> tuple[Workspace, Path]:
    """A workspace, and a file of a recording in a folder of its own."""
    workspace = create(tmp_path / "class")
    folder = make_temporary_folder(workspace.path, "record")
    (folder / "seam.mp4").write_bytes(b"a recording")
    return workspace, folder / "seam.mp4"


def test_a_recording_that_cannot_be_added_is_kept_in_the_inbox(recorded: tuple[Workspace, Path]) -> None:
    workspace, path = recorded
    assert "in the inbox as seam.mp4" in keep_recording(workspace, path, False)
    assert (workspace.inbox / "seam.mp4").read_bytes() == b"a recording"
    assert not path.parent.exists()


def test_a_recording_that_was_added_leaves_nothing_behind(recorded: tuple[Workspace, Path]) -> None:
    workspace, path = recorded
    assert keep_recording(workspace, path, True) == ""
    assert not path.parent.exists() and not any(workspace.inbox.iterdir())
