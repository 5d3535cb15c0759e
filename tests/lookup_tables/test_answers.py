"""The words for true, false and unset, and what is no label."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import LabelError
from core.lookup_tables.column_meanings import TableOptions
from core.lookup_tables.lookup_table import LookupTable, read_table

PAIRS = [("True", "False"), ("WAHR", "FALSCH"), ("vrai", "faux"), ("verdadero", "falso"), ("vero", "falso"), ("Ja", "Nein"), ("yes", "no"),
         ("oui", "non"), ("sí", "no"), ("Sì", "No"), ("si", "no"), ("t", "f"), ("Y", "N"), ("j", "n"), ("o", "n"), ("s", "n"), ("v", "f"),
         ("w", "f"), ("1", "0"), ("1.0", "0.0"), ("1,0", "0,0"), ("on", "off")]  # fmt: skip
UNSET = ["", " ", "nan", "NaN", "NA", "N/A", "#NV", "None", "null", "-", "–", "?"]


def read(path: Path, text: str, encoding: str = "utf-8", **options: object) -> LookupTable:
    path.write_bytes(text.encode(encoding))
    return read_table(path, ["good", "Naht fehlt (links)"], TableOptions(**options))


@settings(max_examples=60, deadline=None)
@given(
    pair=st.sampled_from(PAIRS),
    cells=st.lists(st.sampled_from(["true", "false", "unset"]), min_size=1, max_size=6),
    unset=st.sampled_from(UNSET),
    case=st.sampled_from([str, str.upper, str.lower, str.title, " {} ".format]),
    header=st.sampled_from(["good", "Good", " GOOD "]),
    name=st.sampled_from(["name", "Filename", "file", "Dateiname", "Bild", "image", "NOM", "archivo"]),
    mark=st.sampled_from([",", ";", "\t"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
    end=st.sampled_from(["\n", "\r\n"]),
    extra=st.sampled_from(["", "sep", "comment", "blank", "trailing"]),
)
def test_every_way_of_writing_is_read(
    tmp_path_factory: pytest.TempPathFactory,
    pair,
    cells,
    unset,
    case,
    header,
    name,
    mark,
    encoding,
    end,
    extra,
) -> None:
    """Words x encodings x separators x headers: what is read is what was written."""
    words = {"true": case(pair[0]), "false": case(pair[1]), "unset": unset}
    if not ({"true", "false"} <= set(cells)):  # a letter alone may mean anything
        cells = [*cells, "true", "false"]
    rows = [["Nr", name, header], *([str(i), f"ö_{i}.png", f'"{words[c]}"'] for i, c in enumerate(cells))]
    lines = [mark.join(row) + (mark * 2 if extra == "trailing" else "") for row in rows]
    before = {"sep": [f"sep={mark}"], "comment": ["# made by Ann"]}.get(extra, [])
    after = [mark * 2, ""] if extra == "blank" else []
    path = tmp_path_factory.mktemp("grammar") / "labels.csv"
    table = read(path, end.join([*before, *lines, *after]) + end, encoding)
    expected = [{"true": True, "false": False, "unset": None}[cell] for cell in cells]
    assert [
        None if v is None or v != v else bool(v)
        for v in table.rows["good"].astype(object).where(table.rows["good"].notna(), None)
    ] == expected
    assert table.rows["name"].tolist() == [f"ö_{i}" for i in range(len(cells))]


def test_marks_are_true_and_empty_is_unset_unless_somebody_says_false(tmp_path: Path) -> None:
    text = "name,good\na,x\nb,\nc,X\n"
    assert read(tmp_path / "t.csv", text).rows["good"].isna().tolist() == [False, True, False]
    assert read(tmp_path / "t.csv", text, empty=False).rows["good"].tolist() == [True, False, True]
    assert "an empty cell is unset, not false" in " ".join(read(tmp_path / "t.csv", text).notes)


@pytest.mark.parametrize("cells", ["x,no", "o,", "s,", "t,n", "ja,vielleicht", "1,2", "93 %,0"])
def test_what_may_mean_anything_is_refused_by_line_and_column(tmp_path: Path, cells: str) -> None:
    with pytest.raises(LabelError, match=r"t\.csv, line \d, column good"):
        read(
            tmp_path / "t.csv", "name,good\n" + "".join(f"p{i},{c}\n" for i, c in enumerate(cells.split(",")))
        )


@pytest.mark.parametrize("cell", ["0.93", "0,93", "1e-3"])
def test_probabilities_need_a_threshold(tmp_path: Path, cell: str) -> None:
    text = f"name;good\na;{cell}\nb;1\nc;0.5\nd;0\n"
    with pytest.raises(LabelError, match=r"line 2, column good is a probability.*--threshold 0\.5"):
        read(tmp_path / "t.csv", text)
    found = read(tmp_path / "t.csv", text, threshold=0.5).rows["good"].tolist()
    assert found == [cell != "1e-3", True, True, False]


def test_attributes_may_hold_brackets_and_are_matched_without_regard_to_case(tmp_path: Path) -> None:
    table = read(tmp_path / "t.csv", "name,NAHT FEHLT (links)\na,1\n")
    assert table.rows["Naht fehlt (links)"].tolist() == [True]


def test_two_columns_for_one_attribute_are_refused(tmp_path: Path) -> None:
    with pytest.raises(LabelError, match=r"“Good” and “GOOD”.*both the attribute good"):
        read(tmp_path / "t.csv", "name,Good,GOOD\na,1,0\n")


@pytest.mark.parametrize("name", ["index", "video", "seq", "Boxes ", "line", "path", "value", "annotator"])
def test_columns_called_like_internal_ones_become_no_attributes(tmp_path: Path, name: str) -> None:
    (tmp_path / "t.csv").write_text(f",name,good,{name}\n0,a,True,True\n1,b,True,False\n")
    assert read_table(tmp_path / "t.csv").attributes == ("good",)


def test_of_several_columns_of_names_the_one_with_pictures_counts(tmp_path: Path) -> None:
    table = read(tmp_path / "t.csv", "Name,Bild,good\nLisa,a.png,1\nTom,b.jpg,0\n")
    assert table.rows["name"].tolist() == ["a", "b"]
    assert "t.csv: “Bild” holds the names of the pictures." in table.notes


def test_a_column_says_how_it_was_read(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(",name,Riss,Bemerkung,Zahl\n0,a,WAHR,,1\n1,b,FALSCH,,0\n2,c,,,1\n")
    riss, remark, number = read_table(tmp_path / "t.csv").columns
    assert (riss.true, riss.false, riss.unset) == ({"WAHR": 1}, {"FALSCH": 1}, 1)
    assert remark.sentence() == "“Bemerkung” is not read: it is empty."
    assert number.is_open and not number.attribute
