"""Single pictures of a camera, where a network lets no live video through: one comes in, and comes back inspected.

They are put, not posted: no page of another site can send that without being asked first, and the body is no JSON.
"""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import simplejpeg
from anyio import from_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from core.access.rights import Right, check
from core.errors import SeamLensError
from core.live.visits import Visits
from core.media.images import decode_picture, encode_jpeg

MOST_BYTES = 1_000_000
"""Of a picture; one of 640 pixels has 100 kB."""
MOST_PIXELS = 4_000_000
QUALITY = 80
"""Of the JPEG that comes back. It is drawn here, so that it looks as the live picture does; a heatmap alone would be smaller,
but a picture that was sent 0.3 s ago would have to be kept and drawn on in the browser in a second way."""

VISITS = Visits()
"""Of this server."""


def look(request: Request, _body: Any) -> Response:
    """Inspect a picture, the JPEG that is the body, of the visit whose ``token`` stands in the address.

    The answer is binary: the length of a JSON in four bytes, big-endian; the JSON, with ``verdict`` (see
    `core.live.live_verdict.LiveVerdict`) and ``number`` (of the picture on the screen); then the picture with its heatmaps as JPEG.
    Without a visit it is JSON with ``gone``, and without a place with ``line``, the position in it. One picture at a time.
    """
    check(Right.LIVE)
    visit = VISITS.find(request.query_params.get("token", ""))
    if visit is None:
        return JSONResponse({"gone": True}, status_code=410)
    if line := visit.places.ask(visit.visitor):
        return JSONResponse({"line": line}, status_code=409)
    if not visit.looking.acquire(blocking=False):
        return JSONResponse({"error": "The picture before is still looked at."}, status_code=429)
    try:
        picture = decoded(content_of(request))
        VISITS.use(visit)
        drawn, number = visit.feed.look(picture)
    finally:
        visit.looking.release()
    said = json.dumps({"verdict": asdict(visit.feed.viewer.verdict), "number": number}).encode()
    jpeg = encode_jpeg(drawn, QUALITY, half_colour=True)
    content = len(said).to_bytes(4, "big") + said + jpeg
    return Response(content, media_type="application/octet-stream", headers={"Cache-Control": "no-store"})


def content_of(request: Request) -> bytes:
    """Return the body of a request, in the thread of an endpoint.

    Raises:
        SeamLensError: it has more than `MOST_BYTES`.
    """
    content: bytes = from_thread.run(_content, request)
    return content


async def _content(request: Request) -> bytes:
    content = bytearray()
    async for part in request.stream():
        content += part
        if len(content) > MOST_BYTES:
            raise SeamLensError(f"The picture has more than {MOST_BYTES // 1000:,} kB.", "Reload the page.")
    return bytes(content)


def decoded(content: bytes) -> np.ndarray:
    """Return a JPEG as (H, W, 3) uint8 BGR.

    Raises:
        SeamLensError: it is none, or has more than `MOST_PIXELS`.
    """
    try:
        height, width, *_ = simplejpeg.decode_jpeg_header(content)
    except ValueError:
        raise SeamLensError("The camera's picture is no JPEG.", "Reload the page.") from None
    if height * width > MOST_PIXELS:
        raise SeamLensError(f"The camera's picture has {width:,} × {height:,} pixels.", "Reload the page.")
    return decode_picture(content, Path("The camera's picture"))


def ping(request: Request, _body: Any) -> Response:
    """Answer with how many bytes came: how long it takes, the page measures."""
    return JSONResponse({"bytes": len(content_of(request))})
