"""Label Studio: tasks in JSON, with choices and boxes of images, or with the timeline labels of videos.

Structure: “Export annotations” and the tags Choices, RectangleLabels and TimelineLabels of its documentation. Each attribute is a
control of its own with the choices true and false; a control of others, such as “choice”, names what is true. Boxes are in percent.
Frames of a timeline count from 1, and the last belongs to the range.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from xml.etree.ElementTree import Element, SubElement

from core.errors import LabelError
from core.label_formats.files import check_free, found, not_such, read_as, read_json, write_json, write_xml
from core.label_formats.records import (
    FileAnswers,
    FileStretch,
    Labels,
    PictureLabels,
    by_video,
    known,
    stretches_of,
)
from core.text import count

TITLE = "Label Studio"
PICTURES = "images"
BOXES = "boxes"
"""The control that boxes come from."""
_LOCAL = "/data/local-files/?d="
_WORDS = {"true": True, "false": False}


def write_images(labels: Labels, folder: Path) -> None:
    """Write ``tasks.json`` with a task for each picture, and ``label_config.xml`` for a project that takes them."""
    tasks = [
        _task(number, "image", f"{_LOCAL}{PICTURES}/{picture.name}", _results(picture))
        for number, picture in enumerate(labels.pictures, 1)
    ]
    write_json(folder / "tasks.json", tasks)
    view = _view(labels)
    SubElement(view, "Image", name="image", value="$image")
    for name in labels.attributes:
        _control(view, "Choices", "Choice", name, "image", _WORDS)
    _control(view, "RectangleLabels", "Label", BOXES, "image", labels.attributes)
    write_xml(folder / "label_config.xml", view)


def write_videos(labels: Labels, folder: Path) -> None:
    """Write ``tasks.json`` with a task for each video, and ``label_config.xml``."""
    results: dict[str, list[dict[str, Any]]] = {video: [] for video in by_video(labels)}
    for stretch in stretches_of(labels):
        value = {
            "ranges": [{"start": int(stretch.begin) + 1, "end": int(stretch.end)}],
            "timelinelabels": [_word(stretch.value)],
        }
        results[stretch.video].append(
            _result(len(results[stretch.video]), stretch.attribute, "video", "timelinelabels", value)
        )
    tasks = [
        _task(number, "video", f"{_LOCAL}videos/{labels.films[video].file or video}", result)
        for number, (video, result) in enumerate(results.items(), 1)
    ]
    write_json(folder / "tasks.json", tasks)
    view = _view(labels)
    SubElement(view, "Video", name="video", value="$video")
    for name in labels.attributes:
        _control(view, "TimelineLabels", "Label", name, "video", _WORDS)
    write_xml(folder / "label_config.xml", view)


def _view(labels: Labels) -> Element:
    check_free(labels.attributes, ("image", "video", BOXES), TITLE)
    return Element("View")


def _control(view: Element, tag: str, item: str, name: str, object: str, values: Any) -> None:
    SubElement(view, "Header", value=name)
    control = SubElement(view, tag, name=name, toName=object)
    for value in values:
        SubElement(control, item, value=value)


def _task(number: int, kind: str, address: str, results: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": number,
        "data": {kind: address},
        "annotations": [{"id": number, "was_cancelled": False, "result": results}],
    }


def _results(picture: PictureLabels) -> list[dict[str, Any]]:
    results: list[dict[str, Any]] = []
    for name, answer in picture.answers.items():
        results.append(_result(len(results), name, "image", "choices", {"choices": [_word(answer)]}))
    width, height = picture.size or (1, 1)
    for name, boxes in picture.boxes.items():
        for left, top, right, bottom in boxes:
            value = {
                "x": 100 * left / width, "y": 100 * top / height, "width": 100 * (right - left) / width,
                "height": 100 * (bottom - top) / height, "rotation": 0, "rectanglelabels": [name],
            }  # fmt: skip
            results.append(_result(len(results), BOXES, "image", "rectanglelabels", value, width, height))
    return results


def _result(
    number: int, control: str, object: str, kind: str, value: dict[str, Any], width: int = 0, height: int = 0
) -> dict[str, Any]:
    size = {"original_width": width, "original_height": height, "image_rotation": 0} if width else {}
    return {
        "id": f"r{number}",
        "from_name": control,
        "to_name": object,
        "type": kind,
        "origin": "manual",
        "value": value,
    } | size


def _word(value: bool) -> str:
    return "true" if value else "false"


def read(path: Path) -> Labels:
    """Read a file, or those of a folder. Of several annotations of a task the last counts, and a note says so."""
    pictures: list[PictureLabels] = []
    stretches: list[FileStretch] = []
    several = 0
    for file in found(path, ("*.json", "**/*.json"), TITLE):
        tasks = read_json(file, TITLE)
        if not isinstance(tasks, list):
            raise not_such(file, TITLE, "it is no list of tasks")
        with read_as(file, TITLE):
            for task in tasks:
                given = [each for each in task.get("annotations", []) if not each.get("was_cancelled")]
                several += len(given) > 1
                results = given[-1]["result"] if given else []
                if "video" in task["data"]:
                    stretches += _stretches(_named(task["data"]["video"]), results)
                else:
                    pictures.append(_picture(file.name, _image(task["data"]), results))
    notes = (
        (f"{count(several, 'task')} with several annotations: the last of each counts.",) if several else ()
    )
    names = known((stretch.attribute for stretch in stretches), pictures)
    return Labels(names, tuple(pictures), tuple(stretches), notes=notes)


def _image(data: dict[str, Any]) -> str:
    """Return the picture of a task: under “image”, else the only text that is there."""
    texts = [value for value in data.values() if isinstance(value, str)]
    address = data.get("image") or (texts[0] if len(texts) == 1 else None)
    if not isinstance(address, str):
        raise ValueError("a task has no image")
    return _named(address)


def _named(address: str) -> str:
    """Return the path in the address of a file that Label Studio serves."""
    parts = urlsplit(address)
    path = (
        parse_qs(parts.query).get("d", [unquote(parts.path)])[0]
        if parts.query.startswith("d=")
        else unquote(parts.path)
    )
    return path or address


def _picture(where: str, name: str, results: Sequence[dict[str, Any]]) -> PictureLabels:
    answers = FileAnswers(f"{name} in {where}")
    size = None
    for result in results:
        value = result["value"]
        if result["type"] == "choices":
            _say(answers.say, result["from_name"], value["choices"])
        elif result["type"] == "rectanglelabels":
            if value.get("rotation"):
                raise LabelError(f"A box in {answers.where} is turned.", "Draw it upright in Label Studio.")
            width, height = size = int(result["original_width"]), int(result["original_height"])
            left, top = value["x"] / 100 * width, value["y"] / 100 * height
            box = left, top, left + value["width"] / 100 * width, top + value["height"] / 100 * height
            for label in value["rectanglelabels"]:
                answers.draw(str(label), box)
    return PictureLabels(name, answers.given, answers.boxes, size=size)


def _stretches(video: str, results: Sequence[dict[str, Any]]) -> list[FileStretch]:
    stretches: list[FileStretch] = []
    for result in results:
        if result["type"] == "timelinelabels":
            for each in result["value"]["ranges"]:
                begin, end = int(each["start"]) - 1, int(each["end"])

                def say(attribute: str, value: bool, begin: int = begin, end: int = end) -> None:
                    stretches.append(FileStretch(video, attribute, value, begin, max(end, begin + 1)))

                _say(say, result["from_name"], result["value"]["timelinelabels"])
    return stretches


def _say(say: Callable[[str, bool], None], control: str, choices: Sequence[str]) -> None:
    """Tell what choices say: true or false of the attribute that the control is called like, else what is true."""
    for choice in choices:
        word = str(choice).lower()
        if word in _WORDS:
            say(str(control), _WORDS[word])
        else:
            say(str(choice), True)
