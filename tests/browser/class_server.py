"""A class server as `python -m core serve` starts it, and visitors of it: with a browser, and with bare requests."""

import http.client
import json
import os
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.browser.conftest import PATIENCE, ROOT, settled

PROGRAM = (sys.executable, "-m", "core")
PAGE = {"Accept": "text/html,application/xhtml+xml"}
SOCKET = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}
UNCHECKED = ssl._create_unverified_context()


class ClassServer:
    """The app for a class on a workspace, over HTTPS at this computer's own address.

    Args:
        workspace: the folder.
        private: the folder for its codes and its certificate.
        program: what is called.
        folder: where it is called.
    """

    def __init__(
        self, workspace: Path, private: Path, program: Sequence[str] = PROGRAM, folder: Path = ROOT
    ) -> None:
        self.workspace, self.port = workspace, _free_port()
        self.environment = os.environ | {"SEAMLENS_PRIVATE": str(private), "PYTHONUNBUFFERED": "1"}
        self.program, self.folder = program, folder
        command = [*program, "--workspace", str(workspace), "serve", "--json"]
        command += ["--port", str(self.port), "--address", "127.0.0.1"]
        self.process = subprocess.Popen(
            command, cwd=folder, env=self.environment, stdout=subprocess.PIPE, encoding="utf-8"
        )
        assert self.process.stdout
        self.said: dict[str, str] = json.loads(self.process.stdout.readline())
        self.address = self.said["address"]
        end = time.monotonic() + 150
        while self.process.poll() is None and time.monotonic() < end:
            try:
                self.get("/sign-in")
                return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError("the class server did not start")

    def get(
        self, path: str, headers: Mapping[str, str] = {}, method: str = "GET", body: str | None = None
    ) -> tuple[int, str, http.client.HTTPMessage]:
        """Return status, text and headers of an answer to a bare request."""
        asked = http.client.HTTPSConnection("127.0.0.1", self.port, context=UNCHECKED, timeout=60)
        try:
            asked.request(method, path, body, dict(headers))
            answer = asked.getresponse()
            return answer.status, answer.read().decode(errors="replace"), answer.headers
        finally:
            asked.close()

    def cookie(self, name: str, code: str = "", pin: str = "1234") -> str:
        """Sign in, and return the header that a browser sends from then on."""
        form = f"code={code or self.said['class_code']}&name={name}&pin={pin}"
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        status, text, headers = self.get("/sign-in", kind, "POST", form)
        assert status == 303, text
        return "; ".join(each.partition(";")[0] for each in headers.get_all("Set-Cookie", []))

    def command(self, *words: str) -> str:
        """Run another command on the workspace meanwhile, and return what it prints."""
        command = [*self.program, "--workspace", str(self.workspace), *words]
        return subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, check=True, encoding="utf-8"
        ).stdout

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=30)


def visitor(browser: Browser, width: int = 1400, height: int = 900) -> Page:
    """Return a page of another browser, with cookies of its own, that trusts the certificate."""
    context = browser.new_context(ignore_https_errors=True, viewport={"width": width, "height": height})
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    return page


def sign_in(page: Page, link: str, name: str, code: str = "", pin: str = "1234") -> None:
    """Open a link, fill in what is empty, and wait for the page behind."""
    page.goto(link)
    if code:
        page.get_by_label("Code").fill(code)
    page.get_by_label("Your name").fill(name)
    page.get_by_label("PIN").fill(pin)
    page.get_by_role("button", name="Sign in").click()
    settled(page)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
