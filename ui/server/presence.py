"""Who is labelling right now, and where: kept in memory, told by the pages every few seconds."""

from dataclasses import dataclass
from threading import Lock
from time import monotonic

from core.workspace import Workspace

GONE_AFTER = 15.0  # seconds without a word


@dataclass(frozen=True)
class _Place:
    annotator: str
    video: str
    index: int
    at: float


_places: dict[tuple[str, str, str], _Place] = {}
_lock = Lock()


def here(workspace: Workspace, annotator: str, tab: str, video: str, index: int) -> list[dict[str, object]]:
    """Note where ``annotator`` is, and return the others: ``annotator``, ``video`` (its key) and ``index``."""
    root, now = str(workspace.path), monotonic()
    with _lock:
        _places[root, annotator, tab] = _Place(annotator, video, index, now)
        for key in [key for key, place in _places.items() if now - place.at > GONE_AFTER]:
            del _places[key]
        others = [p for key, p in _places.items() if key[0] == root and p.annotator != annotator]
    latest = {place.annotator: place for place in sorted(others, key=lambda place: place.at)}
    return [
        {"annotator": name, "video": place.video, "index": place.index}
        for name, place in sorted(latest.items())
    ]
