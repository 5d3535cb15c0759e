"""Guidance with little data: what works already, and the one thing that would help most."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from core.assist.instant_network import LEAST
from core.attributes import AttributeSet
from core.review.balance import Balance
from core.splits.split import PARTS
from core.splits.stratify import ENOUGH
from core.text import count, listed
from core.training.readiness import answer_words

ORDINALS = ("first", "second", "third")


@dataclass(frozen=True)
class Guidance:
    """What a class with little data can do.

    Args:
        step: the one thing that helps most, such as "Label a second video"; empty where there is data enough.
        reason: for it.
        works: what works already, a sentence; empty before the first label.
        page: where the step is done.
        video: the key of the video to open; empty where any will do.
        is_needed: whether an honest training is not possible before.
    """

    step: str = ""
    reason: str = ""
    works: str = ""
    page: Literal["videos", "label"] = "label"
    video: str = ""
    is_needed: bool = True


def guidance(balance: Balance, attributes: AttributeSet) -> Guidance:
    """Return the guidance for labels that are spread so."""
    if not balance.labelled:
        return Guidance(f"Label {ENOUGH} pictures", "A network learns from your answers.")
    works = _works(balance, attributes)
    one_sided = [name for name in attributes.names if not _rarer(balance.attributes[name])]
    if len(one_sided) == len(attributes) or (attributes.exclusive and len(one_sided) == len(attributes) - 1):
        return Guidance(*_missing(balance, attributes, one_sided[0]), works)
    videos = [key for key, counts in balance.videos.items() if counts["labelled"]]
    if len(videos) < len(PARTS):
        return _another_video(balance, len(videos), works)
    scarce = [name for name in attributes.names if _rarer(balance.attributes[name]) < ENOUGH]
    if scarce:
        rarest = min(scarce, key=lambda name: _rarer(balance.attributes[name]))
        return Guidance(*_missing(balance, attributes, rarest), works, is_needed=False)
    return Guidance(works=works, is_needed=False)


def _rarer(counts: Mapping[str, int]) -> int:
    return min(counts["true"], counts["false"])


def _missing(balance: Balance, attributes: AttributeSet, name: str) -> tuple[str, str]:
    """Return what to label so that an attribute has enough of both answers, and why."""
    counts = balance.attributes[name]
    value = counts["true"] <= counts["false"]
    less = counts["true" if value else "false"]
    if attributes.exclusive:
        return f"Label {ENOUGH - less} more pictures of “{name}”", f"{count(less, 'picture')} of it so far."
    word = answer_words(attributes[name], value)
    where = word if attributes[name].false else "true" if value else "false"
    more = count(ENOUGH - less, "picture")
    is_so = f"where “{name}” is {where}"
    return (
        f"Label {more} {is_so}",
        f"A network needs both answers; so far there {'is' if less == 1 else 'are'} {less:,}.",
    )


def _another_video(balance: Balance, labelled: int, works: str) -> Guidance:
    reason = f"With {len(PARTS)} labelled videos the network can be tested on one that it has never seen."
    untouched = [key for key, counts in balance.videos.items() if not counts["labelled"]]
    verb = "Label" if untouched else "Add"
    return Guidance(f"{verb} a {ORDINALS[labelled]} video", reason, works, "label" if untouched else "videos",
                    untouched[0] if untouched else "")  # fmt: skip


def _works(balance: Balance, attributes: AttributeSet) -> str:
    """Say what the instant network has learned, or when it begins."""
    enough = {name: _least(counts, attributes.exclusive) for name, counts in balance.attributes.items()}
    ready = [name for name in attributes.names if enough[name] >= LEAST]
    if len(ready) > attributes.exclusive:
        names = listed(ready, quoted=True)
        return (
            f"Works now: the instant network, which learns within seconds while you label, knows {names}. It suggests answers "
            "on the Label page, and it is on the Live page."
        )
    if attributes.exclusive:
        return f"The instant network learns within seconds while you label, as soon as two classes have {LEAST} pictures each."
    nearest = max(attributes.names, key=lambda name: _progress(balance.attributes[name]))
    counts = balance.attributes[nearest]
    return (
        f"The instant network learns within seconds while you label, as soon as an attribute has {LEAST} pictures with yes and "
        f"{LEAST} with no; “{nearest}” has "
        f"{counts['true']:,} and {counts['false']:,}."
    )


def _least(counts: Mapping[str, int], exclusive: bool) -> int:
    return counts["true"] if exclusive else _rarer(counts)


def _progress(counts: Mapping[str, int]) -> int:
    return min(LEAST, counts["true"]) + min(LEAST, counts["false"])
