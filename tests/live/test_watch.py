import json

import cv2
import numpy as np
import pytest

from core.data.frames import add_video
from core.data.video import decode, write_video
from core.errors import MediaError
from core.live.inspector import Inspector
from core.live.watch import watch
from core.model import runs
from tests.model import classroom


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    path = tmp_path_factory.mktemp("film") / "seam.mp4"
    rng = np.random.default_rng(6)
    write_video(path, [classroom.picture(i >= 4, True, rng) for i in range(8)], 10)
    return path


def test_a_file_frame_by_frame(trained, film):
    seen = list(watch(trained, film))
    assert [s.index for s in seen] == list(range(8))
    assert [s.time for s in seen] == pytest.approx([i / 10 for i in range(8)])
    frames = [decoded.picture for decoded in decode(film)]
    assert all(np.array_equal(s.picture, f) for s, f in zip(seen, frames, strict=True))
    assert seen[5].inspection.probabilities == Inspector.load(trained).inspect(frames[5]).probabilities


def test_a_line_and_json(trained, film):
    first = next(watch(trained, str(film)))
    said = json.loads(json.dumps(first.to_json()))
    assert list(said) == ["index", "time", "probabilities", "decisions", "milliseconds"]
    assert list(said["probabilities"]) == ["clean", "spot", "narrow"]
    assert "spot" in first.summary()


def test_a_picture_group_of_the_workspace(trained):
    seen = list(watch(trained, "video_2"))
    assert [s.index for s in seen] == list(range(12))


def test_a_video_of_the_workspace(tmp_path, film, trained):
    workspace = classroom.make(tmp_path / "class", videos=3)
    key = add_video(workspace, film).video.key
    run = runs.create_run(workspace, classroom.quick())
    run.model_file.write_bytes(trained.model_file.read_bytes())
    assert len(list(watch(run, key))) == 8


def test_stopped_early_with_a_film_of_what_was_seen(trained, film, tmp_path):
    assert len(list(watch(trained, film, frames=3, out=tmp_path / "three.mp4"))) == 3
    assert len(list(decode(tmp_path / "three.mp4"))) == 3
    watching = watch(trained, film, out=tmp_path / "two.mp4")
    for _ in range(2):
        next(watching)
    watching.close()
    assert len(list(decode(tmp_path / "two.mp4"))) == 2


@pytest.mark.parametrize("source", ["nowhere.mp4", "no_video"])
def test_no_such_source(trained, source):
    with pytest.raises(MediaError, match=source):
        next(watch(trained, source))


def test_a_camera(trained, monkeypatch):
    class Camera:
        released = False

        def __init__(self, number):
            self.number, self.left = number, 2

        def read(self):
            self.left -= 1
            return self.left >= 0, np.zeros((48, 64, 3), np.uint8)

        def release(self):
            Camera.released = True

    monkeypatch.setattr(cv2, "VideoCapture", Camera)
    watching = watch(trained, 0)
    assert [next(watching).index, next(watching).index] == [0, 1]
    with pytest.raises(MediaError, match="number 0"):
        next(watching)
    assert Camera.released
