"""Addresses of the phone page: ``/phone`` is the page itself, everything that it needs is below."""

from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.websockets import WebSocket

from ui.elements.components import own_address
from ui.server import look
from ui.server.guard import Endpoint, guarded, trusted_hosts

HERE = Path(__file__).parent
LIVE = HERE.parent / "live"
KINDS = {".js": "text/javascript", ".css": "text/css", ".html": "text/html"}
FILES = {file.name: file for file in (*HERE.iterdir(), *LIVE.iterdir()) if file.suffix in (".js", ".css")}
PAGE = HERE / "phone.html"
POSTS = ("begin", "offer", "try_connection", "end", "recording")
"""Functions of `ui.phone.api`, which are their addresses, too."""


def page(request: Request) -> Response:
    """Answer with the page; whoever has its address may open it, as any page of the app."""
    words = PAGE.read_text(encoding="utf-8").replace("BASE", own_address(""))
    return Response(
        words,
        media_type="text/html",
        headers={"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"},
    )


def file(request: Request, _body: Any) -> Response:
    """Answer with a script or a style."""
    found = FILES.get(request.path_params["file"])
    if found is None:
        return JSONResponse({"error": "no such file"}, status_code=404)
    return FileResponse(found, media_type=KINDS[found.suffix], headers={"Cache-Control": "no-cache"})


async def echo(websocket: WebSocket) -> None:
    """Open a websocket of the network check, and close it."""
    await websocket.accept()
    await websocket.send_text("here")
    await websocket.close()


def _asked(name: str) -> Endpoint:
    """Return an endpoint of `ui.phone.api`, imported when it is first asked.

    streamlit-webrtc must not be imported before the server runs: it would serve nothing of its own.
    """

    def endpoint(request: Request, body: Any) -> Response:
        from ui.phone import api

        answer: Response = getattr(api, name)(request, body)
        return answer

    return endpoint


def routes() -> list[BaseRoute]:
    """Return all of them, below the base path that Streamlit is set to."""
    below = [
        Route("/setup", guarded(_asked("setup"))),
        Route("/files/{file}", guarded(file)),
        Route("/ping", guarded(look.ping), methods=["PUT"]),
        WebSocketRoute("/echo", echo),
        *(Route(f"/{name}", guarded(_asked(name)), methods=["POST"]) for name in POSTS),
    ]
    hosts = trusted_hosts()
    return [
        Route(own_address("/phone"), page, middleware=[hosts]),
        Mount(own_address("/phone"), routes=below, middleware=[hosts]),
    ]
