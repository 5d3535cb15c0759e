"""Find rare frames: where a trained network expects an answer that the labels have too few of.

A network that has learned a few breaks shows where more may be, and a person checks them. Videos that it is validated or
tested on are left out: a test part chosen by what the network expects would flatter it. Importing this does not import
TensorFlow.
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
"""Frames of a stretch: a single frame is more often a mistake of the network."""

MOST = 3
"""Videos that are listed for an attribute."""


@dataclass(frozen=True)
class RareAnswer:
    """The rarer ``answer`` of an attribute, of which the labels have too few: so many ``more`` frames should be added."""

    attribute: str
    answer: bool
    more: int


@dataclass(frozen=True)
class RareStretch:
    """Unlabelled frames of a video in which a rare answer is expected.

    Args:
        wanted: the answer.
        video: key of the video.
        first: index of the first frame.
        last: index of the last one.
        frames: how many, without those that are labelled.
        probability: mean calibrated probability of the answer, 0 to 1.
    """

    wanted: RareAnswer
    video: str
    first: int
    last: int
    frames: int
    probability: float


def rare_answers(balance: Balance) -> list[RareAnswer]:
    """Return the answers that are rare, the one that lacks most frames first."""
    rare = [
        RareAnswer(name, counts["true"] <= counts["false"], missing(counts))
        for name, counts in balance.attributes.items()
        if missing(counts)
    ]
    return sorted(rare, key=lambda answer: -answer.more)


def searched(workspace: Workspace, run: Run, annotator: str = "") -> list[Video]:
    """Return the videos to search: not validated or tested on, and not withheld from ``annotator``."""
    free = [v for v in videos(workspace) if suggestions.part_of(run, v) not in ("valid", "test")]
    return [v for v in free if not annotator or not suggestions.withheld(workspace, annotator, v)]


def find_rare_frames(
    workspace: Workspace,
    run: Run,
    rare: Sequence[RareAnswer],
    annotator: str = "",
    progress: Progress | None = None,
) -> list[RareStretch]:
    """Search unlabelled frames for rare answers, but for videos that are withheld from the ``annotator`` who will label.

    ``progress`` counts videos.

    Returns:
        For each of ``rare`` at most `MOST` stretches of different videos, the longest first.
    """
    rare = [answer for answer in rare if answer.attribute in suggestions.shared_attributes(run, workspace)]
    if not rare:
        return []
    answers = consensus(workspace)
    stretches: list[RareStretch] = []
    candidates = searched(workspace, run, annotator)
    for number, video in enumerate(candidates, 1):
        labels = answers[answers["video"] == video.key].set_index("index")[[each.attribute for each in rare]]
        if len(labels) == video.frames and labels.notna().to_numpy().all():
            continue
        probabilities = suggestions.suggest(run, workspace, video)
        labels = labels.reindex(probabilities["index"])
        decided = suggestions.decisions(run, workspace, probabilities)
        for answer in rare:
            stretches += sorted(_stretches(answer, video.key, probabilities, decided, labels), key=_rank)[:1]
        if progress:
            progress(number, len(candidates))
    ranked = sorted(stretches, key=_rank)
    of_each = ([stretch for stretch in ranked if stretch.wanted is answer] for answer in rare)
    return [stretch for longest in of_each for stretch in longest[:MOST]]


def _stretches(
    rare: RareAnswer, video: str, probabilities: pd.DataFrame, decided: pd.DataFrame, labels: pd.DataFrame
) -> Iterator[RareStretch]:
    """Yield each stretch of frames that are unlabelled and decided as ``rare``."""
    unset = labels[rare.attribute].isna().to_numpy()
    fits = unset & (decided[rare.attribute] == rare.answer).fillna(False).to_numpy(bool)
    sure = probabilities[rare.attribute].to_numpy(float)
    sure = sure if rare.answer else 1 - sure
    indexes = probabilities["index"].to_numpy()
    for begin, end in pairwise([*stretch_starts(fits), len(fits)]):
        if fits[begin] and end - begin >= SHORTEST:
            mean = float(sure[begin:end].mean())
            yield RareStretch(rare, video, int(indexes[begin]), int(indexes[end - 1]), int(end - begin), mean)


def _rank(stretch: RareStretch) -> tuple[int, float]:
    return -stretch.frames, -stretch.probability


def sentence(run: Run, rare: Sequence[RareAnswer], stretches: Sequence[RareStretch]) -> str:
    """Say what the search found."""
    if not rare:
        return "Every attribute has enough of both answers."
    names = ", ".join(f"“{answer.attribute}” {'true' if answer.answer else 'false'}" for answer in rare)
    if stretches:
        return f"Rare so far: {names}. {run.id} expects it in these unlabelled frames. Check whether it is there."
    return f"Rare so far: {names}. {run.id} expects it in no {SHORTEST} unlabelled frames in a row. Add new videos."


def cells(stretch: RareStretch) -> dict[str, str]:
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
