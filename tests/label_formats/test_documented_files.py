"""Files in the structure that other programs document are read as they are meant; see tests/fixtures/label_formats/README.md."""

from pathlib import Path

import pytest

from core.label_formats.registry import FORMATS
from tests.helpers.tiny_videos import save, textured
from tests.label_formats.frames import as_pictures, film, said

FILES = Path(__file__).parents[1] / "fixtures" / "label_formats"
BOX = (10, 12, 30, 40)
DOCUMENTED = [
    ("coco", "coco", {
        "seam_01_0": ({"error": True, "break": True}, {"error": [BOX], "break": [(0, 0, 4, 4)]}),
        "seam_01_1": ({"good": True}, {}), "seam_01_2": ({"error": False}, {}),
    }),
    ("datumaro", "datumaro", {
        "seam_01_0": ({"good": False, "error": True}, {"error": [BOX]}), "seam_01_1": ({"good": True}, {}),
    }),
    ("cvat", "cvat/images.xml", {"seam_01_0": ({"error": True}, {"error": [BOX]}), "seam_01_1": ({"good": True}, {})}),
    ("cvat-video", "cvat/video.xml", {
        "seam_01_0": ({"seam": True, "good": True}, {"seam": [(0, 0, 64, 48)]}),
        **{f"seam_01_{i}": ({"seam": True, "good": True}, {}) for i in range(1, 4)},
        "seam_01_4": ({"seam": True, "good": False, "error": True}, {"seam": [(0, 0, 64, 48)], "error": [BOX]}),
        "seam_01_5": ({"seam": True, "good": False, "error": True}, {"error": [(10, 14, 30, 42)]}),
        "seam_01_6": ({"seam": True, "good": False}, {}),
    }),
    ("label-studio", "label_studio/images.json", {
        "1f2e3d4c-seam_01_0": ({"error": True, "length": True}, {"error": [(8, 12, 24, 36)]}), "seam_01_1": ({"good": True}, {}),
    }),
    ("boris", "boris/tabular.csv", {
        "seam_01_2": ({"error": True}, {}), "seam_01_3": ({"error": True, "break": True}, {}), "seam_01_4": ({"error": True}, {}),
    }),
    ("deepethogram", "deepethogram", {
        **{f"seam_01_{i}": ({"error": False, "break": False}, {}) for i in range(2)},
        "seam_01_2": ({"error": True, "break": False}, {}), "seam_01_3": ({"error": True, "break": True}, {}),
        "seam_01_5": ({"error": False, "break": True}, {}),
    }),
    ("huggingface", "huggingface", {"seam_01_0": ({"good": False, "error": True}, {"error": [BOX]}), "seam_01_1": ({"good": True}, {})}),
    ("ultralytics", "ultralytics", {"seam_01_0": ({"error": True}, {"error": [BOX]})}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "file", "expected"), DOCUMENTED, ids=[file for _, file, _ in DOCUMENTED])
def test_a_documented_file_says(name: str, file: str, expected: dict) -> None:
    assert said(FORMATS[name].read(FILES / file), film()) == expected


@pytest.mark.parametrize(
    ("name", "file"), [(name, file) for name, file, _ in DOCUMENTED if name != "label-studio"]
)
def test_a_documented_file_is_written_and_read_again(name: str, file: str, tmp_path: Path) -> None:
    format = FORMATS[name]
    first = as_pictures(format.read(FILES / file), film())
    format.write(first, tmp_path)
    assert said(format.read(tmp_path), film()) == said(first)


@pytest.mark.parametrize("file", ["old.tsv", "aggregated.tsv"])
def test_other_tables_of_boris_say_the_same(file: str) -> None:
    boris = FORMATS["boris"].read
    assert said(boris(FILES / "boris" / file), film()) == said(boris(FILES / "boris" / "tabular.csv"), film())


def test_the_timeline_of_label_studio_counts_frames_from_1_to_the_last() -> None:
    read = FORMATS["label-studio-video"].read(FILES / "label_studio" / "video.json")
    of = film("99aabbcc-seam_01")
    assert {name.rpartition("_")[2]: set(answers) for name, (answers, _) in said(read, of).items()} == {
        "0": {"good"}, "2": {"error"}, "3": {"error"}, "4": {"error"},
    }  # fmt: skip


def test_of_several_annotations_of_label_studio_the_last_counts_and_it_says_so() -> None:
    read = FORMATS["label-studio"].read(FILES / "label_studio" / "images.json")
    assert read.notes == ("1 task with several annotations: the last of each counts.",)


def test_class_folders_say_the_class_and_the_part(tmp_path: Path) -> None:
    for number, path in enumerate(
        ["train/apple/1.jpg", "train/pear/2.jpg", "val/apple/3.jpg", "test/pear/4.jpg"]
    ):
        save(tmp_path / path, textured(number))
    read = FORMATS["yolo"].read(tmp_path)
    assert [(picture.answers, picture.part) for picture in read.pictures] == [
        ({"pear": True}, "test"), ({"apple": True}, "train"), ({"pear": True}, "train"), ({"apple": True}, "valid"),
    ]  # fmt: skip


def test_a_class_called_no_stays_so() -> None:
    assert FORMATS["ultralytics"].read(FILES / "ultralytics").attributes == ("good", "error", "no")


def test_pycocotools_reads_what_is_written(tmp_path: Path) -> None:
    coco = pytest.importorskip("pycocotools.coco").COCO
    first = as_pictures(FORMATS["coco"].read(FILES / "coco"), film())
    FORMATS["coco"].write(first, tmp_path)
    read = coco(tmp_path / "annotations" / "instances_default.json")
    drawn = {(read.loadImgs(a["image_id"])[0]["file_name"], read.loadCats(a["category_id"])[0]["name"], *a["bbox"])
             for a in read.loadAnns(read.getAnnIds())}  # fmt: skip
    assert drawn == {("seam_01_0.png", "error", 10, 12, 20, 28), ("seam_01_0.png", "break", 0, 0, 4, 4)}
