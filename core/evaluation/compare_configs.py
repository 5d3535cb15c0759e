"""What makes runs differ: only the differences of their configuration, and their accuracies side by side."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from core.errors import RunError
from core.runs.run import RIGHT, Run

INCIDENTAL = (
    "run",
    "number",
    "created",
    "user",
    "notes",
    "series",
    "like",
    "settings",
    "split.sha256",
    "hashes.labels",
)
"""What differs without making a difference, or has a line of its own."""


def compare_configs(runs: Sequence[Run]) -> pd.DataFrame:
    """Return how ``runs`` differ.

    Returns:
        ``about`` (``configuration``, ``validation accuracy`` or ``test accuracy``), ``what`` (such as
        ``recipe.batch`` or the name of an attribute), and a column per run, by its id: plain values, and
        accuracies as shares from 0 to 1 on the frames of that run; none where there is no such number.

    Raises:
        RunError: fewer than two runs.
    """
    if len({run.id for run in runs}) < 2:
        raise RunError("A comparison needs at least two runs.", "Choose another run.")
    return pd.DataFrame(list(_rows(runs)), columns=["about", "what", *(run.id for run in runs)], dtype=object)


def _rows(runs: Sequence[Run]) -> Iterator[list[Any]]:
    chosen = [dict(flat_config(run)) for run in runs]
    for name in dict.fromkeys(name for each in chosen for name in each):
        values = [each.get(name) for each in chosen]
        if any(value != values[0] for value in values):
            yield ["configuration", name, *values]
    measured = {"validation accuracy": validation_accuracies, "test accuracy": test_accuracies}
    for kind, accuracies in measured.items():
        rows = [accuracies(run) for run in runs]
        for name in dict.fromkeys(name for row in rows for name in row):
            yield [kind, name, *(row.get(name) for row in rows)]


def validation_accuracies(run: Run) -> dict[str, float]:
    """Return the accuracy per attribute of the best epoch on the validation frames; nothing before there is one.

    Of classes it is one number, the share of frames in their right class: one class against all others is nearly always right.
    """
    best = run.status.best
    history = run.history.set_index("epoch")
    if not best or best.epoch not in history.index:
        return {}
    row: dict[Any, Any] = dict(history.loc[best.epoch])
    if run.attributes.exclusive:  # runs of earlier versions have not counted it
        found = {RIGHT: row.get("val_accuracy", math.nan)}
    else:
        found = {name: row[f"val_{name}_accuracy"] for name in run.attributes.names}
    return {name: float(share) for name, share in found.items() if not math.isnan(share)}  # else no labels


def test_accuracies(run: Run) -> dict[str, float]:
    """Return the accuracy per attribute of the last test, of classes the one number; nothing where there was none."""
    test = run.test
    if test is None:
        return {}
    rows = {name: row.accuracy for name, row in test.attributes.items()}
    found = {RIGHT: test.accuracy} if test.classes else rows
    return {name: share for name, share in found.items() if share is not None}


def flat_config(run: Run) -> Iterator[tuple[str, Any]]:
    """Yield the configuration of ``run`` as dotted names with plain values."""
    leaves = _leaves("", run.config.to_json())
    yield from ((name, value) for name, value in leaves if not name.startswith(INCIDENTAL))
    yield "frames", len(run.frames)
    if run.limits.epochs != run.config.recipe.epochs:
        yield "last epoch", run.limits.epochs


def _leaves(path: str, entry: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(entry, Mapping):
        for name, value in entry.items():
            yield from _leaves(f"{path}.{name}" if path else name, value)
    elif isinstance(entry, list | tuple):
        parts = (part.get("name", part) if isinstance(part, Mapping) else part for part in entry)
        yield path, ", ".join(map(str, parts))
    else:
        yield path, entry
