"""Folders whose names are classes, and the split that they say."""

from pathlib import Path

import pytest

from core import workspace
from core.attributes import SEAM, named
from core.errors import LabelError, MediaError
from core.exchange.add_pictures import add_folder
from core.exchange.class_folders import scan_folders
from core.exchange.folder_layout import layout
from core.exchange.scan_tables import pictures_in, scan
from core.labels.consensus import consensus
from core.lookup_tables.lookup_table import read_table
from core.media.library import frame_table, read_frame
from core.splits import stored_split
from tests.helpers.bare_frames import csv
from tests.helpers.tiny_videos import save, textured


def folders(path: Path, *files: str) -> Path:
    """Write pictures, each of which looks like no other."""
    for number, file in enumerate(files):
        save(path / file, textured(number))
    return path


def found(path: Path, known=None):
    """Return what the folders say as classes; nothing where they are beyond doubt none."""
    pictures = pictures_in(path)
    is_flat = layout([file.relative_to(path) for file in pictures], known).is_flat
    return None if is_flat else scan_folders(path, pictures, known, "classes")


def chosen(ws: workspace.Workspace) -> dict[str, str]:
    """Return the class of each frame."""
    labels = consensus(ws).set_index("name").drop(columns=["video", "index"])
    return {name: row.index[row.astype(bool)].item() for name, row in labels.iterrows()}


def parts(ws: workspace.Workspace) -> dict[str, str]:
    return stored_split.load(ws).table.set_index("name")["part"].to_dict()


@pytest.fixture
def fruit(tmp_path: Path) -> Path:
    return folders(
        tmp_path / "fruit", *(f"{part}/{name}/{name}_{part}.png" for part in ("train", "valid", "test")
                              for name in ("Apple", "Orange"))
    )  # fmt: skip


@pytest.mark.parametrize(
    ("training", "validation", "testing"),
    [("train", "valid", "test"), ("Training", "Validation", "Testing"), ("TRAIN", "val", "Test"),
     ("Training", "Validierung", "Test")],
)  # fmt: skip
def test_spellings_of_the_parts(tmp_path: Path, training: str, validation: str, testing: str) -> None:
    files = [f"{part}/{name}/{part}{name}.png" for part in (training, validation, testing) for name in "ab"]
    said = found(folders(tmp_path, *files)).parts
    assert said == {
        f"{training}a": "train", f"{training}b": "train", f"{validation}a": "valid", f"{validation}b": "valid",
        f"{testing}a": "test", f"{testing}b": "test",
    }  # fmt: skip


def test_a_workspace_of_classes_is_made(tmp_path: Path, fruit: Path) -> None:
    ws = add_folder(tmp_path / "ws", fruit).workspace
    assert (ws.attributes.names, ws.attributes.exclusive) == (("Apple", "Orange"), True)
    assert chosen(ws)["Apple_train"] == "Apple" and chosen(ws)["Orange_test"] == "Orange"


def test_the_split_is_that_of_the_folders(tmp_path: Path, fruit: Path) -> None:
    ws = add_folder(tmp_path / "ws", fruit).workspace
    assert parts(ws) == {name: name.split("_")[1] for name in frame_table(ws)["name"]}
    assert stored_split.load(ws).by == "file"


def test_class_folders_alone_make_no_split(tmp_path: Path) -> None:
    new = folders(tmp_path / "new", "Apple/1.png", "Orange/2.png")
    ws = add_folder(tmp_path / "ws", new, meaning="classes").workspace
    assert chosen(ws) == {"1": "Apple", "2": "Orange"}
    assert stored_split.load(ws) is None


def test_what_a_zip_wraps_does_not_matter(tmp_path: Path) -> None:
    said = found(folders(tmp_path, "data/fruit/train/Apple/1.png", "data/fruit/train/Orange/2.png"))
    assert said.attributes == ("Apple", "Orange") and said.parts == {"1": "train", "2": "train"}


def test_files_of_one_name_take_the_names_of_their_folders(tmp_path: Path) -> None:
    files = [
        "train/Apple/001.png",
        "train/Orange/001.png",
        "train/Orange/002.png",
        "test/Orange/Orange_002.png",
    ]
    assert sorted(found(folders(tmp_path, *files)).files) == ["002", "Apple_001", "Orange_001", "Orange_002"]
    folders(tmp_path, "test/Orange/002.png")
    assert {"train_Orange_002", "test_Orange_002", "test_Orange_Orange_002"} <= set(found(tmp_path).files)


def test_pictures_of_one_name_and_group_are_both_stored(tmp_path: Path) -> None:
    new = folders(tmp_path / "new", "Apple/1.png", "Orange/2.png")
    save(new / "Apple" / "same.png", textured(7))
    save(new / "Orange" / "same.png", textured(7) // 2)
    ws = add_folder(tmp_path / "ws", new, meaning="classes").workspace
    assert (read_frame(ws, "Apple_same") == textured(7)).all()
    assert (read_frame(ws, "Orange_same") == textured(7) // 2).all()


def test_pictures_that_differ_in_their_ending_only_are_refused(tmp_path: Path) -> None:
    with pytest.raises(LabelError, match=r"x\.jpg.*x\.png"):
        found(folders(tmp_path, "a/x.png", "a/x.jpg", "b/y.png"))


def test_one_class_is_spelled_in_one_way(tmp_path: Path) -> None:
    files = ["train/Äpfel/1.png", "train/Birnen/2.png", "test/A\u0308pfel/3.png", "test/birnen/4.png"]
    said = found(folders(tmp_path, *files))
    assert len(said.attributes) == 2 and said.labels.sum().tolist() == [2, 2]
    assert "Äpfel" in said.attributes


def test_without_a_test_folder_validation_tests_and_training_validates(tmp_path: Path) -> None:
    files = [f"train/{name}/{name}{i}.png" for name in "ab" for i in range(10)] + [
        "valid/a/va.png",
        "valid/b/vb.png",
    ]
    added = add_folder(tmp_path / "ws", folders(tmp_path / "new", *files))
    part = parts(added.workspace)
    assert {name for name, p in part.items() if p == "test"} == {"va", "vb"}
    validating = [name for name, p in part.items() if p == "valid"]
    assert sorted(name[0] for name in validating) == ["a", "a", "b", "b"]
    assert any("no test folder" in note for note in added.notes)
    assert any("cut from training by group" in note for note in added.notes)


def test_a_folder_added_twice_changes_nothing(tmp_path: Path) -> None:
    files = [f"train/{name}/{name}{i}.png" for name in "ab" for i in range(4)] + [
        "valid/a/va.png",
        "valid/b/vb.png",
    ]
    ws = add_folder(tmp_path / "ws", folders(tmp_path / "new", *files)).workspace
    before = ws.split_file.read_bytes()
    assert add_folder(ws.path, tmp_path / "new").pictures == 0
    assert ws.split_file.read_bytes() == before


def test_more_pictures_join_the_split(tmp_path: Path, fruit: Path) -> None:
    ws = add_folder(tmp_path / "ws", fruit).workspace
    save(tmp_path / "more" / "train" / "apple" / "new.png", textured(50))
    save(tmp_path / "more" / "train" / "orange" / "other.png", textured(51))
    add_folder(ws.path, tmp_path / "more")
    assert parts(ws)["new"] == "train" and parts(ws)["Apple_test"] == "test"
    assert chosen(ws)["new"] == "Apple"


def test_a_cluster_that_crosses_the_parts_is_said(tmp_path: Path, fruit: Path) -> None:
    save(fruit / "test" / "Apple" / "copy.png", textured(0))  # that of Apple_train
    added = add_folder(tmp_path / "ws", fruit)
    assert any(
        "1 group of nearly identical pictures in more than one part, 1 of them in" in n for n in added.notes
    )


def test_other_classes_than_those_of_the_workspace_are_refused(tmp_path: Path, fruit: Path) -> None:
    ws = workspace.create(tmp_path / "ws", named(["Apple", "Pear"], exclusive=True))
    with pytest.raises(
        LabelError, match="are Apple and Orange, but the classes of this workspace are Apple and Pear"
    ):
        add_folder(ws.path, fruit)
    assert frame_table(ws).empty


def test_class_folders_for_a_workspace_of_attributes_are_refused(tmp_path: Path, fruit: Path) -> None:
    ws = workspace.create(tmp_path / "ws", named(["Apple", "Orange"]))
    with pytest.raises(LabelError, match="attributes, of which a frame may have several"):
        add_folder(ws.path, fruit)


def test_a_workspace_that_a_page_has_just_made_takes_the_classes(tmp_path: Path, fruit: Path) -> None:
    ws = workspace.create(tmp_path / "ws", note="Term 3")
    with pytest.raises(LabelError, match="--folders classes"):
        add_folder(ws.path, fruit)
    made = add_folder(ws.path, fruit, meaning="classes").workspace
    assert (made.attributes.names, made.note, made.attributes.rules) == (("Apple", "Orange"), "Term 3", ())


def test_it_stays_as_it_was_where_a_picture_cannot_be_read(tmp_path: Path, fruit: Path) -> None:
    ws = workspace.create(tmp_path / "ws")
    (fruit / "test" / "Apple" / "none.png").write_text("no picture")
    with pytest.raises(MediaError):
        add_folder(ws.path, fruit, meaning="classes")
    assert workspace.open_workspace(ws.path).attributes == SEAM
    assert not ws.split_file.exists()


def test_labels_that_cannot_be_stored_leave_no_split(
    tmp_path: Path, fruit: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ws = workspace.create(tmp_path / "ws")
    monkeypatch.setattr("core.exchange.store_pictures.record_rows", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        add_folder(ws.path, fruit, meaning="classes")
    assert workspace.open_workspace(ws.path).attributes == SEAM
    assert not ws.split_file.exists() and not list(ws.path.glob(".adding-*"))


@pytest.mark.parametrize("number", [1, 13])
def test_too_few_or_too_many_classes(tmp_path: Path, number: int) -> None:
    folders(tmp_path, *(f"train/c{i}/{i}.png" for i in range(number)))
    with pytest.raises(LabelError, match=f"has {number} class folders?.*2 to 12"):
        found(tmp_path)


def test_one_folder_is_not_a_class(tmp_path: Path) -> None:
    assert found(folders(tmp_path, "images/1.png", "images/2.png")) is None


def test_parts_without_classes_are_parts(tmp_path: Path) -> None:
    new = folders(tmp_path, "train/1.png", "test/2.png")
    assert layout([file.relative_to(new) for file in pictures_in(new)], None).meaning == "parts"


def test_pictures_beside_the_folders_make_them_none(tmp_path: Path) -> None:
    assert found(folders(tmp_path, "cover.png", "a/1.png", "b/2.png")) is None


def test_a_lookup_table_counts_more_than_folders(tmp_path: Path) -> None:
    new = folders(tmp_path / "new", "a/1.png", "b/2.png")
    (new / "labels.csv").write_text(",name,good\n0,1.png,True\n1,2.png,False\n")
    assert add_folder(tmp_path / "ws", new).workspace.attributes.names == ("good",)


def test_a_scan_has_every_text_column_of_lookup_tables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("core.exchange.scan_tables", "core.lookup_tables.lookup_table"):
        monkeypatch.setattr(f"{module}.TEXT_COLUMNS", ("group", "boxes", "shift"))
    new = folders(tmp_path, "mill_a/1.png", "mill_b/2.png")
    table = csv(tmp_path / "labels.csv", ",name,shift,good\n0,1.png,night,True\n")
    of_table = scan(pictures_in(new), {table: read_table(table, ["good"])})
    of_folders = scan_folders(new, pictures_in(new), None, "groups")
    assert of_table.texts == {"group": {}, "boxes": {}, "shift": {"1": "night"}}
    assert of_folders.texts == {"group": {"1": "mill_a", "2": "mill_b"}, "boxes": {}, "shift": {}}


def test_a_picture_in_no_class_folder_comes_unlabelled(tmp_path: Path, fruit: Path) -> None:
    save(fruit / "test" / "which.png", textured(40))
    added = add_folder(tmp_path / "ws", fruit)
    labels = consensus(added.workspace).set_index("name").loc["which", ["Apple", "Orange"]]
    assert labels.isna().all() and "which" not in parts(added.workspace)


def test_the_fruit_has_its_published_colours() -> None:
    colours = [a.colour for a in named(["Tomato", "Apple", "Orange"], exclusive=True)]
    assert colours == ["#d7372f", "#2ca05a", "#2f6fde"]
