"""Folders of pictures with lookup tables."""

import itertools
import random
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
import pytest

from core import workspace
from core.attributes import named
from core.errors import LabelError, MediaError, SeamLensError
from core.exchange.add_pictures import Addition, add_folder, add_paths, add_several
from core.exchange.grouping import NEAR, clusters, index_in_name, indexes
from core.exchange.store_pictures import AddedFolder
from core.labels.consensus import consensus
from core.media.add_video import Added, add_video
from core.media.library import frame_table, get_video, read_frame, remove_video, videos
from tests.helpers.tiny_videos import film, numbered, save, shown, textured


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Six pictures below a table with groups, two attributes, and columns that are none."""
    for i in range(6):
        save(tmp_path / "tiles" / "images" / f"tile{i}.png", textured(i))
    rows = [f"{i},tile{i}.png,board {i % 2},{i % 2},{i > 3},{i}:1,{i / 3}" for i in range(6)]
    table(tmp_path / "tiles" / "labels.csv", ",name,group,good,open,boxes,size", rows)
    return tmp_path / "tiles"


def table(path: Path, header: str, rows: list[str]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([header, *rows, ""]), encoding="utf-8")
    return path


def groups(ws: workspace.Workspace) -> Mapping[str, list[str]]:
    return frame_table(ws).groupby("video")["name"].agg(list).to_dict()


def said(ws: workspace.Workspace, attribute: str) -> dict[str, bool | None]:
    labels = consensus(ws).set_index("name")[attribute].astype(object)
    return {name: None if pd.isna(value) else bool(value) for name, value in labels.items()}


def files(path: Path) -> list[str]:
    found = (file.relative_to(path).as_posix() for file in path.rglob("*") if file.is_file())
    return sorted(
        file for file in found if not file.startswith(("labels.db", "database.json", ".adding.lock"))
    )


def test_a_workspace_is_made_with_the_attributes_of_the_table(tmp_path: Path, folder: Path) -> None:
    added = add_folder(tmp_path / "ws", folder)
    assert added.workspace.attributes.names == ("good", "open")
    assert (added.videos, added.pictures, added.labels) == (["board_0", "board_1"], 6, 12)


def test_pictures_keep_names_groups_and_content(tmp_path: Path, folder: Path) -> None:
    ws = add_folder(tmp_path / "ws", folder).workspace
    assert groups(ws) == {"board_0": ["tile0", "tile2", "tile4"], "board_1": ["tile1", "tile3", "tile5"]}
    kept = ws.frames / "board_1" / "tile3.png"
    assert kept.read_bytes() == (folder / "images" / "tile3.png").read_bytes()
    assert frame_table(ws, "board_1")["index"].tolist() == [0, 1, 2]
    assert frame_table(ws)["time"].isna().all()


def test_a_group_is_no_video(tmp_path: Path, folder: Path) -> None:
    group = get_video(add_folder(tmp_path / "ws", folder).workspace, "board_0")
    assert (group.origin, group.file, group.frame_rate, group.seconds) == ("pictures", None, None, None)
    assert (group.width, group.height, group.frames) == (64, 48, 3)


def test_labels_come_with_the_pictures(tmp_path: Path, folder: Path) -> None:
    ws = add_folder(tmp_path / "ws", folder).workspace
    assert said(ws, "good") == {f"tile{i}": i % 2 == 1 for i in range(6)}
    assert said(ws, "open") == {f"tile{i}": i > 3 for i in range(6)}


def test_other_columns_are_ignored_with_a_note(tmp_path: Path, folder: Path) -> None:
    added = add_folder(tmp_path / "ws", folder)
    assert "labels.csv: size ignored, for no attribute is called so." in added.notes
    assert not list(added.workspace.frames.rglob("*.csv"))


def test_a_workspace_that_is_there_takes_what_it_knows(tmp_path: Path, folder: Path) -> None:
    ws = workspace.create(tmp_path / "ws", named(["break", "open"]))
    add_folder(ws.path, folder)
    assert said(ws, "open")["tile5"] and said(ws, "break")["tile5"] is None


def test_a_table_says_nothing_of_what_it_has_no_column_for(tmp_path: Path, folder: Path) -> None:
    ws = add_folder(tmp_path / "ws", folder).workspace
    table(
        folder / "labels.csv", ",name,group,good", [f"{i},tile{i}.png,board {i % 2},True" for i in range(6)]
    )
    add_folder(ws.path, folder)
    assert said(ws, "open")["tile5"] is True


def test_labels_stay_where_only_another_table_has_their_column(tmp_path: Path, folder: Path) -> None:
    ws = add_folder(tmp_path / "ws", folder).workspace
    (folder / "labels.csv").unlink()
    first, second = folder / "first_data.csv", folder / "second_data.csv"
    table(first, ",name,good,open", [f"{i},tile{i}.png,False,False" for i in range(3)])
    table(second, ",name,good", [f"{i},tile{i}.png,False" for i in range(3, 6)])
    added = add_folder(ws.path, folder)
    assert said(ws, "open") == {f"tile{i}": i > 3 for i in range(6)}
    assert said(ws, "good") == {f"tile{i}": False for i in range(6)}
    assert added.labels == 9  # cells of the two tables; the three labels that stay are no news


def test_a_table_without_a_known_attribute_is_refused(tmp_path: Path, folder: Path) -> None:
    ws = workspace.create(tmp_path / "ws", named(["loose"]))
    with pytest.raises(LabelError, match="loose"):
        add_folder(ws.path, folder)
    assert videos(ws) == []


def test_a_row_without_picture_is_named_and_nothing_stored(tmp_path: Path, folder: Path) -> None:
    (folder / "images" / "tile2.png").unlink()
    with pytest.raises(LabelError, match=r"no picture tile2\.png for line 4 of .*labels\.csv"):
        add_folder(tmp_path / "ws", folder)
    assert not (tmp_path / "ws").exists()


def test_a_picture_that_is_none_is_named_and_nothing_stored(tmp_path: Path, folder: Path) -> None:
    (folder / "images" / "tile2.png").write_text("no picture")
    with pytest.raises(MediaError, match=r"tile2\.png"):
        add_folder(tmp_path / "ws", folder)
    assert not (tmp_path / "ws").exists()


def test_labels_that_cannot_be_stored_leave_nothing(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.exchange.store_pictures.record_rows", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        add_folder(tmp_path / "ws", folder)
    assert not (tmp_path / "ws").exists()
    ws = workspace.create(tmp_path / "ws", named(["good"]))
    before = files(ws.path)
    with pytest.raises(ZeroDivisionError):
        add_folder(ws.path, folder)
    assert (videos(ws), files(ws.path)) == ([], before)


def test_the_same_folder_twice_is_known(tmp_path: Path, folder: Path) -> None:
    ws = add_folder(tmp_path / "ws", folder).workspace
    before = files(ws.path)
    again = add_folder(ws.path, folder)
    assert (again.pictures, again.videos, files(ws.path)) == (0, ["board_0", "board_1"], before)
    assert "6 pictures already in the workspace." in again.notes


def test_pictures_that_are_here_but_damaged_are_restored(tmp_path: Path, folder: Path) -> None:
    ws = add_folder(tmp_path / "ws", folder).workspace
    before, table = said(ws, "good"), frame_table(ws)
    (ws.frames / "board_1" / "tile3.png").write_bytes(b"")
    (ws.frames / "board_0" / "tile2.png").unlink()
    again = add_folder(ws.path, folder)
    assert "2 damaged or missing pictures restored." in again.notes
    assert all((read_frame(ws, f"tile{number}") == textured(number)).all() for number in range(6))
    assert said(ws, "good") == before and frame_table(ws).equals(table)


def test_a_damaged_picture_is_not_replaced_by_another(tmp_path: Path, folder: Path) -> None:
    ws = add_folder(tmp_path / "ws", folder).workspace
    (ws.frames / "board_1" / "tile3.png").write_bytes(b"")
    save(folder / "images" / "tile3.png", textured(20))
    with pytest.raises(MediaError, match="differs from the picture that is called tile3"):
        add_folder(ws.path, folder)


def test_a_damaged_picture_may_come_back_in_another_format(tmp_path: Path, folder: Path) -> None:
    ws = add_folder(tmp_path / "ws", folder).workspace
    (ws.frames / "board_1" / "tile3.png").write_bytes(b"")
    (folder / "images" / "tile3.png").unlink()
    save(folder / "images" / "tile3.bmp", textured(3))
    add_folder(ws.path, folder)
    assert (read_frame(ws, "tile3") == textured(3)).all()
    assert sorted(file.name for file in (ws.frames / "board_1").iterdir()) == [
        "tile1.png", "tile3.bmp", "tile5.png"
    ]  # fmt: skip


def test_a_file_that_no_row_speaks_of_is_replaced(tmp_path: Path, folder: Path) -> None:
    ws = add_folder(tmp_path / "ws", folder).workspace
    (ws.frames / "board_1" / "extra.png").write_text("left by somebody")
    save(tmp_path / "more" / "extra.png", textured(20))
    table(tmp_path / "more" / "labels.csv", ",name,group,good", ["0,extra.png,board 1,True"])
    add_folder(ws.path, tmp_path / "more")
    assert (read_frame(ws, "extra") == textured(20)).all()


def test_a_group_grows(tmp_path: Path, folder: Path) -> None:
    ws = add_folder(tmp_path / "ws", folder).workspace
    save(tmp_path / "more" / "extra.png", textured(20))
    table(tmp_path / "more" / "labels.csv", ",name,group,good", ["0,extra.png,board 1,True"])
    add_folder(ws.path, tmp_path / "more")
    assert frame_table(ws, "board_1")[["name", "index"]].iloc[-1].tolist() == ["extra", 3]


def test_another_picture_of_a_known_name_is_refused(tmp_path: Path, folder: Path) -> None:
    ws = add_folder(tmp_path / "ws", folder).workspace
    other = textured(3)
    other[20:30, 20:30] = 0  # a small defect is another picture
    save(tmp_path / "more" / "tile3.png", other)
    with pytest.raises(MediaError, match="tile3"):
        add_folder(ws.path, tmp_path / "more")


def test_two_pictures_of_one_name_are_refused(tmp_path: Path) -> None:
    save(tmp_path / "new" / "x.png", textured(1))
    save(tmp_path / "new" / "b" / "x.png", textured(2))
    with pytest.raises(MediaError, match="both called x"):
        add_folder(tmp_path / "ws", tmp_path / "new")


def test_a_copy_of_a_picture_does_no_harm(tmp_path: Path) -> None:
    for place in (".", "b"):
        save(tmp_path / "new" / place / "x.png", textured(1))
    assert add_folder(tmp_path / "ws", tmp_path / "new").pictures == 1


def test_a_folder_comes_back_after_its_removal(tmp_path: Path, folder: Path) -> None:
    ws = add_folder(tmp_path / "ws", folder).workspace
    remove_video(ws, "board_1")
    add_folder(ws.path, folder)
    assert [video.key for video in videos(ws)] == ["board_0", "board_1"]


def test_the_name_of_a_data_table_is_the_group(tmp_path: Path) -> None:
    for i in (3, 17, 120):
        save(tmp_path / "new" / f"seam_01_{i}.png", numbered(i))
    table(
        tmp_path / "new" / "seam_01_data.csv",
        ",name,good",
        [f"{row},seam_01_{i}.png,True" for row, i in enumerate((120, 3, 17))],
    )
    ws = add_folder(tmp_path / "ws", tmp_path / "new").workspace
    assert frame_table(ws, "seam_01")["index"].tolist() == [3, 17, 120]
    assert frame_table(ws, "seam_01")["name"].tolist() == ["seam_01_3", "seam_01_17", "seam_01_120"]


def test_published_tables_with_full_paths_and_a_data_table(tmp_path: Path) -> None:
    for i in range(2):
        save(tmp_path / "new" / f"seam_{i}.png", numbered(i))
    table(tmp_path / "new" / "train.csv", ",name,good", [r"0,C:\class\seam_0.png,True"])
    table(tmp_path / "new" / "seam_data.csv", ",name,good", ["0,seam_0.png,False", "1,seam_1.png,True"])
    added = add_folder(tmp_path / "ws", tmp_path / "new")
    assert said(added.workspace, "good") == {"seam_0": False, "seam_1": True}
    assert "seam_data.csv: 1 cell unlike an earlier table; this table counts." in added.notes


def test_a_path_in_the_table_chooses_among_pictures_of_one_name(tmp_path: Path) -> None:
    save(tmp_path / "new" / "old" / "x.png", textured(1))
    save(tmp_path / "new" / "best" / "x.png", textured(2))
    table(tmp_path / "new" / "labels.csv", ",name,group,good", ["0,best/x.png,g,True"])
    ws = add_folder(tmp_path / "ws", tmp_path / "new").workspace
    assert (read_frame(ws, "x") == textured(2)).all()


def test_without_tables_near_duplicates_are_grouped(tmp_path: Path) -> None:
    for i in range(3):
        save(tmp_path / "heap" / f"a{i}.png", textured(1) // 2 + i)
        save(tmp_path / "heap" / f"b{i}.png", textured(2) // 2 + i)
    added = add_folder(tmp_path / "ws", tmp_path / "heap")
    assert groups(added.workspace) == {"heap_1": ["a0", "a1", "a2"], "heap_2": ["b0", "b1", "b2"]}
    assert any("nearly identical" in note for note in added.notes)
    assert added.workspace.attributes.names == ("good", "error", "break", "length")


def test_guessed_groups_never_join_those_that_are_there(tmp_path: Path) -> None:
    save(tmp_path / "heap" / "a.png", textured(1))
    ws = add_folder(tmp_path / "ws", tmp_path / "heap").workspace
    save(tmp_path / "heap" / "b.png", textured(2))
    assert add_folder(ws.path, tmp_path / "heap").videos == ["heap_1", "heap_1_2"]


def test_pictures_in_no_table_come_unlabelled(tmp_path: Path, folder: Path) -> None:
    save(folder / "images" / "loose.png", textured(30))
    added = add_folder(tmp_path / "ws", folder)
    assert (added.pictures, said(added.workspace, "good")["loose"]) == (7, None)
    assert any("no lookup table" in note for note in added.notes)


def test_a_folder_without_pictures_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(MediaError, match="no pictures"):
        add_folder(tmp_path / "ws", tmp_path / "empty")


@pytest.fixture
def pictures_of_a_video(tmp_path: Path) -> Path:
    for i in (2, 5):
        save(tmp_path / "class" / f"seam_{i}.png", numbered(i))
    rows = ["0,seam_2.png,True,x", "1,seam_5.png,False,y"]
    table(tmp_path / "class" / "seam_data.csv", ",name,good,who", rows)
    return tmp_path / "class"


def test_a_video_takes_over_the_pictures_of_its_name(tmp_path: Path, pictures_of_a_video: Path) -> None:
    ws = add_folder(tmp_path / "ws", pictures_of_a_video).workspace
    number = get_video(ws, "seam").id
    add_video(ws, film(tmp_path / "seam.mp4", 8), every=4)
    video = get_video(ws, "seam")
    assert (video.id, video.origin, video.frames) == (number, "video", 4)
    assert [shown(read_frame(ws, f"seam_{i}")) for i in (0, 2, 4, 5)] == [0, 2, 4, 5]
    assert said(ws, "good") == {"seam_0": None, "seam_2": True, "seam_4": None, "seam_5": False}
    assert not list(ws.path.glob(".adding-*"))


def test_a_video_too_short_for_the_pictures_is_another(tmp_path: Path, pictures_of_a_video: Path) -> None:
    ws = add_folder(tmp_path / "ws", pictures_of_a_video).workspace
    before = files(ws.path)
    with pytest.raises(MediaError, match="no frame 5"):
        add_video(ws, film(tmp_path / "seam.mp4", 4))
    assert files(ws.path) == before


def test_pictures_of_a_video_that_is_there_join_it(tmp_path: Path, pictures_of_a_video: Path) -> None:
    ws = workspace.create(tmp_path / "ws", named(["good"]))
    add_video(ws, film(tmp_path / "seam.mp4", 8), every=4)
    added = add_folder(ws.path, pictures_of_a_video)
    assert (added.videos, added.pictures) == (["seam"], 2)
    assert frame_table(ws, "seam")["index"].tolist() == [0, 2, 4, 5]


def test_frames_that_were_exported_are_known(tmp_path: Path, pictures_of_a_video: Path) -> None:
    ws = workspace.create(tmp_path / "ws", named(["good"]))
    add_video(ws, film(tmp_path / "seam.mp4", 8))
    assert add_folder(ws.path, pictures_of_a_video).pictures == 0
    assert said(ws, "good")["seam_2"]


def test_paths_of_every_kind(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "films").mkdir()
    film(tmp_path / "films" / "two.mp4", 4)
    film(tmp_path / "one.mp4", 3)
    added = add_paths(tmp_path / "ws", [folder, tmp_path / "one.mp4", tmp_path / "films"])
    assert [type(result) for result in added] == [AddedFolder, Added, Added]
    keys = [video.key for video in videos(workspace.open_workspace(tmp_path / "ws"))]
    assert keys == ["board_0", "board_1", "one", "two"]


def test_what_was_added_says_so_in_a_line(tmp_path: Path, folder: Path) -> None:
    film(tmp_path / "one.mp4", 3)
    lines = [added.summary() for added in add_paths(tmp_path / "ws", [folder, tmp_path / "one.mp4"])]
    assert lines[0].startswith("6 pictures added in 2 groups, 12 labels.\n")
    assert lines[1] == "one was added: 3 frames of 128 × 96 pixels."


@pytest.mark.parametrize(
    ("name", "advice"),
    [("tiles/labels.csv", "labels import"), ("tiles/images/tile1.png", "folder"), ("nowhere", "path")],
)
def test_a_path_of_another_kind_gets_advice(tmp_path: Path, folder: Path, name: str, advice: str) -> None:
    with pytest.raises(SeamLensError, match=advice):
        add_paths(tmp_path / "ws", [tmp_path / name])
    assert not (tmp_path / "ws").exists()


def test_the_folders_of_the_workspace_itself_are_left_out(tmp_path: Path, folder: Path) -> None:
    ws = add_folder(tmp_path / "ws", folder).workspace
    shutil.copytree(folder, ws.inbox / "tiles")
    assert add_folder(ws.path, ws.path).pictures == 0


def test_progress_counts_pictures(tmp_path: Path, folder: Path) -> None:
    steps: list[tuple[int, int | None]] = []
    add_folder(tmp_path / "ws", folder, lambda done, total: steps.append((done, total)))
    assert steps == [(i + 1, 6) for i in range(6)]


def test_a_chain_of_near_duplicates_is_one_cluster() -> None:
    assert clusters(["ff00000000000000", "0000000000000000", "0f00000000000000", "00000000ffffffff"]) == [
        0,
        0,
        0,
        1,
    ]


def joined_one_by_one(numbers: Sequence[int]) -> list[int]:
    """Return the clusters by comparing every two hashes."""
    of = list(range(len(numbers)))
    for (i, one), (j, other) in itertools.combinations(enumerate(numbers), 2):
        if (one ^ other).bit_count() <= NEAR:
            of = [of[i] if cluster == of[j] else cluster for cluster in of]
    order = {cluster: place for place, cluster in enumerate(dict.fromkeys(of))}
    return [order[cluster] for cluster in of]


def test_the_clusters_are_those_of_comparing_every_two() -> None:
    draw = random.Random(0)
    pictures = [draw.getrandbits(64) for _ in range(20)]
    flipped = ((draw.choice(pictures), draw.sample(range(64), draw.randrange(7))) for _ in range(120))
    numbers = [picture ^ sum(1 << bit for bit in bits) for picture, bits in flipped]
    expected = joined_one_by_one(numbers)
    assert 10 < max(expected) < 100
    assert clusters([f"{number:016x}" for number in numbers]) == expected


def test_no_pictures_no_clusters() -> None:
    assert clusters([]) == []


@pytest.mark.parametrize(
    ("name", "index"),
    [("seam_17", 17), ("seam_007", 7), ("seam_x", None), ("seam_99999999999", None), ("hem_1", None)],
)
def test_the_index_in_a_name(name: str, index: int | None) -> None:
    assert index_in_name(name, "seam") == index


def test_indexes_continue_where_names_have_none() -> None:
    assert indexes(["a", "b"], "seam", {"c": 4}) == [5, 6]


def test_names_that_mean_one_index_are_counted_instead() -> None:
    assert indexes(["seam_07", "seam_7"], "seam", {}) == [0, 1]


def test_of_several_additions_one_that_is_refused_does_not_hinder_the_others(
    tmp_path: Path, folder: Path
) -> None:
    told: list[tuple[int, int | None]] = []
    wanted = [Addition(tmp_path / "gone.mp4"), Addition(folder)]
    error, added = add_several(
        tmp_path / "ws", wanted, 1, False, lambda done, total: told.append((done, total))
    )
    assert isinstance(error, SeamLensError) and isinstance(added, AddedFolder)
    assert error.problem == f"There is no file or folder {tmp_path / 'gone.mp4'}."
    assert added.summary().startswith("6 pictures added in 2 groups, 12 labels.")
    assert (told[0], told[-1]) == ((7, 12), (12, 12))  # the second half of the work
