"""Whether stored pictures are whole."""

from pathlib import Path

import pytest
from sqlalchemy import select, update

from core import workspace
from core.exchange.add_pictures import add_folder
from core.media.whole import damaged_pictures, is_whole, size_and_hash, write_files
from core.storage import database as db
from core.videos.add_video import add_video
from core.workspace import Workspace
from tests.helpers.tiny_videos import film, numbered, save


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    made = workspace.create(tmp_path / "class")
    add_video(made, film(tmp_path / "seam.mp4", 6))
    return made


def damaged(ws: Workspace, names: set[str] | None = None) -> list[str]:
    return [picture.name for picture in damaged_pictures(ws, db.videos.c.key == "seam", names)]


def harm(ws: Workspace) -> None:
    """Empty one picture, cut one, change one byte of one, and take one away."""
    emptied, cut, changed, gone = (ws.frames / "seam" / f"seam_{index}.jpg" for index in range(1, 5))
    emptied.write_bytes(b"")
    cut.write_bytes(cut.read_bytes()[:-50])
    content = bytearray(changed.read_bytes())
    content[-20] ^= 1
    changed.write_bytes(content)
    gone.unlink()


def test_size_and_hash_of_every_new_file_are_stored(ws: Workspace) -> None:
    with db.reading(ws) as connection:
        size = connection.scalar(select(db.videos.c.size))
        rows = connection.execute(select(db.frames.c.file, db.frames.c.size, db.frames.c.sha256)).all()
    assert size == (ws.videos / "seam.mp4").stat().st_size
    assert len(rows) == 6
    assert all(
        size_and_hash(ws.path / file) == {"size": size, "sha256": sha256} for file, size, sha256 in rows
    )


def test_whole_pictures_are_not_damaged(ws: Workspace) -> None:
    assert damaged(ws) == []


def test_every_kind_of_damage_is_noticed(ws: Workspace) -> None:
    harm(ws)
    assert damaged(ws) == ["seam_1", "seam_2", "seam_3", "seam_4"]
    assert damaged(ws, {"seam_0", "seam_3"}) == ["seam_3"]


def test_what_came_before_hashes_were_stored_must_be_a_readable_picture(ws: Workspace) -> None:
    with db.writing(ws) as connection:
        connection.execute(update(db.frames).values(size=None, sha256=None))
    assert damaged(ws) == []
    harm(ws)
    assert damaged(ws) == ["seam_1", "seam_2", "seam_4"]  # a changed byte may still be a picture


@pytest.mark.parametrize(("size", "whole"), [(5, True), (4, False)])
def test_a_size_alone_is_enough(tmp_path: Path, size: int, whole: bool) -> None:
    (tmp_path / "film.mp4").write_bytes(b"12345")
    assert is_whole(tmp_path / "film.mp4", size, None) == whole


def test_where_a_picture_lies_now_is_stored(tmp_path: Path) -> None:
    save(tmp_path / "new" / "a.png", numbered(1))
    ws = add_folder(tmp_path / "class", tmp_path / "new").workspace
    new = {"name": "a", "file": "frames/new_1/b.png", "size": 3, "sha256": "0" * 64}
    with db.writing(ws) as connection:
        write_files(connection, [new])
        write_files(connection, [])
        f = db.frames.c
        assert dict(connection.execute(select(f.name, f.file, f.size, f.sha256)).one()._mapping) == new
