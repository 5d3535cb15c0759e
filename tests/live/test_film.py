import json

import numpy as np
import pytest

from core.errors import MediaError
from core.inspection.inspector import Inspector
from core.live.watch import film
from core.media.add_video import add_video
from core.media.video import decode, write_video
from core.training.create_run import create_run
from tests.helpers import tiny_class


@pytest.fixture(scope="module")
def seam(tmp_path_factory):
    path = tmp_path_factory.mktemp("film") / "seam.mp4"
    rng = np.random.default_rng(6)
    write_video(path, [tiny_class.picture(i >= 4, True, rng) for i in range(8)], 10)
    return path


def test_a_file_frame_by_frame(trained, seam):
    seen = list(film(trained, seam))
    assert [s.index for s in seen] == list(range(8))
    assert [s.time for s in seen] == pytest.approx([i / 10 for i in range(8)])
    frames = [decoded.picture for decoded in decode(seam)]
    assert all(np.array_equal(s.picture, f) for s, f in zip(seen, frames, strict=True))
    assert seen[5].inspection.probabilities == Inspector.load(trained).inspect(frames[5]).probabilities


def test_a_line_and_json(trained, seam):
    first = next(film(trained, str(seam)))
    said = json.loads(json.dumps(first.to_json()))
    assert list(said) == ["index", "time", "probabilities", "decisions", "milliseconds"]
    assert list(said["probabilities"]) == ["clean", "spot", "narrow"]
    assert "spot" in first.summary()


def test_a_picture_group_of_the_workspace(trained):
    seen = list(film(trained, "video_2"))
    assert [s.index for s in seen] == list(range(12))


def test_a_video_of_the_workspace(tmp_path, seam, trained):
    workspace = tiny_class.make(tmp_path / "class", videos=3)
    key = add_video(workspace, seam).video.key
    run = create_run(workspace, tiny_class.quick())
    run.model_file.write_bytes(trained.model_file.read_bytes())
    assert len(list(film(run, key))) == 8


def test_stopped_early_with_a_film_of_what_was_seen(trained, seam, tmp_path):
    assert len(list(film(trained, seam, frames=3, out=tmp_path / "three.mp4"))) == 3
    assert len(list(decode(tmp_path / "three.mp4"))) == 3
    watching = film(trained, seam, out=tmp_path / "two.mp4")
    for _ in range(2):
        next(watching)
    watching.close()
    assert len(list(decode(tmp_path / "two.mp4"))) == 2


@pytest.mark.parametrize("source", ["nowhere.mp4", "no_video"])
def test_no_such_source(trained, source):
    with pytest.raises(MediaError, match=source):
        next(film(trained, source))
