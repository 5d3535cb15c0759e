"""Large files on their way from a browser with a bad connection."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import LocatorAssertions, Page, Route, expect

from core import workspace as workspaces
from tests.browser.conftest import PATIENCE, Server
from ui.elements.upload_field import PIECE

PIECES = "**/api/uploads/*"
CONTENT = bytes(range(256)) * (5 * PIECE // 512)  # two pieces and a half


@pytest.fixture(scope="module")
def server(start: Callable[[Path], Server], tmp_path_factory: pytest.TempPathFactory) -> Server:
    return start(workspaces.create(tmp_path_factory.mktemp("class") / "workspace").path)


def choose(page: Page, folder: Path, name: str) -> None:
    file = folder / name
    if not file.exists():
        file.write_bytes(CONTENT)
    page.locator("input[type=file]").first.set_input_files(file)


def arrived(server: Server, name: str) -> bytes:
    [file] = (server.workspace / ".uploads").glob(f"*/{name}")
    return file.read_bytes()


class Line:
    """A connection that lets so many pieces through and then breaks, until it is mended; it remembers where pieces began."""

    def __init__(self, page: Page, pieces: int) -> None:
        self.left = pieces
        self.offsets: list[int] = []
        page.route(PIECES, self.handle)

    def handle(self, route: Route) -> None:
        if route.request.method == "PATCH":
            if not self.left:
                route.abort("connectionreset")
                return
            self.left -= 1
            self.offsets.append(int(route.request.headers["upload-offset"]))
        route.continue_()


def row(page: Page, name: str) -> LocatorAssertions:
    return expect(page.get_by_role("listitem").filter(has_text=name))


def test_an_upload_goes_on_by_itself_after_the_connection_broke(
    server: Server, tmp_path: Path, open_page: Callable[..., Page]
) -> None:
    page = open_page(f"{server.address}/Videos")
    line = Line(page, pieces=1)
    choose(page, tmp_path, "broken.mp4")
    row(page, "broken.mp4").to_contain_text("goes on by itself", timeout=PATIENCE)
    line.left = 9
    row(page, "broken.mp4").to_have_class(re.compile("whole"), timeout=PATIENCE)
    assert line.offsets == [0, PIECE, 2 * PIECE]
    assert arrived(server, "broken.mp4") == CONTENT


def test_after_a_reload_the_same_file_goes_on_where_it_was(
    server: Server, tmp_path: Path, open_page: Callable[..., Page]
) -> None:
    page = open_page(f"{server.address}/Videos")
    Line(page, pieces=1)
    choose(page, tmp_path, "reload.mp4")
    row(page, "reload.mp4").to_contain_text("goes on by itself", timeout=PATIENCE)
    page.unroute(PIECES)
    page.reload()
    row(page, "reload.mp4").to_contain_text("Choose the file again to go on", timeout=PATIENCE)
    line = Line(page, pieces=9)
    choose(page, tmp_path, "reload.mp4")
    row(page, "reload.mp4").to_have_class(re.compile("whole"), timeout=PATIENCE)
    assert line.offsets == [PIECE, 2 * PIECE]
    assert arrived(server, "reload.mp4") == CONTENT


def test_a_server_that_is_killed_and_started_again_gets_the_rest(
    server: Server, tmp_path: Path, open_page: Callable[..., Page]
) -> None:
    page = open_page(f"{server.address}/Videos")
    line = Line(page, pieces=1)
    choose(page, tmp_path, "killed.mp4")
    row(page, "killed.mp4").to_contain_text("goes on by itself", timeout=PATIENCE)
    server.kill()
    line.left = 9
    server.start_again()
    row(page, "killed.mp4").to_have_class(re.compile("whole"), timeout=PATIENCE)
    assert arrived(server, "killed.mp4") == CONTENT


def test_a_cancelled_upload_is_gone(server: Server, tmp_path: Path, open_page: Callable[..., Page]) -> None:
    page = open_page(f"{server.address}/Videos")
    Line(page, pieces=1)
    choose(page, tmp_path, "cancelled.mp4")
    row(page, "cancelled.mp4").to_contain_text("goes on by itself", timeout=PATIENCE)
    with page.expect_response(lambda answer: answer.request.method == "DELETE"):
        page.get_by_role("button", name="Cancel cancelled.mp4").click()
    row(page, "cancelled.mp4").to_have_count(0)
    assert not list((server.workspace / ".uploads").glob("*/cancelled*"))


def test_a_file_of_another_kind_is_refused_in_the_field(
    server: Server, tmp_path: Path, open_page: Callable[..., Page]
) -> None:
    page = open_page(f"{server.address}/Videos")
    choose(page, tmp_path, "notes.exe")
    expect(page.get_by_role("status").filter(has_text="notes.exe is not one of")).to_be_visible()
    row(page, "notes.exe").to_have_count(0)


def test_no_page_asks_elsewhere_for_a_picture_that_somebody_wrote_into_a_name(
    server: Server, open_page: Callable[..., Page]
) -> None:
    page = open_page(f"{server.address}/Videos?annotator=![x](http://elsewhere.example/x.png)")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.partition("?")[0]))
    page.reload()
    expect(page.get_by_role("heading", name="Videos")).to_be_visible(timeout=PATIENCE)
    assert not [address for address in asked if "elsewhere" in address]
    with page.expect_event("requestfailed", lambda request: request.url.endswith("y.png")) as blocked:
        page.evaluate(
            "document.body.append(Object.assign(new Image(), { src: 'http://elsewhere.example/y.png' }))"
        )
    assert blocked.value.failure == "csp"
