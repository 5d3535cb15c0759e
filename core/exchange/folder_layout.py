"""What the folders of pictures may mean: classes, groups or the parts of a split. Only file names are looked at."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Literal, get_args

from core.attributes import AttributeSet
from core.errors import LabelError
from core.lookup_tables.table_rows import composed
from core.text import listed

Meaning = Literal["classes", "groups", "parts"]
MEANINGS: tuple[Meaning, ...] = get_args(Meaning)

EXPLAINED: dict[Meaning, str] = {
    "classes": "the name of each folder is the label of its pictures",
    "groups": "each folder holds the pictures of one video or one thing; no labels",
    "parts": "the folders are for training, validation and testing; no labels",
}

PARTS = {
    "train": (
        "train", "training", "trainieren", "trainingsdaten", "trainingsbilder", "trainset", "trainingset", "train set", "training set",
        "train_set", "training_set", "train data", "training data", "train_data", "training_data", "traindata", "trainingdata",
        "lernen", "übung", "entraînement", "entrainement", "apprentissage", "données d'entraînement", "entrenamiento", "datos de entrenamiento",
        "addestramento", "allenamento", "dati di addestramento",
    ),
    "valid": (
        "valid", "validation", "validate", "val", "dev", "validierung", "validieren", "validierungsdaten", "validierungsbilder",
        "validationset", "validation set", "validation_set", "validset", "valset", "val set", "val_set", "validation data", "validation_data",
        "val data", "val_data", "valdata", "validationdata", "validacion", "validación", "datos de validación", "validazione", "convalida",
        "données de validation", "vérification", "eval",
    ),
    "test": (
        "test", "testing", "tests", "testen", "testdaten", "testbilder", "testset", "test set", "test_set", "test data", "test_data", "testdata",
        "prüfung", "prüfen", "pruefung", "prüfdaten", "essai", "essais", "données de test", "évaluation", "prueba", "pruebas",
        "datos de prueba", "prova", "collaudo", "dati di test", "verifica", "holdout",
    ),
}  # fmt: skip
"""How people call the folders of the parts of a split in five languages, in small letters."""

PLAIN = (
    "images", "image", "imgs", "img", "pictures", "photos", "photo", "pics", "frames", "data", "dataset", "jpegimages",
    "bilder", "bild", "fotos", "foto", "daten", "imágenes", "imagenes", "imagen", "immagini", "immagine", "donnees", "données",
    "labels", "annotations", "beschriftungen", "beschriftung", "etiketten", "étiquettes", "etiquetas", "etichette",
)  # fmt: skip
"""Folders that only say that there are pictures or labels in them."""

_PART_OF = {composed(word).casefold(): part for part, words in PARTS.items() for word in words}
_SHOWN = 6


@dataclass(frozen=True)
class Layout:
    """What the folders of pictures look like.

    Args:
        ways: of each picture the folders that it lies in, without those around all pictures and those of `PLAIN`.
        has_parts: the uppermost are parts of a split.
        folders: the names that may be classes or groups; without parts.
        meaning: what they mean, where that is beyond doubt; None where somebody has to say it.
        likely: what they probably mean, where ``meaning`` is None and there is a guess.
        is_flat: there are no folders to speak of.
    """

    ways: tuple[tuple[str, ...], ...]
    has_parts: bool
    folders: tuple[str, ...]
    meaning: Meaning | None = None
    likely: Meaning | None = None
    is_flat: bool = False

    @property
    def is_open(self) -> bool:
        """Return whether somebody has to say what the folders mean."""
        return not self.is_flat and self.meaning is None


def split_part(name: str) -> str:
    """Return ``train``, ``valid`` or ``test`` for the name of a folder, or nothing."""
    return _PART_OF.get(composed(name).casefold(), "")


def layout(pictures: Iterable[PurePath], attributes: AttributeSet | None) -> Layout:
    """Return what the folders look like.

    Args:
        pictures: their paths, relative to the folder that was brought.
        attributes: of the workspace; None where there is none yet.
    """
    ways = _ways(pictures)
    first = list(dict.fromkeys(way[0] if way else "" for way in ways))
    has_parts = any(way and split_part(way[0]) for way in ways) and all(
        split_part(name) for name in first if name
    )
    below = list(dict.fromkeys(way[1] for way in ways if len(way) > 1)) if has_parts else first
    if has_parts and not below:
        is_whole = all(ways)
        return Layout(ways, True, tuple(first), "parts" if is_whole else None, "parts", is_flat=not is_whole)
    if not has_parts and ("" in first or len(first) < 2):
        return Layout(ways, False, (), is_flat=True)
    folders = tuple({name.casefold(): name for name in reversed(below)}.values())[::-1]
    if attributes is not None and attributes.exclusive:
        is_known = {name.casefold() for name in folders} <= {name.casefold() for name in attributes.names}
        return Layout(ways, has_parts, folders, "classes" if is_known else None)
    is_published = has_parts and attributes is None
    return Layout(
        ways, has_parts, folders, "classes" if is_published else None, "classes" if has_parts else None
    )


def question(folder: str, found: Layout, attributes: AttributeSet | None) -> LabelError:
    """Return the error that asks what the folders mean, and shows them and what to type."""
    names = listed(found.folders, most=_SHOWN)
    say = "Say what they are: --folders groups (each holds one video or one thing), --folders parts (training, validation, test)"
    if attributes is not None and attributes.exclusive:
        return LabelError(
            f"The class folders are {names}, but the classes of this workspace are {listed(attributes.names)}.",
            f"Rename the folders, or use a new workspace. If they are not classes: {say[0].lower()}{say[1:]}.",
        )
    classes = "--folders classes (their names are labels)"
    if attributes is None:
        return LabelError(
            f"The folders {names} in “{folder}” may be classes, groups or parts of a split.",
            f"{say} or {classes}.",
        )
    return LabelError(
        f"{names} look like class folders, but this workspace has attributes, of which a frame may have several.",
        f"{say}, or {classes}, which takes a new or empty workspace.",
    )


def _ways(pictures: Iterable[PurePath]) -> tuple[tuple[str, ...], ...]:
    """Return the folders of each picture, without those that lie around all of them."""
    ways = [tuple(composed(name) for name in path.parts[:-1]) for path in pictures]
    ways = _unwrapped(ways)
    plain = [tuple(name for name in way if name.casefold() not in PLAIN) for way in ways]
    return tuple(_unwrapped(plain))


def _unwrapped(ways: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    inner = list(ways)
    while inner and all(len(way) > 1 for way in inner) and len({way[0] for way in inner}) == 1:
        if split_part(inner[0][0]):
            break
        inner = [way[1:] for way in inner]
    return inner
