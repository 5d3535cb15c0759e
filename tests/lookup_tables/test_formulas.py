"""Cells that a spreadsheet would run leave as text, and come back as they were."""

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.attributes import named
from core.exchange.export_tables import export_tables
from core.exchange.import_tables import import_tables
from core.labels.consensus import consensus
from core.labels.labels import record
from core.lookup_tables.formulas import as_text, as_written, without_formulas
from tests.helpers import bare_frames

RUN = ("=1+1", "+1+1", "-cmd", "@SUM(A1)", "\t=1", "\r=1", " =1", "'=1", "＝1")


@pytest.mark.parametrize("cell", RUN)
def test_what_would_be_run_begins_with_an_apostrophe(cell: str) -> None:
    assert as_text(cell) == "'" + cell


@pytest.mark.parametrize("cell", ["-1", "+1.5", "-1,5", "1e-3", "-1e5", "", "seam_1.png", "a=b", "'90s"])
def test_numbers_and_harmless_texts_stay(cell: str) -> None:
    assert as_text(cell) == cell


@given(st.text(alphabet="=+-@\t\r'a1 .", max_size=6) | st.text(max_size=6))
def test_reading_gives_back_what_was_written(cell: str) -> None:
    assert as_written(as_text(cell)) == cell


def test_headers_and_cells_are_written_as_text_and_numbers_as_numbers() -> None:
    table = pd.DataFrame({"=a": ["=x", "y"], "n": [-1.5, 2.0], "b": pd.array([True, None], dtype="boolean")})
    assert without_formulas(table).to_csv(index=False) == "'=a,n,b\n'=x,-1.5,True\ny,2.0,\n"


def test_an_export_with_such_names_comes_back_as_it_was(tmp_path: Path) -> None:
    attributes = named(["good", "error"])
    one, other = (bare_frames.make(tmp_path / name, {"@seam": 2}, attributes) for name in ("one", "other"))
    record(one, "Ann", "@seam", 0, 1, {"good": True, "error": False})
    (table,) = export_tables(one, tmp_path / "export", pictures=False)
    text = table.read_text(encoding="utf-8-sig")
    assert text.splitlines()[:2] == [",name,good,error", "0,'@seam_0.png,True,False"]
    import_tables(other.path, [table], "Ann")
    assert consensus(other).equals(consensus(one))
