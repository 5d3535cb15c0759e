"""The gate of a class server: what anybody gets without a cookie, and what a cookie opens."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from core.access import accounts, codes, hashes, person
from core.access.attempts import ADDRESS, Attempts
from core.access.codes import Codes
from core.access.person import NOBODY, OWNER, Role, acting_as, current
from core.labels.labels import record
from core.workspace import Workspace
from ui.server import gate
from ui.server.routes import routes

PAGE = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
BASE = "https://localhost:8501"
STREAM = "wss://localhost:8501/_stcore/stream"


async def _echo(websocket: WebSocket) -> None:
    await websocket.accept()
    try:
        while True:
            await websocket.send_text(await websocket.receive_text())
    except WebSocketDisconnect:
        return


@pytest.fixture
def made(workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Codes:
    monkeypatch.setattr(hashes, "N", 2)
    monkeypatch.setenv("SEAMLENS_PRIVATE", str(tmp_path / "private"))
    return codes.ensure(workspace.path)


@pytest.fixture
def served(made: Codes, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., TestClient]]:
    """Return a function that opens another browser on a class server."""
    monkeypatch.setenv(gate.ADDRESS, BASE)
    monkeypatch.setattr(
        gate, "Attempts", lambda: Attempts(clock=lambda: 0.0)
    )  # however long a test takes, no wait ends
    recognised = person._recognise
    everything = [
        *routes(),
        WebSocketRoute("/_stcore/stream", _echo),
        Route("/{path:path}", lambda request: PlainTextResponse(request.scope["state"]["person"].name)),
    ]
    app = Starlette(routes=everything, middleware=gate.gate())
    yield lambda **settings: TestClient(app, base_url=BASE, follow_redirects=False, **settings)
    person.recognise_by(recognised)


@pytest.fixture
def browser(served: Callable[..., TestClient]) -> TestClient:
    return served()


def sign_in(browser: TestClient, code: str, name: str = "Anna", pin: str = "1234", **more: str) -> int:
    return browser.post("/sign-in", data={"code": code, "name": name, "pin": pin, **more}).status_code


def test_without_a_cookie_a_page_is_the_page_to_sign_in(browser: TestClient) -> None:
    answer = browser.get("/Label?video=a&code=ABCD", headers=PAGE)
    assert answer.status_code == 401
    assert 'name="pin"' in answer.text and 'value="ABCD"' in answer.text
    assert 'name="next" value="/Label?video=a"' in answer.text


@pytest.mark.parametrize(
    "address", ["/", "/_stcore/health", "/static/x.js", "/media/1.jpg", "/api/videos", "/api/labeller/app.js"]
)
def test_without_a_cookie_everything_else_is_refused(browser: TestClient, address: str) -> None:
    answer = browser.get(address)
    assert (answer.status_code, answer.json()["error"]) == (401, gate.NOT_SIGNED_IN)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_no_other_method_gets_in(browser: TestClient, method: str) -> None:
    assert browser.request(method, "/api/labels", headers=PAGE, json={}).status_code == 401


def test_without_a_cookie_the_websocket_is_refused(browser: TestClient) -> None:
    with pytest.raises(Exception) as refused, browser.websocket_connect(STREAM):
        pass
    assert getattr(refused.value, "status_code", None) == 401


def test_the_plain_app_has_no_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(gate.ADDRESS, raising=False)
    assert gate.gate() == []
    assert current() == person.OWNER


def test_the_class_code_lets_a_student_in_and_leads_to_the_page_that_was_asked_for(
    browser: TestClient, made: Codes
) -> None:
    answer = browser.post(
        "/sign-in", data={"code": made.student, "name": "Anna", "pin": "1234", "next": "/Label?x=1"}
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/Label?x=1")
    assert browser.get("/Label", headers=PAGE).text == "Anna"
    assert browser.get("/sign-in/who").json() == {"name": "Anna", "role": "student"}


def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(browser: TestClient, made: Codes) -> None:
    answer = browser.post("/sign-in", data={"code": made.student, "name": "Anna", "pin": "1234"})
    for cookie in answer.headers.get_list("set-cookie"):
        assert cookie.startswith("__Host-seamlens-")
        assert {"HttpOnly", "Secure", "SameSite=lax", "Path=/"} <= {
            part.strip() for part in cookie.split(";")
        }


def test_the_instructor_code_lets_an_instructor_in(browser: TestClient, made: Codes) -> None:
    sign_in(browser, made.instructor, "Mr Li")
    assert browser.get("/sign-in/who").json()["role"] == "instructor"


def test_a_wrong_code_and_a_wrong_pin_get_the_same_page(
    served: Callable[..., TestClient], made: Codes
) -> None:
    sign_in(served(), made.student)
    pages = {
        served().post("/sign-in", data={"code": code, "name": "Anna", "pin": pin}).text.replace(code, "")
        for code, pin in (("WRONG", "1234"), (made.student, "9999"), ("WRONG", "9999"))
    }
    assert len(pages) == 1
    assert accounts.WRONG in pages.pop()


def test_attempts_are_slowed(browser: TestClient, made: Codes) -> None:
    answers = [
        browser.post("/sign-in", data={"code": "WRONG", "name": "Anna", "pin": "1234"}) for _ in range(8)
    ]
    assert [answer.status_code for answer in answers] == [401] * 3 + [429] * 5
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert "Too many attempts" in answers[-1].text
    assert sign_in(browser, made.student) == 429  # the right code waits, too: it says nothing


def test_a_class_that_signs_in_at_once_from_behind_one_address_gets_in(
    served: Callable[..., TestClient], made: Codes, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked, together, looked_at = accounts.sign_in, threading.Barrier(ADDRESS.free), count()

    def sign_in(*given: Any) -> accounts.Ticket:
        if next(looked_at) < ADDRESS.free:
            together.wait(60)  # so many are looked at, and none is known to be right
        return checked(*given)

    monkeypatch.setattr(accounts, "sign_in", sign_in)
    monkeypatch.setattr(gate, "PATIENCE", 200)
    with served() as door, ThreadPoolExecutor(ADDRESS.free + 10) as people:
        forms = [
            {"code": made.student, "name": f"Student {n}", "pin": "1234"} for n in range(ADDRESS.free + 10)
        ]
        answers = list(people.map(lambda form: door.post("/sign-in", data=form), forms))
    assert [answer.status_code for answer in answers] == [303] * len(forms)


def test_anna_gets_in_on_her_own_device_though_somebody_tries_her_name(
    served: Callable[..., TestClient], made: Codes
) -> None:
    hers = served()
    sign_in(hers, made.student)
    for _ in range(8):
        sign_in(served(), made.student, pin="9999")
    assert sign_in(served(), made.student) == 429
    assert sign_in(hers, made.student) == 303


def test_a_form_that_is_too_large_is_not_read_to_its_end(browser: TestClient, made: Codes) -> None:
    read = []

    def parts() -> Iterator[bytes]:
        for _ in range(1000):
            read.append(1)
            yield b"code=" + b"x" * 1000

    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert browser.post("/sign-in", content=parts(), headers=form).status_code == 413


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}]
)
def test_another_site_cannot_sign_in(browser: TestClient, made: Codes, headers: dict[str, str]) -> None:
    form = {"code": made.student, "name": "Anna", "pin": "1234"}
    assert browser.post("/sign-in", data=form, headers=headers).status_code == 403


def test_a_form_that_is_none_is_refused_in_plain_words(browser: TestClient, made: Codes) -> None:
    for content in (b"", b"\xff\xfe", b"&".join(b"a=1" for _ in range(50)), b"name=%00&pin=1234&code=x"):
        answer = browser.post("/sign-in", content=content)
        assert answer.status_code == 401 and 'role="alert"' in answer.text


@pytest.mark.parametrize(
    "wanted",
    ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "", "/\n/x", "x"],
)
def test_it_leads_to_no_other_server(browser: TestClient, made: Codes, wanted: str) -> None:
    form = {"code": made.student, "name": "Anna", "pin": "1234", "next": wanted}
    assert browser.post("/sign-in", data=form).headers["location"] == "/"


def test_what_is_written_is_shown_as_text(browser: TestClient) -> None:
    answer = browser.post("/sign-in", data={"code": '"><script>x</script>', "name": "<b>", "pin": "1234"})
    assert "<script" not in answer.text and "<b>" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    "forge", [lambda cookie: cookie[:-4], lambda cookie: "x" + cookie, lambda _: "é" * 9]
)
def test_a_forged_cookie_opens_nothing(browser: TestClient, made: Codes, forge: Callable[[str], str]) -> None:
    sign_in(browser, made.student)
    name, cookie = next((each.name, each.value) for each in browser.cookies.jar if "device" not in each.name)
    header = f"{name}={forge(str(cookie))}".encode()
    browser.cookies.clear()
    assert browser.get("/api/videos", headers={b"Cookie": header}).status_code == 401
    page = browser.get("/", headers={b"Cookie": header, b"Accept": b"text/html"})
    assert page.status_code == 401 and 'name="pin"' in page.text


def test_the_cookie_of_a_device_opens_nothing(browser: TestClient, made: Codes) -> None:
    sign_in(browser, made.student)
    cookies = {each.name: each.value for each in browser.cookies.jar}
    (device,) = (value for name, value in cookies.items() if "device" in name)
    (name,) = (name for name in cookies if "device" not in name)
    browser.cookies.clear()
    assert browser.get("/api/videos", headers={"Cookie": f"{name}={device}"}).status_code == 401


def test_a_cookie_ends_after_a_day_of_lessons(
    browser: TestClient, made: Codes, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(browser, made.student)
    (cookie,) = (f"{each.name}={each.value}" for each in browser.cookies.jar if "device" not in each.name)
    later = time.time() + accounts.LASTS + 9
    monkeypatch.setattr(time, "time", lambda: later)
    assert browser.get("/api/videos", headers={"Cookie": cookie}).status_code == 401


def test_signing_out_ends_the_cookie_also_a_copy_of_it(browser: TestClient, made: Codes) -> None:
    sign_in(browser, made.student)
    cookies = dict(browser.cookies)
    assert browser.get("/sign-out").headers["location"] == "/sign-in?out"
    assert browser.get("/api/videos").status_code == 401
    assert browser.get("/api/videos", cookies=cookies).status_code == 401


def test_a_link_on_another_site_does_not_sign_out(browser: TestClient, made: Codes) -> None:
    sign_in(browser, made.student)
    browser.get("/sign-out", headers={"Sec-Fetch-Site": "cross-site"})
    assert browser.get("/sign-in/who").status_code == 200


def test_the_websocket_of_somebody_signed_out_is_closed_at_their_next_message(
    browser: TestClient, made: Codes, workspace: Workspace
) -> None:
    sign_in(browser, made.student)
    with browser.websocket_connect(STREAM) as socket:
        socket.send_text("first")
        assert socket.receive_text() == "first"
        with acting_as(person.OWNER):
            accounts.sign_out(workspace.path, "Anna")
        socket.send_text("second")
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_text()
    assert closed.value.code == gate.CLOSED
    page = browser.get("/", headers=PAGE)
    assert page.status_code == 401 and gate.SIGNED_OUT in page.text


def test_the_code_does_not_stay_in_the_address_of_who_is_signed_in(browser: TestClient, made: Codes) -> None:
    sign_in(browser, made.student)
    answer = browser.get("/Label?code=ABCD&video=a", headers=PAGE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/Label?video=a")


def test_routes_act_as_who_signed_in(browser: TestClient, made: Codes) -> None:
    sign_in(browser, made.student)
    assert browser.get("/api/desk/1?annotator=Anna").status_code == 200
    answer = browser.get("/api/desk/1?annotator=Ben")
    assert (answer.status_code, "cannot answer as Ben" in answer.json()["error"]) == (403, True)


@pytest.mark.parametrize("route", ["videos", "suggestions/1", "seen/1/0.jpg", "pace?since=2026-01-01"])
def test_nothing_is_answered_for_another_name(browser: TestClient, made: Codes, route: str) -> None:
    sign_in(browser, made.student)
    glue = "&" if "?" in route else "?"
    assert browser.get(f"/api/{route}{glue}annotator=Ben").status_code == 403


def test_nobody_writes_labels_under_another_name(
    browser: TestClient, made: Codes, workspace: Workspace
) -> None:
    sign_in(browser, made.student)
    body = {"workspace": str(workspace.path.resolve()), "annotator": "Ben", "video": 1, "events": []}
    assert browser.post("/api/labels", json=body).status_code == 403
    assert browser.post("/api/labels", json={**body, "annotator": "Anna"}).status_code == 200


def test_a_name_that_has_answers_already_is_written_as_it_was(
    browser: TestClient, made: Codes, workspace: Workspace
) -> None:
    with acting_as(OWNER):
        record(workspace, "Änne", "seam_a", 0, 1, {"good": True})
    sign_in(browser, made.student, "a\u0308nne")
    assert browser.get("/sign-in/who").json()["name"] == "Änne"


def test_the_name_of_drawn_labels_is_nobodys(browser: TestClient, made: Codes) -> None:
    assert {sign_in(browser, made.student, name) for name in ("renderer", "Renderer")} == {401}


def test_a_name_that_only_points_here_gets_not_even_the_page_to_sign_in(browser: TestClient) -> None:
    assert browser.get("/", headers={**PAGE, "Host": "evil.example"}).status_code == 400


def test_without_the_file_of_people_nobody_gets_in(
    browser: TestClient, made: Codes, workspace: Workspace
) -> None:
    sign_in(browser, made.student)
    (workspace.path / "people.json").write_text("{")
    assert browser.get("/api/videos").status_code == 401
    assert sign_in(browser, made.student) == 503
    (workspace.path / "people.json").unlink()
    assert browser.get("/api/videos").status_code == 401
    assert sign_in(browser, made.student) == 401


def test_a_thread_of_no_page_is_nobody_on_a_class_server(browser: TestClient) -> None:
    assert current() == NOBODY
    with acting_as(person.OWNER):
        assert current().role == Role.OWNER


PHONE = {
    **PAGE,
    "User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Mobile/15E148 Safari/604.1",
}


def test_a_phone_that_scans_the_code_comes_to_the_page_for_phones(browser: TestClient, made: Codes) -> None:
    assert 'name="next" value="/phone"' in browser.get(f"/?code={made.student}", headers=PHONE).text
    sign_in(browser, made.student)
    assert browser.get(f"/?code={made.student}", headers=PHONE).headers["location"] == "/phone"


def test_a_laptop_that_opens_the_same_address_comes_home(browser: TestClient, made: Codes) -> None:
    assert 'name="next" value="/"' in browser.get(f"/?code={made.student}", headers=PAGE).text
