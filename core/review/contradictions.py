"""Contradictions: frames whose labels break a rule of the attributes. They are shown, never altered."""

from collections.abc import Iterator
from itertools import combinations

import numpy as np
import pandas as pd

from core.access.rights import shown_name
from core.attributes import AttributeSet
from core.labels.annotator_labels import UNSET, annotator_labels
from core.labels.consensus import consensus
from core.workspace import Workspace

CONSENSUS = "consensus"


def contradictions(workspace: Workspace) -> pd.DataFrame:
    """Return the frames whose labels break a rule of the attributes, of the consensus and of each annotator.

    Whoever may not see what others answered sees the consensus and their own.

    Returns:
        ``name``, ``video`` (key), ``index`` (int), ``rule`` (in words) and ``annotator`` (whose labels, or `CONSENSUS`);
        the consensus first, then annotators in alphabetical order, each by rule, video in natural order and index.
    """
    names = list(workspace.attributes.names)
    agreed = consensus(workspace)
    tables = [
        _broken(workspace.attributes, agreed, agreed[names].to_numpy(np.int8, na_value=UNSET), CONSENSUS)
    ]
    own = annotator_labels(workspace)
    for number, annotator in enumerate(own.annotators):
        if not shown_name(annotator):
            continue
        labels = np.full((len(own.frames), len(names)), UNSET, np.int8)
        for column, name in enumerate(names):
            rows = own.rows[name][own.rows[name][:, 1] == number]
            labels[rows[:, 0], column] = rows[:, 2]
        tables.append(_broken(workspace.attributes, own.frames, labels, annotator))
    return pd.concat(tables, ignore_index=True)


def _broken(
    attributes: AttributeSet, frames: pd.DataFrame, labels: np.ndarray, annotator: str
) -> pd.DataFrame:
    """Return which of (frames, attributes) int8 labels (1 true, 0 false, -1 unset) break a rule."""
    frames = frames[["name", "video", "index"]]
    parts = [frames.iloc[np.flatnonzero(bad)].assign(rule=rule) for rule, bad in _rules(attributes, labels)]
    return pd.concat([frames.iloc[:0].assign(rule=""), *parts]).assign(annotator=annotator)


def _rules(attributes: AttributeSet, labels: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    """Yield each rule in words, and (frames,) bool where it is broken."""
    true = dict(zip(attributes.names, (labels == 1).T, strict=True))
    pairs = {frozenset((rule.attribute, other)) for rule in attributes.rules for other in rule.never_with}
    for first, second in combinations(attributes.names, 2):
        if frozenset((first, second)) in pairs:
            yield attributes.warnings({first: True, second: True})[0], true[first] & true[second]
    if attributes.exclusive:
        yield "more than one class is true", (labels == 1).sum(axis=1) > 1
        yield "every class is false", (labels == 0).all(axis=1)
        return
    for names in attributes.one_of:
        columns = [attributes.names.index(name) for name in names]
        yield attributes.warnings(dict.fromkeys(names, False))[0], (labels[:, columns] == 0).all(axis=1)
