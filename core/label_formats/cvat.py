"""CVAT for images 1.1 (tags and boxes of images) and CVAT for video 1.1 (tracks), as one reader and two writers.

Structure: “XML annotation format” of the documentation of CVAT. The answers of a whole picture are attributes of one label, “frame”:
a tag of each image, or a track that is as large as the picture, whose keyframes are where an answer changes. A box has the
attribute as its label. In files of others a tag or box says that its label is true, and so do attributes with true and false.
"""

from collections.abc import Mapping
from itertools import pairwise
from math import inf
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement

from core.label_formats.files import check_free, found, not_such, read_as, read_xml, write_xml
from core.label_formats.records import (
    Corners,
    FileAnswers,
    FileStretch,
    Labels,
    PictureLabels,
    by_video,
    known,
)

TITLE = "CVAT"
PICTURES = "images"
WHOLE = "frame"
"""Label whose attributes are the answers of the whole picture."""
_WORDS = {True: "true", False: "false", None: "unset"}
_ANSWERS = {"true": True, "false": False}


def write_images(labels: Labels, folder: Path) -> None:
    """Write ``annotations.xml``: CVAT for images 1.1."""
    root = _root(labels, len(labels.pictures), "annotation", "tag")
    for number, picture in enumerate(labels.pictures):
        width, height = picture.size or (0, 0)
        image = SubElement(
            root, "image", id=str(number), name=picture.name, width=str(width), height=str(height)
        )
        tag = SubElement(image, "tag", label=WHOLE, source="manual")
        _write_answers(tag, labels, picture.answers)
        for name, boxes in picture.boxes.items():
            for box in boxes:
                shared = {"label": name, "source": "manual", "occluded": "0", "z_order": "0"}
                SubElement(image, "box", shared | _sides(box))
    write_xml(folder / "annotations.xml", root)


def write_videos(labels: Labels, folder: Path) -> None:
    """Write ``<video>.xml`` for each video: CVAT for video 1.1."""
    for video, pictures in by_video(labels).items():
        film = labels.films[video]
        root = _root(labels, film.indexes[-1] + 1, "interpolation", "rectangle", film.file or video)
        task = root.find("meta/task")
        size = SubElement(task if task is not None else root, "original_size")
        SubElement(size, "width").text, SubElement(size, "height").text = map(str, film.size)
        whole = 0.0, 0.0, float(film.size[0]), float(film.size[1])
        track = SubElement(root, "track", id="0", label=WHOLE, source="manual")
        before: Mapping[str, bool] | None = None
        for index, answers in zip(film.indexes, film.answers(pictures), strict=True):
            if answers != before:
                _write_answers(_shape(track, index, whole), labels, answers)
            before = answers
        boxes = [
            (name, box, p.index or 0)
            for p in pictures
            for name, of_name in p.boxes.items()
            for box in of_name
        ]
        for number, (name, box, index) in enumerate(
            boxes, 1
        ):  # a track for each: nobody has said which belong together
            track = SubElement(root, "track", id=str(number), label=name, source="manual")
            _shape(track, index, box)
            _shape(track, index + 1, box, outside="1")
        write_xml(folder / f"{video}.xml", root)


def _root(labels: Labels, size: int, mode: str, kind: str, source: str = "") -> Element:
    check_free(labels.attributes, (WHOLE,), TITLE)
    root = Element("annotations")
    SubElement(root, "version").text = "1.1"
    task = SubElement(SubElement(root, "meta"), "task")
    for name, text in (("name", source or "SeamLens"), ("size", str(size)), ("mode", mode)):
        SubElement(task, name).text = text
    declared = SubElement(task, "labels")
    whole = SubElement(declared, "label")
    SubElement(whole, "name").text, SubElement(whole, "type").text = WHOLE, kind
    attributes = SubElement(whole, "attributes")
    for name in labels.attributes:
        attribute = SubElement(attributes, "attribute")
        for key, text in (("name", name), ("mutable", "True"), ("input_type", "select"), ("default_value", "unset"),
                          ("values", "unset\ntrue\nfalse")):  # fmt: skip
            SubElement(attribute, key).text = text
    for name in labels.attributes:
        label = SubElement(declared, "label")
        SubElement(label, "name").text, SubElement(label, "type").text = name, "rectangle"
        SubElement(label, "attributes")
    if source:
        SubElement(task, "source").text = source
    return root


def _write_answers(element: Element, labels: Labels, answers: Mapping[str, bool]) -> None:
    for name in labels.attributes:
        SubElement(element, "attribute", name=name).text = _WORDS[answers.get(name)]


def _sides(box: Corners) -> dict[str, str]:
    return {side: f"{corner:g}" for side, corner in zip(("xtl", "ytl", "xbr", "ybr"), box, strict=True)}


def _shape(track: Element, frame: int, box: Corners, outside: str = "0") -> Element:
    shared = {"frame": str(frame), "keyframe": "1", "outside": outside, "occluded": "0", "z_order": "0"}
    return SubElement(track, "box", shared | _sides(box))


def read(path: Path) -> Labels:
    """Read a file, or ``annotations.xml`` and others of a folder; of images and of videos."""
    pictures: list[PictureLabels] = []
    stretches: list[FileStretch] = []
    attributes: list[str] = []
    for file in found(path, ("*.xml", "**/*.xml"), TITLE):
        root = read_xml(file, TITLE)
        if root.tag != "annotations":
            raise not_such(file, TITLE, f"its root is {root.tag}, not annotations")
        with read_as(file, TITLE):
            attributes += _declared(root)
            pictures += [_image(file.name, image) for image in root.iter("image")]
            for track in root.iter("track"):
                drawn, said = _track(track, _source(root) or file.stem)
                pictures += drawn
                stretches += said
    names = known((*attributes, *(stretch.attribute for stretch in stretches)), pictures)
    return Labels(names, tuple(pictures), tuple(stretches))


def _declared(root: Element) -> list[str]:
    """Return the attributes of the label of whole pictures; of others the labels."""
    labels = [(label.findtext("name", ""), label) for label in root.iter("label")]
    whole = [label for name, label in labels if name == WHOLE]
    answers = [
        each.findtext("name", "") for label in whole for each in label.iterfind("attributes/attribute")
    ]
    return answers or [name for name, _ in labels if name and name != WHOLE]


def _source(root: Element) -> str:
    return next((text for tag in ("source", "name") if (text := root.findtext(f"meta/task/{tag}") or "")), "")


def _image(where: str, image: Element) -> PictureLabels:
    name = image.attrib["name"]
    answers = FileAnswers(f"{name} in {where}")
    for element in image:
        if element.tag == "box":
            answers_of_box = _said(element, element.attrib["label"])
            for attribute, value in answers_of_box.items():
                answers.say(attribute, value)
            if element.attrib["label"] != WHOLE:
                answers.draw(element.attrib["label"], _corners(element))
        elif "label" in element.attrib:  # tags, and shapes whose outline is left out
            for attribute, value in _said(element, element.attrib["label"]).items():
                answers.say(attribute, value)
    size = int(image.get("width", 0)), int(image.get("height", 0))
    return PictureLabels(name, answers.given, answers.boxes, size=size if all(size) else None)


def _said(element: Element, label: str) -> dict[str, bool]:
    """Return what an element says: that its label is true, and what its attributes with true and false say."""
    said = {} if label == WHOLE else {label: True}
    for attribute in element.iterfind("attribute"):
        value = _ANSWERS.get((attribute.text or "").strip().lower())
        if value is not None:
            said[attribute.attrib["name"]] = value
    return said


def _corners(box: Element) -> Corners:
    left, top, right, bottom = (float(box.attrib[side]) for side in ("xtl", "ytl", "xbr", "ybr"))
    return left, top, right, bottom


def _track(track: Element, video: str) -> tuple[list[PictureLabels], list[FileStretch]]:
    """Return the boxes of a track, and its answers from each of its shapes to the next; the last goes on, unless it is outside."""
    label = track.attrib["label"]
    shapes = sorted(
        (shape for shape in track if "frame" in shape.attrib), key=lambda shape: int(shape.attrib["frame"])
    )
    places = [*(int(shape.attrib["frame"]) for shape in shapes), inf]
    drawn, said = [], []
    for shape, (begin, end) in zip(shapes, pairwise(places), strict=True):
        if shape.get("outside") == "1":
            continue
        said += [FileStretch(video, name, value, begin, end) for name, value in _said(shape, label).items()]
        if shape.tag == "box" and label != WHOLE:
            boxes = {label: (_corners(shape),)}
            drawn.append(PictureLabels("", {label: True}, boxes, video=video, index=int(begin)))
    return drawn, said
