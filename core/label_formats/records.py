"""What files of labels say, whatever their format: of pictures, and of stretches of a video."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Literal

import numpy as np

from core.errors import LabelError
from core.lookup_tables.boxes import Box

Corners = tuple[float, float, float, float]
"""Left, top, right and bottom of a box; right and bottom are exclusive."""

SLACK = 1.0
"""Pixels by which a box may reach over the edge of its picture: programs round, and begin to count at 0 or 1."""


@dataclass(frozen=True)
class PictureLabels:
    """What is said of one picture.

    Args:
        name: file name or path as it is written; empty where the picture is known by video and index only.
        answers: true and false by attribute. An attribute that is missing is unset.
        boxes: by attribute, in pixels, or with ``in_shares`` in fractions of width and height.
        video: name or file of the video, where it is known.
        index: of the frame in the video, from 0 in decoding order.
        time: of the frame in the video, in seconds.
        size: width and height in pixels, where they are known.
        part: of the split: train, valid or test; empty without a split.
        in_shares: the boxes are fractions.
    """

    name: str
    answers: Mapping[str, bool]
    boxes: Mapping[str, tuple[Corners, ...]] = field(default_factory=dict)
    video: str = ""
    index: int | None = None
    time: float | None = None
    size: tuple[int, int] | None = None
    part: str = ""
    in_shares: bool = False

    def shown(self) -> str:
        """Return what it is called in an error."""
        return self.name or f"frame {self.index} of {self.video}"


@dataclass(frozen=True)
class FileStretch:
    """One answer for a stretch of a video.

    Args:
        video: name or file of the video, as it is written.
        attribute: what is answered.
        value: the answer.
        begin: where it begins.
        end: where it has ended, so that the frame there is no longer in it; the same as ``begin`` for a single frame.
        unit: of both: the index of a frame, or seconds.
    """

    video: str
    attribute: str
    value: bool
    begin: float
    end: float = inf
    unit: Literal["frame", "second"] = "frame"


@dataclass(frozen=True)
class Film:
    """A video that labels are about.

    Args:
        name: its key.
        file: name of its file; empty for a group of pictures.
        rate: frames per second; none for pictures.
        size: width and height in pixels.
        indexes: of its frames, ascending, also of those without labels.
        times: of its frames in seconds; none of pictures.
    """

    name: str
    file: str
    rate: float | None
    size: tuple[int, int]
    indexes: tuple[int, ...]
    times: tuple[float | None, ...]

    def answers(self, pictures: Sequence[PictureLabels]) -> list[Mapping[str, bool]]:
        """Return the answers of each frame; nothing of those that are not among ``pictures``."""
        given = {picture.index: picture.answers for picture in pictures}
        return [given.get(index, {}) for index in self.indexes]

    def time_at(self, index: int) -> float | None:
        """Return the time of a frame; of the one behind the last, when the last ends."""
        if index in self.indexes:
            return self.times[self.indexes.index(index)]
        last = self.times[-1]
        return None if last is None or not self.rate else last + 1 / self.rate


@dataclass(frozen=True)
class Labels:
    """All that a file says, or that is to be written.

    Args:
        attributes: all that the file knows, in its order, also those that are nowhere answered.
        pictures: one for each picture.
        stretches: of videos; only files have them.
        films: by the name of the video; only what is written has them.
        exclusive: the attributes are classes.
        notes: what the user should know, one sentence each.
    """

    attributes: tuple[str, ...]
    pictures: tuple[PictureLabels, ...] = ()
    stretches: tuple[FileStretch, ...] = ()
    films: Mapping[str, Film] = field(default_factory=dict)
    exclusive: bool = False
    notes: tuple[str, ...] = ()

    def answered(self) -> tuple[str, ...]:
        """Return the attributes that have an answer or a box, in the order of ``attributes``."""
        used = {name for picture in self.pictures for name in (*picture.answers, *picture.boxes)}
        used |= {stretch.attribute for stretch in self.stretches}
        return tuple(name for name in self.attributes if name in used)


class FileAnswers:
    """The answers of one picture, as a file gives them one after the other; it may not contradict itself."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.given: dict[str, bool] = {}
        self.boxes: dict[str, tuple[Corners, ...]] = {}

    def say(self, attribute: str, value: bool) -> None:
        """Take an answer.

        Raises:
            LabelError: the file has said the opposite.
        """
        if self.given.setdefault(attribute, value) != value:
            raise LabelError(
                f"{self.where} has both true and false for {attribute}.",
                "Correct it in the program that wrote the file.",
            )

    def draw(self, attribute: str, box: Corners) -> None:
        """Take a box: the attribute is true."""
        self.say(attribute, True)
        self.boxes[attribute] = (*self.boxes.get(attribute, ()), box)


def known(attributes: Iterable[str], pictures: Iterable[PictureLabels] = ()) -> tuple[str, ...]:
    """Return attributes that a file declares, and behind them others that it answers, each once."""
    names = dict.fromkeys(attributes)
    for picture in pictures:
        names |= dict.fromkeys((*picture.answers, *picture.boxes))
    return tuple(names)


def whole_pixels(picture: PictureLabels, size: tuple[int, int]) -> dict[str, list[Box]]:
    """Return the boxes of a picture of this ``size`` (width, height) in whole pixels.

    Raises:
        LabelError: a box is none, or does not lie in the picture.
    """
    return {
        name: [_whole(picture, name, box, size) for box in boxes] for name, boxes in picture.boxes.items()
    }


def _whole(picture: PictureLabels, attribute: str, box: Corners, size: tuple[int, int]) -> Box:
    width, height = size
    if picture.in_shares:
        box = box[0] * width, box[1] * height, box[2] * width, box[3] * height
    left, top, right, bottom = box
    is_inside = left >= -SLACK and top >= -SLACK and right <= width + SLACK and bottom <= height + SLACK
    if not is_inside or not (left < right and top < bottom):
        corners = ", ".join(f"{corner:g}" for corner in box)
        problem = (
            "has no area"
            if is_inside
            else f"is not inside of the picture, which has {width} x {height} pixels"
        )
        raise LabelError(
            f"The box {corners} (left, top, right, bottom) of {attribute} in {picture.shown()} {problem}.",
            "Correct it in the program that wrote the file.",
        )
    x = min(max(round(left), 0), width - 1)
    y = min(max(round(top), 0), height - 1)
    return x, y, min(max(round(right), x + 1), width), min(max(round(bottom), y + 1), height)


# Stretches and frames.


def stretches_of(labels: Labels, values: Sequence[bool] = (True, False)) -> list[FileStretch]:
    """Return the answers of each video as stretches of neighbouring frames; the last ends with its frame.

    Neighbours are those that follow one another in its film: a video may have been added with every tenth frame.
    """
    stretches = []
    for video, pictures in by_video(labels).items():
        film = labels.films[video]
        of_frames = film.answers(pictures)
        ends = [*film.indexes[1:], film.indexes[-1] + 1]
        for name in labels.attributes:
            answers = [answers.get(name) for answers in of_frames]
            begin = 0
            for place in range(1, len(answers) + 1):
                if place < len(answers) and answers[place] == answers[begin]:
                    continue
                if (value := answers[begin]) is not None and value in values:
                    stretches.append(FileStretch(video, name, value, film.indexes[begin], ends[place - 1]))
                begin = place
    return sorted(stretches, key=lambda stretch: (stretch.video, stretch.begin))


def by_video(labels: Labels) -> dict[str, list[PictureLabels]]:
    """Return the pictures of each video, by index."""
    videos: dict[str, list[PictureLabels]] = {}
    for picture in sorted(labels.pictures, key=lambda picture: picture.index or 0):
        videos.setdefault(picture.video, []).append(picture)
    return videos


def frames_in(stretch: FileStretch, indexes: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Return the places of the frames that are in a stretch: (n,) int64.

    Args:
        stretch: of their video.
        indexes: (frames,) int64, ascending.
        times: (frames,) float64, in seconds, ascending; NaN where a picture has none.
    """
    at: np.ndarray = indexes if stretch.unit == "frame" else times
    if stretch.end <= stretch.begin:  # one moment: the frame that is shown then
        place = int(np.searchsorted(at, stretch.begin + _INSTANT, "right")) - 1
        return np.array([place] if 0 <= place < len(at) else [], np.int64)
    return np.flatnonzero((at >= stretch.begin - _INSTANT) & (at < stretch.end - _INSTANT))


_INSTANT = 5e-4
"""Files write milliseconds."""
