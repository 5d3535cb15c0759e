"""Uploads in pieces: begun, gone on with, finished, and removed."""

import os
import shutil
import time
from pathlib import Path

import pytest

from core import workspace as workspaces
from core.access.person import Person, Role, acting_as
from core.errors import AccessError, MediaError, WorkspaceError
from core.exchange import uploads
from core.files import copy_or_link
from core.workspace import Workspace

CONTENT = bytes(range(256)) * 40


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return workspaces.create(tmp_path / "workspace")


def begun(
    workspace: Workspace, name: str = "seam.mp4", size: int = len(CONTENT), mark: str = "a"
) -> uploads.Upload:
    return uploads.begin(workspace, name, size, mark)


def send(upload: uploads.Upload, content: bytes, offset: int = 0) -> None:
    with uploads.writing(upload, offset) as piece:
        piece.write(content)
    uploads.finish(upload)


def test_pieces_become_the_file(workspace: Workspace) -> None:
    upload = begun(workspace)
    send(upload, CONTENT[:1000])
    assert (upload.offset, upload.is_whole) == (1000, False)
    send(upload, CONTENT[1000:], 1000)
    assert upload.is_whole and upload.file.read_bytes() == CONTENT


def test_the_same_file_chosen_again_goes_on_where_it_was(workspace: Workspace) -> None:
    send(begun(workspace), CONTENT[:1000])
    again = begun(workspace)
    assert again.offset == 1000
    assert begun(workspace, mark="another file").offset == 0


def test_what_was_written_before_the_connection_broke_stays(workspace: Workspace) -> None:
    upload = begun(workspace)
    with pytest.raises(ConnectionError), uploads.writing(upload, 0) as piece:
        piece.write(CONTENT[:500])
        raise ConnectionError
    assert uploads.find(workspace, upload.id).offset == 500


@pytest.mark.parametrize("offset", [-1, 999, 1001])
def test_only_the_next_piece_is_taken(workspace: Workspace, offset: int) -> None:
    upload = begun(workspace)
    send(upload, CONTENT[:1000])
    with pytest.raises(uploads.ElsewhereError), uploads.writing(upload, offset):
        pass


def test_two_requests_never_write_one_upload(workspace: Workspace) -> None:
    upload = begun(workspace)
    with uploads.writing(upload, 0), pytest.raises(uploads.ElsewhereError), uploads.writing(upload, 0):
        pass


def test_more_than_was_said_is_refused(workspace: Workspace) -> None:
    upload = begun(workspace, size=10)
    with pytest.raises(MediaError, match="More of"):
        send(upload, bytes(11))


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd.mp4", "passwd.mp4"),
        (r"C:\class\..\seam.mp4", "seam.mp4"),
        ("a/b:c?.mp4", "b_c_.mp4"),
        (".hidden.mp4", "hidden.mp4"),
        ("CON.mp4", "_CON.mp4"),
        ("content.part", "_content.part"),
        ("x" * 400 + ".mp4", "x" * 200 + ".mp4"),
        ("Näht\n<b>.mp4", "Näht__b_.mp4"),
    ],
)
def test_names_lead_nowhere_else(workspace: Workspace, name: str, safe: str) -> None:
    upload = begun(workspace, name)
    assert upload.name == safe and upload.file.parent == upload.place


@pytest.mark.parametrize("id", ["../" * 3 + "etc", "0" * 31, "0" * 32, "A" * 32, ""])
def test_an_address_leads_to_uploads_only(workspace: Workspace, id: str) -> None:
    with pytest.raises(MediaError, match="not here any more"):
        uploads.find(workspace, id)


def test_another_persons_upload_is_none(workspace: Workspace) -> None:
    with acting_as(Person("Ann", Role.STUDENT)):
        upload = begun(workspace)
        assert uploads.find(workspace, upload.id) == upload
    with acting_as(Person("Ben", Role.STUDENT)):
        with pytest.raises(MediaError, match="not here any more"):
            uploads.find(workspace, upload.id)
        assert begun(workspace).id != upload.id
    with acting_as(Person("", Role.NOBODY)), pytest.raises(AccessError):
        begun(workspace)


def test_a_file_that_is_too_large_is_refused_before_it_comes(workspace: Workspace) -> None:
    with pytest.raises(MediaError, match="a file may have 8 GB"):
        begun(workspace, size=8 * 1024**3 + 1)


def test_room_for_all_that_was_begun_must_be_free(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = uploads.ROOM + 3 * len(CONTENT)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(2 * free, free, free))
    for mark in "abc":
        begun(workspace, mark=mark)
    with pytest.raises(WorkspaceError, match="not enough room"):
        begun(workspace, mark="d")


@pytest.mark.parametrize(
    ("name", "content"), [("a.zip", b"MZ program"), ("a.xlsx", b"name,good"), ("a.csv", b"\0\1\2")]
)
def test_a_file_that_is_not_what_its_name_says_is_refused(
    workspace: Workspace, name: str, content: bytes
) -> None:
    upload = begun(workspace, name, len(content))
    with pytest.raises(MediaError, match=rf"{name} is not"):
        send(upload, content)
    assert not upload.place.exists()


def test_other_kinds_than_the_page_takes_are_refused(workspace: Workspace) -> None:
    with pytest.raises(MediaError, match=r"notes\.exe is not one of \.mp4"):
        uploads.begin(workspace, "notes.exe", 3, "a", [".mp4"])


def test_what_nobody_goes_on_with_is_removed_after_a_day(workspace: Workspace) -> None:
    left, used = begun(workspace), begun(workspace, mark="b")
    for path in (*left.place.iterdir(), left.place):
        os.utime(path, (0, time.time() - uploads.DAY - 10))
    begun(workspace, mark="c")
    assert not left.place.exists() and used.place.exists()


def test_a_job_takes_the_files_without_copying_them_two_of_one_name_too(workspace: Workspace) -> None:
    both = [begun(workspace, mark=mark) for mark in "ab"]
    for upload in both:
        send(upload, CONTENT)
    inodes = [upload.file.stat().st_ino for upload in both]
    paths = uploads.take(workspace, both)
    assert [path.stat().st_ino for path in paths] == inodes
    assert {path.name for path in paths} == {"seam.mp4"} and len(set(paths)) == 2
    copy_or_link(paths[0], workspace.videos / "seam.mp4")
    assert (workspace.videos / "seam.mp4").stat().st_ino == inodes[0]
