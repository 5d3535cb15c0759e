"""The rows of a chart per video: of very many videos the largest alone, the others together."""

from collections.abc import Collection
from dataclasses import dataclass

from core.data.balance import Balance, Counts

MOST = 40
"""Videos that have a row of their own where not all can have one."""
FITTING = 80
"""Videos that all have a row of their own."""


@dataclass(frozen=True)
class Row:
    """A row of the chart.

    Args:
        words: what it is called: the key of its video, or how many it stands for.
        videos: their keys.
        counts: of all their frames, ``true``, ``false`` and ``unset``.
    """

    words: str
    videos: tuple[str, ...]
    counts: Counts


def folded(found: Balance, attribute: str) -> list[Row]:
    """Return a row per video; of more than `FITTING` videos the `MOST` largest, then the smaller ones in one row.

    Groups of one picture are then one row as well: photos without a group are hundreds of them. The videos keep the
    order of the balance, the rows of several come last.
    """
    videos = found.videos
    if len(videos) <= FITTING:
        return [_row(found, attribute, [video]) for video in videos]
    several = [video for video, counts in videos.items() if counts["frames"] > 1]
    largest = set(sorted(several, key=lambda video: -videos[video]["frames"])[:MOST])
    smaller = [video for video in several if video not in largest]
    single = [video for video, counts in videos.items() if counts["frames"] == 1]
    rows = [_row(found, attribute, [video]) for video in several if video in largest]
    if smaller:
        rows.append(
            _row(found, attribute, smaller, f"{len(smaller):,} smaller video{'s' * (len(smaller) > 1)}")
        )
    if single:
        rows.append(
            _row(found, attribute, single, f"{len(single):,} group{'s' * (len(single) > 1)} of one picture")
        )
    return rows


def _row(found: Balance, attribute: str, videos: Collection[str], words: str = "") -> Row:
    counts = [found.videos[video]["attributes"][attribute] for video in videos]
    added = {answer: sum(one[answer] for one in counts) for answer in ("true", "false", "unset")}
    return Row(words or next(iter(videos)), tuple(videos), added)
