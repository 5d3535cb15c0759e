"""Class folders on the command line."""

import json
from pathlib import Path

from tests.helpers.tiny_videos import save, textured


def folders(path: Path, *files: str) -> Path:
    for number, file in enumerate(files):
        save(path / file, textured(number))
    return path


def test_class_folders_make_classes_and_their_split(seamlens, tmp_path):
    fruit = [
        f"{part}/{name}/{part}{i}.jpg" for i, name in enumerate("ab") for part in ("Train", "Val", "Test")
    ]
    code, out, _ = seamlens("add", folders(tmp_path / "fruit", *fruit))
    assert code == 0
    assert (
        "Classes: a (3), b (3)." in out
        and "The split is that of the folders: 2 train, 2 valid, 2 test." in out
    )
    counted = json.loads(seamlens("balance", "--json")[1])["attributes"]
    assert counted["a"] == {"true": 3, "false": 3, "unset": 0}


def test_unknown_classes_end_with_one_line_that_names_both_lists(seamlens, tmp_path):
    seamlens("init", "--classes", "Apple,Pear")
    code, _, error = seamlens("add", folders(tmp_path / "fruit", "train/Apple/1.jpg", "train/Orange/2.jpg"))
    assert (code, error.count("\n")) == (2, 1)
    assert "Apple and Pear" in error and "Apple and Orange" in error
    assert json.loads(seamlens("videos", "--json")[1]) == []


def test_one_class_only_is_refused_and_nothing_made(seamlens, tmp_path):
    code, _, error = seamlens("add", folders(tmp_path / "fruit", "train/Apple/1.jpg", "valid/Apple/2.jpg"))
    assert code == 2 and "1 class folder (Apple); 2 to 12 are possible" in error
    assert not (tmp_path / "class").exists()
