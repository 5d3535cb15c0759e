"""Cameras of the server: one reader for all, what is wrong is said, and the picture comes back."""

import threading
from time import monotonic

import numpy as np
import pytest

from core import workspace as workspaces
from core.errors import MediaError
from core.inspection.panel import DisplayOptions
from core.live import server_camera
from core.live.camera_feed import CameraFeed
from core.live.pace import STEPS
from core.live.server_camera import BLACK, OPENING, STILL, CameraReader, ServerCamera
from core.live.viewer import Viewer
from tests.helpers.waiting import until
from tests.live.test_viewer import Begun, Told, grey


class Camera:
    """Stands for a camera that a test plugs in, hands pictures to and unplugs."""

    def __init__(self):
        self.opened, self._go, self._picture, self.is_there = 0, threading.Semaphore(0), grey(128), True

    def give(self, picture):
        self._picture = picture
        self._go.release()

    def unplug(self):
        self.is_there = False
        self._go.release()

    def connect(self):
        if not self.is_there:
            raise OSError("no such device")
        self.opened += 1
        while self._go.acquire(timeout=10) and self.is_there:
            yield self._picture


@pytest.fixture
def camera():
    return Camera()


@pytest.fixture
def reader(camera):
    made = CameraReader(camera.connect, lambda: "It is away.", first_pause=0.01)
    yield made
    made.close()
    camera.unplug()


def test_it_is_opened_lost_and_comes_back(camera, reader):
    assert reader.problem == OPENING
    camera.give(grey(100))
    count, picture = reader.next(0, 10)
    assert (count, picture[0, 0, 0], reader.problem) == (1, 100, "")
    camera.unplug()
    until(lambda: reader.problem == "It is away.")
    camera.is_there = True
    until(lambda: camera.opened == 2)
    camera.give(grey(120))
    assert reader.next(count, 10)[1][0, 0, 0] == 120
    assert reader.problem == ""


def test_black_and_asleep_are_said(camera, reader, monkeypatch):
    noisy = np.random.default_rng(0).integers(0, 8, (48, 64, 3), dtype=np.uint8)
    camera.give(noisy)
    reader.next(0, 10)
    assert reader.problem == BLACK
    monkeypatch.setattr(server_camera, "ASLEEP", -1.0)
    assert reader.problem == STILL


def test_a_large_picture_is_made_smaller_first(camera, reader):
    camera.give(np.full((2160, 3840, 3), 99, np.uint8))
    assert reader.next(0, 10)[1].shape == (360, 640, 3)


def test_two_viewers_share_one_camera_and_the_last_closes_it(camera, tmp_path, monkeypatch):
    (tmp_path / "w").mkdir()
    file = tmp_path / "w" / "workspace.toml"
    file.write_text('attributes = [{name = "tear"}]\n[cameras]\n"Machine 3" = 7\n', encoding="utf-8")
    workspace = workspaces.open_workspace(tmp_path / "w")
    monkeypatch.setattr(
        server_camera, "open_camera", lambda number: camera.connect() if number == 7 else None
    )
    viewers = [Viewer(Told(), DisplayOptions(), Begun()) for _ in range(2)]
    first, second = (ServerCamera(workspace, "Machine 3", CameraFeed(viewer)) for viewer in viewers)
    until(lambda: camera.opened == 1)
    camera.give(grey(77))
    for each in (first, second):
        until(lambda shown=each: shown.tick()[0][5, 5, 0] == 77)
    assert camera.opened == 1 and viewers[0].verdict.state != "trouble"
    first.close()
    camera.give(grey(88))
    until(lambda: second.tick()[0][5, 5, 0] == 88)
    camera.unplug()
    until(lambda: second.tick() and viewers[1].verdict.state == "trouble")
    assert (
        "camera is not plugged in" in viewers[1].verdict.headline
        or "gives no pictures" in viewers[1].verdict.headline
    )
    second.close()
    with pytest.raises(MediaError, match="names no camera 'Door'"):
        ServerCamera(workspace, "Door", CameraFeed(viewers[0]))


@pytest.fixture
def stream(camera, tmp_path, monkeypatch):
    """A camera of the server before one viewer, and the viewer."""
    (tmp_path / "w").mkdir()
    settings = 'attributes = [{name = "tear"}]\n[cameras]\n"Machine 3" = 7\n'
    (tmp_path / "w" / "workspace.toml").write_text(settings, encoding="utf-8")
    monkeypatch.setattr(server_camera, "open_camera", lambda number: camera.connect())
    viewer = Viewer(Told(), DisplayOptions(), Begun())
    made = ServerCamera(workspaces.open_workspace(tmp_path / "w"), "Machine 3", CameraFeed(viewer))
    yield made, viewer
    made.close()


def test_a_lowered_stream_waits_for_its_turn_and_a_full_one_does_not(stream, monkeypatch):
    shown, viewer = stream
    waits = []
    monkeypatch.setattr(server_camera, "sleep", waits.append)
    shown.tick()
    assert waits == []
    viewer.pace.level = len(STEPS) - 1
    monkeypatch.setattr(shown, "_shown_at", monotonic())
    shown.tick()
    assert waits[0] == pytest.approx(1 / STEPS[-1].rate, abs=0.05)


def test_lengths_are_those_of_the_camera_also_where_its_pictures_are_reduced(stream, camera):
    shown, viewer = stream
    camera.give(np.full((2160, 3840, 3), 99, np.uint8))
    until(lambda: shown.tick() and viewer.ruler.full_side == 3840)
