"""Labels of DeepEthogram: ``<video>_labels.csv``, a row for each frame, a column for each behaviour: 1, 0, or -1 where nobody has
said yet.

Structure: docs/file_structure.md of DeepEthogram. The first column, ``background``, is 1 where nothing else is.
"""

from pathlib import Path

from core.label_formats.files import check_free, found, not_such, read_rows, write_rows
from core.label_formats.records import Labels, PictureLabels, by_video

TITLE = "DeepEthogram"
ENDING = "_labels.csv"
BACKGROUND = "background"
_CODES = {None: -1, False: 0, True: 1}
_ANSWERS = {"1": True, "0": False, "-1": None}


def write(labels: Labels, folder: Path) -> None:
    """Write a table for each video, with a row for each frame from 0 on."""
    check_free(labels.attributes, (BACKGROUND,), TITLE)
    for video, pictures in by_video(labels).items():
        answers = {picture.index: picture.answers for picture in pictures}
        rows = []
        for index in range(labels.films[video].indexes[-1] + 1):
            given = answers.get(index, {})
            codes = {name: _CODES[given.get(name)] for name in labels.attributes}
            background = 0 if 1 in codes.values() else -1 if -1 in codes.values() else 1
            rows.append({"": index, BACKGROUND: background, **codes})
        write_rows(folder / f"{video}{ENDING}", ["", BACKGROUND, *labels.attributes], rows)


def read(path: Path) -> Labels:
    """Read a table, or all of a folder."""
    pictures: list[PictureLabels] = []
    attributes: dict[str, None] = {}
    for file in found(path, (f"**/*{ENDING}", "*.csv"), TITLE):
        columns, of_file = _read(file)
        attributes |= dict.fromkeys(columns)
        pictures += of_file
    return Labels(tuple(attributes), tuple(pictures))


def _read(file: Path) -> tuple[list[str], list[PictureLabels]]:
    rows = [[cell.strip() for cell in row] for row in read_rows(file, TITLE)]
    if not rows or len(rows[0]) < 2:
        raise not_such(file, TITLE, "it has no columns of behaviours")
    video = file.name.removesuffix(ENDING).removesuffix(file.suffix)
    columns = {place: name for place, name in enumerate(rows[0][1:], 1) if name and name != BACKGROUND}
    pictures = []
    for line, row in enumerate(rows[1:], 2):
        if not any(row):
            continue
        try:
            cells = {name: _ANSWERS[row[place].removesuffix(".0")] for place, name in columns.items()}
            index = int(row[0])
        except (KeyError, IndexError, ValueError) as error:
            raise not_such(
                file, TITLE, f"line {line} does not hold an index and 1, 0 or -1 for each behaviour"
            ) from error
        answers = {name: value for name, value in cells.items() if value is not None}
        pictures.append(PictureLabels("", answers, video=video, index=index))
    return list(columns.values()), pictures
