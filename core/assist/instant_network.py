"""The instant network: a linear head on cached features, learned within seconds from the labels there are.

It is no run: nothing tests it, nothing stores it, and it says so of itself. It suggests labels while people give more
of them. Of seams it builds on the head of the starter, which few labels then only have to correct. Importing this does not import TensorFlow, and using it does not either.

It learns from the consensus of all annotators, as every training does. Nobody who labels blind sees what it says of that
video: `core.assist.suggestions.withheld` decides, as it does for the suggestions of a run.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from sqlalchemy import case, func, select

from core.attributes import AttributeSet
from core.errors import SplitError
from core.inputs import batches, feature_cache
from core.labels.consensus import consensus
from core.labels.label_table import labelled as labelled_rows
from core.media.library import frame_table
from core.networks.pretrained import starter_head
from core.networks.pretrained.head import Head, fit_head
from core.splits import stored_split
from core.storage import database as db
from core.text import count
from core.workspace import Workspace

NAME = "Instant network"
LEAST = 5
"""Frames with an attribute true, and as many with it false, from which on it is learned; of a class, frames that show it."""

MOST = 1000
"""Frames that are learned from, at most: of each answer of each attribute as many, so that rare ones are not lost."""

THRESHOLD = 0.5


@dataclass(frozen=True)
class InstantNetwork:
    """A head and what it has learned from.

    Args:
        attributes: that it has learned, in the order of its outputs.
        head: on the peaks of the features.
        typical: (912,) mean peaks of the pictures that it has learned from, or is fitted to.
        name: what it is called where it suggests.
        origin: what it has learned from, and that it is not tested.
    """

    attributes: AttributeSet
    head: Head
    typical: np.ndarray
    name: str
    origin: str

    @property
    def title(self) -> str:
        """Its name and origin, such as "Instant network: 24 labelled pictures of 2 videos, not tested"."""
        return f"{self.name}: {self.origin}"

    @property
    def thresholds(self) -> dict[str, float]:
        """By attribute, from which probability on it is decided true."""
        return dict.fromkeys(self.attributes.names, THRESHOLD)

    def probabilities(self, peaks: np.ndarray) -> np.ndarray:
        """Return the probabilities (N, A) float32 for the ``peaks`` (N, 912) of N pictures."""
        return self.head.probabilities(self.head.logits(peaks), self.attributes.exclusive)

    def for_attributes(self, attributes: AttributeSet) -> "InstantNetwork | None":
        """Return it without outputs that ``attributes`` lack: renamed and removed meanwhile; none where none is left."""
        names = [name for name in self.attributes.names if name in attributes.names]
        if not names or attributes.exclusive != self.attributes.exclusive:
            return None
        columns = [self.attributes.names.index(name) for name in names]
        kernel, bias = self.head.kernel[:, columns], self.head.bias[columns]
        return replace(self, attributes=_only(attributes, names), head=Head(kernel, bias))


def data_version(workspace: Workspace) -> str:
    """Return what changes with every label, every frame and the attributes; takes a millisecond."""
    with db.reading(workspace) as connection:
        events = connection.scalar(select(func.max(db.events.c.seq)))
    content = f"{events} {frames_version(workspace)} {workspace.attributes}"
    return hashlib.sha256(content.encode()).hexdigest()


def frames_version(workspace: Workspace) -> str:
    """Return what changes when frames are added, and videos removed."""
    with db.reading(workspace) as connection:
        frames = connection.scalar(select(func.count()).select_from(db.frames))
        numbers, hidden = func.max(db.videos.c.id), func.sum(case((db.videos.c.hidden, 1), else_=0))
        videos = connection.execute(select(numbers, hidden)).one()
    return f"{frames} {tuple(videos)}"


def learn(workspace: Workspace) -> InstantNetwork | None:
    """Learn from the labelled frames whose features are cached; none where no attribute has `LEAST` answers of each kind.

    Of many it takes `chosen` ones: see these first.
    """
    labels, attributes = _teaching(workspace)
    if attributes is None:
        return None
    rows = _chosen(batches.targets_of(labels, attributes))
    peaks = feature_cache.read(workspace, batches.sources_of(workspace, labels["name"].iloc[rows].tolist()))
    rows, unseen = rows[peaks.is_there], rows[~peaks.is_there]
    attributes = learnable(labels.iloc[rows], attributes)
    if attributes is None:
        return None
    targets = batches.targets_of(labels.iloc[rows], attributes)
    base = None if attributes.exclusive else starter_head.base_for(attributes.names)
    values = peaks.values[peaks.is_there].astype(np.float32)
    head = fit_head(values, targets, attributes.exclusive, base=base)
    seen = labels.drop(labels.index[unseen])
    frames, videos = count(len(seen), "labelled picture"), count(seen["video"].nunique(), "video")
    return InstantNetwork(attributes, head, values.mean(axis=0), NAME, f"{frames} of {videos}, not tested")


def chosen(workspace: Workspace) -> list[str]:
    """Return the names of the labelled frames that it learns from."""
    labels, attributes = _teaching(workspace)
    rows = _chosen(batches.targets_of(labels, attributes)) if attributes else np.arange(0)
    return labels["name"].iloc[rows].tolist()


def _teaching(workspace: Workspace) -> tuple[pd.DataFrame, AttributeSet | None]:
    """Return the labelled frames with an answer to learn, and the attributes that can be learned from them."""
    labels = labelled(workspace)
    attributes = learnable(labels, workspace.attributes)
    if attributes is None:
        return labels, None
    answers = labels[list(attributes.names)]
    teaches = (answers.fillna(False) if attributes.exclusive else answers.notna()).any(axis=1)
    return labels[teaches].reset_index(drop=True), attributes


def _chosen(targets: np.ndarray) -> np.ndarray:
    """Return the rows of ``targets`` (N, A) that are learned from: all, or of each answer some, spread evenly; at most `MOST`."""
    if len(targets) <= MOST:
        return np.arange(len(targets))
    each = MOST // (2 * targets.shape[1])
    rows = [np.flatnonzero(column == answer) for column in targets.T for answer in (0, 1)]
    spread = [of[np.linspace(0, len(of) - 1, min(each, len(of))).round().astype(int)] for of in rows]
    return np.unique(np.concatenate(spread))


def labelled(workspace: Workspace) -> pd.DataFrame:
    """Return the consensus of the frames that can teach: with any label, or of classes exactly one true."""
    attributes = workspace.attributes
    return labelled_rows(consensus(workspace), attributes.names, attributes.exclusive)


def learnable(labels: pd.DataFrame, attributes: AttributeSet) -> AttributeSet | None:
    """Return the attributes of which ``labels`` have at least `LEAST` answers of each kind; of classes at least two that have
    `LEAST` frames; none where there are none.
    """
    true = {name: int((labels[name] == True).sum()) for name in attributes.names}  # noqa: E712  missing is neither
    false = {name: int((labels[name] == False).sum()) for name in attributes.names}  # noqa: E712
    if attributes.exclusive:
        names = [name for name in attributes.names if true[name] >= LEAST]
        return _only(attributes, names) if len(names) > 1 else None
    names = [name for name in attributes.names if min(true[name], false[name]) >= LEAST]
    return _only(attributes, names) if names else None


def suggest(network: InstantNetwork, workspace: Workspace, video: str) -> pd.DataFrame:
    """Return the probability of each attribute for every frame of ``video`` (its key), from the features that are cached.

    Returns:
        ``index`` (int) and one float column per attribute of the network, 0 to 1, in the order of the frames; NaN where
        the features of a frame are not there yet.

    Raises:
        MediaError: the video is not in the workspace.
    """
    frames = frame_table(workspace, video)
    peaks = feature_cache.read(workspace, batches.sources_of(workspace, frames["name"].tolist()))
    probabilities = network.probabilities(peaks.values).astype(float)
    probabilities[~peaks.is_there] = np.nan
    table = pd.DataFrame(probabilities, columns=list(network.attributes.names))
    table.insert(0, "index", frames["index"].to_numpy(np.int64))
    return table


def tests(workspace: Workspace, video: str) -> bool:
    """Return whether a frame of ``video`` (its key) is in the test part of the stored split: suggestions would sway its labels."""
    try:
        split = stored_split.load(workspace)
    except SplitError:
        return False
    if split is None:
        return False
    return bool(((split.table["video"] == video) & (split.table["part"] == "test")).any())


def _only(attributes: AttributeSet, names: Sequence[str]) -> AttributeSet:
    return AttributeSet(tuple(each for each in attributes if each.name in names), attributes.exclusive)
