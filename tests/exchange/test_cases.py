"""What people brought and what went wrong with it: files as they were saved, with the pictures that they name."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core import workspace as workspaces
from core.attributes import SEAM
from core.errors import LabelError
from core.exchange.add_pictures import add_folder
from core.labels.consensus import consensus
from core.lookup_tables.boxes import read_boxes
from core.lookup_tables.column_meanings import TableOptions
from tests.helpers.tiny_videos import save, textured

CASES = Path(__file__).parents[1] / "fixtures" / "cases"
OWN = ["Öse", "Riss", "Naht fehlt", "kurz"]


def brought(folder: Path, case: str, pictures: int = 6, stem: str = "seam_01_") -> Path:
    """Write the table of a case beside pictures of its names."""
    for number in range(pictures):
        save(folder / f"{stem}{number}.png", textured(number))
    (folder / "labels.csv").write_bytes((CASES / f"{case}.csv").read_bytes())
    return folder


def labels(path: Path) -> pd.DataFrame:
    workspace = workspaces.open_workspace(path)
    return consensus(workspace).set_index("name").sort_index()[list(workspace.attributes.names)]


WRITTEN = np.array([[1, 0, 0, 1], [0, 1, 0, -1], [1, 0, 0, 0], [0, 0, 1, 1], [1, 0, 0, 1], [0, 1, 1, 0]])
"""The labels of the tables, in the order of their rows: true, false and unset."""


@pytest.mark.parametrize(
    ("case", "columns"),
    [
        ("wahr_own", OWN),
        ("ja_own", OWN),
        ("caps_header2", [*SEAM.names]),
        ("wahr_one_english", ["good", "Riss"]),
    ],
)
def test_words_of_spreadsheets(tmp_path: Path, case: str, columns: list[str]) -> None:
    add_folder(tmp_path / "ws", brought(tmp_path / "new", case))
    read = labels(tmp_path / "ws")
    assert list(read.columns) == columns
    assert read.astype("Int8").fillna(-1).to_numpy().tolist() == WRITTEN[:, : len(columns)].tolist()


def test_the_attributes_of_a_seam_keep_keys_colours_and_rules(tmp_path: Path) -> None:
    assert add_folder(tmp_path / "ws", brought(tmp_path / "new", "caps_header2")).workspace.attributes == SEAM


@pytest.mark.parametrize(("empty", "value"), [(None, -1), (False, 0)])
def test_marks(tmp_path: Path, empty: bool | None, value: int) -> None:
    added = add_folder(tmp_path / "ws", brought(tmp_path / "new", "x_own"), options=TableOptions(empty=empty))
    assert any("“Öse”: “x” is true" in note for note in added.notes)
    expected = np.where(WRITTEN == 1, 1, value)
    assert labels(tmp_path / "ws").astype("Int8").fillna(-1).to_numpy().tolist() == expected.tolist()


def test_an_empty_workspace_takes_other_attributes_only_where_somebody_says_so(tmp_path: Path) -> None:
    ws = workspaces.create(tmp_path / "ws")
    new = brought(tmp_path / "new", "wahr_own")
    with pytest.raises(LabelError, match="--attributes Öse,Riss,Naht fehlt,kurz"):
        add_folder(ws.path, new)
    assert workspaces.open_workspace(ws.path).attributes == SEAM
    assert add_folder(ws.path, new, options=TableOptions(tuple(OWN))).workspace.attributes.names == tuple(OWN)


@pytest.mark.parametrize("case", ["column_index", "column_video"])
def test_columns_called_like_internal_ones_are_kept_aside(tmp_path: Path, case: str) -> None:
    added = add_folder(tmp_path / "ws", brought(tmp_path / "new", case, 4, "s_"))
    assert added.workspace.attributes.names == ("good",)
    assert any(f"{case.split('_')[1]} ignored" in note for note in added.notes)


@pytest.mark.parametrize(
    ("of_picture", "of_table"), [("O\u0308se", "Öse"), ("Öse", "O\u0308se"), ("ÖSE", "öse")]
)
def test_names_have_one_form(tmp_path: Path, of_picture: str, of_table: str) -> None:
    save(tmp_path / "new" / f"{of_picture}_0.png", textured(0))
    (tmp_path / "new" / "labels.csv").write_text(f",name,good\n0,{of_table}_0.png,True\n", encoding="utf-8")
    add_folder(tmp_path / "ws", tmp_path / "new")
    assert labels(tmp_path / "ws")["good"].tolist() == [True]


def test_boxes_outside_of_the_picture_are_refused_by_line(tmp_path: Path) -> None:
    picture = save(tmp_path / "phone.png", textured(0))
    with pytest.raises(
        LabelError, match=r"line 2 of .*boxes_out\.csv is not inside of phone\.png, which has 64 x 48 pixels"
    ):
        read_boxes([CASES / "boxes_out.csv"], ["error"], {"phone": picture})
    (tmp_path / "t.csv").write_text(',name,boxes\n0,phone,"error:0,0,64,48"\n')
    assert read_boxes([tmp_path / "t.csv"], ["error"], {"phone": picture})["phone"] == {
        "error": [(0, 0, 64, 48)]
    }


def test_what_else_lies_in_a_folder_is_named(tmp_path: Path) -> None:
    new = brought(tmp_path / "new", "caps_header2")
    for name in ("notes.txt", "Thumbs.db", "._x.png", "Etiketten.csv"):
        (new / name).write_text("?")
    assert "2 files not read: Etiketten.csv and notes.txt." in add_folder(tmp_path / "ws", new).notes
