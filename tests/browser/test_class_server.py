"""A class server over HTTPS: nothing without a cookie, the way in by the QR code, and what ends where somebody is signed out."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from itsdangerous import URLSafeTimedSerializer
from playwright.sync_api import Browser, Page, expect

from core.access import accounts, tickets
from core.access.codes import Codes
from core.serving.addresses import network_addresses
from core.workspace import create
from tests.browser.class_server import PAGE, SOCKET, ClassServer, sign_in, visitor
from tests.browser.conftest import PATIENCE, ROOT, Server, settled
from tests.browser.test_accessibility import script as script  # axe-core, as there
from tests.browser.test_accessibility import violations
from tests.helpers.page_files import PAGES
from tests.helpers.page_workspace import small_workspace

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]

LIST = """
import json, sys
import Home
def walk(routes, prefix=""):
    for route in routes:
        path = prefix + getattr(route, "path", "")
        if getattr(route, "routes", None):
            yield from walk(route.routes, path)
        else:
            yield path, sorted(getattr(route, "methods", None) or ["GET"]), type(route).__name__
print(json.dumps(list(walk(Home.app._build_starlette_app().routes))))
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClassServer]:
    folder = tmp_path_factory.mktemp("class")
    small_workspace(folder / "workspace", videos=2)
    started = ClassServer(folder / "workspace", folder / "private")
    yield started
    started.stop()


@pytest.fixture(scope="module")
def everything(server: ClassServer) -> list[tuple[str, list[str], str]]:
    """All routes of the app, as it lists them itself: address, methods, kind."""
    environment = server.environment | {"SEAMLENS_CLASS_SERVER": server.address}
    listed = subprocess.run(
        [sys.executable, "-c", LIST],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        check=True,
        encoding="utf-8",
    )
    routes = json.loads(listed.stdout.splitlines()[-1])
    return [(_filled(path), methods, kind) for path, methods, kind in routes]


def _filled(path: str) -> str:
    """Return an address that a route answers: its parameters filled in."""
    parts = [part if "{" not in part else part[: part.index("{")] + "1" for part in path.split("/")]
    return "/".join(parts) or "/"


def cookies(server: ClassServer) -> dict[str, str]:
    """Return headers of which none opens anything: no cookie, a forged one, one that has ended, one of another key."""
    file = json.loads((server.workspace / "people.json").read_text())
    kept = Codes(**json.loads(next(server_private(server).glob("class-*.json")).read_text()))
    payload = {
        "account": file["people"][0]["id"],
        "session": "x",
        "role": "instructor",
        "code": 0,
        "generation": 0,
    }
    name = f"__Host-seamlens-{file['id']}"

    class Old(URLSafeTimedSerializer):
        """Signs as one did before the last day of lessons."""

    class Past(Old.default_signer):  # type: ignore[name-defined,misc]
        def get_timestamp(self) -> int:
            return int(super().get_timestamp()) - accounts.LASTS - 60

    ended = URLSafeTimedSerializer(kept.key, salt=tickets.SALT, signer=Past).dumps(payload)
    foreign = URLSafeTimedSerializer("0" * 64, salt=tickets.SALT).dumps(payload)
    return {
        "none": "",
        "forged": f"{name}=abc.def.ghi",
        "ended": f"{name}={ended}",
        "foreign": f"{name}={foreign}",
    }


def server_private(server: ClassServer) -> Path:
    return Path(server.environment["SEAMLENS_PRIVATE"])


def test_without_a_valid_cookie_every_route_page_and_the_websocket_are_closed(
    server: ClassServer, everything: list[tuple[str, list[str], str]]
) -> None:
    server.cookie("Teacher", server.said["instructor_code"])
    assert len(everything) > 20 and any(kind == "WebSocketRoute" for *_, kind in everything)
    pages = [f"/{page.removesuffix('.py').partition('_')[2]}" for page in PAGES]
    asked = [
        *((path, method) for path, methods, _ in everything for method in methods),
        *((p, "GET") for p in pages),
    ]
    opened = []
    for kind, cookie in cookies(server).items():
        header = {"Cookie": cookie} if cookie else {}
        for path, method in asked:
            status, text, _ = server.get(path, header, method)
            if status != 401 or (method != "HEAD" and "You are not signed in" not in text):
                opened.append(f"{kind}: {method} {path} {status}")
            status, text, _ = server.get(path, header | PAGE)
            if status != 401 or 'name="pin"' not in text:
                opened.append(f"{kind}: page {path} {status}")
        status, *_ = server.get("/_stcore/stream", header | SOCKET)
        if status != 401:
            opened.append(f"{kind}: websocket {status}")
    assert opened == []


def test_with_a_cookie_pages_routes_and_the_websocket_open(server: ClassServer) -> None:
    header = {"Cookie": server.cookie("Opener")}
    assert server.get("/_stcore/health", header)[:2] == (200, "ok")
    assert server.get("/api/videos?annotator=Opener", header)[0] == 200
    assert "<title>Streamlit</title>" in server.get("/Label", header | PAGE)[1]
    assert server.get("/api/videos?annotator=Somebody", header)[0] == 403


def test_a_request_under_another_name_of_this_computer_is_refused(server: ClassServer) -> None:
    assert server.get("/sign-in", {"Host": "evil.example"})[0] == 400


def test_a_wrong_code_is_slowed_down(server: ClassServer) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    guess = "code=x&name=Guesser&pin=1234"
    statuses = [server.get("/sign-in", form, "POST", guess)[0] for _ in range(20)]
    assert statuses[:3] == [401] * 3 and statuses.count(429) > 5  # a second, two, four, …


@pytest.fixture
def teacher(server: ClassServer, browser: Browser) -> Iterator[Page]:
    page = visitor(browser)
    sign_in(page, server.address, "Mr Li", server.said["instructor_code"])
    yield page
    page.context.close()


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    page = visitor(browser, 390, 844)
    yield page
    page.context.close()


def scanned(page: Page) -> str:
    """Return what the QR code on a page says."""
    picture = page.get_by_alt_text("QR code of the address with the class code")
    picture.scroll_into_view_if_needed()
    seen = cv2.imdecode(np.frombuffer(picture.screenshot(scale="css"), np.uint8), cv2.IMREAD_COLOR)
    text, *_ = cv2.QRCodeDetector().detectAndDecode(cv2.resize(seen, None, fx=2, fy=2))
    return str(text)


def test_a_student_scans_signs_in_and_labels_under_their_own_name(
    server: ClassServer, teacher: Page, phone: Page
) -> None:
    expect.set_options(timeout=PATIENCE)
    link = scanned(teacher)
    assert link.startswith(server.address)
    sign_in(phone, link, "Anna")
    assert phone.url == f"{server.address}/"
    phone.get_by_test_id("stExpandSidebarButton").click()
    sidebar = phone.get_by_test_id("stSidebar")
    expect(sidebar.get_by_text("Anna", exact=True)).to_be_visible()
    expect(sidebar.get_by_text("Student ·")).to_be_visible()
    expect(phone.get_by_label("Your name")).to_have_count(0)
    expect(phone.get_by_text("Let the class in")).to_have_count(0)
    expect(teacher.get_by_text("Let the class in")).to_be_visible()


def test_a_second_tab_of_somebody_signed_out_shows_the_page_to_sign_in(
    server: ClassServer, phone: Page
) -> None:
    expect.set_options(timeout=PATIENCE)
    sign_in(phone, server.said["link"], "Ben")
    second = phone.context.new_page()
    second.goto(f"{server.address}/Videos")
    settled(second)
    phone.get_by_test_id("stExpandSidebarButton").click()
    phone.get_by_role("link", name="Sign out").click()
    expect(phone.get_by_role("button", name="Sign in")).to_be_visible()
    expect(phone.get_by_text("You are signed out.")).to_be_visible()
    second.get_by_test_id("stExpandSidebarButton").click()
    second.get_by_test_id("stSidebar").get_by_role("link", name="Train", exact=True).click()
    expect(second.get_by_role("button", name="Sign in")).to_be_visible()
    expect(second.get_by_text("You are signed out.")).to_be_visible()


def test_whoever_is_renamed_and_signed_out_on_the_command_line_notices(
    server: ClassServer, phone: Page
) -> None:
    expect.set_options(timeout=PATIENCE)
    sign_in(phone, server.said["link"], "Carl")
    server.command("people", "rename", "Carl", "Blue fox")
    phone.reload()
    settled(phone)
    phone.get_by_test_id("stExpandSidebarButton").click()
    expect(phone.get_by_test_id("stSidebar").get_by_text("Blue fox", exact=True)).to_be_visible()
    server.command("people", "sign-out", "Blue fox")
    phone.reload()
    expect(phone.get_by_text("You are signed out.")).to_be_visible()


def test_axe_finds_nothing_on_the_page_to_sign_in(server: ClassServer, phone: Page, script: str) -> None:
    found = []
    for scheme in ("light", "dark"):
        phone.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        for width in (390, 1400):
            phone.set_viewport_size({"width": width, "height": 844})
            phone.goto(server.said["link"])
            found += violations(phone, script)
            assert phone.evaluate("document.documentElement.scrollWidth") <= width
            phone.get_by_label("Code").fill("wrong")
            phone.get_by_label("Your name").fill(f"Axe {scheme} {width}")
            phone.get_by_label("PIN").fill("1234")
            phone.get_by_role("button", name="Sign in").click()
            expect(phone.get_by_role("alert")).to_be_visible()
            found += violations(phone, script)
    assert found == []


def test_ctrl_c_ends_it_without_a_word_of_an_error(tmp_path: Path) -> None:
    started = ClassServer(create(tmp_path / "workspace").path, tmp_path / "private")
    started.process.send_signal(signal.SIGINT)
    assert started.process.wait(timeout=60) == 0


@pytest.mark.skipif(os.name == "nt", reason="a second loopback address")
def test_the_plain_app_answers_on_no_other_address_of_this_computer(tmp_path: Path) -> None:
    plain = Server(create(tmp_path / "workspace").path)
    try:
        for address in ("127.0.0.2", *network_addresses()):
            with socket.socket() as asked, pytest.raises(OSError):
                asked.settimeout(5)
                asked.connect((address, plain.port))
        with socket.socket() as asked:
            asked.connect(("127.0.0.1", plain.port))
    finally:
        plain.stop()
