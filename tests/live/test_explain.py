import json

import cv2
import numpy as np
import pytest

from core.errors import MediaError, RunError
from core.live.explain import explain
from core.live.inspector import Inspector
from core.live.overlay import draw
from core.model import runs
from tests.model import classroom


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures")
    rng = np.random.default_rng(4)
    for name, spot in (("fine", False), ("spotted", True)):
        cv2.imwrite(str(folder / f"{name}.png"), classroom.picture(spot, True, rng))
    return [folder / "fine.png", folder / "spotted.png"]


def test_overlays_and_numbers(trained, pictures, tmp_path):
    written = explain(trained, pictures, tmp_path / "new" / "out")
    assert [path.name for path in written] == ["fine_overlay.png", "spotted_overlay.png"]
    said = json.loads((tmp_path / "new" / "out" / "explain.json").read_text("utf-8"))
    assert list(said) == [str(path) for path in pictures]
    spotted = said[str(pictures[1])]["spot"]
    assert spotted["decided"] and spotted["drawn"] and spotted["probability"] > 0.5
    assert not said[str(pictures[0])]["spot"]["drawn"]


def test_a_clear_picture_stays_itself_and_another_is_what_the_live_view_draws(trained, pictures, tmp_path):
    clear, spotted = map(cv2.imread, map(str, explain(trained, pictures, tmp_path)))
    assert np.array_equal(clear, cv2.imread(str(pictures[0])))
    frame = cv2.imread(str(pictures[1]))
    assert np.array_equal(spotted, draw(frame, Inspector.load(trained).inspect(frame), trained.attributes))
    assert not np.array_equal(spotted, frame)


def test_an_unreadable_picture_before_anything_is_written(trained, pictures, tmp_path):
    broken = tmp_path / "broken.png"
    broken.write_text("no picture")
    with pytest.raises(MediaError, match=r"broken\.png"):
        explain(trained, [*pictures, broken], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_two_pictures_of_one_name(trained, pictures, tmp_path):
    with pytest.raises(MediaError, match="names of their own"):
        explain(trained, [pictures[0], tmp_path / "fine.jpg"], tmp_path / "out")


def test_a_run_without_a_network(tmp_path, pictures):
    run = runs.create_run(classroom.make(tmp_path / "class"), classroom.quick())
    with pytest.raises(RunError, match="waiting"):
        explain(run, pictures, tmp_path / "out")
    assert not (tmp_path / "out").exists()
