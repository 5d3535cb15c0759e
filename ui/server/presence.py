"""Who is labelling right now, and where: kept in memory, told by the pages every few seconds."""

from threading import Lock
from time import monotonic

from core.access.rights import shown_name
from core.workspace import Workspace

SOMEBODY = "somebody else"
GONE_AFTER = 15.0  # seconds without a word


_places: dict[tuple[str, str, str], tuple[float, str, int]] = {}
"""Time, video and index by workspace, annotator and tab."""
_lock = Lock()


def here(workspace: Workspace, annotator: str, tab: str, video: str, index: int) -> list[dict[str, object]]:
    """Note where ``annotator`` is, and return the others: ``annotator``, ``video`` (its key) and ``index``.

    Who may not see what others answered is not told their names either.
    """
    root, now = str(workspace.path), monotonic()
    with _lock:
        _places[root, annotator, tab] = now, video, index
        for key in [key for key, (time, *_) in _places.items() if now - time > GONE_AFTER]:
            del _places[key]
        there = sorted((place, who) for (where, who, _), place in _places.items() if where == root)
    latest = {who: place for place, who in there if who != annotator}
    return [
        {"annotator": shown_name(who) or SOMEBODY, "video": video, "index": index}
        for who, (_, video, index) in sorted(latest.items())
    ]
