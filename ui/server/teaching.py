"""What the Live page asks of the server while somebody teaches: what is held, what was taken, and to take it back."""

from collections.abc import Mapping
from threading import Lock
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from core.access.rights import check_name
from core.attributes import MOST_ATTRIBUTES
from core.errors import LabelError
from core.live.teaching import RATE, HeldAnswer, Teacher
from ui.server.instant_learning import LEARNER
from ui.server.labelling_api import workspace_id
from ui.server.served_workspace import served_workspace

MOST = 100
"""Streams that are remembered, so that what was taught can be taken back after their end."""

_teachers: dict[str, Teacher] = {}
_lock = Lock()


def register(token: str, teacher: Teacher) -> None:
    """Let the page that has the ``token`` teach by ``teacher`` from now on."""
    with _lock:
        _teachers.pop(token, None)
        _teachers[token] = teacher
        while len(_teachers) > MOST:
            del _teachers[next(iter(_teachers))]


def teach(request: Request, body: Any) -> Response:
    """Take what is held, or take the last stretch back; answer where teaching is.

    ``body``: ``workspace`` (its id), ``token`` of the page, ``annotator``, ``rate`` (pictures a second), ``held``, a list of
    [attribute, true or false] in the order in which they were pressed, and perhaps ``undo`` (true). The answer has
    ``counts`` ([attribute, value, pictures]), ``waiting``, ``skipped``, ``video``, ``canUndo``, ``sees`` (pictures come),
    ``problem``, ``network`` (its title) and ``learning``; without a stream only ``idle``.
    """
    workspace = served_workspace()
    if not isinstance(body, dict) or body.get("workspace") != workspace_id(workspace):
        return JSONResponse(
            {"error": "Another workspace is open here now. Reload the page."}, status_code=409
        )
    with _lock:
        teacher = _teachers.get(str(body.get("token", "")))
    if teacher is None:
        return JSONResponse({"idle": True})
    if body.get("undo") is True:
        teacher.undo()
    else:
        annotator, held = str(body.get("annotator", "")), _held(body)
        if held:
            check_name(annotator)
        teacher.hold(annotator, held, _rate(body))
    now, sketch = teacher.status(), LEARNER.sketch(workspace)
    return JSONResponse(
        {
            "counts": [[each.attribute, each.value, pictures] for each, pictures in now.counts.items()],
            "waiting": now.waiting,
            "skipped": now.skipped,
            "video": now.video,
            "canUndo": now.can_undo,
            "sees": now.gives_pictures,
            "problem": now.problem,
            "network": sketch.network.title if sketch.network and not sketch.is_starter else "",
            "learning": sketch.is_learning,
        }
    )


def _held(body: Mapping[str, Any]) -> list[HeldAnswer]:
    held = body.get("held", [])
    fits = isinstance(held, list) and len(held) <= 2 * MOST_ATTRIBUTES
    if not fits or not all(_is_answer(each) for each in held):
        raise LabelError("What is held comes as a list of attributes with true or false.", "Reload the page.")
    return [HeldAnswer(name, value) for name, value in held]


def _is_answer(each: Any) -> bool:
    return (
        isinstance(each, list) and len(each) == 2 and isinstance(each[0], str) and isinstance(each[1], bool)
    )


def _rate(body: Mapping[str, Any]) -> float:
    rate = body.get("rate", RATE)
    return float(rate) if isinstance(rate, int | float) and not isinstance(rate, bool) else RATE
