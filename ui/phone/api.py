"""What the phone page asks of the server. While it is live its pictures come by WebRTC, or one by one (`ui.server.look`)."""

import asyncio
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any
from uuid import uuid4

from aiortc import RTCPeerConnection
from anyio import from_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from core.access.person import Role, acting_as, current
from core.access.rights import Right, check
from core.assist.instant_network import LEAST, NAME
from core.errors import SeamLensError, WorkspaceError
from core.events.detector import default_rules
from core.events.signals import Signals
from core.events.trust import trusted_settings
from core.inspection.panel import DisplayOptions
from core.jobs.background import BACKGROUND, Line, Task
from core.live.camera_feed import CameraFeed
from core.live.camera_recorder import CameraRecorder, recording_name
from core.live.recording import Recording, begin_recording
from core.live.teaching import RATE, Teacher
from core.live.viewer import Viewer
from core.live.visits import Visit
from core.media import add_frames
from core.media.add_frames import Origin
from core.networks import installed
from core.runs.run import Run
from core.runs.run_store import best_tested
from core.scratch import make_temporary_folder
from core.videos.add_video import Added, add_video
from core.workspace import Workspace
from ui.live import teach
from ui.live.network import SKETCH, NewestInspector
from ui.live.stream import live_places
from ui.phone import connections
from ui.server import live_view, teaching
from ui.server.instant_learning import LEARNER
from ui.server.labelling_api import workspace_id
from ui.server.look import VISITS
from ui.server.served_workspace import served_workspace
from ui.shell import run_choice
from ui.videos.recorder import keep_recording

SOURCE = "camera of a phone"
"""What sessions call it."""
TOKEN = re.compile("[0-9a-f]{32}")


def setup(request: Request, _body: Any) -> Response:
    """Answer with what the page shows: networks to choose from, the best first, and the answers that can be taught."""
    check(Right.LIVE)
    workspace, person = served_workspace(), current()
    networks = [{"id": run.id, "title": run_choice.named(run, short=True)} for run in _runs(workspace)]
    return JSONResponse(
        {
            "workspace": workspace_id(workspace),
            "name": person.name,
            "asksName": person.role == Role.OWNER,
            "networks": [*networks, {"id": SKETCH, "title": NAME}],
            "answers": teach.shown_answers(workspace),
            "rows": [{"name": each.name, "colour": each.colour} for each in workspace.attributes],
            "rates": teach.RATES,
            "rate": int(RATE),
            "least": LEAST,
        }
    )


def begin(request: Request, body: Any) -> Response:
    """Begin a visit with a network, its id in ``network``; answer its ``token`` and ``line``: above 0 all places are taken.

    ``body`` may have the ``token`` of an earlier answer: to ask again, or to go on with another network.
    """
    check(Right.LIVE)
    workspace, known = served_workspace(), _text(body, "token")
    token = known if TOKEN.fullmatch(known) else uuid4().hex
    places = live_places(workspace)
    if line := places.ask(token):
        return JSONResponse({"token": token, "line": line, "places": places.count})
    origin = add_frames.stream_origin()
    viewer = _viewer(workspace, _text(body, "network"), origin)
    teacher, recorder = Teacher(workspace.path, origin, LEARNER.tell), CameraRecorder()
    visit = Visit(token, CameraFeed(viewer, teacher, recorder), places)
    visit.ending = partial(_keep, workspace, visit)
    VISITS.begin(visit)
    live_view.register(token, viewer)
    teaching.register(token, teacher)
    return JSONResponse({"token": token, "line": 0})


def offer(request: Request, body: Any) -> Response:
    """Connect the camera of a visit by WebRTC: answer the ``sdp`` of its offer with one."""
    check(Right.LIVE)
    visit = VISITS.find(_text(body, "token"))
    if visit is None:
        return JSONResponse({"gone": True}, status_code=410)
    feed, loop = visit.feed, from_thread.run_sync(asyncio.get_running_loop)

    def draw(picture: Any, captured: float | None) -> Any:
        VISITS.use(visit)
        return feed.show(picture, captured)

    connection, sdp = _answered(partial(connections.connect, _text(body, "sdp"), draw))
    visit.hang_up()  # the connection before
    visit.hang_up = partial(_hang_up, connection, loop)
    return JSONResponse({"sdp": sdp})


def try_connection(request: Request, body: Any) -> Response:
    """Answer the offer (``sdp``) of a network check."""
    check(Right.LIVE)
    return JSONResponse({"sdp": _answered(partial(connections.check, _text(body, "sdp")))})


def end(request: Request, body: Any) -> Response:
    """End a visit: its place is free at once."""
    VISITS.end(_text(body, "token"))
    return JSONResponse({})


def recording(request: Request, body: Any) -> Response:
    """Begin a recording where ``on`` is true; where it is false end it and add the video; else only answer how far it is.

    The answer has ``seconds`` (none where nothing is recorded), ``dropped`` (pictures) and, of a recording that has ended,
    ``adding`` (the name of its job), ``running`` and ``said`` (sentences).
    """
    check(Right.ADD)
    workspace, visit = served_workspace(), VISITS.find(_text(body, "token"))
    recorder = visit.feed.recorder if visit else None
    is_on, key = (body.get("on") if isinstance(body, dict) else None), _text(body, "adding")
    if is_on is True:
        if recorder is None:
            return JSONResponse({"gone": True}, status_code=410)
        if not recorder.recording:
            folder = make_temporary_folder(workspace.path, "record")
            recorder.start(folder / recording_name(datetime.now(), _text(body, "note")))
    elif is_on is False and recorder is not None and recorder.recording:
        key = _add(workspace, recorder, _text(body, "annotator"))
    job = BACKGROUND.latest(workspace, key) if key else None
    return JSONResponse(
        {
            "seconds": recorder.seconds if recorder and recorder.recording else None,
            "dropped": recorder.dropped if recorder else 0,
            "adding": key,
            "running": job is not None and job.is_running,
            "said": [str(line) for line in job.lines] if job else [],
        }
    )


def _runs(workspace: Workspace) -> list[Run]:
    """Return the runs that can be live, the best tested one first."""
    runs = run_choice.usable(workspace) if installed.is_installed() else []
    best = best_tested(runs)
    return sorted(runs, key=lambda run: run is not best)


def _viewer(workspace: Workspace, network: str, origin: Origin) -> Viewer:
    """Return the viewer of a network (its id), else of the instant network."""
    run = next((run for run in _runs(workspace) if run.id == network), None)
    if run is None:
        newest = NewestInspector(workspace)
        return Viewer(newest.inspector, DisplayOptions(), newest.begin, newest)
    inspector, _ = run_choice.live_inspector(run)
    signals: Signals | None
    try:
        signals = trusted_settings(workspace)
    except WorkspaceError:  # nobody has allowed what they run; the Live page says so
        signals = None

    def begin(smooth: float) -> Recording:
        rules = default_rules(run.attributes, run.thresholds, smooth=smooth)
        return begin_recording(run, SOURCE, rules, inspector, live=origin, signals=signals)

    return Viewer(inspector, DisplayOptions(), begin)


def _hang_up(connection: RTCPeerConnection, loop: asyncio.AbstractEventLoop) -> None:
    if not loop.is_closed():
        asyncio.run_coroutine_threadsafe(connection.close(), loop)


def _answered(connecting: Any) -> Any:
    """Run a coroutine that answers an offer, on the loop of the server."""
    try:
        return from_thread.run(connecting)
    except ValueError:
        raise SeamLensError("The offer of live video is none that can be read.", "Reload the page.") from None


def _keep(workspace: Workspace, visit: Visit) -> None:
    """Add what is still being recorded at the end of a visit: the phone may be out of reach."""
    recorder = visit.feed.recorder
    if recorder is not None and recorder.recording:
        with suppress(SeamLensError), acting_as(visit.person):
            _add(workspace, recorder, visit.person.name)


def _add(workspace: Workspace, recorder: CameraRecorder, user: str) -> str:
    """End a recording and begin to add it; return the key of the job."""
    path = recorder.stop()
    task = Task(
        f"add {path.name}", f"Adding {path.name}", ("Videos",), partial(add_video, origin="camera"), (workspace, path),
        _sentences, partial(keep_recording, workspace, path),
    )  # fmt: skip
    return BACKGROUND.start(workspace, replace(task, user=user))[0].task.key


def _sentences(added: Added) -> list[Line]:
    return [
        " ".join([f"{added.video.key} is ready to label.", *added.notes]) if added.is_new else added.summary()
    ]


def _text(body: Any, name: str) -> str:
    value = body.get(name) if isinstance(body, Mapping) else None
    return value if isinstance(value, str) else ""
