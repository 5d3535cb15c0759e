"""What the Live page asks of the server several times a second: what is to be said of the picture, without a rerun."""

from collections.abc import Sequence
from dataclasses import asdict
from functools import lru_cache
from math import isfinite
from threading import Lock
from time import monotonic
from typing import Any
from weakref import WeakValueDictionary

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from core.access.rights import Right, check
from core.jobs import slots
from core.live.pace import described
from core.live.viewer import Viewer
from ui.server.served_workspace import served_workspace

LOOK = 2.0
"""Seconds from one look for trainings to the next."""

_viewers: "WeakValueDictionary[str, Viewer]" = WeakValueDictionary()
_lock = Lock()


def register(token: str, viewer: Viewer) -> None:
    """Let the page that has the ``token`` ask for ``viewer`` from now on, for as long as the page keeps it."""
    with _lock:
        _viewers[token] = viewer


def live(request: Request, body: Any) -> Response:
    """Answer with a `core.live.live_verdict.LiveVerdict` as JSON; without a stream only with ``idle``.

    ``body``: ``token`` of the page, and perhaps ``seen``, the number of the picture that somebody saw when a button was pressed,
    and ``shown``: the number of a picture, when it was shown in seconds of the page's clock, and how many the server's is ahead.
    The answer has ``clock`` (seconds of the server's clock), ``delay`` (seconds that the picture is behind, of late), ``pace`` (that
    and how many come, in words), ``rate`` (pictures a second that the camera is to give) and ``ruler`` (a
    `core.live.ruler_trace.RulerReading`, if a seam is clear) as well.
    """
    check(Right.LIVE)
    token, seen, shown = (_of(body, name) for name in ("token", "seen", "shown"))
    with _lock:
        viewer = _viewers.get(str(token))
    if viewer is None:
        return JSONResponse({"idle": True})
    if isinstance(seen, int) and not isinstance(seen, bool):
        viewer.tell_seen(seen)
    if numbers := _numbers(shown):
        viewer.tell_shown(int(numbers[0]), numbers[1], numbers[2])
    delay, pace = viewer.meter.now, viewer.pace
    said = described(delay, viewer.rate, pace.level, _has_training(int(monotonic() / LOOK)))
    length = viewer.ruler.now(served_workspace().mm_per_pixel)
    more = {
        "clock": monotonic(),
        "delay": delay and delay.seconds,
        "pace": said,
        "rate": pace.step.rate,
        "ruler": length and asdict(length),
    }
    return JSONResponse(asdict(viewer.verdict) | more)


def _of(body: Any, name: str) -> Any:
    return body.get(name) if isinstance(body, dict) else None


def _numbers(shown: Any) -> Sequence[float]:
    """Return the three numbers of ``shown``; none where they are something else."""
    is_list = isinstance(shown, list) and len(shown) == 3
    if not is_list or not all(type(n) in (int, float) and isfinite(n) for n in shown):
        return ()
    return [float(n) for n in shown]


@lru_cache(maxsize=1)
def _has_training(moment: int) -> bool:
    """Return whether a training of the workspace runs; looked up anew at each ``moment``."""
    return bool(slots.trainings(served_workspace()))
