"""Datumaro JSON: true answers as annotations of the type ``label``, all answers in ``attr`` of the item, boxes as ``bbox``.

Structure: the page “Datumaro format” of its documentation: ``annotations/<subset>.json``, ``images/<subset>/``.
"""

from pathlib import Path
from typing import Any

from core.label_formats.files import found, read_as, read_json, write_json
from core.label_formats.records import FileAnswers, Labels, PictureLabels, known

TITLE = "Datumaro"
PICTURES = "images/default"


def write(labels: Labels, folder: Path) -> None:
    """Write ``annotations/default.json``."""
    numbers = {name: number for number, name in enumerate(labels.attributes)}
    items = [_item(picture, numbers) for picture in labels.pictures]
    named = [{"name": name, "parent": "", "attributes": []} for name in labels.attributes]
    categories = {"label": {"labels": named, "label_groups": [], "attributes": []}}
    content = {
        "dm_format_version": "1.0",
        "media_type": 2,
        "infos": {},
        "categories": categories,
        "items": items,
    }
    write_json(folder / "annotations" / "default.json", content)


def _item(picture: PictureLabels, numbers: dict[str, int]) -> dict[str, Any]:
    annotations: list[dict[str, Any]] = []

    def annotate(kind: str, name: str, **more: Any) -> None:
        first = {
            "id": len(annotations),
            "type": kind,
            "attributes": {},
            "group": 0,
            "label_id": numbers[name],
        }
        annotations.append(first | more)

    for name, value in picture.answers.items():
        if value:
            annotate("label", name)
    for name, boxes in picture.boxes.items():
        for left, top, right, bottom in boxes:
            annotate("bbox", name, z_order=0, bbox=[left, top, right - left, bottom - top])
    width, height = picture.size or (0, 0)
    image = {"path": picture.name, "size": [height, width]}
    id = picture.name.rpartition(".")[0] or picture.name
    return {"id": id, "annotations": annotations, "attr": dict(picture.answers), "image": image}


def read(path: Path) -> Labels:
    """Read a file, or the files below ``annotations`` of a folder."""
    pictures: list[PictureLabels] = []
    attributes: list[str] = []
    for file in found(path, ("annotations/*.json", "*.json"), TITLE):
        with read_as(file, TITLE):
            content = read_json(file, TITLE)
            names = [str(label["name"]) for label in content["categories"]["label"]["labels"]]
            pictures += [_picture(file.name, item, names) for item in content["items"]]
        attributes += names
    return Labels(known(attributes, pictures), tuple(pictures))


def _picture(where: str, item: dict[str, Any], names: list[str]) -> PictureLabels:
    image = item.get("image") or {}
    name = str(image.get("path") or item["id"])
    answers = FileAnswers(f"{name} in {where}")
    for attribute, value in (item.get("attr") or {}).items():
        if isinstance(value, bool):
            answers.say(attribute, value)
    for annotation in item.get("annotations", []):
        if annotation["type"] == "label":
            answers.say(names[annotation["label_id"]], True)
        elif annotation["type"] == "bbox":
            left, top, width, height = map(float, annotation["bbox"])
            answers.draw(names[annotation["label_id"]], (left, top, left + width, top + height))
    height, width = image.get("size") or (0, 0)
    return PictureLabels(
        name, answers.given, answers.boxes, size=(int(width), int(height)) if width and height else None
    )
