"""Writing video files."""

from pathlib import Path

import numpy as np
import pytest

from core.errors import MediaError
from core.videos.video import decode
from core.videos.video_writer import VideoWriter, write_video
from tests.helpers.tiny_videos import numbered


def test_an_odd_size_loses_a_row_and_a_column(tmp_path: Path) -> None:
    write_video(tmp_path / "odd.mp4", [np.zeros((33, 47, 3), np.uint8)] * 3, 10)
    assert next(decode(tmp_path / "odd.mp4")).picture.shape == (32, 46, 3)


def test_a_writer_that_fails_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), VideoWriter(tmp_path / "a.mp4", 25) as writer:
        writer.write(numbered(0))
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_a_video_without_pictures_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="without pictures"):
        write_video(tmp_path / "a.mp4", [], 25)
    assert list(tmp_path.iterdir()) == []
