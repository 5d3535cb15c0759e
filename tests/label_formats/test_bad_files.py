"""Damaged and strange files are refused in one sentence."""

from pathlib import Path

import pytest

from core.errors import LabelError
from core.label_formats import files
from core.label_formats.records import Labels, PictureLabels, whole_pixels
from core.label_formats.registry import FORMATS, label_format

BOMB = """<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><annotations>&b;</annotations>"""
OUTSIDE = """<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]><annotations>&a;</annotations>"""
BAD = {
    "coco": ("x.json", ["", "[]", "{}", "nonsense", '{"images": [{"id": 1}], "categories": [], "annotations": []}',
                        '{"images": [], "categories": [], "annotations": [{"image_id": 1, "category_id": 1}]}', "[" * 100000]),
    "datumaro": ("x.json", ["", "{}", '{"categories": {"label": {"labels": []}}, "items": [{"id": 1, "annotations": [{"type": "label", "label_id": 3}]}]}']),
    "huggingface": ("metadata.jsonl", ["{", "[]", '{"good": true}', '{"file_name": "a.png", "objects": {"bbox": [[1, 2]], "categories": ["a"]}}']),
    "cvat": ("x.xml", ["", "<a/>", "<annotations>", "<annotations><image/></annotations>", BOMB, OUTSIDE,
                       '<annotations><track label="a"><box frame="x"/></track></annotations>']),
    "label-studio": ("x.json", ["", "{}", "[1]", '[{"data": {}}]', '[{"data": {"image": "a.png"}, "annotations": [{}]}]']),
    "boris": ("x.csv", ["", "a,b\n1,2", "Behavior,Behavior type,Time\ngood,START,1.0", "Behavior,Behavior type,Time\ngood,STOP,1.0",
                        "Behavior,Behavior type,Time\ngood,POINT,soon"]),
    "deepethogram": ("x.csv", ["", "a", ",background,good\n0,1,2", ",background,good\n0,1", ",background,good\nx,1,1"]),
    "ultralytics": ("data.yaml", ["", "[", "names: 3", "path: ."]),
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "file", "text"), [(name, file, text) for name, (file, texts) in BAD.items() for text in texts]
)
def test_a_damaged_file_is_refused_by_name(name: str, file: str, text: str, tmp_path: Path) -> None:
    path = tmp_path / file
    path.write_text(text, encoding="utf-8")
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels" / "a.txt").write_text("0 0.5 0.5 1 1")
    with pytest.raises(LabelError, match=file.replace(".", r"\.")):
        FORMATS[name].read(path)


def test_a_class_without_a_name_is_refused_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "data.yaml").write_text("names: [good]")
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels" / "a.txt").write_text("0 0.5 0.5 1 1\n7 0.5 0.5 1 1\n")
    with pytest.raises(LabelError, match=r"a\.txt.*line 2.*class 7"):
        FORMATS["ultralytics"].read(tmp_path)


def test_a_folder_without_files_of_the_format_says_what_it_should_have(tmp_path: Path) -> None:
    for name in FORMATS:
        with pytest.raises(LabelError, match=r"There (is|are) no"):
            FORMATS[name].read(tmp_path)


def test_a_file_that_contradicts_itself_is_refused(tmp_path: Path) -> None:
    content = '{"images": [{"id": 1, "file_name": "a.png", "attributes": {"good": false}}], "categories": [{"id": 1, "name": "good"}], "annotations": [{"image_id": 1, "category_id": 1}]}'
    (tmp_path / "a.json").write_text(content)
    with pytest.raises(LabelError, match=r"a\.png in a\.json has both true and false for good"):
        FORMATS["coco"].read(tmp_path / "a.json")


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LARGEST", 1024**2)
    (tmp_path / "a.json").write_text(" " * (1024**2 + 1))
    with pytest.raises(LabelError, match="1 MB are possible"):
        FORMATS["coco"].read(tmp_path / "a.json")


@pytest.mark.parametrize(
    "box",
    [
        (-5, 0, 10, 10),
        (0, 0, 70, 10),
        (0, 0, 10, 60),
        (10, 10, 10, 20),
        (20, 0, 10, 10),
        (float("nan"), 0, 5, 5),
    ],
)
def test_a_box_outside_of_the_picture_is_refused(box: tuple[float, ...]) -> None:
    with pytest.raises(LabelError, match=r"The box .* of error in a\.png"):
        whole_pixels(PictureLabels("a.png", {"error": True}, {"error": (box,)}), (64, 48))


def test_a_box_that_is_outside_by_rounding_is_cut() -> None:
    picture = PictureLabels("a.png", {"error": True}, {"error": ((-0.4, 0.0, 64.6, 48.0),)})
    assert whole_pixels(picture, (64, 48)) == {"error": [(0, 0, 64, 48)]}


@pytest.mark.parametrize(("name", "attribute"), [("deepethogram", "background"), ("cvat", "frame"), ("huggingface", "objects"),
                                                 ("yolo", "a/b"), ("label-studio", "boxes")])  # fmt: skip
def test_an_attribute_that_means_something_else_there_is_refused(
    name: str, attribute: str, tmp_path: Path
) -> None:
    labels = Labels((attribute,), (PictureLabels("a.png", {attribute: True}),))
    with pytest.raises(LabelError, match=f"meaning of its own for “{attribute}”"):
        FORMATS[name].write(labels, tmp_path)


def test_an_unknown_format_is_refused_with_those_there_are() -> None:
    with pytest.raises(LabelError, match="Use one of coco, yolo,"):
        label_format("voc")
