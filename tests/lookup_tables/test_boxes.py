import pytest

from core.errors import LabelError
from core.lookup_tables.boxes import parse, read_boxes

TABLE = """,name,error,break,edge,boxes
0,a_0,True,False,,"error:1,2,30,40;error:50,2,60,9"
1,a_1,,True,error,"error:0,0,5,5;break:7,7,9,9"
2,a_2,False,False,,
"""


def read(tmp_path, text, attributes=("error", "break")):
    (tmp_path / "t.csv").write_text(text)
    return read_boxes([tmp_path / "t.csv"], attributes)


def test_boxes_of_what_is_labelled_true(tmp_path):
    assert read(tmp_path, TABLE) == {
        "a_0": {"error": [(1, 2, 30, 40), (50, 2, 60, 9)]},
        "a_1": {"break": [(7, 7, 9, 9)]},
        "a_2": {},
    }


def test_without_a_column_of_its_own_an_attribute_with_a_box_is_true(tmp_path):
    assert read(tmp_path, ',name,boxes\n0,a,"hole:1,1,2,2"\n', ["hole"]) == {"a": {"hole": [(1, 1, 2, 2)]}}


def test_a_table_without_boxes_is_refused(tmp_path):
    with pytest.raises(LabelError, match="column “boxes”"):
        read(tmp_path, ",name,error\n0,a,True\n")


@pytest.mark.parametrize("cell", ["error", "error:1,2,3", "error:5,0,5,9", "error:1,2,a,4"])
def test_what_is_no_box_is_refused_with_its_place(cell):
    with pytest.raises(LabelError, match="line 3"):
        parse(cell, "line 3 of t.csv")
