"""How well classes are told apart. Importing this does not import TensorFlow."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Confusion:
    """How often which class was taken for which, on frames whose class is known.

    Args:
        names: of the classes, in the order of rows and columns.
        counts: (A, A) int64: row the labelled class, column the decided one.
    """

    names: tuple[str, ...]
    counts: np.ndarray

    @property
    def frames(self) -> int:
        return int(self.counts.sum())

    @property
    def accuracy(self) -> float | None:
        """Share of the frames whose class was decided right; none without frames."""
        return float(np.trace(self.counts) / self.frames) if self.frames else None

    @property
    def most_frequent(self) -> str:
        """The class that most of these frames are labelled with."""
        return self.names[int(self.counts.sum(axis=1).argmax())]

    @property
    def baseline(self) -> float | None:
        """The accuracy of always deciding for the most frequent class; none without frames."""
        return float(self.counts.sum(axis=1).max() / self.frames) if self.frames else None

    @property
    def recall(self) -> dict[str, float | None]:
        """Per class, which share of its frames was found; none where there is no frame of it."""
        totals = self.counts.sum(axis=1)
        found = zip(self.names, self.counts.diagonal(), totals, strict=True)
        return {name: float(right / total) if total else None for name, right, total in found}

    def to_json(self) -> dict[str, Any]:
        """Return plain values; ``confusion`` is labelled class to decided class to frames."""
        rows = {
            name: dict(zip(self.names, row, strict=True))
            for name, row in zip(self.names, self.counts.tolist(), strict=True)
        }
        return {
            "accuracy": self.accuracy,
            "baseline": self.baseline,
            "most_frequent": self.most_frequent,
            "recall": self.recall,
            "confusion": rows,
        }


def confusion(table: pd.DataFrame, names: tuple[str, ...]) -> Confusion:
    """Count labelled against decided classes.

    Args:
        table: as `core.model.testing.predict` returns it.
        names: of the classes.
    """
    labelled, decided = _numbers(table, names)
    counts = np.zeros((len(names), len(names)), np.int64)
    np.add.at(counts, (labelled, decided), 1)
    return Confusion(names, counts)


def confused(table: pd.DataFrame, names: tuple[str, ...]) -> pd.DataFrame:
    """Return the frames that were taken for another class, the surest mistakes first.

    Args:
        table: as `core.model.testing.predict` returns it.
        names: of the classes.

    Returns:
        ``name``, ``group``, ``label`` and ``decided`` (names of classes), ``probability`` (float, of the decided one).
    """
    known = table[_is_known(table, names)]
    labelled, decided = _numbers(table, names)
    classes = np.array(names, object)
    found = known[["name", "group"]].assign(
        label=classes[labelled],
        decided=classes[decided],
        probability=_probabilities(known, names).max(axis=1),
    )[labelled != decided]
    return found.sort_values("probability", ascending=False, kind="stable").reset_index(drop=True)


def _numbers(table: pd.DataFrame, names: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Return for frames of a known class the numbers of the labelled and of the decided one: two (N,) int64."""
    known = table[_is_known(table, names)]
    said = known[list(names)].fillna(False).to_numpy(dtype=bool)
    return said.argmax(axis=1), _probabilities(known, names).argmax(axis=1)


def _is_known(table: pd.DataFrame, names: tuple[str, ...]) -> pd.Series:
    return table[list(names)].fillna(False).sum(axis=1) == 1


def _probabilities(table: pd.DataFrame, names: tuple[str, ...]) -> np.ndarray:
    return table[[f"{name}_probability" for name in names]].to_numpy(dtype=float)
