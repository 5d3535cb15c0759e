"""A browser without a screen: it signs in, opens pages over Streamlit's websocket, and asks the routes, all with one cookie."""

import asyncio
import re
import ssl
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import httpx2
from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

CONNECTIONS = 6  # that a browser opens to one server
PATIENCE = 60.0  # seconds for any answer
PART = re.compile(r'(?:src|href)="\./(static/[^"]+)"')
WHOLE = ForwardMsg.ScriptFinishedStatus.Value("FINISHED_SUCCESSFULLY")
PIECE = ForwardMsg.ScriptFinishedStatus.Value("FINISHED_FRAGMENT_RUN_SUCCESSFULLY")
ANEW = ForwardMsg.ScriptFinishedStatus.Value("FINISHED_EARLY_FOR_RERUN")


@dataclass
class Tally:
    """How long answers took, in seconds by kind, and what went wrong."""

    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: Counter[str] = field(default_factory=Counter)

    @contextmanager
    def timed(self, kind: str) -> Iterator[None]:
        """Take the time of a block that answers; what it raises is counted, not timed, and raised on."""
        begun = time.perf_counter()
        try:
            yield
        except Exception as error:
            self.errors[f"{kind}: {str(error) or type(error).__name__}"[:200]] += 1
            raise
        self.times[kind].append(time.perf_counter() - begun)


class RequestFailedError(Exception):
    """Something was not answered; it is counted."""


class Browser:
    """One browser at a server. ``cache`` has what it need not fetch again."""

    def __init__(self, address: str, trust: ssl.SSLContext, tally: Tally) -> None:
        self.address, self.trust, self.tally = address, trust, tally
        self.cache: set[str] = set()
        self.http = httpx2.AsyncClient(
            base_url=address, verify=trust, timeout=PATIENCE, trust_env=False,
            limits=httpx2.Limits(max_connections=CONNECTIONS), headers={"Origin": address},
        )  # fmt: skip

    async def sign_in(self, code: str, name: str, pin: str = "1234") -> None:
        """Send the form; where the server asks to wait, wait and press again."""
        form = {"code": code, "name": name, "pin": pin}
        with self.tally.timed("sign_in"):
            while True:
                answer = await self.http.post("/sign-in", data=form)
                if answer.status_code != 429:
                    break
                self.tally.times["sign_in_again"].append(0.0)
                await asyncio.sleep(float(answer.headers["Retry-After"]))
            if answer.status_code != 303:
                raise RequestFailedError(f"{answer.status_code} {answer.text[:80]}")

    async def ask(self, kind: str, method: str, path: str, **more: Any) -> Any:
        """Return an answer of a route.

        Raises:
            RequestFailedError: there is none, or it is an error.
        """
        try:
            with self.tally.timed(kind):
                answer = await self._answer(method, path, **more)
                if answer.is_error:
                    raise RequestFailedError(f"{answer.status_code} {answer.text[:80]}")
        except httpx2.HTTPError as error:
            raise RequestFailedError(type(error).__name__) from error
        return answer

    async def _answer(self, method: str, path: str, **more: Any) -> httpx2.Response:
        """Ask once more, as browsers do, where the server has just ended a connection that was kept for later."""
        try:
            return await self.http.request(method, path, **more)
        except (httpx2.ReadError, httpx2.WriteError, httpx2.RemoteProtocolError):
            self.tally.times["connection kept too long"].append(0.0)
            return await self.http.request(method, path, **more)

    async def fetch(self, kind: str, path: str) -> None:
        """Fetch what a browser keeps, once."""
        if path not in self.cache:
            self.cache.add(path)
            with suppress(RequestFailedError):
                await self.ask(kind, "GET", path)

    async def open(self, page: str) -> "Tab":
        """Open a page in a new tab, and wait until it is written."""
        answer = await self.ask("document", "GET", f"/{page}", headers={"Accept": "text/html"})
        await asyncio.gather(*(self.fetch("file", f"/{part}") for part in PART.findall(answer.text)))
        cookie = "; ".join(f"{each.name}={each.value}" for each in self.http.cookies.jar)
        with self.tally.timed("connect"):
            socket = await connect(
                f"{self.address.replace('http', 'ws', 1)}/_stcore/stream", ssl=self.trust, max_size=None,
                subprotocols=["streamlit", "no-token"], additional_headers={"Cookie": cookie},
                origin=self.address, open_timeout=PATIENCE, ping_interval=None,
            )  # fmt: skip
        tab = Tab(self, socket)
        await tab.go(page)
        return tab

    async def close(self) -> None:
        await self.http.aclose()


class Tab:
    """A page that is open: it is written anew where it asks for that, as in a browser."""

    def __init__(self, browser: Browser, socket: ClientConnection) -> None:
        self._tally, self._socket, self._address = browser.tally, socket, browser.address
        self._page, self._written, self._piece = "", asyncio.Event(), asyncio.Event()
        self._again: dict[str, asyncio.Task[None]] = {}
        self._one_piece = asyncio.Lock()
        self._is_closed = False
        self._listening = asyncio.create_task(self._listen())

    async def go(self, page: str) -> None:
        """Open another page in this tab, and wait until it is written.

        Raises:
            RequestFailedError: it is not.
        """
        self._page = page
        self._stop_again()
        self._written.clear()
        with self._tally.timed(f"page {page or 'Home'}"):
            await self._rerun(page_name=page)
            await _within(self._written)
            if self._listening.done():
                raise RequestFailedError("the websocket was closed")

    async def close(self) -> None:
        """Close it, as a tab is closed: without a word to the page."""
        self._is_closed = True
        self._stop_again()
        await self._socket.close()
        await self._listening

    async def _rerun(self, **state: Any) -> None:
        message = BackMsg()
        message.rerun_script.query_string = ""
        for name, value in state.items():
            setattr(message.rerun_script, name, value)
        context = message.rerun_script.context_info
        context.timezone, context.locale, context.url = "Europe/Berlin", "en", f"{self._address}/{self._page}"
        with suppress(ConnectionClosed):
            await self._socket.send(message.SerializeToString())

    async def _listen(self) -> None:
        try:
            async for content in self._socket:
                if isinstance(content, bytes):
                    self._take(ForwardMsg.FromString(content))
        except ConnectionClosed:
            pass
        if not self._is_closed:
            self._tally.errors[f"page {self._page or 'Home'}: the websocket was closed"] += 1
        self._written.set()
        self._piece.set()

    def _take(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if kind == "delta":
            self._look(message)
        elif kind == "auto_rerun":
            self._repeat(message.auto_rerun.fragment_id, message.auto_rerun.interval)
        elif kind == "new_session" and not message.metadata.run.fragment_ids:
            self._stop_again()
        elif kind == "stop_auto_rerun":
            if task := self._again.pop(message.stop_auto_rerun.fragment_id, None):
                task.cancel()
        elif kind == "script_finished":
            finished = message.script_finished
            if finished == WHOLE:
                self._written.set()
            if finished in (WHOLE, PIECE, ANEW):  # a part may have the whole page written anew
                self._piece.set()
            else:
                self._tally.errors[f"page {self._page or 'Home'}: finished with {finished}"] += 1
        elif kind == "session_event" and message.session_event.HasField("script_compilation_exception"):
            self._tally.errors[f"page {self._page or 'Home'}: cannot be compiled"] += 1

    def _look(self, message: ForwardMsg) -> None:
        """Count what a page shows as an error."""
        shown = message.delta.new_element
        if shown.HasField("exception"):
            words = f"{shown.exception.type} {shown.exception.message}"
        elif shown.HasField("alert") and shown.alert.format == Alert.ERROR:
            words = shown.alert.body
        else:
            return
        self._tally.errors[f"page {self._page or 'Home'}: {words}"[:200]] += 1

    def _repeat(self, fragment: str, seconds: float) -> None:
        if before := self._again.pop(fragment, None):
            before.cancel()
        self._again[fragment] = asyncio.create_task(self._write_again(fragment, seconds))

    async def _write_again(self, fragment: str, seconds: float) -> None:
        """Have a part of the page written anew every few seconds."""
        while True:
            await asyncio.sleep(seconds)
            async with self._one_piece:
                self._piece.clear()
                with suppress(RequestFailedError), self._tally.timed("part of a page"):
                    await self._rerun(fragment_id=fragment, is_auto_rerun=True)
                    await _within(self._piece)

    def _stop_again(self) -> None:
        for task in self._again.values():
            task.cancel()
        self._again.clear()


async def _within(event: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(event.wait(), PATIENCE)
    except TimeoutError as error:
        raise RequestFailedError(f"not written within {PATIENCE:.0f} s") from error
