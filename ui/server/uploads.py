"""Routes for files that come in pieces: a browser begins one, sends its pieces in order, and asks how far it is after a break."""

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from core.exchange import uploads
from core.exchange.uploads import Upload
from ui.server.bodies import TooLargeError
from ui.server.served_workspace import served_workspace

PIECE = 8 * 1024**2
"""Bytes of a piece, after which a browser begins the next one."""
AT_ONCE = 1024**2
"""Bytes that are written at once."""


def begin(request: Request, body: Any) -> Response:
    """Begin an upload, or find the one that was begun: ``name``, ``size``, ``fingerprint`` and ``formats``."""
    body = body if isinstance(body, dict) else {}
    name, size, print_ = body.get("name"), body.get("size"), body.get("fingerprint")
    formats = body.get("formats")
    if not isinstance(name, str) or not isinstance(size, int) or not isinstance(print_, str):
        return JSONResponse({"error": "An upload has a name, a size and a fingerprint."}, status_code=400)
    taken = [str(ending) for ending in formats] if isinstance(formats, list) else None
    return _told(uploads.begin(served_workspace(), name, size, print_, taken))


def state(request: Request, _body: Any) -> Response:
    """Answer how far an upload is."""
    return _told(_find(request))


def discard(request: Request, _body: Any) -> Response:
    """Remove an upload."""
    uploads.discard(_find(request))
    return JSONResponse({})


async def receive(request: Request) -> Upload | None:
    """Write a piece to the disk while it comes in; return the upload, None where the piece does not begin where it is.

    Raises:
        TooLargeError: the piece has more than `PIECE` bytes.
        SeamLensError: as `core.exchange.uploads`.
    """
    upload = await run_in_threadpool(_find, request)
    offset = request.headers.get("upload-offset", "")[:20]
    try:
        with uploads.writing(upload, int(offset) if offset.isdecimal() else -1) as piece:
            await _write(request, piece)
    except uploads.ElsewhereError:
        return None
    return upload


async def _write(request: Request, piece: uploads.Writing) -> None:
    waiting, received = bytearray(), 0
    try:
        async for chunk in request.stream():
            received += len(chunk)
            if received > PIECE:
                raise TooLargeError
            waiting += chunk
            if len(waiting) >= AT_ONCE:
                await run_in_threadpool(piece.write, bytes(waiting))
                waiting.clear()
    except ClientDisconnect:
        pass  # what came until now stays
    if waiting:
        await run_in_threadpool(piece.write, bytes(waiting))


def go_on(_request: Request, upload: Upload | None) -> Response:
    """Answer a piece that was received: how far the upload is."""
    if upload is None:
        return JSONResponse({"error": "The upload is at another place."}, status_code=409)
    uploads.finish(upload)
    return _told(upload)


def _find(request: Request) -> Upload:
    return uploads.find(served_workspace(), request.path_params["upload"])


def _told(upload: Upload) -> Response:
    told = {"id": upload.id, "name": upload.name, "size": upload.size, "offset": upload.offset}
    return JSONResponse(told | {"whole": upload.is_whole})
