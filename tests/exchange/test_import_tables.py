"""Lookup tables: what is read from them, and what is written."""

import shutil
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from core.attributes import named
from core.errors import LabelError, MediaError, SplitError, WorkspaceError
from core.exchange.export_tables import export_tables, export_zip
from core.exchange.import_tables import import_tables, preview_tables
from core.labels.consensus import consensus, labels_of
from core.labels.labels import annotators, record, record_table
from core.lookup_tables.column_meanings import TableOptions
from core.lookup_tables.lookup_table import read_table
from core.media.images import write_jpeg
from core.splits import stored_split
from core.splits.split import Split
from core.workspace import Workspace
from tests.helpers import bare_frames

PUBLISHED = ",name,good,error,break,length\n"


class TestRead:
    def read(self, tmp_path: Path, text: str, *attributes: str) -> pd.DataFrame:
        return read_table(bare_frames.csv(tmp_path / "labels.csv", text), attributes or None).rows

    @pytest.mark.parametrize(
        ("written", "name"),
        [
            ("seam_1_0.png", "seam_1_0"),
            ("seam_1_0", "seam_1_0"),
            ("/home/class/seam_1_0.PNG", "seam_1_0"),
            (r"C:\class\week 2\seam_1_0.jpg", "seam_1_0"),
            (r"C:\class/both/seam_1_0.jpeg", "seam_1_0"),
            ("v2.seam_0", "v2.seam_0"),
            ("v2.seam_0.bmp", "v2.seam_0"),
            ("Näht e_0.tiff", "Näht e_0"),
        ],
    )
    def test_a_name_is_the_file_name_without_folder_and_ending(
        self, tmp_path: Path, written: str, name: str
    ) -> None:
        rows = self.read(tmp_path, f",name,good\n0,{written},True\n")
        assert (rows["name"][0], rows["path"][0]) == (name, written)

    @pytest.mark.parametrize("word", ["True", "true", "TRUE", "1", "1.0", " True ", "yes", "WAHR"])
    def test_words_for_true(self, tmp_path: Path, word: str) -> None:
        assert self.read(tmp_path, f",name,good\n0,a,{word}\n")["good"].tolist() == [True]

    @pytest.mark.parametrize("word", ["False", "false", "FALSE", "0", "0.0", "no", "falsch"])
    def test_words_for_false(self, tmp_path: Path, word: str) -> None:
        assert self.read(tmp_path, f",name,good\n0,a,{word}\n")["good"].tolist() == [False]

    def test_an_empty_cell_is_unset(self, tmp_path: Path) -> None:
        assert self.read(tmp_path, ",name,good,error\n0,a,,True\n").loc[0, "good"] is pd.NA

    def test_an_attribute_without_a_column_is_unset_and_said(self, tmp_path: Path) -> None:
        table = read_table(bare_frames.csv(tmp_path / "t.csv", ",name,good\n0,a,True\n"), ["good", "error"])
        assert table.rows.loc[0, "error"] is pd.NA
        assert table.notes == ("t.csv: no column error; those labels stay as they are.",)

    def test_the_last_of_repeated_rows_counts_and_the_number_is_said(self, tmp_path: Path) -> None:
        text = ",name,good\n0,a.png,True\n1,b.png,True\n2,x/a.png,False\n3,a,False\n"
        table = read_table(bare_frames.csv(tmp_path / "t.csv", text))
        assert table.rows[["name", "good", "line"]].values.tolist() == [["b", True, 3], ["a", False, 5]]
        assert table.repeated == 2
        assert table.notes == ("t.csv: 2 rows repeated; the last of each name counts.",)

    def test_unknown_columns_are_ignored_with_a_note(self, tmp_path: Path) -> None:
        table = read_table(bare_frames.csv(tmp_path / "t.csv", ",name,good,size\n0,a,True,3\n"), ["good"])
        assert table.rows.columns.tolist() == ["name", "path", "line", "good"]
        assert table.notes == ("t.csv: size ignored, for no attribute is called so.",)

    def test_the_column_group_is_read(self, tmp_path: Path) -> None:
        assert self.read(tmp_path, ",name,group,good\n0,a,board 1,1\n")["group"].tolist() == ["board 1"]

    def test_pictures_may_be_called_like_nothing(self, tmp_path: Path) -> None:
        rows = self.read(tmp_path, ",name,good\n0,NA.png,1\n1,nan,1\n2,007,1\n3,1e5.png,1\n")
        assert rows["name"].tolist() == ["NA", "nan", "007", "1e5"]

    @pytest.mark.parametrize("mark", [";", "\t"])
    def test_other_separators_are_understood(self, tmp_path: Path, mark: str) -> None:
        rows = self.read(tmp_path, ",name,good,error\n0,a,True,False\n".replace(",", mark))
        assert rows[["good", "error"]].values.tolist() == [[True, False]]

    def test_the_mark_that_excel_puts_first_is_skipped(self, tmp_path: Path) -> None:
        (tmp_path / "t.csv").write_bytes(b"\xef\xbb\xbfname,good\r\na,1\r\n\r\n")
        assert read_table(tmp_path / "t.csv").rows["name"].tolist() == ["a"]

    def test_columns_of_answers_are_found_and_others_only_where_somebody_says_so(
        self, tmp_path: Path
    ) -> None:
        text = ",name,group,good,class_id,class,nothing,count,tear\n0,a,g,1,0,u,,1,True\n1,b,g,0,2,y,,0,\n"
        table = bare_frames.csv(tmp_path / "t.csv", text)
        read = read_table(table)
        assert read.attributes == ("good", "tear")
        assert [reading.column for reading in read.columns if reading.is_open] == ["nothing", "count"]
        assert read_table(table, options=TableOptions(("count", "good"))).attributes == ("count", "good")

    @pytest.mark.parametrize("word", ["maybe", "2", "yep", "-1", "1,000"])
    def test_a_value_that_is_neither_names_file_line_and_column(self, tmp_path: Path, word: str) -> None:
        text = PUBLISHED + f'0,a,True,False,False,True\n1,b,False,"{word}",False,True\n2,c,,,,\n'
        with pytest.raises(
            LabelError, match=rf"'{word.strip(chr(34))}' in .*labels\.csv, line 3, column error is neither"
        ):
            self.read(tmp_path, text)

    def test_an_odd_value_is_found_in_a_column_of_any_name(self, tmp_path: Path) -> None:
        with pytest.raises(LabelError, match="line 4, column tear"):
            self.read(tmp_path, "name,tear\na,yes\nb,no\nc,perhaps\nd,yes\n")

    def test_a_line_is_counted_as_an_editor_counts(self, tmp_path: Path) -> None:
        text = ',name,good,remark\n0,a,True,"two\nlines"\n\n1,b,what,\n'
        with pytest.raises(LabelError, match="line 5"):
            self.read(tmp_path, text)

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ("", "no rows"),
            (PUBLISHED, "no rows"),
            ("item,good\na,True\n", "only item, good"),
            ("name,good\n,True\n", "Line 2"),
            ("name,good\na,True,False\n", "Line 2 .* has 3 cells"),
            ("name,good\na\n", "Line 2 .* has 1 cells"),
            ("name,good,good\na,1,0\n", "good stands twice"),
            ('name,good\n"a,1\n', "labels"),
        ],
    )
    def test_what_is_not_a_lookup_table_is_refused(self, tmp_path: Path, text: str, problem: str) -> None:
        with pytest.raises(LabelError, match=problem):
            self.read(tmp_path, text)

    def test_what_is_no_text_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "t.csv").write_bytes(b"\x89PNG\r\n\x1a\n\xff\0")
        with pytest.raises(LabelError, match="UTF-8"):
            read_table(tmp_path / "t.csv")

    def test_a_missing_file_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(LabelError, match=r"nothing\.csv"):
            read_table(tmp_path / "nothing.csv")


@pytest.fixture
def seams(tmp_path: Path) -> Workspace:
    """Two videos with pictures; seam_10 has two labelled frames, seam_9 one."""
    made = bare_frames.make(tmp_path / "workspace", {"seam_10": 3, "seam_9": 2})
    for key, frames in {"seam_10": 3, "seam_9": 2}.items():
        (made.frames / key).mkdir()
        for i in range(frames):
            write_jpeg(made.frames / key / f"{key}_{i}.jpg", np.full((6, 8, 3), 40 * i, np.uint8))
    record(made, "Ann", "seam_10", 2, 2, {"good": True, "error": False})
    record(made, "Ann", "seam_10", 0, 0, {"length": False})
    record(made, "Ben", "seam_9", 1, 1, {"break": True})
    return made


class TestExport:
    def test_a_table_has_the_published_form(self, seams: Workspace, tmp_path: Path) -> None:
        export_tables(seams, tmp_path / "out")
        assert (tmp_path / "out" / "seam_10_data.csv").read_bytes() == (
            b",name,good,error,break,length\n0,seam_10_0.png,,,,False\n1,seam_10_2.png,True,False,,\n"
        )

    def test_there_is_one_table_per_video_in_natural_order(self, seams: Workspace, tmp_path: Path) -> None:
        written = export_tables(seams, tmp_path / "out")
        assert [path.name for path in written] == ["seam_9_data.csv", "seam_10_data.csv"]

    def test_the_pictures_lie_beside_without_loss(self, seams: Workspace, tmp_path: Path) -> None:
        export_tables(seams, tmp_path / "out")
        assert {path.name for path in (tmp_path / "out").glob("*.png")} == {
            "seam_10_0.png",
            "seam_10_2.png",
            "seam_9_1.png",
        }
        frame = cv2.imread(str(seams.frames / "seam_10" / "seam_10_2.jpg"))
        assert np.array_equal(cv2.imread(str(tmp_path / "out" / "seam_10_2.png")), frame)

    def test_tables_alone_can_be_asked_for(self, seams: Workspace, tmp_path: Path) -> None:
        export_tables(seams, tmp_path / "out", pictures=False)
        assert {path.suffix for path in (tmp_path / "out").iterdir()} == {".csv"}

    def test_one_annotators_labels_can_be_asked_for(self, seams: Workspace, tmp_path: Path) -> None:
        assert [path.name for path in export_tables(seams, tmp_path, "Ben")] == ["seam_9_data.csv"]

    def test_an_unknown_annotator_is_named(self, seams: Workspace, tmp_path: Path) -> None:
        with pytest.raises(LabelError, match=r"'Zoe' has not labelled anything here.*Ann, Ben"):
            export_tables(seams, tmp_path / "out", "Zoe")
        assert not (tmp_path / "out").exists()

    def test_a_zip_holds_the_same_and_nothing_else_is_left(self, seams: Workspace, tmp_path: Path) -> None:
        (tmp_path / "out").mkdir()
        file = export_zip(seams, tmp_path / "out" / "tables.zip", "Ben", pictures=False, decimal_comma=False)
        assert zipfile.ZipFile(file).namelist() == ["seam_9_data.csv"]
        assert list((tmp_path / "out").iterdir()) == [file]

    def test_what_was_exported_before_is_replaced_and_other_files_stay(
        self, seams: Workspace, tmp_path: Path
    ) -> None:
        out = tmp_path / "out"
        export_tables(seams, out)
        bare_frames.csv(out / "notes.csv", "mine")
        record(seams, "Ann", "seam_9", 1, 1, {"break": True, "good": False})
        export_tables(seams, out)
        assert "0,seam_9_1.png,False,,True," in (out / "seam_9_data.csv").read_text()
        assert (out / "notes.csv").read_text() == "mine"
        assert not list(out.glob(".*"))

    def test_a_picture_that_is_gone_leaves_nothing_half_written(
        self, seams: Workspace, tmp_path: Path
    ) -> None:
        (seams.frames / "seam_9" / "seam_9_1.jpg").unlink()
        with pytest.raises(MediaError, match="seam_9_1"):
            export_tables(seams, tmp_path / "out")
        assert not (tmp_path / "out").exists()

    def test_a_folder_that_is_a_file_is_named(self, seams: Workspace, tmp_path: Path) -> None:
        bare_frames.csv(tmp_path / "out", "text")
        with pytest.raises(WorkspaceError, match="out cannot be written"):
            export_tables(seams, tmp_path / "out")
        assert (tmp_path / "out").read_text() == "text"

    def test_no_labels_are_said(self, tmp_path: Path) -> None:
        with pytest.raises(LabelError, match="no labels to export"):
            export_tables(bare_frames.make(tmp_path / "w", {"a": 1}), tmp_path / "out")

    def test_absolute_needs_a_split(self, seams: Workspace, tmp_path: Path) -> None:
        with pytest.raises(SplitError, match=r"train\.csv"):
            export_tables(seams, tmp_path / "out", absolute=True)
        assert not (tmp_path / "out").exists()

    @pytest.mark.parametrize("pictures", [True, False])
    def test_absolute_adds_the_parts_with_full_paths_of_pictures(
        self, seams: Workspace, tmp_path: Path, pictures: bool
    ) -> None:
        names = ["seam_10_0", "seam_10_2", "seam_9_1"]
        table = pd.DataFrame({"name": names, "video": "g", "part": ["train", "valid", "test"]})
        stored_split.store(seams, Split(table, "random", 0))
        export_tables(seams, tmp_path / "out", pictures=pictures, absolute=True)
        valid = pd.read_csv(tmp_path / "out" / "valid.csv", index_col=0)
        assert list(valid.columns) == ["name", "good", "error", "break", "length"]
        assert [Path(path).stem for path in valid["name"]] == ["seam_10_2"]
        assert all(Path(path).is_absolute() and Path(path).is_file() for path in valid["name"])


class TestExportedFiles:
    """What is exported opens on every system and in every spreadsheet, and shows the pictures as they are here."""

    def test_names_that_windows_refuses_get_safe_ones(self, tmp_path: Path) -> None:
        names = ["CON", "a:b", "a?b", "x."]
        for shade, name in enumerate(names):
            picture(tmp_path / "in" / f"{name}.png", shade)
        rows = "".join(f"{number},{name}.png,True\n" for number, name in enumerate(names))
        bare_frames.csv(tmp_path / "in" / "odd_data.csv", f",name,good\n{rows}")
        (path,) = export_tables(import_tables(tmp_path / "w", [tmp_path / "in"]).workspace, tmp_path / "out")
        written = pd.read_csv(path, index_col=0)["name"].tolist()
        assert written == ["_CON.png", "a_b.png", "a_b_2.png", "x.png"]
        assert all((tmp_path / "out" / name).is_file() for name in written)

    def test_letters_beyond_ascii_open_by_a_double_click(self, tmp_path: Path) -> None:
        picture(tmp_path / "in" / "Öse.png")
        bare_frames.csv(tmp_path / "in" / "labels.csv", "name,good\nÖse.png,1\n")
        (path,) = export_tables(import_tables(tmp_path / "w", [tmp_path / "in"]).workspace, tmp_path / "out")
        assert path.read_bytes().startswith("\ufeff,name,good".encode())

    def test_a_picture_on_its_side_is_exported_upright(self, tmp_path: Path) -> None:
        sideways = Image.fromarray(np.full((20, 40, 3), 90, np.uint8))
        exif = sideways.getexif()
        exif[0x0112] = 6
        (tmp_path / "in").mkdir()
        sideways.save(tmp_path / "in" / "a.png", exif=exif)
        bare_frames.csv(tmp_path / "in" / "labels.csv", "name,good\na.png,1\n")
        export_tables(import_tables(tmp_path / "w", [tmp_path / "in"]).workspace, tmp_path / "out")
        with Image.open(tmp_path / "out" / "a.png") as upright:
            assert upright.size == (20, 40) and not upright.getexif()


def picture(path: Path, shade: int = 0) -> Path:
    """Write a little picture; other shades are other pictures."""
    path.parent.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(shade)
    cv2.imwrite(str(path), random.integers(0, 256, (16, 16, 3), np.uint8))
    return path


class TestPreview:
    @pytest.fixture
    def seams(self, tmp_path: Path) -> Workspace:
        return bare_frames.make(tmp_path / "workspace", {"seam_1": 5})

    def good(self, seams: Workspace, *files: Path, annotator: str = "Ann") -> tuple[int, ...]:
        """New, changed, removed and same labels of ``good``."""
        count = preview_tables(seams.path, files, annotator).attributes["good"]
        return count.new, count.changed, count.removed, count.same

    @pytest.fixture
    def table(self, seams: Workspace, tmp_path: Path) -> Path:
        """Of frames 0 to 3, where Ann said true, true, true and nothing."""
        record(seams, "Ann", "seam_1", 0, 2, {"good": True})
        return bare_frames.csv(
            tmp_path / "t.csv", "name,good\nseam_1_0,1\nseam_1_1,0\nseam_1_2,\nseam_1_3,0\n"
        )

    def test_labels_are_new_changed_removed_or_the_same(self, seams: Workspace, table: Path) -> None:
        assert self.good(seams, table) == (1, 1, 1, 1)

    def test_for_another_annotator_all_is_new(self, seams: Workspace, table: Path) -> None:
        assert self.good(seams, table, annotator="Ben") == (3, 0, 0, 0)

    def test_nothing_changes(self, seams: Workspace, table: Path) -> None:
        before = labels_of(seams, "Ann", "seam_1")
        preview_tables(seams.path, [table], "Ann")
        assert labels_of(seams, "Ann", "seam_1").equals(before)

    def test_after_the_import_all_is_the_same(self, seams: Workspace, table: Path) -> None:
        import_tables(seams.path, [table], "Ann")
        assert self.good(seams, table) == (0, 0, 0, 3)

    def test_what_a_table_has_no_column_for_is_the_same(
        self, seams: Workspace, table: Path, tmp_path: Path
    ) -> None:
        other = bare_frames.csv(tmp_path / "o.csv", "name,error\nseam_1_0,1\nseam_1_4,1\n")
        assert self.good(seams, table, other) == (1, 1, 1, 1)

    def test_pictures_that_would_be_added_are_counted(self, seams: Workspace, tmp_path: Path) -> None:
        for name in ("seam_1_9", "x"):
            picture(tmp_path / f"{name}.png")
        table = bare_frames.csv(tmp_path / "t.csv", "name,good\nseam_1_0,1\nseam_1_9,1\nx,0\n")
        found = preview_tables(seams.path, [table], "Ann")
        assert (found.pictures, found.rows, found.attributes["good"].new) == (2, 3, 3)

    def test_a_workspace_that_is_not_there_is_not_made(self, tmp_path: Path) -> None:
        picture(tmp_path / "x.png")
        table = bare_frames.csv(tmp_path / "t.csv", "name,tear\nx,yes\n")
        found = preview_tables(tmp_path / "none", [table])
        assert (found.pictures, found.attributes["tear"].new) == (1, 1)
        assert not (tmp_path / "none").exists()

    def test_notes_are_those_of_the_tables(self, seams: Workspace, tmp_path: Path) -> None:
        table = bare_frames.csv(tmp_path / "t.csv", "name,good,remark\nseam_1_0,1,x\n")
        assert preview_tables(seams.path, [table]).notes == (
            "t.csv: no column error, break, length; those labels stay as they are.",
            "t.csv: remark ignored, for no attribute is called so.",
        )

    def test_what_cannot_be_imported_is_refused(self, seams: Workspace, tmp_path: Path) -> None:
        with pytest.raises(LabelError, match="no picture seam_1_99"):
            preview_tables(seams.path, [bare_frames.csv(tmp_path / "t.csv", "name,good\nseam_1_99,1\n")])


class TestImport:
    @pytest.fixture
    def seams(self, tmp_path: Path) -> Workspace:
        return bare_frames.make(tmp_path / "workspace", {"seam_1": 3, "seam_2": 2})

    @pytest.mark.parametrize("name", ["seam_1_2", "seam_1_2.png", "/x/seam_1_2.jpg", r"C:\x\seam_1_2.png"])
    def test_a_row_belongs_to_the_frame_of_its_name(
        self, seams: Workspace, tmp_path: Path, name: str
    ) -> None:
        done = import_tables(
            seams.path, [bare_frames.csv(tmp_path / "t.csv", f",name,good\n0,{name},True\n")]
        )
        assert (done.rows, done.labels, done.pictures) == (1, 1, 0)
        assert consensus(seams).set_index("name")["good"].dropna().to_dict() == {"seam_1_2": True}

    def test_the_labels_are_the_annotators(self, seams: Workspace, tmp_path: Path) -> None:
        import_tables(seams.path, [bare_frames.csv(tmp_path / "t.csv", "name,good\nseam_1_0,1\n")], "Ann")
        assert annotators(seams) == ["Ann"]

    def test_repeated_rows_and_unknown_columns_are_said(self, seams: Workspace, tmp_path: Path) -> None:
        text = "name,good\nseam_1_0,1\nseam_1_0.png,0\n"
        done = import_tables(seams.path, [bare_frames.csv(tmp_path / "t.csv", text)])
        assert done.repeated == 1
        assert "1 row repeated" in done.summary()
        assert consensus(seams)["good"].dropna().tolist() == [False]

    def test_an_attribute_without_a_column_keeps_its_labels(self, seams: Workspace, tmp_path: Path) -> None:
        record(seams, "import", "seam_1", 0, 0, {"length": True})
        import_tables(seams.path, [bare_frames.csv(tmp_path / "t.csv", "name,good\nseam_1_0,1\n")])
        assert labels_of(seams, "import", "seam_1").loc[0, ["good", "length"]].tolist() == [True, True]

    def test_frames_of_a_table_without_the_column_keep_their_labels_beside_one_with_it(
        self, seams: Workspace, tmp_path: Path
    ) -> None:
        record(seams, "import", "seam_1", 0, 1, {"length": True})
        with_it = bare_frames.csv(tmp_path / "a.csv", "name,good,length\nseam_1_0,1,0\n")
        without = bare_frames.csv(tmp_path / "b.csv", "name,good\nseam_1_1,1\n")
        done = import_tables(seams.path, [with_it, without])
        assert labels_of(seams, "import", "seam_1")["length"].tolist()[:2] == [False, True]
        assert done.labels == 3

    def test_they_keep_them_also_where_pictures_are_added(self, seams: Workspace, tmp_path: Path) -> None:
        picture(seams.frames / "seam_1" / "seam_1_1.jpg")
        record(seams, "import", "seam_1", 1, 1, {"length": True})
        picture(tmp_path / "new_0.png", 1)
        with_it = bare_frames.csv(tmp_path / "a.csv", "name,length\nnew_0.png,0\n")
        without = bare_frames.csv(tmp_path / "b.csv", "name,good\nseam_1_1,1\n")
        import_tables(seams.path, [with_it, without])
        assert labels_of(seams, "import", "seam_1").loc[1, ["good", "length"]].tolist() == [True, True]

    def test_another_class_that_is_chosen_replaces_an_earlier_one(self, tmp_path: Path) -> None:
        fruit = bare_frames.make(tmp_path / "w", {"a": 2}, named(["apple", "orange"], exclusive=True))
        record(fruit, "import", "a", 0, 1, {"apple": True})
        with_it = bare_frames.csv(tmp_path / "a.csv", "name,apple,orange\na_1,1,0\n")
        without = bare_frames.csv(tmp_path / "b.csv", "name,orange\na_0,1\n")
        import_tables(fruit.path, [with_it, without])
        assert labels_of(fruit, "import", "a").to_numpy().tolist() == [[False, True], [True, False]]

    def test_the_same_table_twice_changes_nothing(self, seams: Workspace, tmp_path: Path) -> None:
        table = bare_frames.csv(tmp_path / "t.csv", "name,good,error\nseam_1_0,1,\nseam_2_1,0,1\n")
        first = import_tables(seams.path, [table])
        before = consensus(seams)
        assert import_tables(seams.path, [table]).labels == first.labels == 3
        assert consensus(seams).equals(before)

    def test_a_missing_picture_names_table_and_line_and_nothing_is_stored(
        self, seams: Workspace, tmp_path: Path
    ) -> None:
        table = bare_frames.csv(tmp_path / "t.csv", "name,good\nseam_1_0,1\nseam_1_99.png,1\n")
        with pytest.raises(LabelError, match=r"no picture seam_1_99\.png for line 3 of .*t\.csv"):
            import_tables(seams.path, [table])
        assert consensus(seams)["good"].isna().all()

    def test_a_table_without_any_known_attribute_is_refused(self, seams: Workspace, tmp_path: Path) -> None:
        table = bare_frames.csv(tmp_path / "t.csv", "name,tear\nseam_1_0,1\n")
        with pytest.raises(LabelError, match="no column for good, error, break or length"):
            import_tables(seams.path, [table])

    def test_an_odd_value_stores_nothing_of_any_table(self, seams: Workspace, tmp_path: Path) -> None:
        fine = bare_frames.csv(tmp_path / "a.csv", "name,good\nseam_1_0,1\n")
        odd = bare_frames.csv(tmp_path / "b.csv", "name,good\nseam_1_1,maybe\n")
        with pytest.raises(LabelError, match=r"'maybe' in .*b\.csv, line 2, column good"):
            import_tables(seams.path, [fine, odd])
        assert consensus(seams)["good"].isna().all()

    def test_a_folder_without_tables_is_named(self, seams: Workspace, tmp_path: Path) -> None:
        (tmp_path / "empty").mkdir()
        with pytest.raises(LabelError, match=r"no lookup tables .* in .*empty"):
            import_tables(seams.path, [tmp_path / "empty"])

    @pytest.mark.parametrize("place", [".", "images", "deep/down"])
    def test_a_picture_beside_the_table_or_below_is_added(
        self, seams: Workspace, tmp_path: Path, place: str
    ) -> None:
        picture(tmp_path / "new" / place / "board.png")
        picture(seams.frames / "seam_1" / "seam_1_0.jpg")
        bare_frames.csv(
            tmp_path / "new" / "labels.csv", "name,group,good\nboard.png,boards,1\nseam_1_0,boards,0\n"
        )
        done = import_tables(seams.path, [tmp_path / "new"])
        assert done.pictures == 1
        table = consensus(seams).set_index("name")
        assert table.loc["board", ["video", "good"]].tolist() == ["boards", True]
        assert table.loc["seam_1_0", ["video", "good"]].tolist() == ["seam_1", False]

    def test_a_picture_is_found_by_its_full_path(self, tmp_path: Path) -> None:
        path = picture(tmp_path / "far" / "away" / "a_0.png")
        bare_frames.csv(tmp_path / "here.csv", f"name,good\n{path},1\n")
        assert import_tables(tmp_path / "w", [tmp_path / "here.csv"]).pictures == 1

    def test_a_workspace_is_made_with_the_attributes_of_the_tables(self, tmp_path: Path) -> None:
        picture(tmp_path / "in" / "a_0.png")
        bare_frames.csv(tmp_path / "in" / "a_data.csv", ",name,tear,remark,length\n0,a_0.png,True,fine,\n")
        done = import_tables(tmp_path / "w", [tmp_path / "in"])
        assert done.workspace.attributes == named(["tear", "length"])
        assert "a_data.csv: remark ignored, for no attribute is called so." in done.notes

    @pytest.mark.parametrize(
        ("columns", "cells"),
        [("good", "maybe"), ("good", "1,1"), (",".join(f"a{i}" for i in range(13)), ",".join("1" * 13))],
    )
    def test_a_table_that_is_refused_makes_no_workspace(
        self, tmp_path: Path, columns: str, cells: str
    ) -> None:
        picture(tmp_path / "in" / "a_0.png")
        bare_frames.csv(tmp_path / "in" / "a_data.csv", f"name,{columns}\na_0.png,{cells}\n")
        with pytest.raises((LabelError, WorkspaceError)):
            import_tables(tmp_path / "w", [tmp_path / "in"])
        assert not (tmp_path / "w").exists()

    @pytest.mark.parametrize("cell", ["x" * 5000, "a/../b", "..", "a\0b"])
    def test_a_name_that_no_file_can_have_is_a_missing_picture(self, tmp_path: Path, cell: str) -> None:
        table = bare_frames.csv(tmp_path / "t.csv", f"name,good\n{cell},1\n")
        with pytest.raises(LabelError):
            import_tables(tmp_path / "w", [table])


class TestRoundTrip:
    """Exported, imported into an empty workspace and exported again is the same file, in another folder too.

    An attribute that nobody has labelled is an empty column, which counts only where somebody names it.
    """

    ANSWERS = (("True", "", "False"), ("", "", "True"), ("False", "", ""))

    def again(self, tmp_path: Path, first: list[Path], *attributes: str) -> dict[str, bytes]:
        options = TableOptions(attributes)
        import_tables(tmp_path / "second", [first[0].parent], options=options)
        shutil.copytree(first[0].parent, tmp_path / "elsewhere" / "moved")
        moved = tmp_path / "elsewhere" / "moved"
        third = import_tables(tmp_path / "third", [moved], options=options).workspace
        return {path.name: path.read_bytes() for path in export_tables(third, tmp_path / "again")}

    @pytest.mark.parametrize(
        ("group", "names"),
        [
            ("seam_01", ["seam_01_2", "seam_01_10", "seam_01_17"]),
            ("week 2", ["zebra", "apple", "board 10"]),
            ("Nähte", ["größe", "süß_7", "ß"]),
            ("mixed", ["mixed_10", "mixed_9", "other"]),
            ("v2.0", ["v2.0_1", "v2.0_0", "NA"]),
        ],
    )
    def test_of_pictures(self, tmp_path: Path, group: str, names: list[str]) -> None:
        rows = [
            f"{i},{n}.png,{','.join(a)}" for i, (n, a) in enumerate(zip(names, self.ANSWERS, strict=True))
        ]
        for shade, name in enumerate(names):
            picture(tmp_path / "in" / f"{name}.png", shade)
        bare_frames.csv(
            tmp_path / "in" / f"{group}_data.csv", "\n".join([",name,tear,never,good", *rows, ""])
        )
        attributes = ("tear", "never", "good")
        made = import_tables(
            tmp_path / "first", [tmp_path / "in"], options=TableOptions(attributes)
        ).workspace
        first = export_tables(made, tmp_path / "out")
        assert [line.split(",", 1)[1] for line in first[0].read_text("utf-8-sig").splitlines()[1:]] == [
            row.split(",", 1)[1] for row in rows
        ]
        assert self.again(tmp_path, first, *attributes) == {path.name: path.read_bytes() for path in first}

    def test_of_videos_with_twelve_attributes_and_cells_unset(self, tmp_path: Path) -> None:
        names = [f"attribute {i}" for i in range(12)]
        made = bare_frames.make(tmp_path / "w", {"seam_2": 12, "seam_10": 12}, named(names))
        for key in ("seam_2", "seam_10"):
            for i in range(12):
                picture(made.frames / key / f"{key}_{i}.png", i).rename(made.frames / key / f"{key}_{i}.jpg")
        for i, name in enumerate(names[:-1]):
            record(made, "Ann", "seam_10", i, min(11, i + 3), {name: i % 2 == 0})
            record(made, "Ann", "seam_2", 3, 11 - i // 2, {name: i % 3 == 0})
        first = export_tables(made, tmp_path / "out")
        assert self.again(tmp_path, first, *names) == {path.name: path.read_bytes() for path in first}


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.lists(st.sampled_from([True, False, None]), min_size=12, max_size=12), min_size=1, max_size=8)
)
def test_what_is_exported_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, answers: list[list[bool | None]]
) -> None:
    tmp_path = tmp_path_factory.mktemp("round")
    names = [f"a {i}" for i in range(12)]
    made = bare_frames.make(tmp_path / "w", {"x": 10}, named(names))
    rows = pd.DataFrame([[True, *row[1:]] for row in answers], columns=names).astype("boolean")
    record_table(made, "Ann", rows.assign(video="x", index=range(len(rows))))
    (path,) = export_tables(made, tmp_path / "out", pictures=False)
    pd.testing.assert_frame_equal(read_table(path, names).rows[names], rows)
