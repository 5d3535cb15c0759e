"""Folders of YOLO classification: ``train/<class>/<picture>``, also in ``val`` and ``test``. One class for each picture.

Structure: “Image Classification Datasets” of the documentation of Ultralytics.
"""

from pathlib import Path

from core.errors import LabelError
from core.files import is_system_file, natural
from core.label_formats.files import check_free
from core.label_formats.records import Labels, PictureLabels
from core.media.images import PICTURE_FORMATS
from core.names import file_name

TITLE = "YOLO classification"
PARTS = {"train": "train", "valid": "val", "test": "test"}
"""What the parts of a split are called; a picture in none of them is for training."""
_FOLDERS = {"train": "train", "val": "valid", "valid": "valid", "test": "test"}


def place(picture: PictureLabels) -> str:
    """Return where the picture goes: its folder says the class."""
    name = next(name for name, value in picture.answers.items() if value)
    return f"{PARTS.get(picture.part, 'train')}/{name}/{picture.name}"


def write(labels: Labels, folder: Path) -> None:
    """Make a folder for each class, in each part, as the order of the classes follows from them."""
    check_free(labels.attributes, [name for name in labels.attributes if file_name(name) != name], TITLE)
    parts = {PARTS.get(picture.part, "train") for picture in labels.pictures}
    for part in parts:
        for name in labels.attributes:
            (folder / part / name).mkdir(parents=True, exist_ok=True)


def read(path: Path) -> Labels:
    """Read a folder with parts of class folders, or with class folders.

    Raises:
        LabelError: it has no class folders.
    """
    if not path.is_dir():
        raise LabelError(
            f"{path.name} is no folder: {TITLE} has a folder for each class.", "Name the folder."
        )
    parts = [folder for folder in _folders(path) if folder.name.lower() in _FOLDERS]
    classes: dict[str, None] = {}
    pictures = []
    for part in parts or [path]:
        for folder in _folders(part):
            classes[folder.name] = None
            pictures += [
                PictureLabels(
                    str(file.relative_to(path)), {folder.name: True}, part=_FOLDERS.get(part.name.lower(), "")
                )
                for file in sorted(folder.rglob("*"), key=lambda file: natural(str(file)))
                if file.suffix.lower() in PICTURE_FORMATS and not is_system_file(file.relative_to(path))
            ]
    if not pictures:
        raise LabelError(
            f"There are no class folders with pictures in {path}.", "Name the folder above them."
        )
    return Labels(tuple(classes), tuple(pictures), exclusive=True)


def _folders(path: Path) -> list[Path]:
    folders = [each for each in path.iterdir() if each.is_dir() and not is_system_file(Path(each.name))]
    return sorted(folders, key=lambda folder: natural(folder.name))
