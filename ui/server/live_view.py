"""What the Live page asks of the server several times a second: what is to be said of the picture, without a rerun."""

from dataclasses import asdict
from threading import Lock
from typing import Any
from weakref import WeakValueDictionary

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from core.access.rights import Right, check
from core.live.viewer import Viewer

_viewers: "WeakValueDictionary[str, Viewer]" = WeakValueDictionary()
_lock = Lock()


def register(token: str, viewer: Viewer) -> None:
    """Let the page that has the ``token`` ask for ``viewer`` from now on, for as long as the page keeps it."""
    with _lock:
        _viewers[token] = viewer


def live(request: Request, body: Any) -> Response:
    """Answer with a `core.live.viewer.LiveVerdict` as JSON; without a stream only with ``idle``.

    ``body``: ``token`` of the page, and perhaps ``seen``, the number of the picture that somebody saw when a button was pressed.
    """
    check(Right.LIVE)
    token, seen = (body.get(name) for name in ("token", "seen")) if isinstance(body, dict) else (None, None)
    with _lock:
        viewer = _viewers.get(str(token))
    if viewer is None:
        return JSONResponse({"idle": True})
    if isinstance(seen, int) and not isinstance(seen, bool):
        viewer.tell_seen(seen)
    return JSONResponse(asdict(viewer.verdict))
