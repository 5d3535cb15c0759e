"""Advice: what to label next, a sentence each, from the balance, its confounders and what the split has too little of."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence

from core.errors import SeamLensError
from core.labels.consensus import consensus
from core.labels.label_table import LabelTable, attributes_of
from core.review.balance import Balance, Counts
from core.review.confounders import confounders, warning
from core.splits import split as splits
from core.splits import stored_split
from core.splits.shortages import shortages
from core.splits.stratify import ENOUGH
from core.text import count, share_of
from core.workspace import Workspace

ONE_IN = 10
"""Of so many labelled frames one should have the rarer answer: with fewer, a network that never gives it is right in more
than nine frames of ten, so that to learn it hardly pays."""
TARGET = round(ENOUGH / splits.BY_VIDEO[2])
"""Frames with an answer that are enough, even where one in `ONE_IN` would be more: with them a test part of the usual size
has `ENOUGH`."""

_NAMED = 3  # videos that are named
_NO_ANSWER, _RARE, _CONFOUNDED, _SHORT = range(4)  # what helps most comes first


def advise(
    workspace: Workspace, found: Balance, read: Callable[[Workspace], LabelTable] = consensus
) -> list[str]:
    """Return `advice` about the balance of a workspace and its current split, where that can be read.

    ``read`` reads the consensus, where there is a split.
    """
    try:
        split = stored_split.load(workspace)
    except SeamLensError:  # whatever needs the split shows this error
        split = None
    return advice(found, _short(split, read(workspace)) if split else None)


def advice(found: Balance, short: Mapping[str, str] | None = None) -> list[str]:
    """Return what to label next, the most useful first: at most one sentence for each attribute, then about videos.

    ``short`` says per attribute what the split has too little of.
    """
    if not found.labelled:
        return ["No frame has a label yet: label some of every video."] if found.frames else []
    measured = confounders(found)
    sentences = [
        next(_attribute(name, counts, warning(name, measured[name]), (short or {}).get(name)), None)
        for name, counts in found.attributes.items()
    ]
    ranked = sorted((entry for entry in sentences if entry), key=lambda entry: entry[:2])
    return [sentence for _, _, sentence in ranked] + list(_videos(found))


def _short(split: splits.Split, labels: LabelTable) -> dict[str, str]:
    """Return the first shortage of each attribute that has one."""
    sentences = {
        name: shortages(split, labels[["name", "video", "index", name]]) for name in attributes_of(labels)
    }
    return {name: found[0] for name, found in sentences.items() if found}


def missing(counts: Counts) -> int:
    """Return how many more frames the rarer answer should have.

    It should have at least one, and `TARGET` or one of `ONE_IN` labelled frames, whichever is less.
    """
    labelled = counts["true"] + counts["false"]
    if not labelled:
        return 0
    return max(0, min(TARGET, max(1, labelled // ONE_IN)) - min(counts["true"], counts["false"]))


def _attribute(
    name: str, counts: Counts, confounded: str | None, short: str | None
) -> Iterator[tuple[int, float, str]]:
    """Yield what an attribute lacks, the worst first: its rank, how near it is to its target, and the sentence."""
    labelled, more = counts["true"] + counts["false"], missing(counts)
    rarer = "true" if counts["true"] <= counts["false"] else "false"
    if not labelled:
        yield _NO_ANSWER, 0.0, f"“{name}” has no answer in any frame: label it in some of every video."
    elif more:
        near = counts[rarer] / (counts[rarer] + more)
        wanted = count(more, "more frame") if more < 10 else f"about {math.ceil(more / 10) * 10} more frames"
        yield _RARE, near, f"Label {wanted} with “{name}” {rarer}: {_of(counts[rarer], labelled)}."
    if confounded:
        yield _CONFOUNDED, 0.0, confounded
    if short:
        yield _SHORT, 0.0, short


def _of(few: int, labelled: int) -> str:
    if not few:
        return f"none of {labelled:,} labelled frames has it"
    share, verb = share_of(few, labelled), "has" if few == 1 else "have"
    return f"{few:,} of {labelled:,} labelled frames ({share}) {verb} it"


def _videos(found: Balance) -> Iterator[str]:
    """Yield which videos are not labelled at all, and which of the others have the most unlabelled frames."""
    left = {video: counts["frames"] - counts["labelled"] for video, counts in found.videos.items()}
    if untouched := [video for video, counts in found.videos.items() if not counts["labelled"]]:
        yield f"Not labelled at all: {_listed(untouched)}."
    begun = [video for video in left if left[video] and video not in untouched]
    begun.sort(key=lambda video: -left[video])
    if begun:
        most = [f"{video} ({left[video]:,} of {found.videos[video]['frames']:,})" for video in begun[:_NAMED]]
        yield f"Most unlabelled frames: {', '.join(most)}."


def _listed(videos: Sequence[str]) -> str:
    more = f" and {len(videos) - _NAMED} more" if len(videos) > _NAMED else ""
    return ", ".join(videos[:_NAMED]) + more
