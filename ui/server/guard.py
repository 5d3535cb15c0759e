"""Who may call a route: pages of this server, under a name that it is known by.

Without these checks any web page that a visitor opens could read frames or write labels: directly (Origin), or by a
host name of its own that is made to point here (Host; "DNS rebinding").
"""

from collections.abc import Callable
from functools import wraps
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from core.errors import SeamLensError

OWN_PAGES_ONLY = {"X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin"}
Endpoint = Callable[[Request, Any], Response]
"""Takes the request and what its body holds (JSON), for POST; runs in a thread, since it reads files."""


def guarded(endpoint: Endpoint) -> Callable[[Request], Any]:
    """Let an endpoint answer only to this server's own pages, and answer with the text of SeamLens' errors."""

    @wraps(endpoint)
    async def answer(request: Request) -> Response:
        if problem := refusal(request):
            return JSONResponse({"error": problem}, status_code=403)
        body = None
        if request.method == "POST":
            try:
                body = await request.json()
            except ValueError:
                return JSONResponse({"error": "expected JSON"}, status_code=400)
        try:
            answered = await run_in_threadpool(endpoint, request, body)
            answered.headers.update(OWN_PAGES_ONLY)
            return answered
        except SeamLensError as error:
            return JSONResponse({"error": str(error)}, status_code=422)

    return answer


def refusal(request: Request) -> str:
    """Return why a request is not answered; empty where it is."""
    host = request.headers.get("host", "")
    if not known_host(urlsplit(f"//{host}").hostname or ""):
        return f"the host {host!r} is not in server.allowedHosts"
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != host:
        return f"the origin {origin!r} is not this server"
    if request.headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
        return "the request comes from another site"
    kind = request.headers.get("content-type", "").partition(";")[0]
    if request.method == "POST" and kind != "application/json":  # what no form of another site can send
        return "the content type is not application/json"
    return ""


def known_host(name: str) -> bool:
    """Return whether ``name`` is this machine itself, or allowed by Streamlit's ``server.allowedHosts``."""
    if is_this_machine(name):
        return True
    allowed = [str(host).strip().lower().strip("[]") for host in st.get_option("server.allowedHosts") or []]
    return any(host in ("*", name) or (host.startswith("*.") and name.endswith(host[1:])) for host in allowed)


def is_this_machine(name: str) -> bool:
    """Return whether ``name`` is that by which a machine calls itself: there, browsers trust plain HTTP."""
    return name == "localhost" or _is_loopback(name)


def _is_loopback(name: str) -> bool:
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False
