"""Labels in the formats of other programs: into a workspace, and out of it."""

import json
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from core import workspace as workspaces
from core.attributes import named
from core.demo.make import make_demo
from core.errors import LabelError
from core.exchange.add_pictures import add_paths
from core.exchange.export_formats import (
    export_format,
    export_format_zip,
    labels_of_workspace,
    losses_of,
)
from core.exchange.import_formats import attributes_in, import_format, preview_format
from core.label_formats.records import Labels
from core.label_formats.registry import FORMATS, held
from core.labels.consensus import consensus
from core.labels.labels import annotators, record
from core.lookup_tables.boxes import imported_table, read_boxes
from core.lookup_tables.column_meanings import TableOptions
from core.workspace import Workspace
from tests.helpers import bare_frames
from tests.helpers.tiny_videos import film, save, textured

FILES = Path(__file__).parents[1] / "fixtures" / "label_formats"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return make_demo(tmp_path_factory.mktemp("formats") / "class", seed=3, videos=3, frames=8).workspace


Said = dict[str, tuple[dict, dict]]


def written(workspace: Workspace, format: str) -> Said:
    """The answers and boxes of each frame that a format holds of the consensus."""
    return said(held(labels_of_workspace(workspace), FORMATS[format]))


def read(workspace: Workspace, format: str, annotator: str) -> Said:
    """All answers of an annotator, with the boxes if the format has some."""
    labels = labels_of_workspace(workspace, annotator)
    return {
        name: (answers, boxes if FORMATS[format].boxes else {})
        for name, (answers, boxes) in said(labels).items()
    }


def said(labels: Labels) -> Said:
    """Answers, and boxes of what is true, of each frame with an answer."""
    return {
        picture.name: (dict(picture.answers), {name: drawn for name, drawn in picture.boxes.items() if picture.answers.get(name)})
        for picture in labels.pictures if picture.answers
    }  # fmt: skip


@pytest.mark.parametrize("format", FORMATS)
def test_the_demo_class_comes_back_as_the_labels_of_another(
    demo: Workspace, format: str, tmp_path: Path
) -> None:
    before = written(demo, format)
    export_format(demo, tmp_path / "out", format, pictures=format == "yolo")
    import_format(demo.path, [tmp_path / "out"], format, f"from {format}")
    assert read(demo, format, f"from {format}") == before


@pytest.mark.parametrize("format", [name for name, format in FORMATS.items() if format.place])
def test_the_demo_class_comes_into_a_new_workspace_with_its_pictures(
    demo: Workspace, format: str, tmp_path: Path
) -> None:
    before = written(demo, format)
    zipped = tmp_path / "demo.zip"
    exported = export_format_zip(demo, zipped, format, None, pictures=True)
    done = import_format(tmp_path / "new", [zipped], format, "Ada")
    assert done.labels.pictures == exported.pictures == exported.frames
    new = workspaces.open_workspace(tmp_path / "new")
    after = read(new, format, "Ada")
    if format == "yolo":  # in a workspace of classes one that is true makes the others false
        after = {
            name: ({key: value for key, value in answers.items() if value}, {})
            for name, (answers, _) in after.items()
        }
    assert after == before


def test_full_answers_come_back_whole_if_false_is_what_is_missing(demo: Workspace, tmp_path: Path) -> None:
    export_format(demo, tmp_path / "out", "ultralytics", pictures=False)
    import_format(demo.path, [tmp_path / "out"], "ultralytics", "Full", options=TableOptions(empty=False))
    mine = consensus(demo, "Full").set_index("name")[list(demo.attributes.names)].dropna()
    all_labels = consensus(demo).set_index("name")[list(demo.attributes.names)].dropna()
    pd.testing.assert_frame_equal(mine, all_labels)


class TestExport:
    def make(self, tmp_path: Path) -> Workspace:
        made = bare_frames.make(tmp_path / "class", {"a": 3})
        record(
            made,
            "Ada",
            "a",
            0,
            0,
            dict.fromkeys(["good", "error", "break", "length"], False) | {"good": True},
        )
        record(made, "Ada", "a", 1, 1, {"good": True})
        return made

    def test_every_loss_is_one_sentence(self, tmp_path: Path) -> None:
        losses = losses_of(self.make(tmp_path), "yolo")
        assert [(loss.kind, loss.number) for loss in losses] == [
            ("classes", 1),
            ("false", 3),
            ("people", None),
        ]
        assert all(loss.sentence.endswith(".") for loss in losses)

    def test_a_frame_with_unset_answers_is_left_out_where_missing_means_false(self, tmp_path: Path) -> None:
        export_format(self.make(tmp_path), tmp_path / "out", "ultralytics", pictures=False)
        assert [file.name for file in (tmp_path / "out").rglob("*.txt")] == ["a_0.txt"]

    def test_unset_is_null_and_not_false(self, tmp_path: Path) -> None:
        export_format(self.make(tmp_path), tmp_path / "out", "huggingface", pictures=False)
        lines = (tmp_path / "out" / "metadata.jsonl").read_text().splitlines()
        assert json.loads(lines[1]) | {"objects": None} == {
            "file_name": "images/a_1.png", "good": True, "error": None, "break": None, "length": None, "objects": None,
        }  # fmt: skip

    def test_a_folder_with_something_in_it_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "old.txt").touch()
        with pytest.raises(LabelError, match="is not empty"):
            export_format(self.make(tmp_path), tmp_path / "out", "coco", pictures=False)

    def test_what_the_format_cannot_hold_at_all_is_refused_and_nothing_is_written(
        self, tmp_path: Path
    ) -> None:
        made = bare_frames.make(tmp_path / "class", {"a": 1})
        record(made, "Ada", "a", 0, 0, {"good": True})
        with pytest.raises(LabelError, match=r"nothing to export as Ultralytics YOLO\. 1 frame with unset"):
            export_format(made, tmp_path / "out", "ultralytics", pictures=False)
        assert not (tmp_path / "out").exists()

    def test_class_folders_without_pictures_are_refused(self, tmp_path: Path) -> None:
        with pytest.raises(LabelError, match="Export it with pictures"):
            export_format(self.make(tmp_path), tmp_path / "out", "yolo", pictures=False)

    def test_a_missing_picture_leaves_nothing_behind(self, tmp_path: Path) -> None:
        with pytest.raises(Exception, match="a_0"):
            export_format(self.make(tmp_path), tmp_path / "out", "coco")
        assert not (tmp_path / "out").exists()

    def test_a_zip_has_the_same_files(self, tmp_path: Path) -> None:
        export_format_zip(self.make(tmp_path), tmp_path / "x.zip", "boris", None, pictures=True)
        assert zipfile.ZipFile(tmp_path / "x.zip").namelist() == ["a.csv"]


class TestImport:
    @pytest.fixture
    def seam(self, tmp_path: Path) -> Workspace:
        """A video of eight frames, called as in the documented files."""
        path = tmp_path / "class"
        workspaces.create(path, named(["good", "error", "break"]))
        list(add_paths(path, [film(tmp_path / "seam_01.mp4", 8)]))
        return workspaces.open_workspace(path)

    def of(self, workspace: Workspace, annotator: str = "import") -> dict[str, dict[str, bool]]:
        rows = consensus(workspace, annotator).set_index("index")[list(workspace.attributes.names)]
        answers = {index: row.dropna().astype(bool).to_dict() for index, row in rows.iterrows()}
        return {index: given for index, given in answers.items() if given}

    def test_frames_are_found_by_the_name_that_label_studio_gives_their_pictures(
        self, seam: Workspace
    ) -> None:
        options = TableOptions(attributes=("good", "error"))
        content = json.loads((FILES / "label_studio" / "images.json").read_text())
        del content[0]["annotations"][0]["result"][1]  # a box in a picture of another size
        file = seam.path.parent / "tasks.json"
        file.write_text(json.dumps(content))
        import_format(seam.path, [file], "label-studio", options=options)
        assert self.of(seam) == {0: {"error": True}, 1: {"good": True}}

    def test_stretches_are_found_by_the_file_of_their_video(self, seam: Workspace) -> None:
        import_format(seam.path, [FILES / "boris" / "tabular.csv"], "boris", "Ada")
        assert self.of(seam, "Ada") == {
            2: {"error": True},
            3: {"error": True, "break": True},
            4: {"error": True},
        }
        assert annotators(seam) == ["Ada"]

    def test_seconds_are_found_by_the_times_of_frames(self, seam: Workspace) -> None:
        import_format(seam.path, [FILES / "boris" / "old.tsv"], "boris", "by time")
        import_format(seam.path, [FILES / "boris" / "tabular.csv"], "boris", "by frame")
        assert self.of(seam, "by time") == self.of(seam, "by frame")

    def test_what_is_not_coded_is_false_only_if_somebody_says_so(self, seam: Workspace) -> None:
        import_format(
            seam.path, [FILES / "boris" / "tabular.csv"], "boris", options=TableOptions(empty=False)
        )
        assert self.of(seam)[0] == {"error": False, "break": False}
        assert len(self.of(seam)) == 8

    def test_what_a_file_leaves_unset_stays_as_it_was(self, seam: Workspace) -> None:
        record(seam, "Ada", "seam_01", 4, 5, {"error": True, "good": False})
        import_format(seam.path, [FILES / "deepethogram"], "deepethogram", "Ada")
        assert self.of(seam, "Ada")[4] == {"good": False, "error": True}
        assert self.of(seam, "Ada")[5] == {"good": False, "error": False, "break": True}

    def test_attributes_that_the_workspace_lacks_are_refused_with_both_lists(self, seam: Workspace) -> None:
        with pytest.raises(LabelError) as error:
            import_format(seam.path, [FILES / "cvat" / "video.xml"], "cvat")
        assert "video.xml are seam, error and good, those of this workspace good, error and break" in str(
            error.value
        )
        assert "--attributes error,good" in str(error.value)
        assert self.of(seam) == {}

    def test_some_attributes_of_a_file_can_be_taken(self, seam: Workspace) -> None:
        options = TableOptions(attributes=("Good",))
        import_format(seam.path, [FILES / "cvat" / "video.xml"], "cvat", options=options)
        assert set(self.of(seam)) == set(range(7))
        assert not imported_table(seam.path).exists()

    def test_an_attribute_that_the_file_does_not_have_is_refused(self, seam: Workspace) -> None:
        with pytest.raises(LabelError, match=r"no needle in tabular\.csv, but break and error"):
            import_format(
                seam.path,
                [FILES / "boris" / "tabular.csv"],
                "boris",
                options=TableOptions(attributes=("needle",)),
            )

    def test_attributes_of_both(self, seam: Workspace) -> None:
        found = attributes_in(seam.path, [FILES / "cvat" / "video.xml"], "cvat")
        assert found == (["seam", "error", "good"], ["error", "good"])

    def test_a_video_that_is_not_here_is_refused_with_those_that_are(self, tmp_path: Path) -> None:
        made = bare_frames.make(tmp_path / "class", {"one": 2, "two": 2})
        with pytest.raises(
            LabelError,
            match=r"the video '.*seam_01\.mp4', which is not in this workspace; it has one and two",
        ):
            import_format(made.path, [FILES / "boris" / "tabular.csv"], "boris")

    def test_pictures_that_are_nowhere_are_refused_with_their_number(self, tmp_path: Path) -> None:
        made = bare_frames.make(tmp_path / "class", {"one": 2})
        with pytest.raises(
            LabelError,
            match=r"2 pictures, first seam_01_0\.png, which are neither in this workspace nor beside",
        ):
            import_format(made.path, [FILES / "huggingface"], "huggingface")

    def test_frames_of_a_video_that_were_not_added_are_counted(self, tmp_path: Path) -> None:
        path = tmp_path / "class"
        workspaces.create(path, named(["good", "error", "break"]))
        list(add_paths(path, [film(tmp_path / "seam_01.mp4", 8)], every=2))
        done = import_format(path, [FILES / "deepethogram"], "deepethogram")
        assert "3 frames left out that are not in the workspace." in done.summary()

    def test_a_preview_counts_and_changes_nothing(self, seam: Workspace) -> None:
        preview = preview_format(seam.path, [FILES / "boris" / "tabular.csv"], "boris")
        assert {name: changes.new for name, changes in preview.attributes.items()} == {"error": 3, "break": 1}
        assert self.of(seam) == {}

    def write_coco(self, folder: Path, box: list[float], size: tuple[int, int] = (128, 96)) -> Path:
        content = {
            "images": [{"id": 1, "file_name": "seam_01_0.jpg", "width": size[0], "height": size[1]},
                       {"id": 2, "file_name": "seam_01_1.jpg", "width": size[0], "height": size[1]}],
            "categories": [{"id": 1, "name": "error"}],
            "annotations": [{"id": 1, "image_id": 2, "category_id": 1}, {"id": 2, "image_id": 1, "category_id": 1, "bbox": box}],
        }  # fmt: skip
        (folder / "boxes.json").write_text(json.dumps(content))
        return folder / "boxes.json"

    def test_boxes_go_into_a_table_that_heatmaps_are_checked_by(
        self, seam: Workspace, tmp_path: Path
    ) -> None:
        import_format(seam.path, [self.write_coco(tmp_path, [10, 20, 30, 40])], "coco")
        assert read_boxes([imported_table(seam.path)], ["error"]) == {
            "seam_01_0": {"error": [(10, 20, 40, 60)]}
        }

    def test_new_boxes_of_a_frame_take_the_place_of_earlier_ones(
        self, seam: Workspace, tmp_path: Path
    ) -> None:
        for side in (30, 31):
            import_format(seam.path, [self.write_coco(tmp_path, [10, 20, side, 40])], "coco")
        assert read_boxes([imported_table(seam.path)], ["error"]) == {
            "seam_01_0": {"error": [(10, 20, 41, 60)]}
        }

    @pytest.mark.parametrize(("box", "size", "words"), [
        ([10, 20, 300, 40], (128, 96), "not inside of the picture, which has 128 x 96 pixels"),
        ([-9, 20, 30, 40], (128, 96), "not inside"), ([10, 20, 0, 40], (128, 96), "no area"),
        ([10, 20, 30, 40], (256, 192), "drawn in 256 x 192 pixels; the picture here has 128 x 96"),
    ])  # fmt: skip
    def test_a_box_outside_of_the_picture_is_refused_and_nothing_is_stored(
        self, seam: Workspace, tmp_path: Path, box: list[float], size: tuple[int, int], words: str
    ) -> None:
        with pytest.raises(LabelError, match=words):
            import_format(seam.path, [self.write_coco(tmp_path, box, size)], "coco")
        assert self.of(seam) == {}
        assert not imported_table(seam.path).exists()

    def test_class_folders_make_a_workspace_of_classes(self, tmp_path: Path) -> None:
        for number, path in enumerate(["train/apple/1.png", "train/pear/2.png", "val/apple/3.png"]):
            save(tmp_path / "fruit" / path, textured(number))
        done = import_format(tmp_path / "class", [tmp_path / "fruit"], "yolo")
        attributes = done.labels.workspace.attributes
        assert (attributes.names, attributes.exclusive) == (("apple", "pear"), True)
        assert consensus(done.labels.workspace)["pear"].tolist().count(True) == 1

    def test_a_picture_outside_of_the_folder_of_the_file_is_not_taken(self, tmp_path: Path) -> None:
        save(tmp_path / "secret.png", textured(1))
        (tmp_path / "in").mkdir()
        (tmp_path / "in" / "metadata.jsonl").write_text('{"file_name": "../secret.png", "good": true}\n')
        with pytest.raises(LabelError, match="neither in this workspace nor beside the file"):
            import_format(tmp_path / "class", [tmp_path / "in"], "huggingface")
        assert not (tmp_path / "class").exists()
