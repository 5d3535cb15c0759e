"""What the Videos page says of additions."""

from pathlib import Path

import pytest

from core.errors import MediaError
from core.exchange.add_pictures import Addition
from core.exchange.store_pictures import AddedFolder
from core.media.add_video import Added
from core.media.library import Video
from ui.videos.add import Part, added_so_far


def video(key: str) -> Added:
    return Added(Video(1, key, 6, None, "video", 160, 120, None, None), is_new=True, frames=6)


REFUSED = MediaError("It is no video.", "Take another one.")
FOLDER = AddedFolder(None, ["a"], 12, 0, [])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wanted", "parts", "sentence"),
    [
        ("a.mp4", [], ""),
        ("a.mp4 b.mov c.mp4", [], "0 of 3 videos were added."),
        ("a.mp4 b.mov c.mp4", [video("a"), REFUSED], "1 of 3 videos were added."),
        ("photos.zip", [], ""),
        ("photos.zip a.mp4", [FOLDER, REFUSED, video("a")], "Already added: 12 pictures and a."),
    ],
)
def test_a_job_that_was_cancelled_says_what_was_added_before(
    wanted: str, parts: list[Part], sentence: str
) -> None:
    assert added_so_far([Addition(Path(name)) for name in wanted.split()], parts) == sentence
