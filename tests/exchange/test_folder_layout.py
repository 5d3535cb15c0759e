"""What folders may mean, by their names alone."""

from pathlib import Path, PurePath

import pytest

from core import workspace as workspaces
from core.attributes import SEAM, AttributeSet, named
from core.errors import LabelError
from core.exchange.add_pictures import add_folder
from core.exchange.folder_layout import PARTS, layout, split_part
from core.labels.consensus import consensus
from core.media.library import frame_table
from core.splits import stored_split
from tests.helpers.tiny_videos import save, textured

FRUIT = named(["Apple", "Orange"], exclusive=True)


def meaning(*files: str, attributes: AttributeSet | None = None) -> str | None:
    found = layout([PurePath(file) for file in files], attributes)
    return "flat" if found.is_flat else found.meaning or "asked"


@pytest.mark.parametrize(
    ("files", "attributes", "expected"),
    [
        (["a.png", "b.png"], None, "flat"),
        (["images/a.png", "images/b.png"], None, "flat"),
        (["naht1/0.png", "naht2/0.png"], None, "asked"),
        (["Apple/0.png", "Orange/0.png"], None, "asked"),
        (["Apple/0.png", "Orange/0.png"], FRUIT, "classes"),
        (["apple/0.png", "images/Orange/0.png"], FRUIT, "classes"),
        (["Apple/0.png", "Pear/0.png"], FRUIT, "asked"),
        (["Training/Apple/0.png", "Test/Orange/0.png"], None, "classes"),
        (["Training/Apple/0.png", "Test/Orange/0.png"], SEAM, "asked"),
        (["Trainingsdaten/Riss/0.png", "Testdaten/Öse/0.png"], None, "classes"),
        (["zip/fruit/apprentissage/a/0.png", "zip/fruit/prueba/b/0.png"], None, "classes"),
        (["images/train/0.png", "images/val/1.png", "images/test/2.png"], SEAM, "parts"),
        (["train/images/0.png", "valid/images/1.png"], SEAM, "parts"),
        (["Entrai\u0302nement/0.png", "Prüfung/1.png"], None, "parts"),
        (["train/0.png", "Apple/1.png"], None, "asked"),
    ],
)
def test_what_folders_mean(files: list[str], attributes: AttributeSet | None, expected: str) -> None:
    assert meaning(*files, attributes=attributes) == expected


def test_a_word_is_of_one_part() -> None:
    words = [word for words in PARTS.values() for word in words]
    assert len(words) == len(set(words))
    assert [split_part(word) for word in (" TRAIN ", "Validierungsdaten", "éValuation", "Apple")] == [
        "train",
        "valid",
        "test",
        "",
    ]


@pytest.fixture
def films(tmp_path: Path) -> Path:
    for number in range(6):
        save(tmp_path / "films" / f"naht{number % 3 + 1}" / f"{number // 3}.png", textured(number))
    return tmp_path / "films"


def test_folders_in_doubt_are_asked_about_and_nothing_is_stored(tmp_path: Path, films: Path) -> None:
    with pytest.raises(
        LabelError,
        match=r"naht1, naht2 and naht3 in “films” may be classes, groups or parts.*--folders groups",
    ):
        add_folder(tmp_path / "ws", films)
    assert not (tmp_path / "ws").exists()


def test_the_attributes_of_a_workspace_stay_where_folders_are_groups(tmp_path: Path, films: Path) -> None:
    ws = workspaces.create(tmp_path / "ws")
    add_folder(ws.path, films, meaning="groups")
    assert frame_table(ws).groupby("video")["name"].agg(list).to_dict() == {
        f"naht{n}": [f"naht{n}_0", f"naht{n}_1"] for n in (1, 2, 3)
    }
    assert workspaces.open_workspace(ws.path).attributes == SEAM and consensus(ws)["good"].isna().all()


def test_folders_that_are_no_parts_are_refused_as_parts(tmp_path: Path, films: Path) -> None:
    with pytest.raises(LabelError, match="“naht1”, “naht2” and “naht3” in “films” is no word for training"):
        add_folder(tmp_path / "ws", films, meaning="parts")


def test_parts_become_the_split(tmp_path: Path) -> None:
    for number, part in enumerate(("Trainingsdaten", "Validierung", "Testdaten")):
        save(tmp_path / "new" / part / f"{number}.png", textured(number))
    ws = add_folder(tmp_path / "ws", tmp_path / "new").workspace
    found = stored_split.load(ws)
    assert found is not None
    assert found.table.set_index("name")["part"].to_dict() == {"0": "train", "1": "valid", "2": "test"}
