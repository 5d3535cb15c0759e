"""Text files of Ultralytics YOLO, with several classes for each picture: ``data.yaml``, ``images/<part>/``, ``labels/<part>/``.

Structure: “Object Detection Datasets” of its documentation. A line of a text file is ``class x y width height``: the middle and
the sides of a box in fractions of the picture. The whole picture, ``0.5 0.5 1 1``, says that an attribute is true of it.
"""

from collections.abc import Iterator
from pathlib import Path, PurePath
from typing import Any

from core.errors import LabelError
from core.files import is_system_file, natural
from core.label_formats.files import read_as, read_yaml, text_of, write_text
from core.label_formats.records import Corners, FileAnswers, Labels, PictureLabels, known
from core.label_formats.yolo import PARTS
from core.media.images import PICTURE_FORMATS

TITLE = "Ultralytics YOLO"
WHOLE: Corners = (0.0, 0.0, 1.0, 1.0)


def place(picture: PictureLabels) -> str:
    """Return where the picture goes."""
    return f"images/{PARTS.get(picture.part, 'train')}/{picture.name}"


def write(labels: Labels, folder: Path) -> None:
    """Write ``data.yaml`` and a text file for each picture."""
    numbers = {name: number for number, name in enumerate(labels.attributes)}
    parts = {PARTS.get(picture.part, "train") for picture in labels.pictures}
    lines = ["path: .", "train: images/train", f"val: images/{'val' if 'val' in parts else 'train'}"]
    lines += ["test: images/test"] if "test" in parts else []
    # In double quotes, as YAML reads JSON's texts: a class called “no” would be false.
    lines += ["names:", *(f"  {number}: {_quoted(name)}" for name, number in numbers.items())]
    write_text(folder / "data.yaml", "\n".join(lines) + "\n")
    for picture in labels.pictures:
        file = (
            folder / "labels" / PARTS.get(picture.part, "train") / PurePath(picture.name).with_suffix(".txt")
        )
        write_text(file, "".join(f"{line}\n" for line in _lines(picture, numbers)))


def _quoted(name: str) -> str:
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _lines(picture: PictureLabels, numbers: dict[str, int]) -> Iterator[str]:
    width, height = picture.size or (1, 1)
    for name, value in picture.answers.items():
        boxes = picture.boxes.get(name, ())
        if value and not boxes:
            yield f"{numbers[name]} 0.5 0.5 1 1"
        for left, top, right, bottom in boxes:
            middle = (left + right) / 2 / width, (top + bottom) / 2 / height
            sides = (right - left) / width, (bottom - top) / height
            yield " ".join([str(numbers[name]), *(f"{number:.10g}" for number in (*middle, *sides))])


def read(path: Path) -> Labels:
    """Read a folder, or its ``data.yaml``.

    Raises:
        LabelError: there is no ``data.yaml`` or no text file, or one cannot be read.
    """
    settings = path / "data.yaml" if path.is_dir() else path
    folder = settings.parent
    if not settings.is_file():
        raise LabelError(
            f"There is no data.yaml in {path}, which names the classes.", "Add it, or name another folder."
        )
    with read_as(settings, TITLE):
        names = _names(read_yaml(settings, TITLE))
    texts = [file for file in folder.rglob("*.txt") if "labels" in file.relative_to(folder).parts[:-1]]
    pictures = {file.with_suffix("").relative_to(folder): file for file in _pictures(folder)}
    if not texts and not pictures:
        raise LabelError(
            f"There are no labels/…/*.txt in {folder}.", "Name the folder with images and labels."
        )
    read = [
        _picture(file, _image_of(file, folder, pictures), names)
        for file in sorted(texts, key=lambda f: natural(str(f)))
    ]
    return Labels(known(names.values(), read), tuple(read))


def _names(settings: Any) -> dict[int, str]:
    names = settings["names"]
    if not isinstance(names, dict | list):
        raise ValueError("its names are no list")
    pairs = names.items() if isinstance(names, dict) else enumerate(names)
    return {int(number): str(name) for number, name in pairs}


def _pictures(folder: Path) -> Iterator[Path]:
    for file in folder.rglob("*"):
        inside = file.relative_to(folder)
        if file.suffix.lower() in PICTURE_FORMATS and "images" in inside.parts and not is_system_file(inside):
            yield file


def _image_of(text: Path, folder: Path, pictures: dict[Path, Path]) -> str:
    """Return the picture that a text file is about: of the same name in ``images`` where the text is in ``labels``."""
    parts = list(text.with_suffix("").relative_to(folder).parts)
    parts[parts.index("labels")] = "images"
    picture = pictures.get(Path(*parts))
    return str(picture.relative_to(folder)) if picture else text.stem


def _picture(file: Path, name: str, names: dict[int, str]) -> PictureLabels:
    answers = FileAnswers(file.name)
    for number, line in enumerate(text_of(file, TITLE).splitlines(), 1):
        if not (cells := line.split()):
            continue
        with read_as(file, f"{TITLE} in line {number}"):
            kind, x, y, width, height = int(cells[0]), *map(float, cells[1:5])
            if kind not in names:
                raise ValueError(f"class {kind} is not in data.yaml")
            box = x - width / 2, y - height / 2, x + width / 2, y + height / 2
        if box == WHOLE:
            answers.say(names[kind], True)
        else:
            answers.draw(names[kind], box)
    return PictureLabels(name, answers.given, answers.boxes, in_shares=True)
