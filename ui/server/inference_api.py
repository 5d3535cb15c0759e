"""Inference for programs: a picture comes in, what a network says of it goes out. The door is a token, not the sign-in of a class.

Without a client (`core.access.clients`) there is nothing here. Errors are JSON, ``{"error": sentence}``.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict
from functools import partial, wraps
from pathlib import Path
from threading import BoundedSemaphore

import anyio
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from core.access import clients
from core.access.attempts import ADDRESS, Attempts
from core.access.clients import Client
from core.access.person import NOBODY, OWNER, Person, Role, acting_as
from core.access.rights import Right, check
from core.errors import MediaError, PictureTooLargeError, RunError, SeamLensError, WorkspaceError, logged
from core.files import plain
from core.inspection.answer import PictureAnswer, answer
from core.media.incoming_pictures import read_content
from core.runs.run import Run
from core.runs.run_store import damaged_runs, get_run
from core.workspace import default_path
from ui.server import bodies, openapi
from ui.server.guard import OWN_PAGES_ONLY
from ui.server.served_workspace import served_workspace

MOST_BYTES = 16 * 1024**2
"""Of a picture, and of the form that it may come in."""
READ_WITHIN = 30.0
"""Seconds in which a request must have come in."""
PLACES = 16
"""Requests at a time: that come in, wait, or are looked at."""
AT_ONCE = 2
"""Pictures that are decoded at a time; the network takes one after the other."""

DOORS = re.compile(r"/api/v1/(runs/[^/]+/inspect|openapi\.json|docs)")
"""Addresses that a class server leaves to the token (`ui.server.gate`)."""
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
PICTURES = ("image/jpeg", "image/jpg", "image/png", "application/octet-stream")
FORM = "multipart/form-data"
BEGINNINGS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
"""Of JPEG and PNG."""
SWITCH = {"": False, "0": False, "false": False, "1": True, "true": True}

OFF = "This interface is off. “python -m core clients add NAME” makes a token, and switches it on."
NO_TOKEN = "Send your token in the header “Authorization: Bearer TOKEN”."
WRONG_TOKEN = "The token is wrong, or was removed. Ask the owner of the class for one."
BUSY = "Too many pictures at once. Try again in a moment."
NO_PICTURE = "Send a JPEG or PNG picture: as the body with its content type, or as a file in a form (multipart/form-data)."

_attempts = Attempts()
_places = BoundedSemaphore(PLACES)
_workers = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="inference")

Endpoint = Callable[[Request], Awaitable[Response]]


class RefusedError(Exception):
    """A request is not answered: the status, a sentence, and headers."""

    def __init__(self, status: int, sentence: str, **headers: str) -> None:
        super().__init__(sentence)
        self.status, self.headers = status, {key.replace("_", "-"): value for key, value in headers.items()}


def _in_json(endpoint: Endpoint) -> Endpoint:
    """Make every error of an endpoint JSON of one form, and let nobody keep what it answers."""

    @wraps(endpoint)
    async def answered(request: Request) -> Response:
        try:
            response = await endpoint(request)
        except ClientDisconnect:  # in the middle of what it sent
            return Response(status_code=400)
        except Exception as error:
            response = _error(error)
        response.headers.update(OWN_PAGES_ONLY | {"Cache-Control": "no-store"})
        return response

    return answered


def _error(error: Exception) -> JSONResponse:
    if isinstance(error, RefusedError):
        return JSONResponse({"error": str(error)}, error.status, error.headers)
    if isinstance(error, bodies.TooLargeError):
        words = f"A picture may have {MOST_BYTES // 1024**2} MB. Send it smaller."
        return JSONResponse({"error": words}, 413)
    known = error if isinstance(error, SeamLensError) else plain(error, default_path())
    if known is not None:
        return JSONResponse({"error": str(known)}, _status(known))
    words = f"Something went wrong here. Show the owner of the class this log number: {logged(error)}."
    return JSONResponse({"error": words}, 500)


def _status(error: SeamLensError) -> int:
    """Return 409 where a run cannot look: it has no network, or TensorFlow is missing."""
    kinds = ((PictureTooLargeError, 413), (MediaError, 415), (WorkspaceError, 503))
    return next((status for kind, status in kinds if isinstance(error, kind)), 409)


@_in_json
async def inspect(request: Request) -> Response:
    """Inspect the picture of a request with the network of a run; see `ui.server.openapi`."""
    client = await _client(request)
    with_heatmaps = _switch(request, "heatmaps")
    with _place():
        run = await run_in_threadpool(_run, client, request.path_params["run"])
        with anyio.move_on_after(READ_WITHIN) as reading:
            content = await _picture(request)
        if reading.cancelled_caught:
            raise RefusedError(408, f"The picture did not come in within {READ_WITHIN:.0f} seconds.")
        look = partial(_inspected, client, run, content, with_heatmaps)
        made = await asyncio.get_running_loop().run_in_executor(_workers, look)
    return JSONResponse(openapi.without_none(asdict(made)))


@_in_json
async def document(request: Request) -> Response:
    """Answer with the OpenAPI document: to clients, and to who is signed in."""
    await _reader(request)
    return JSONResponse(openapi.document())


@_in_json
async def docs(request: Request) -> Response:
    """Answer with the same as a page to read."""
    await _reader(request)
    return openapi.page()


@_in_json
async def nothing(request: Request) -> Response:
    """Answer for every other address, and for other methods."""
    if not await run_in_threadpool(clients.are_there, default_path()):
        raise RefusedError(404, OFF)
    path = f"/api{request.scope['path'].rpartition('/api')[2]}"
    if not DOORS.fullmatch(path):
        raise RefusedError(404, "There is nothing at this address. /api/v1/docs says what there is.")
    allowed = "POST" if path.endswith("/inspect") else "GET"
    raise RefusedError(405, f"This address takes {allowed} only.", Allow=allowed)


async def _client(request: Request) -> Client:
    """Return whose token a request brings; a wrong one slows down who tries from the same address."""
    folder = default_path()
    if not await run_in_threadpool(clients.are_there, folder):
        raise RefusedError(404, OFF)
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise RefusedError(401, NO_TOKEN, WWW_Authenticate="Bearer")
    if known := clients.remembered(folder, token.strip()):
        return known
    counted = [(ADDRESS, request.client.host if request.client else "")]
    if wait := _attempts.begin(counted):
        seconds = max(1, round(wait + 0.5))
        raise RefusedError(429, f"Too many attempts. Try again in {seconds} s.", Retry_After=str(seconds))
    client = await run_in_threadpool(clients.client_of, folder, token.strip())
    if client is None:
        raise RefusedError(401, WRONG_TOKEN, WWW_Authenticate="Bearer")
    _attempts.succeed(counted)
    return client


async def _reader(request: Request) -> None:
    """Let in who has signed in, who has the computer for themselves, and clients."""
    person = request.scope.get("state", {}).get("person", OWNER)
    if person == NOBODY:
        await _client(request)
    elif not await run_in_threadpool(clients.are_there, default_path()):
        raise RefusedError(404, OFF)


@contextmanager
def _place() -> Iterator[None]:
    if not _places.acquire(blocking=False):
        raise RefusedError(503, BUSY, Retry_After="1")
    try:
        yield
    finally:
        _places.release()


def _switch(request: Request, name: str) -> bool:
    text = request.query_params.get(name, "").lower()
    if text not in SWITCH:
        raise RefusedError(400, f"{name} must be 1 or 0.")
    return SWITCH[text]


def _acting(client: Client) -> AbstractContextManager[None]:
    """Do a block in the name of a client, which may do what a student may."""
    return acting_as(Person(client.name, Role.STUDENT))


def _run(client: Client, name: str) -> Run:
    """Return a run that has a network."""
    with _acting(client):
        workspace = served_workspace()
        try:
            run = get_run(workspace, name)
        except RunError as error:
            hurt = [each.id for each in damaged_runs(workspace)]
            is_hurt = name in hurt or (name == "latest" and bool(hurt))
            raise RefusedError(409 if is_hurt else 404, str(error)) from error
    if run.has_model:
        return run
    words = f"{run.id} has no network yet. Wait until its first epoch has ended, or name another run."
    raise RefusedError(409, words)


async def _picture(request: Request) -> bytes:
    """Return the content of the picture that a request brings."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in (*PICTURES, FORM):
        raise RefusedError(415, NO_PICTURE)
    content = await bodies.read(request, MOST_BYTES)
    if kind == FORM:
        content = await _file_in_form(request, content)
    if not content.startswith(BEGINNINGS):
        raise RefusedError(415, NO_PICTURE)
    return content


async def _file_in_form(request: Request, body: bytes) -> bytes:
    async def once() -> AsyncIterator[bytes]:
        yield body

    try:
        form = await MultiPartParser(request.headers, once(), max_files=1, max_fields=8).parse()  # type: ignore[arg-type]
    except MultiPartException as error:
        raise RefusedError(400, "The form cannot be read: it must hold one file.") from error
    try:
        files = [value for value in form.values() if isinstance(value, UploadFile)]
        return await files[0].read() if files else b""
    finally:
        await form.close()


def _inspected(client: Client, run: Run, content: bytes, with_heatmaps: bool) -> PictureAnswer:
    from ui.shell import run_choice  # brings the pages' caches: Live has the network there, too

    with _acting(client):
        check(Right.LIVE)
        picture = read_content(content, Path("The picture"))
        inspector, _ = run_choice.live_inspector(run)
        return answer(inspector, run.id, picture, with_heatmaps)


def routes() -> list[BaseRoute]:
    """Return all of them, below ``/api``."""
    return [
        Route("/v1/runs/{run}/inspect", inspect, methods=["POST"]),
        Route("/v1/openapi.json", document),
        Route("/v1/docs", docs),
        Route("/v1/{rest:path}", nothing, methods=METHODS),
    ]
