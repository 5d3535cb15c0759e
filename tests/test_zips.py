"""Zips of phones, macOS and Windows."""

import zipfile
from pathlib import Path

import pytest

from core import zips
from core.errors import LabelError
from core.exchange.add_pictures import add_paths
from core.exchange.preview_folder import preview_path
from core.media.library import videos
from core.workspace import create
from tests.helpers.tiny_videos import save, textured

CASES = Path(__file__).parent / "fixtures" / "cases"


def packed(path: Path, **files: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("|", "/"), content)
    return path


def unpacked(path: Path, folder: Path) -> list[str]:
    zips.unpack(path, folder)
    return sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())


@pytest.mark.parametrize(
    ("name", "says"), [("aes", "has a password"), ("password", "has a password"), ("deflate64", "Deflate64")]
)
def test_what_cannot_be_unpacked_says_what_to_do(tmp_path: Path, name: str, says: str) -> None:
    with pytest.raises(LabelError, match=rf"{name}\.zip .*{says}.* Unpack it"):
        unpacked(CASES / f"{name}.zip", tmp_path / "new")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(("name", "keys"), [("mac_lower", ["clip"]), ("mac_both", ["clip", "IMG_0001"])])
def test_files_of_macos_are_passed_over(tmp_path: Path, name: str, keys: list[str]) -> None:
    ws = create(tmp_path / "ws")
    add_paths(ws.path, [CASES / f"{name}.zip"])
    assert [video.key for video in videos(ws)] == keys
    assert not list(ws.path.glob(".upload*"))


def test_names_are_those_that_were_meant(tmp_path: Path) -> None:
    path = tmp_path / "t.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in (
            "Ordner\\a.png",
            "__MACOSX/._a.png",
            "Thumbs.db",
            "x/.DS_Store",
            "x/desktop.ini",
            "./x/b.png",
            "O\u0308se.png",
        ):
            archive.writestr(name, b"1")
    assert unpacked(path, tmp_path / "new") == ["Ordner/a.png", "x/b.png", "Öse.png"]


@pytest.mark.parametrize("encoding", ["utf-8", "cp850"])
def test_letters_beyond_ascii_without_their_flag(tmp_path: Path, encoding: str) -> None:
    raw = "Öse_ä.png".encode(encoding)
    path = packed(tmp_path / "t.zip", **{"x" * len(raw): b"1"})
    path.write_bytes(path.read_bytes().replace(b"x" * len(raw), raw))
    assert unpacked(path, tmp_path / "new") == ["Öse_ä.png"]


def test_zips_within_a_zip_are_unpacked(tmp_path: Path) -> None:
    inner = packed(tmp_path / "inner.zip", **{"b.png": b"2"}).read_bytes()
    outer = packed(tmp_path / "outer.zip", **{"a.png": b"1", "inner.zip": inner})
    assert unpacked(outer, tmp_path / "new") == ["a.png", "inner/b.png"]


def test_budgets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = packed(tmp_path / "t.zip", **{f"{i}.png": b"x" * 100 for i in range(5)})
    for limit, value, says in (("LARGEST", 300, "more than"), ("MOST_FILES", 3, "more than 3 files")):
        with monkeypatch.context() as patched:
            patched.setattr(zips, limit, value)
            with pytest.raises(LabelError, match=says):
                unpacked(path, tmp_path / "new")
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.bmp", bytes(10**6))
    monkeypatch.setattr(zips, "HARMLESS", 10**5)
    with pytest.raises(LabelError, match="which no picture does"):
        unpacked(tmp_path / "bomb.zip", tmp_path / "new")


@pytest.mark.parametrize(
    ("limit", "value", "says"),
    [
        ("MOST_EMPTY", 3, "more than 3 empty files"),
        ("LONGEST_LIST", 100, "holds more than"),
        ("ROOM", 2**60, "not enough room"),
    ],
)
def test_what_costs_nothing_to_pack_has_a_budget(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: int, says: str
) -> None:
    path = packed(tmp_path / "t.zip", **{f"{i}.png": b"" for i in range(4)})
    monkeypatch.setattr(zips, limit, value)
    with pytest.raises(LabelError, match=says):
        unpacked(path, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_folders_count_as_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = packed(tmp_path / "t.zip", **{f"{i}/": b"" for i in range(4)})
    monkeypatch.setattr(zips, "MOST_FILES", 3)
    for read in (lambda: unpacked(path, tmp_path / "new"), lambda: zips.names_in(path)):
        with pytest.raises(LabelError, match="more than 3 files"):
            read()


def test_files_that_lie_over_one_another_are_counted_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in range(30):
            archive.writestr(f"{name}.bmp", bytes(100_000))
    monkeypatch.setattr(zips, "HARMLESS", 10**6)
    monkeypatch.setattr(zips, "TIGHTEST", 100)
    with pytest.raises(LabelError, match="more than 100 times its size"):
        unpacked(path, tmp_path / "new")


def test_the_list_of_a_large_zip_is_measured(tmp_path: Path) -> None:
    path = packed(tmp_path / "t.zip", **{f"{i}": b"" for i in range(70_000)})
    with zipfile.ZipFile(path) as archive:
        listed = path.stat().st_size - archive.start_dir
    assert 0 < zips._list_size(path) <= listed


@pytest.mark.parametrize("cut", [0, 10, 60, -1, -30])
def test_a_damaged_zip_is_refused(tmp_path: Path, cut: int) -> None:
    path = packed(tmp_path / "t.zip", **{"a.png": b"x" * 100})
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(LabelError, match=r"t\.zip is damaged or not whole"):
        unpacked(path, tmp_path / "new")


def test_a_way_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LabelError, match="leads out of its folder"):
        unpacked(packed(tmp_path / "t.zip", **{"../evil.png": b"1"}), tmp_path / "new")


def test_a_preview_reads_the_tables_of_a_zip_and_opens_no_picture(tmp_path: Path) -> None:
    table = ",name,Riss\n0,a.png,WAHR\n1,b.png,FALSCH\n".encode("cp1252")
    path = packed(tmp_path / "t.zip", **{"x|labels.csv": table, "x|a.png": b"no picture", "x|b.png": b""})
    found = preview_path(tmp_path / "none", path)
    assert (found.pictures, found.layout) == (2, None)
    ((column,),) = found.columns.values()
    assert (column.true, column.false) == ({"WAHR": 1}, {"FALSCH": 1})


def test_a_zip_is_added_on_the_command_line_like_its_folder(tmp_path: Path) -> None:
    picture = save(tmp_path / "a.png", textured(1)).read_bytes()
    path = packed(tmp_path / "seams.zip", **{"a.png": picture, "labels.csv": b"name,good\na.png,ja\n"})
    (added,) = add_paths(tmp_path / "ws", [path])
    assert added.summary().startswith("1 picture added in 1 group, 1 label.")
