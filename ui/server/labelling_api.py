"""What the labelling page asks of the server: a video with one annotator's labels, and where new labels go."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from threading import Lock
from typing import Any

import cv2
import pandas as pd
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from core.access import accounts
from core.access.rights import check_name
from core.assist import instant_network, ruler_suggestions
from core.assist import suggestions as suggesting
from core.assist.ruler_suggestions import RULER
from core.errors import LabelError, MediaError
from core.inspection import overlay
from core.inspection.inspector import Inspector
from core.labels import annotation_view as views
from core.labels import assignments, sync
from core.labels.labels import called_here, check_annotator
from core.labels.progress import paces, progress, untouched
from core.media.images import encode_jpeg, read_picture
from core.media.library import Video, picture_file, video_of_id
from core.media.transaction import put_in_order
from core.review.stitch_lengths import length_attribute
from core.runs.run import Run
from core.runs.run_store import best_tested
from core.workspace import Workspace
from ui.server import presence
from ui.server.guard import number_of_query
from ui.server.instant_learning import LEARNER
from ui.server.served_workspace import served_workspace

SKETCH = "sketch"
"""The instant network as a source of suggestions; a run is named by its id."""

MOST_EVENTS = 2000
SEEN = 316  # pixels: width of the panel beside the frame
OPACITY = 0.7  # of heatmaps in a picture that small
_one_at_a_time = Lock()  # two at once would only take turns on the same processor


def desk(request: Request, _body: Any) -> Response:
    """Answer with a video, its frames, and the labels of the annotator."""
    workspace = served_workspace()
    found = views.annotation_view(workspace, _annotator(request), number_of_query(request, "video"))
    return JSONResponse(found.to_json())


def videos(request: Request, _body: Any) -> Response:
    """Answer with every video and how much of it the annotator has labelled, and which of them are assigned to this one
    or new to everybody."""
    workspace, annotator = served_workspace(), _annotator(request)
    put_in_order(workspace)
    assigned = assignments.assigned(workspace, annotator).set_index("video_id")["answered"].to_dict()
    new = untouched(workspace)
    return JSONResponse(
        [
            {**_video_json(video), "labelled": labelled, "assigned": video.id in assigned,
             "answered": assigned.get(video.id, 0), "new": video.id in new}
            for video, labelled in progress(workspace, annotator)
        ]
    )  # fmt: skip


def labels(request: Request, body: Any) -> Response:
    """Store label events, and answer who else is at work; without events the page only reports that it is open.

    ``body``: ``workspace`` (its id), ``annotator``, ``tab``, ``video`` (id), its ``key``, ``index``, ``seen`` (the latest ``seq``
    that the page knows) and ``events``. The answer has ``acknowledged`` (ids), ``refused`` (reason by id), ``seq``,
    ``changed`` (something was stored elsewhere meanwhile), ``others``, and of the instant network (``sketch``) its
    ``version``, whether it is the workspace's ``own``, and whether it is ``learning``.
    """
    workspace = served_workspace()
    if not isinstance(body, dict) or body.get("workspace") != workspace_id(workspace):
        # Labels that wait in a browser belong to the workspace that they were made for.
        return JSONResponse({"error": "Another workspace is open here now."}, status_code=409)
    annotator, video = _own(workspace, str(body.get("annotator", ""))), _number(body.get("video"))
    events, malformed = _read(body.get("events", []))
    stored = sync.store(workspace, annotator, events) if events else sync.SyncResult((), {})
    seen = _number(body.get("seen"), -1)
    since = seen if seen >= 0 else views.latest(workspace, annotator, video)
    seq, changed = views.changes_since(workspace, annotator, video, since, {event.action for event in events})
    tab, key = str(body.get("tab", "")), str(body.get("key", ""))
    others = presence.here(workspace, annotator, tab, key, _number(body.get("index")))
    if stored.acknowledged:
        LEARNER.tell()
    if key:
        LEARNER.want(key)
    sketch = LEARNER.sketch(workspace)
    refused = stored.refused | malformed
    return JSONResponse(
        {
            "acknowledged": stored.acknowledged,
            "refused": refused,
            "seq": seq,
            "changed": changed,
            "others": others,
            "sketch": {
                "version": sketch.version,
                "own": not sketch.is_starter,
                "learning": sketch.is_learning,
            },
        }
    )


def suggestions(request: Request, _body: Any) -> Response:
    """Answer with what a run, the instant network or the stitch ruler suggests for every frame of a video, or why it suggests nothing.

    ``source`` asks for `SKETCH`, `RULER` or a run (its id); by default the better network suggests, see `_better`. The answer
    names the ``source`` and all ``sources`` (``id``, ``title``), where there is a choice. ``status``: ``ready`` with the rest of `core.assist.suggestions.to_json`; ``no run`` where there is no network;
    ``withheld`` for a video of the test part, unless the request insists: a suggestion would sway the labels that the
    network is tested against; ``blind`` or ``gold`` where no insisting helps, see `core.assist.suggestions.withheld`.
    """
    workspace, annotator = served_workspace(), _annotator(request)
    video = video_of_id(workspace, number_of_query(request, "video"))
    check_annotator(annotator)
    if reason := suggesting.withheld(workspace, annotator, video):
        return JSONResponse({"status": reason})
    runs = suggesting.suggesting_runs(workspace)
    sources = {SKETCH: _sketch_title(workspace)}
    if length := length_attribute(workspace.attributes):
        sources[RULER] = f"Stitch ruler, for {length.name} only"
    sources |= {run.id: _title(run) for run in runs}
    asked = request.query_params.get("source", "")
    better = _better(workspace, runs)
    source = asked if asked in sources else better.id if better else SKETCH
    insists = request.query_params.get("insist") == "true"
    if source == RULER:
        answer = _by_ruler(workspace, video)
    elif source == SKETCH:
        answer = _by_sketch(workspace, video, insists)
    else:
        answer = _by_run(next(run for run in runs if run.id == source), workspace, video, insists)
    listed = [{"id": each, "title": title} for each, title in sources.items()]
    chosen = {"source": source, "sources": listed} if len(listed) > 1 else {}
    return JSONResponse(answer | chosen)


def _better(workspace: Workspace, runs: Sequence[Run]) -> Run | None:
    """Return the best tested run; without one none where the sketch has learned here, else the newest run."""
    if tested := best_tested(runs):
        return tested
    sketch = LEARNER.sketch(workspace)
    return None if not runs or (sketch.network and not sketch.is_starter) else runs[0]


def _title(run: Run) -> str:
    return f"{run.id}, {'tested' if run.test else 'not tested'}"


def _sketch_title(workspace: Workspace) -> str:
    network = LEARNER.sketch(workspace).network
    return network.name if network else instant_network.NAME


def _by_run(run: Run, workspace: Workspace, video: Video, insists: bool) -> dict[str, Any]:
    part = suggesting.part_of(run, video)
    if part == "test" and not insists:
        return {"status": "withheld", "run": run.id}
    with _one_at_a_time:
        table = suggesting.suggest(run, workspace, video)
    return {"status": "ready", "part": part, **suggesting.to_json(run, workspace, table)}


def _by_sketch(workspace: Workspace, video: Video, insists: bool) -> dict[str, Any]:
    """Return what the instant network suggests; ``origin`` says what it is."""
    LEARNER.want(video.key)
    sketch = LEARNER.sketch(workspace)
    network = sketch.network and sketch.network.for_attributes(workspace.attributes)
    if sketch.trouble or not network:
        return {"status": sketch.trouble or "no run"}
    if instant_network.tests(workspace, video.key) and not insists:
        return {"status": "withheld"}
    table = instant_network.suggest(network, workspace, video.key)
    answer = {"status": "ready", "run": network.name, "origin": network.title, "version": sketch.version}
    return answer | suggesting.plain(network.thresholds, table)


def _by_ruler(workspace: Workspace, video: Video) -> dict[str, Any]:
    """Return what the stitch ruler suggests. It learned from no video, so that test videos have its suggestions, too."""
    try:
        ruler = ruler_suggestions.length_ruler(workspace)
    except LabelError as error:
        return {"status": str(error)}
    with _one_at_a_time:
        pitches = ruler_suggestions.frame_pitches(workspace, video)["pitch"]
    table = pd.DataFrame({ruler.length.name: ruler.probabilities(pitches.to_numpy())})
    lengths = [None if math.isnan(pitch) else round(pitch * ruler.mm_per_pixel, 2) for pitch in pitches]
    answer = {
        "status": "ready",
        "run": RULER,
        "origin": ruler.title,
        "millimetres": {ruler.length.name: lengths},
    }
    return answer | suggesting.plain({ruler.length.name: 0.5}, table)


def seen(request: Request, _body: Any) -> Response:
    """Answer with a small JPEG of a frame with the heatmaps of the instant network on it, or why there is none.

    What is withheld from an annotator as a suggestion is withheld as a picture.
    """
    workspace, annotator = served_workspace(), _annotator(request)
    video = video_of_id(workspace, number_of_query(request, "video"))
    check_annotator(annotator)
    network = LEARNER.sketch(workspace).network
    network = network and network.for_attributes(workspace.attributes)
    is_withheld = suggesting.withheld(workspace, annotator, video) or instant_network.tests(
        workspace, video.key
    )
    if not network or is_withheld:
        raise MediaError("There is nothing to show here yet.", "Label some pictures first.")
    picture = read_picture(picture_file(workspace, video.id, number_of_query(request, "index")))
    height = max(1, round(SEEN * picture.shape[0] / picture.shape[1]))
    small = cv2.resize(picture, (SEEN, height), interpolation=cv2.INTER_AREA)
    drawn = overlay.draw(small, Inspector.of_instant(network).inspect(picture), network.attributes, OPACITY)
    return Response(
        encode_jpeg(drawn), media_type="image/jpeg", headers={"Cache-Control": "private, max-age=60"}
    )


def pace(request: Request, _body: Any) -> Response:
    """Answer with how much the annotator has labelled since ``since`` (ISO 8601), and how fast."""
    workspace, annotator = served_workspace(), _annotator(request)
    try:
        since = datetime.fromisoformat(request.query_params["since"]).astimezone(UTC)
    except (KeyError, ValueError) as error:
        raise LabelError("The request lacks since, a time in ISO 8601.", "Reload the page.") from error
    mine = paces(workspace, since, annotator).astype(object)
    return JSONResponse(next(iter(mine.where(mine.notna(), None).to_dict("records")), {}))


def _read(items: Any) -> tuple[list[sync.Labelled | sync.Undone], dict[str, str]]:
    """Read events one by one: what is malformed is refused by its id, and keeps nothing else out."""
    events: list[sync.Labelled | sync.Undone] = []
    malformed: dict[str, str] = {}
    if not isinstance(items, list) or len(items) > MOST_EVENTS:
        raise LabelError(f"Events come as a list of at most {MOST_EVENTS}.", "Reload the page.")
    for item in items:
        try:
            events += sync.read_events([item])
        except LabelError as error:
            id = str(item.get("id") if isinstance(item, dict) else item)
            malformed[id.encode(errors="backslashreplace").decode()] = str(error)
    return events, malformed


def _number(value: Any, default: int = 0) -> int:
    return value if isinstance(value, int) and abs(value) < 2**31 else default


def _video_json(video: Video) -> dict[str, Any]:
    words = ("id", "key", "frames", "width", "height")
    return {word: getattr(video, word) for word in words} | {"rate": video.frame_rate}


def workspace_id(workspace: Workspace) -> str:
    """Return what tells this workspace from another that the same server may open later."""
    return str(workspace.path.resolve())


def _annotator(request: Request) -> str:
    """Return who asks, in the one form of the name; empty where nobody is named.

    Raises:
        AccessError: somebody signed in under another name.
    """
    given = request.query_params.get("annotator", "")
    return _own(served_workspace(), given) if given.strip() else ""


def _own(workspace: Workspace, given: str) -> str:
    name = called_here(workspace, accounts.name_now(workspace.path, given))
    check_name(name)
    return name
