"""The formats: which there are, what each holds, and what is lost in each."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from core.errors import LabelError
from core.label_formats import (
    boris,
    coco,
    cvat,
    datumaro,
    deepethogram,
    huggingface,
    label_studio,
    ultralytics,
    yolo,
)
from core.label_formats.records import Labels, PictureLabels
from core.text import count, listed


@dataclass(frozen=True)
class LabelFormat:
    """A format of label files.

    Args:
        name: as it is chosen on the command line.
        title: as people call it.
        write: writes files into an empty folder.
        read: reads a file or folder.
        place: where the picture goes in the folder; none of formats that speak of videos.
        false: holds false answers, apart from what is unset.
        absent_is_false: who reads a picture in it takes what is missing for false, so that only full answers are written.
        several: more than one attribute of a picture may be true.
        boxes: holds boxes.
        times: holds the times of frames.
        parts: holds the parts of a split.
    """

    name: str
    title: str
    write: Callable[[Labels, Path], None]
    read: Callable[[Path], Labels]
    place: Callable[[PictureLabels], str] | None = None
    false: bool = True
    absent_is_false: bool = False
    several: bool = True
    boxes: bool = True
    times: bool = False
    parts: bool = False


@dataclass(frozen=True)
class Loss:
    """What a format does not hold of labels.

    Args:
        kind: incomplete, classes, false, boxes, loose_boxes, times, split or people.
        number: of frames, answers or boxes; none where it is not counted.
        sentence: for the user.
    """

    kind: str
    number: int | None
    sentence: str


def _below(folder: str) -> Callable[[PictureLabels], str]:
    return lambda picture: f"{folder}/{picture.name}"


_ALL = (
    LabelFormat("coco", "COCO", coco.write, coco.read, _below(coco.PICTURES)),
    LabelFormat("yolo", "YOLO classification", yolo.write, yolo.read, yolo.place, false=False, absent_is_false=True,
                several=False, boxes=False, parts=True),
    LabelFormat("ultralytics", "Ultralytics YOLO", ultralytics.write, ultralytics.read, ultralytics.place, false=False,
                absent_is_false=True, parts=True),
    LabelFormat("cvat", "CVAT for images", cvat.write_images, cvat.read, _below(cvat.PICTURES)),
    LabelFormat("cvat-video", "CVAT for video", cvat.write_videos, cvat.read),
    LabelFormat("label-studio", "Label Studio", label_studio.write_images, label_studio.read,
                _below(label_studio.PICTURES)),
    LabelFormat("label-studio-video", "Label Studio timeline", label_studio.write_videos, label_studio.read, boxes=False),
    LabelFormat("datumaro", "Datumaro", datumaro.write, datumaro.read, _below(datumaro.PICTURES)),
    LabelFormat("boris", "BORIS", boris.write, boris.read, false=False, boxes=False, times=True),
    LabelFormat("deepethogram", "DeepEthogram", deepethogram.write, deepethogram.read, boxes=False),
    LabelFormat("huggingface", "Hugging Face image folder", huggingface.write, huggingface.read,
                _below(huggingface.PICTURES)),
)  # fmt: skip
FORMATS = {each.name: each for each in _ALL}
"""By name."""


def label_format(name: str) -> LabelFormat:
    """Return the format of that name.

    Raises:
        LabelError: there is none.
    """
    if name in FORMATS:
        return FORMATS[name]
    raise LabelError(f"There is no format {name!r}.", f"Use one of {listed(list(FORMATS))}.")


def held(labels: Labels, format: LabelFormat) -> Labels:
    """Return what a format can hold of labels."""
    pictures = [picture for picture in labels.pictures if _fits(picture, labels, format)]
    return replace(labels, pictures=tuple(_held(picture, format) for picture in pictures))


def _held(picture: PictureLabels, format: LabelFormat) -> PictureLabels:
    answers = {name: value for name, value in picture.answers.items() if value or format.false}
    drawn = picture.boxes if format.boxes else {}
    return replace(
        picture,
        answers=answers,
        boxes={name: boxes for name, boxes in drawn.items() if picture.answers.get(name)},
        part=picture.part if format.parts else "",
    )


def _fits(picture: PictureLabels, labels: Labels, format: LabelFormat) -> bool:
    true = sum(picture.answers.values())
    if not format.several:
        return true == 1 and (labels.exclusive or len(picture.answers) == len(labels.attributes))
    return not format.absent_is_false or len(picture.answers) == len(labels.attributes)


def losses(labels: Labels, format: LabelFormat) -> list[Loss]:
    """Return what would be lost, one sentence each; nothing that there is none of."""
    return list(_losses(labels, format))


def _losses(labels: Labels, format: LabelFormat) -> Iterator[Loss]:
    kept = [picture for picture in labels.pictures if _fits(picture, labels, format)]
    if left := len(labels.pictures) - len(kept):
        if format.several:
            why = "what a picture lacks there is read as false, and unset is not false"
            yield Loss("incomplete", left, f"{count(left, 'frame')} with unset answers left out: {why}.")
        else:
            why = "each picture has one class there"
            yield Loss(
                "classes",
                left,
                f"{count(left, 'frame')} left out where not exactly one attribute is true: {why}.",
            )
    false = sum(not value for picture in kept for value in picture.answers.values())
    if false and not format.false:
        lost = "only what is true is written. Imported again they are unset, or false if you say so"
        yield Loss("false", false, f"{count(false, 'answer')} “false” left out: {lost}.")
    drawn = [(picture, name, len(boxes)) for picture in kept for name, boxes in picture.boxes.items()]
    loose = sum(number for picture, name, number in drawn if not picture.answers.get(name))
    boxes = sum(number for *_, number in drawn) - loose
    if boxes and not format.boxes:
        yield Loss("boxes", boxes, f"{count(boxes, 'box', 'boxes')} left out: there is no place for them.")
    if loose:
        why = "a box would say that it is true"
        yield Loss(
            "loose_boxes",
            loose,
            f"{count(loose, 'box', 'boxes')} left out whose attribute is not labelled true: {why}.",
        )
    if not format.times and any(picture.time is not None for picture in kept):
        yield Loss("times", None, "The times of the frames are left out.")
    if not format.parts and any(picture.part for picture in kept):
        yield Loss("split", None, "The parts of the split are left out.")
    yield Loss(
        "people",
        None,
        "Who answered, when, and who labels blind is left out: there is one answer for each frame and attribute.",
    )
