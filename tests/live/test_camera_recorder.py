import numpy as np
import pytest

from core.live.camera_recorder import CameraRecorder, within
from core.videos.video import decode


@pytest.mark.parametrize(
    ("size", "white"), [((64, 48), (64, 48)), ((32, 24), (64, 48)), ((48, 64), (36, 48))]
)
def test_a_picture_of_another_shape_is_not_stretched(size, white):
    placed = within(np.full((size[1], size[0], 3), 255, np.uint8), (64, 48))
    assert placed.shape == (48, 64, 3)
    assert ((placed[24] > 0).any(axis=1).sum(), (placed[:, 32] > 0).any(axis=1).sum()) == white


def test_a_camera_that_is_turned_while_it_records_gives_one_video(tmp_path):
    recorder = CameraRecorder()
    recorder.start(tmp_path / "seam.mp4")
    for shape in ((48, 64, 3), (64, 48, 3)):
        recorder.offer(np.full(shape, 200, np.uint8))
    assert {frame.picture.shape for frame in decode(recorder.stop())} == {(48, 64, 3)}
