"""What files of labels say of the frames of films, without a workspace."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from core.label_formats.records import (
    Corners,
    FileAnswers,
    Film,
    Labels,
    PictureLabels,
    frames_in,
    whole_pixels,
)

SIZE = (64, 48)


def film(name: str = "seam_01", indexes: tuple[int, ...] = tuple(range(8)), is_timed: bool = True) -> Film:
    """A film of 25 frames a second, or a group of pictures."""
    times = tuple(index / 25 if is_timed else None for index in indexes)
    return Film(name, f"{name}.mp4" if is_timed else "", 25.0 if is_timed else None, SIZE, indexes, times)


def said(labels: Labels, *films: Film) -> dict[str, tuple[dict[str, bool], dict[str, list[Corners]]]]:
    """Return the answers and boxes of each frame that a file says something of, by ``<film>_<index>``."""
    frames: dict[str, FileAnswers] = {}
    boxes: dict[str, dict[str, list[Corners]]] = {}
    for picture in labels.pictures:
        name = (
            picture.name.rpartition("/")[2].removesuffix(".png")
            or f"{_called(picture.video, films)}_{picture.index}"
        )
        for attribute, value in picture.answers.items():
            frames.setdefault(name, FileAnswers(name)).say(attribute, value)
        for attribute, drawn in whole_pixels(picture, SIZE).items():
            boxes.setdefault(name, {}).setdefault(attribute, []).extend(drawn)
    for stretch in labels.stretches:
        of = next(film for film in films if film.name == _called(stretch.video, films))
        times = np.array([np.nan if time is None else time for time in of.times])
        for place in frames_in(stretch, np.array(of.indexes), times):
            frames.setdefault(f"{of.name}_{of.indexes[place]}", FileAnswers("")).say(
                stretch.attribute, stretch.value
            )
    return {name: (answers.given, boxes.get(name, {})) for name, answers in frames.items() if answers.given}


def _called(video: str, films: Sequence[Film]) -> str:
    """Return the name of the film that a file means."""
    name = video.rpartition("/")[2]
    return next((film.name for film in films if name in (film.file, film.name)), name)


def as_pictures(labels: Labels, of: Film) -> Labels:
    """Return what a file says as the labels of the frames of one film, ready to be written in any format."""
    spoken = said(labels, of)
    pictures = []
    for index, time in zip(of.indexes, of.times, strict=True):
        answers, boxes = spoken.get(f"{of.name}_{index}", ({}, {}))
        if answers:
            drawn = {name: tuple(of_name) for name, of_name in boxes.items()}
            pictures.append(
                PictureLabels(f"{of.name}_{index}.png", answers, drawn, of.name, index, time, SIZE)
            )
    return replace(labels, pictures=tuple(pictures), stretches=(), films={of.name: of}, notes=())
