"""Who may call a route: pages of this server, under a name that it is known by.

Without these checks any web page that a visitor opens could read frames or write labels: directly (Origin), or by a
host name of its own that is made to point here (Host; "DNS rebinding").
"""

import re
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, nullcontext
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.responses import JSONResponse, Response

from core.access.person import Role, acting_as, current
from core.errors import AccessError, MediaError, SeamLensError, WorkspaceError, logged
from core.files import plain
from core.names import quoted
from core.workspace import default_path
from ui.server import bodies

OWN_PAGES_ONLY = {"X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin"}
THIS_MACHINE = ("localhost", "127.0.0.1", "::1")  # by these names browsers trust plain HTTP
Endpoint = Callable[[Request, Any], Response]
"""Takes the request and what its body holds (JSON), for POST; runs in a thread, since it reads files."""

Read = Callable[[Request], Awaitable[Any]]
WITH_BODY = ("POST", "PATCH")
PIECES = "application/offset+octet-stream"
"""Content type of a piece of a file: no form of another site can send it, nor the method PATCH."""


def guarded(endpoint: Endpoint, read: Read = bodies.read_json) -> Callable[[Request], Any]:
    """Let an endpoint answer only to this server's own pages, and turn errors of SeamLens into JSON.

    ``read`` takes what the body of a request holds, which the endpoint gets.
    """

    @wraps(endpoint)
    async def answer(request: Request) -> Response:
        if problem := refusal(request):
            return JSONResponse({"error": problem}, status_code=403)
        with _acting(request):
            return await _answered(endpoint, request, read)

    return answer


async def _answered(endpoint: Endpoint, request: Request, read: Read) -> Response:
    try:
        body = await read(request) if request.method in WITH_BODY else None
        answered = await run_in_threadpool(endpoint, request, body)
        answered.headers.update(OWN_PAGES_ONLY)
        return answered
    except ClientDisconnect:  # in the middle of what it sent
        return Response(status_code=400)
    except bodies.TooLargeError:
        return JSONResponse({"error": "The request is too large."}, status_code=413)
    except bodies.NotJsonError:
        return JSONResponse({"error": "The request is not JSON."}, status_code=400)
    except SeamLensError as error:
        return JSONResponse({"error": str(error)}, status_code=_status(error))
    except Exception as error:
        if problem := plain(error, default_path()):
            return JSONResponse({"error": str(problem)}, status_code=_status(problem))
        # A bug: the log has it, not the visitor.
        words = f"Something went wrong here. Show your instructor this log number: {logged(error)}."
        return JSONResponse({"error": words}, status_code=500)


def number_of_query(request: Request, name: str) -> int:
    """Return a whole number of the address.

    Raises:
        MediaError: it is none that anything here can have.
    """
    text = request.path_params[name]
    if not re.fullmatch("[0-9]{1,10}", text):
        raise MediaError(f"There is no {name} with the number {quoted(text)} here.", "Reload the page.")
    return int(text)


def _acting(request: Request) -> AbstractContextManager[None]:
    """Do a block as whoever the gate of a class server let in (`ui.server.gate`); without a gate as before."""
    person = request.scope.get("state", {}).get("person")
    return acting_as(person) if person else nullcontext()


def _status(error: SeamLensError) -> int:
    """Return 404 for what is not there, 503 while the workspace cannot be used, 400 for what does not fit; for what
    somebody may not do 401 where they have not signed in, and 403 where they have.
    """
    if isinstance(error, AccessError):
        return 401 if current().role == Role.NOBODY else 403
    return 404 if isinstance(error, MediaError) else 503 if isinstance(error, WorkspaceError) else 400


def trusted_hosts() -> Middleware:
    """Let a server answer under the names of this machine, and those of Streamlit's ``server.allowedHosts``, only."""
    allowed = [str(host).strip().lower().strip("[]") for host in st.get_option("server.allowedHosts") or []]
    hosts = [f"[{host}]" if ":" in host else host for host in (*THIS_MACHINE, *allowed)]  # IPv6 in brackets
    return Middleware(TrustedHostMiddleware, allowed_hosts=hosts, www_redirect=False)


def from_elsewhere(request: HTTPConnection) -> str:
    """Return why a request is none of this server's own pages; empty where it is."""
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        return f"the origin {origin!r} is not this server"
    if request.headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
        return "the request comes from another site"
    return ""


def refusal(request: Request) -> str:
    """Return why a request is not answered; empty where it is."""
    if problem := from_elsewhere(request):
        return problem
    kind = request.headers.get("content-type", "").partition(";")[0]
    expected = {"POST": "application/json", "PATCH": PIECES}.get(request.method)
    if expected and kind != expected:  # what no form of another site can send
        return f"the content type is not {expected}"
    return ""
