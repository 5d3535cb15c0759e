"""Tables in the forms in which spreadsheets and people save them."""

from pathlib import Path

import pytest

from core.errors import LabelError
from core.lookup_tables.cells import read_cells
from tests.helpers import sheets

TEXT = "name;Öse;Riß\na.png;ja;nein\nb.png;nein;ja\n"
ROWS = [["a.png", "ja", "nein"], ["b.png", "nein", "ja"]]


def cells(path: Path, content: str | bytes) -> list[list[str]]:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_cells(path).table.to_numpy().tolist()


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "mac_roman", "cp850"],
)
def test_encodings_are_found(tmp_path: Path, encoding: str) -> None:
    assert cells(tmp_path / "t.csv", TEXT.encode(encoding)) == ROWS
    assert read_cells(tmp_path / "t.csv").table.columns.tolist() == ["name", "Öse", "Riß"]


def test_an_encoding_that_was_guessed_is_said(tmp_path: Path) -> None:
    cells(tmp_path / "t.csv", TEXT.encode("cp1252"))
    (note,) = read_cells(tmp_path / "t.csv").notes
    assert note.startswith("read as Windows-1252")


@pytest.mark.parametrize(
    "text",
    [
        "sep=;\n" + TEXT,
        '"sep=;"\r\n' + TEXT,
        "sep=\\t\n" + TEXT.replace(";", "\t"),
        TEXT.replace(";", "|"),
        "# of week 3; Ann, Ben\n#\n" + TEXT,
        "Labels of week 3;;\n;;\n" + TEXT,
        TEXT + ";;\n\n  ;;\n",
        "\n".join(line + ";;;" for line in TEXT.splitlines()),
        TEXT.replace("\n", "\r"),
        TEXT.replace("\n", "\r\n") + "# end\r\n",
        TEXT.replace(";", "\t") + "\n",
        "".join(f'"{line}"\n' for line in TEXT.replace(";", '";"').splitlines()),
    ],
)
def test_what_stands_around_the_rows_does_not_matter(tmp_path: Path, text: str) -> None:
    assert cells(tmp_path / "t.csv", text) == ROWS


def test_the_line_is_that_of_the_file(tmp_path: Path) -> None:
    cells(tmp_path / "t.csv", "sep=;\n# week 3\n\n" + TEXT)
    assert read_cells(tmp_path / "t.csv").lines.tolist() == [5, 6]


LONG = 25_000
"""Rows that are read in several steps."""


def test_a_long_table_keeps_its_rows_and_their_lines(tmp_path: Path) -> None:
    rows = [f"{number}.png,ja,nein" for number in range(LONG)]
    rows[12_000] = '12000.png,"ja\n",nein'  # a cell of two lines
    rows[15_000] += "\n\n# half;of;it\n ,,"
    rows[20_000] += ",, "
    (tmp_path / "t.csv").write_text("name,good,error\n" + "\n".join(rows) + "\n")
    table, lines, _ = read_cells(tmp_path / "t.csv")
    assert table["name"].tolist() == [f"{number}.png" for number in range(LONG)]
    assert set(table["error"]) == {"nein"} and set(table["good"]) == {"ja", "ja\n"}
    assert lines.tolist() == [2 + n + (n >= 12_000) + 3 * (n > 15_000) for n in range(LONG)]


@pytest.mark.parametrize("row", [",x", "a.png,ja,nein,ja"])
def test_a_row_of_another_length_is_refused_by_its_line_wherever_it_stands(tmp_path: Path, row: str) -> None:
    text = "name,good,error\n" + "a.png,ja,nein\n" * 15_000 + row + "\n" + "a.png,ja,nein\n" * 9
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(LabelError, match="Line 15002 of"):
        read_cells(tmp_path / "t.csv")


@pytest.mark.parametrize("ending", [".xlsx", ".ods"])
def test_spreadsheets_are_read(tmp_path: Path, ending: str) -> None:
    rows = [
        ["Labels", None, None],
        ["name", "good", "part 2"],
        ["a.png", True, 1],
        [None, None, None],
        ["b.png", False, 0.93],
    ]
    path = tmp_path / f"labels{ending}"
    sheets.xlsx(path, A=rows) if ending == ".xlsx" else sheets.ods(path, rows)
    read = read_cells(path)
    assert read.table.to_numpy().tolist() == [["a.png", "True", "1"], ["b.png", "False", "0.93"]]
    assert read.lines.tolist() == [3, 5]


def test_of_several_sheets_the_one_with_names_is_read_and_the_others_are_said(tmp_path: Path) -> None:
    path = sheets.xlsx(tmp_path / "t.xlsx", Notes=[["by Ann"]], Labels=[["name", "good"], ["a", True]])
    assert read_cells(path).notes == ("sheet “Labels” is read, “Notes” not.",)
    path = sheets.xlsx(
        tmp_path / "t.xlsx", One=[["name", "good"], ["a", 1]], Two=[["name", "good"], ["a", 0]]
    )
    with pytest.raises(LabelError, match="several sheets with a name column: One and Two"):
        read_cells(path)


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04 no more", b"hello", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" * 99]
)
def test_what_is_no_spreadsheet_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "t.xlsx").write_bytes(content)
    with pytest.raises(LabelError, match="cannot be read as a spreadsheet"):
        read_cells(tmp_path / "t.xlsx")
