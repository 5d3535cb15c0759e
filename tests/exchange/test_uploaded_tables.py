"""Lookup tables that somebody else brought: no picture outside their own folder comes in."""

import zipfile
from pathlib import Path

import numpy as np
import pytest

from core.errors import LabelError
from core.exchange import uploads
from core.exchange.import_tables import import_tables, preview_tables
from core.media.images import write_jpeg
from core.workspace import Workspace
from tests.helpers import bare_frames


@pytest.fixture
def seams(tmp_path: Path) -> Workspace:
    return bare_frames.make(tmp_path / "workspace", {"seam_1": 1})


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """Return a picture elsewhere on the computer."""
    file = tmp_path / "elsewhere" / "secret.jpg"
    file.parent.mkdir()
    write_jpeg(file, np.full((16, 16, 3), 90, np.uint8))
    return file


def table(folder: Path, written: object) -> Path:
    folder.mkdir(exist_ok=True)
    return bare_frames.csv(folder / "labels.csv", f",name,good\n0,{written},True\n")


@pytest.mark.parametrize("form", ["{}", "../elsewhere/{.name}", "./../elsewhere/{.name}", "link.jpg"])
def test_a_picture_outside_the_folder_of_an_uploaded_table_stays_out(
    seams: Workspace, secret: Path, tmp_path: Path, form: str
) -> None:
    uploaded = table(tmp_path / "upload", form.format(secret))
    (tmp_path / "upload" / "link.jpg").symlink_to(secret)
    for how in (import_tables, preview_tables):
        with pytest.raises(LabelError, match="There is no picture"):
            how(seams.path, [uploaded], uploaded=True)


def test_a_zip_leads_to_its_own_pictures_only_whoever_brings_it(
    seams: Workspace, secret: Path, tmp_path: Path
) -> None:
    packed = tmp_path / "class.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("tables/labels.csv", f",name,good\n0,{secret},True\n")
    with pytest.raises(LabelError, match="There is no picture"):
        import_tables(seams.path, [packed])


def test_a_table_of_a_zip_may_name_pictures_of_another_folder_there(
    seams: Workspace, secret: Path, tmp_path: Path
) -> None:
    packed = tmp_path / "class.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("tables/labels.csv", ",name,good\n0,../pictures/one.jpg,True\n")
        archive.write(secret, "pictures/one.jpg")
    assert import_tables(seams.path, [packed], uploaded=True).pictures == 1


def test_the_owner_of_the_folder_reads_their_own_paths(
    seams: Workspace, secret: Path, tmp_path: Path
) -> None:
    assert import_tables(seams.path, [table(tmp_path / "own", secret)]).pictures == 1


def test_two_uploaded_tables_of_one_name_are_both_kept(seams: Workspace) -> None:
    both = []
    for mark, text in (("a", b"name,good\nseam_1_0,1\n"), ("b", b"name,error\nseam_1_0,0\n")):
        upload = uploads.begin(seams, "labels.csv", len(text), mark)
        with uploads.writing(upload, 0) as piece:
            piece.write(text)
        uploads.finish(upload)
        both.append(upload)
    found = preview_tables(seams.path, uploads.take(seams, both), uploaded=True)
    assert (found.tables, found.attributes["good"].new, found.attributes["error"].new) == (2, 1, 1)
    assert list(found.columns) == ["0/labels.csv", "1/labels.csv"]
