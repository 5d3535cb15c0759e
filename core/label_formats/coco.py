"""COCO: images with answers in their ``attributes``, and boxes as annotations whose category is the attribute.

Structure: cocodataset.org, “Data format”, in the folders of Datumaro (``annotations/instances_<subset>.json``,
``images/<subset>/``), which CVAT reads and writes, too. COCO has no place for what is true of a whole image; ``attributes`` of
an image, as CVAT and Datumaro write them for other things, holds true and false. An annotation without a box is a true
answer (``coco_labels`` of Datumaro).
"""

from pathlib import Path
from typing import Any

from core.label_formats.files import found, read_as, read_json, write_json
from core.label_formats.records import FileAnswers, Labels, PictureLabels, known

TITLE = "COCO"
PICTURES = "images/default"


def write(labels: Labels, folder: Path) -> None:
    """Write ``annotations/instances_default.json``."""
    numbers = {name: number for number, name in enumerate(labels.attributes, 1)}
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for number, picture in enumerate(labels.pictures, 1):
        width, height = picture.size or (0, 0)
        images.append(
            {
                "id": number,
                "file_name": picture.name,
                "width": width,
                "height": height,
                "attributes": dict(picture.answers),
            }
        )
        for name, boxes in picture.boxes.items():
            for left, top, right, bottom in boxes:
                sides = right - left, bottom - top
                annotations.append({
                    "id": len(annotations) + 1, "image_id": number, "category_id": numbers[name], "iscrowd": 0,
                    "bbox": [left, top, *sides], "area": sides[0] * sides[1], "segmentation": [],
                })  # fmt: skip
    categories = [{"id": number, "name": name, "supercategory": ""} for name, number in numbers.items()]
    content = {"info": {"description": "SeamLens"}, "licenses": [], "images": images, "categories": categories,
               "annotations": annotations}  # fmt: skip
    write_json(folder / "annotations" / "instances_default.json", content)


def read(path: Path) -> Labels:
    """Read a file, or the files below ``annotations`` of a folder."""
    pictures: list[PictureLabels] = []
    attributes: list[str] = []
    for file in found(path, ("annotations/*.json", "*.json"), TITLE):
        with read_as(file, TITLE):
            names, of_file = _read(file.name, read_json(file, TITLE))
        attributes += names
        pictures += of_file
    return Labels(known(attributes, pictures), tuple(pictures))


def _read(where: str, content: Any) -> tuple[list[str], list[PictureLabels]]:
    names = {category["id"]: str(category["name"]) for category in content["categories"]}
    answers = {image["id"]: FileAnswers(f"{image['file_name']} in {where}") for image in content["images"]}
    for image in content["images"]:
        for name, value in (image.get("attributes") or {}).items():
            if isinstance(value, bool):
                answers[image["id"]].say(name, value)
    for annotation in content.get("annotations", []):
        image, name = answers[annotation["image_id"]], names[annotation["category_id"]]
        if box := annotation.get("bbox"):
            left, top, width, height = map(float, box)
            image.draw(name, (left, top, left + width, top + height))
        else:
            image.say(name, True)
    pictures = []
    for image in content["images"]:
        size = int(image.get("width") or 0), int(image.get("height") or 0)
        given = answers[image["id"]]
        pictures.append(
            PictureLabels(str(image["file_name"]), given.given, given.boxes, size=size if all(size) else None)
        )
    return list(names.values()), pictures
