"""An image folder of Hugging Face: ``metadata.jsonl`` with a line per picture, a column of true, false or null per attribute.

Structure: “Create an image dataset” of the documentation of ``datasets``: ``file_name`` beside any columns; boxes are
``objects`` with ``bbox`` (left, top, width, height) and ``categories``.
"""

import json
from pathlib import Path
from typing import Any

from core.label_formats.files import check_free, found, read_as, read_json_lines, write_text
from core.label_formats.records import FileAnswers, Labels, PictureLabels, known

TITLE = "Hugging Face image folder"
PICTURES = "images"


def write(labels: Labels, folder: Path) -> None:
    """Write ``metadata.jsonl``."""
    check_free(labels.attributes, ("file_name", "image", "objects"), TITLE)
    lines = [json.dumps(_line(picture, labels), ensure_ascii=False) for picture in labels.pictures]
    write_text(folder / "metadata.jsonl", "".join(f"{line}\n" for line in lines))


def _line(picture: PictureLabels, labels: Labels) -> dict[str, Any]:
    line: dict[str, Any] = {"file_name": f"{PICTURES}/{picture.name}"}
    line |= {name: picture.answers.get(name) for name in labels.attributes}
    drawn = [(name, box) for name, boxes in picture.boxes.items() for box in boxes]
    boxes = [[left, top, right - left, bottom - top] for _, (left, top, right, bottom) in drawn]
    return line | {"objects": {"bbox": boxes, "categories": [name for name, _ in drawn]}}


def read(path: Path) -> Labels:
    """Read a file, or the files of a folder and the parts below it. A column with nothing but true, false and null is an attribute."""
    pictures: list[PictureLabels] = []
    attributes: list[str] = []
    for file in found(path, ("metadata.jsonl", "**/metadata.jsonl"), TITLE):
        with read_as(file, TITLE):
            lines = read_json_lines(file, TITLE)
            names = _columns(lines)
            pictures += [_picture(file.name, line, names) for line in lines]
        attributes += names
    return Labels(known(attributes, pictures), tuple(pictures))


def _columns(lines: list[dict[str, Any]]) -> list[str]:
    columns = dict.fromkeys(name for line in lines for name in line)
    others = {name for line in lines for name, value in line.items() if not isinstance(value, bool | None)}
    return [name for name in columns if name not in others and name != "objects"]


def _picture(where: str, line: dict[str, Any], names: list[str]) -> PictureLabels:
    name = str(line["file_name"])
    answers = FileAnswers(f"{name} in {where}")
    for attribute in names:
        if (value := line.get(attribute)) is not None:
            answers.say(attribute, value)
    if isinstance(line.get("label"), str):  # one class
        answers.say(line["label"], True)
    drawn = line.get("objects") or {}
    for box, category in zip(drawn.get("bbox", []), drawn.get("categories", []), strict=True):
        left, top, width, height = map(float, box)
        answers.draw(str(category), (left, top, left + width, top + height))
    return PictureLabels(name, answers.given, answers.boxes)
