"""Where a trained network expects an answer that the labels have too little of. Importing this does not import TensorFlow.

Rare answers are found by looking for them: a network that has seen a few breaks shows where more may lie, and a person
says whether they are. Videos that it is validated or tested on are left out, for a test part that was chosen by what
the network expects says too much of it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import pandas as pd

from core.assist import suggestions
from core.files import Progress
from core.labels.consensus import consensus
from core.media.library import Video, videos
from core.review.advice import missing
from core.review.balance import Balance
from core.runs.run import Run
from core.storage.event_log import stretch_starts
from core.text import percent
from core.workspace import Workspace

SHORTEST = 3
"""Frames of a stretch: a single one is more often a slip of the network."""

MOST = 3
"""Videos that are named for an attribute."""


@dataclass(frozen=True)
class Wanted:
    """An answer that is scarce.

    Args:
        attribute: its name.
        answer: the rarer one.
        more: how many frames should be added.
    """

    attribute: str
    answer: bool
    more: int


@dataclass(frozen=True)
class Stretch:
    """Unlabelled frames of a video in which a scarce answer is expected.

    Args:
        wanted: which.
        video: key of the video.
        first: index of the first frame.
        last: index of the last one.
        frames: how many, without those that are labelled.
        probability: mean over them, 0 to 1, calibrated: how sure the network is of the answer.
    """

    wanted: Wanted
    video: str
    first: int
    last: int
    frames: int
    probability: float


def wanted(found: Balance) -> list[Wanted]:
    """Return which answers are scarce, the one that lacks most first."""
    scarce = [
        Wanted(name, counts["true"] <= counts["false"], missing(counts))
        for name, counts in found.attributes.items()
        if missing(counts)
    ]
    return sorted(scarce, key=lambda one: -one.more)


def asked(workspace: Workspace, run: Run, annotator: str = "") -> list[Video]:
    """Return the videos that the network is asked about: not validated or tested on, not labelled blind by ``annotator``."""
    free = [v for v in videos(workspace) if suggestions.part_of(run, v) not in ("valid", "test")]
    return [v for v in free if not annotator or not suggestions.withheld(workspace, annotator, v)]


def expected(
    workspace: Workspace,
    run: Run,
    scarce: Sequence[Wanted],
    annotator: str = "",
    progress: Progress | None = None,
) -> list[Stretch]:
    """Look for scarce answers in what nobody has labelled.

    Args:
        workspace: whose videos.
        run: with a trained network.
        scarce: what is looked for.
        annotator: who will label: videos that this one labels blind are left out.
        progress: called as ``progress(videos done, videos in all)``.

    Returns:
        For each of ``scarce`` at most `MOST` stretches of different videos, the longest first.
    """
    known = [one for one in scarce if one.attribute in suggestions.known_attributes(run, workspace)]
    if not known:
        return []
    said = consensus(workspace)
    found: list[Stretch] = []
    looked_at = asked(workspace, run, annotator)
    for number, video in enumerate(looked_at, 1):
        labels = said[said["video"] == video.key].set_index("index")[[one.attribute for one in known]]
        if len(labels) == video.frames and labels.notna().to_numpy().all():
            continue
        probabilities = suggestions.suggest(run, workspace, video)
        labels = labels.reindex(probabilities["index"])
        decided = suggestions.decisions(run, workspace, probabilities)
        for one in known:
            found += _longest(_stretches(one, video.key, probabilities, decided, labels))
        if progress:
            progress(number, len(looked_at))
    return [stretch for one in known for stretch in _first([s for s in found if s.wanted is one])]


def _stretches(
    one: Wanted, video: str, probabilities: pd.DataFrame, decided: pd.DataFrame, labels: pd.DataFrame
) -> Iterator[Stretch]:
    """Yield each run of frames, one after the other, that are unlabelled and decided as wanted."""
    unset = labels[one.attribute].isna().to_numpy()
    fits = unset & (decided[one.attribute] == one.answer).fillna(False).to_numpy(bool)
    sure = probabilities[one.attribute].to_numpy(float)
    sure = sure if one.answer else 1 - sure
    indexes = probabilities["index"].to_numpy()
    for begin, end in pairwise([*stretch_starts(fits), len(fits)]):
        if fits[begin] and end - begin >= SHORTEST:
            mean = float(sure[begin:end].mean())
            yield Stretch(one, video, int(indexes[begin]), int(indexes[end - 1]), int(end - begin), mean)


def _longest(stretches: Iterator[Stretch]) -> list[Stretch]:
    """Return the longest of the stretches of a video."""
    return sorted(stretches, key=_rank)[:1]


def _first(stretches: list[Stretch]) -> list[Stretch]:
    return sorted(stretches, key=_rank)[:MOST]


def _rank(stretch: Stretch) -> tuple[int, float]:
    return -stretch.frames, -stretch.probability


def words(run: Run, scarce: Sequence[Wanted], found: Sequence[Stretch]) -> str:
    """Say in a sentence what came of it."""
    if not scarce:
        return "Every attribute has enough of both answers: nothing is scarce."
    names = ", ".join(f"“{one.attribute}” {'true' if one.answer else 'false'}" for one in scarce)
    if found:
        return f"Scarce: {names}. {run.id} expects it here, in frames that nobody has labelled; look whether it is so."
    return f"Scarce: {names}. {run.id} expects it in no {SHORTEST} unlabelled frames one after the other: it takes new videos."


def cells(stretch: Stretch) -> dict[str, str]:
    """Return a stretch as the cells of a table."""
    return {
        "attribute": stretch.wanted.attribute,
        "answer": "true" if stretch.wanted.answer else "false",
        "video": stretch.video,
        "from": str(stretch.first),
        "to": str(stretch.last),
        "frames": str(stretch.frames),
        "sure": percent(stretch.probability),
    }
