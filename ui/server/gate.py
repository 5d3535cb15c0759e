"""The gate of a class server: without a valid cookie there is only the page to sign in.

It is a middleware in front of all that the server answers: pages, Streamlit's websocket and files, and the routes. Where
SeamLens serves this computer alone there is no gate.
"""

import asyncio
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core import names
from core.access import accounts, class_file, tickets
from core.access.accounts import LASTS, Ticket
from core.access.attempts import ADDRESS as ADDRESS_LIMIT
from core.access.attempts import Attempts, Key, keys
from core.access.person import NOBODY, OWNER, acting_as, recognise_by
from core.access.tickets import DEVICE_LASTS
from core.errors import AccessError, SeamLensError, WorkspaceError
from core.labels.labels import DRAWN, called_here
from core.text import count
from core.workspace import default_path
from ui.elements.components import own_address
from ui.server import inference_api
from ui.server.guard import from_elsewhere, trusted_hosts
from ui.server.recognise import recognise, sign_in_cookie, who_has
from ui.server.served_workspace import served_workspace
from ui.server.sign_in_page import sign_in_page

ADDRESS = "SEAMLENS_CLASS_SERVER"
"""Environment variable: the address under which the class opens a class server; empty where there is none."""

MOST_BYTES = 4096
"""Of the form."""
MOST_FIELDS = 8

PATIENCE = 10.0
"""Seconds for which an attempt to sign in waits for its turn, before its person is asked to try again later."""

SIGN_IN, SIGN_OUT, WHO = "/sign-in", "/sign-out", "/sign-in/who"
PHONE = "/phone"
"""The page for phones, of `ui.phone.routes`."""
FIELDS = ("code", "name", "pin", "next")
NOT_SIGNED_IN = "You are not signed in. Sign in, then try again."
SIGNED_OUT = "You are signed out. Sign in to go on."
CLOSED = 1008
"""Code with which a websocket is closed: the policy (RFC 6455)."""


def address() -> str:
    """Return the address of the class server that this process is; empty where it serves this computer alone."""
    return os.environ.get(ADDRESS, "")


def sign_in_address() -> str:
    """Return the address of the page to sign in; empty where there is none."""
    return own_address(SIGN_IN) if address() else ""


def gate() -> list[Middleware]:
    """Return what stands in front of everything on a class server, and let core recognise people by their cookies."""
    if not address():
        return []
    recognise_by(recognise)
    return [trusted_hosts(), Middleware(Gate)]


class Gate:
    """The middleware. Whom it lets in stands in the ``state`` of the scope as ``person``."""

    def __init__(self, app: ASGIApp) -> None:
        self._app, self._attempts = app, Attempts()
        self._base = own_address("")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let through who has a valid cookie; answer everybody else."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        if answer := await self._own_page(connection, receive):
            await answer(scope, receive, send)
            return
        cookie = sign_in_cookie(connection.cookies)
        person = who_has(cookie)
        if person == NOBODY and not self._has_token(connection):
            await self._refusal(connection, cookie)(scope, receive, send)
            return
        if _opens_page(connection) and "code" in connection.query_params:  # somebody scanned it again
            await RedirectResponse(self._next(connection), 303)(scope, receive, send)
            return
        scope.setdefault("state", {})["person"] = person
        if scope["type"] == "websocket":
            receive = _while_signed_in(cookie, receive, send)
        await self._app(scope, receive, send)

    def _has_token(self, connection: HTTPConnection) -> bool:
        """Return whether a program asks that has, or tries, a token: `ui.server.inference_api` looks at it."""
        is_door = inference_api.DOORS.fullmatch(connection.scope["path"].removeprefix(self._base))
        return bool(is_door and connection.scope["type"] == "http" and "authorization" in connection.headers)

    async def _own_page(self, connection: HTTPConnection, receive: Receive) -> Response | None:
        """Return what the gate answers itself: signing in and out, and whether somebody is signed in."""
        path, method = connection.scope["path"].removeprefix(self._base), connection.scope.get("method")
        if connection.scope["type"] != "http" or path not in (SIGN_IN, SIGN_OUT, WHO):
            return None
        cookie = sign_in_cookie(connection.cookies)
        if path == SIGN_IN and method == "POST":
            return await self._sign_in(Request(connection.scope, receive))
        if path == SIGN_OUT:
            return await self._sign_out(connection, cookie)
        person = who_has(cookie)
        if path == WHO:
            return JSONResponse({"name": person.name, "role": person.role}, 401 if person == NOBODY else 200)
        return self._page(connection) if person == NOBODY else RedirectResponse(self._base or "/", 303)

    def _refusal(self, connection: HTTPConnection, cookie: str) -> Response:
        """Answer somebody without a valid cookie: with the page to sign in where a browser opens a page."""
        if not _opens_page(connection):
            return JSONResponse({"error": NOT_SIGNED_IN}, 401, {"Cache-Control": "no-store"})
        return self._page(connection, note=SIGNED_OUT if cookie else "", status=401)

    def _page(self, connection: HTTPConnection, **said: Any) -> Response:
        code = connection.query_params.get("code", "")[:40]
        note = SIGNED_OUT if "out" in connection.query_params else ""
        said = {"code": code, "next": self._next(connection), "note": note, **said}
        return sign_in_page(self._base + SIGN_IN, **said)

    def _next(self, connection: HTTPConnection) -> str:
        """Return the page that was asked for, without the code; of the page to sign in, the one that its address names; the page
        for phones where a phone has scanned the code.
        """
        path = connection.scope["path"]
        if path.removeprefix(self._base) == SIGN_IN:
            return _local(connection.query_params.get("next", ""), self._base or "/")
        if (
            "code" in connection.query_params
            and path.removeprefix(self._base) in ("", "/")
            and _is_phone(connection)
        ):
            return self._base + PHONE
        query = [(name, value) for name, value in connection.query_params.multi_items() if name != "code"]
        return f"{path}?{urlencode(query)}" if query else path

    async def _sign_in(self, request: Request) -> Response:
        if problem := from_elsewhere(request):
            return JSONResponse({"error": problem}, 403)
        form = await _form(request)
        if form is None:
            return JSONResponse({"error": "The form is too large."}, 413)
        code, name, pin, wanted = (form.get(field, "") for field in FIELDS)
        again = {"code": code[:40], "name": name[:60], "next": _local(wanted, self._base or "/")}
        try:
            folder = default_path()
            name = await run_in_threadpool(_name_here, name)
            counted = _counted(folder, request, name)
            if wait := await self._turn(counted):
                return self._too_soon(request, wait, again)
            join, instructors = self._attempts.join, served_workspace().instructors
            ticket = await run_in_threadpool(accounts.sign_in, folder, code, name, pin, join, instructors)
        except WorkspaceError as error:
            return self._page(request, **again, problem=str(error), status=503)
        except SeamLensError as error:
            return self._page(request, **again, problem=str(error), status=401)
        self._attempts.succeed(counted)
        return _with_cookies(RedirectResponse(again["next"], 303), request, folder, ticket)

    async def _turn(self, counted: Sequence[Key]) -> float:
        """Count an attempt; return the seconds to wait where it is too soon for one.

        A short wait for others at the same address passes here: while a class signs in at once from behind one address, no attempt
        is known to be right yet, and nobody of it is to press again.
        """
        own = [key for key in counted if key[0] is not ADDRESS_LIMIT]
        end = time.monotonic() + PATIENCE
        while wait := self._attempts.begin(counted):
            if self._attempts.wait(own) or time.monotonic() + wait > end:
                break
            await asyncio.sleep(wait)
        return wait

    def _too_soon(self, request: Request, wait: float, again: Mapping[str, str]) -> Response:
        seconds = max(1, round(wait + 0.5))
        problem = f"Too many attempts. Try again in {_wait(seconds)}."
        answer = self._page(request, **again, problem=problem, status=429)
        answer.headers["Retry-After"] = str(seconds)
        return answer

    async def _sign_out(self, connection: HTTPConnection, cookie: str) -> Response:
        """End the sign-in of this browser; a link on another site cannot."""
        if from_elsewhere(connection):
            return RedirectResponse(self._base or "/", 303)
        if ticket := tickets.read(default_path(), cookie):
            await run_in_threadpool(accounts.end, default_path(), ticket)
        answer = RedirectResponse(f"{self._base}{SIGN_IN}?out", 303)
        is_https = connection.url.scheme == "https"
        name = tickets.cookie_name(default_path(), is_https)
        answer.delete_cookie(name, secure=is_https, httponly=True, samesite="lax")
        return answer


def _is_phone(connection: HTTPConnection) -> bool:
    """Return whether a browser says that it is a phone's."""
    hint = connection.headers.get("sec-ch-ua-mobile", "")
    return hint == "?1" or (not hint and "Mobi" in connection.headers.get("user-agent", ""))


def _opens_page(connection: HTTPConnection) -> bool:
    """Return whether a browser asks for something to show in its window, and not for a part of it."""
    is_get = connection.scope.get("method") in ("GET", "HEAD")
    return is_get and "text/html" in connection.headers.get("accept", "")


def _while_signed_in(cookie: str, receive: Receive, send: Send) -> Receive:
    """Return what receives the messages of a websocket until its cookie is valid no more: then it is closed."""

    async def received() -> Message:
        message = await receive()
        if message["type"] != "websocket.receive" or who_has(cookie) != NOBODY:
            return message
        await send({"type": "websocket.close", "code": CLOSED})
        return {"type": "websocket.disconnect", "code": CLOSED}

    return received


async def _form(request: Request) -> dict[str, str] | None:
    """Return the fields of a form; none of one that is too large, of which no more is read."""
    body = b""
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MOST_BYTES:
                return None
    except ClientDisconnect:
        return None
    try:
        fields = parse_qs(body.decode(errors="replace"), max_num_fields=MOST_FIELDS)
    except ValueError:
        return {}
    return {name: values[0] for name, values in fields.items()}


def _name_here(name: str) -> str:
    """Return a name as it is written in this class already, where somebody has answered under it.

    Raises:
        SeamLensError: it cannot be a name, or is one of the program's.
    """
    with acting_as(OWNER):
        name = called_here(served_workspace(), name)
    if names.is_among(name, [DRAWN]):
        raise AccessError(
            f"{names.quoted(DRAWN)} stands for labels that SeamLens drew.", "Choose another name."
        )
    return name


def _counted(folder: Path, request: Request, name: str) -> list[Key]:
    """Return what an attempt to sign in with this name from there counts for."""
    client, account = request.client.host if request.client else "", class_file.read(folder).named(name)
    cookie = request.cookies.get(_device_name(folder, request), "")
    known = tickets.device(folder, cookie, account.id) if account and cookie else ""
    return keys(client, names.key(name), known)


def _with_cookies(answer: Response, request: Request, folder: Path, ticket: Ticket) -> Response:
    is_https = request.url.scheme == "https"
    kept = {"httponly": True, "samesite": "lax", "secure": is_https}
    name, device = tickets.cookie_name(folder, is_https), tickets.sign_device(folder, ticket.account)
    answer.set_cookie(name, tickets.sign(folder, ticket), max_age=LASTS, **kept)  # type: ignore[arg-type]
    answer.set_cookie(_device_name(folder, request), device, max_age=DEVICE_LASTS, **kept)  # type: ignore[arg-type]
    return answer


def _device_name(folder: Path, request: Request) -> str:
    return f"{tickets.cookie_name(folder, request.url.scheme == 'https')}-device"


def _local(path: str, home: str) -> str:
    """Return the path of a page of this server; Home for what a browser would take for another server."""
    parts = urlsplit(path)
    is_local = path.startswith("/") and not path.startswith("//") and not (parts.scheme or parts.netloc)
    return path if is_local and path.isprintable() and "\\" not in path and len(path) < 500 else home


def _wait(seconds: int) -> str:
    return count(seconds, "second") if seconds < 100 else count(-(-seconds // 60), "minute")
