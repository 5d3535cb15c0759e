"""The document of the app has the style and the script of all pages."""

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from ui.server.document import OWN_CONTENT_ONLY, WithPageAssets, assets

HTML = "<html><head></head><body><div></div></body></html>"


def document(request: Request) -> Response:
    if "if-none-match" in request.headers:
        return Response(status_code=304)
    return HTMLResponse(HTML, headers={"ETag": "x"})


def client() -> TestClient:
    routes = [
        Route("/", document),
        Route("/a.js", lambda request: Response("<body>", media_type="text/javascript")),
    ]
    packed = [Middleware(WithPageAssets, pages=9), Middleware(GZipMiddleware, minimum_size=1)]
    return TestClient(Starlette(routes=routes, middleware=packed))


def test_they_stand_at_the_beginning_of_the_body_whatever_the_browser_has_kept() -> None:
    answer = client().get("/", headers={"Accept": "text/html,*/*", "If-None-Match": "x"})
    assert answer.text == HTML.replace("<body>", f"<body>{assets(9).decode()}")
    assert "etag" not in answer.headers
    assert b"</style><script " in assets(9) and b"--pages: 9;" in assets(9)


def test_other_files_stay_as_they_are() -> None:
    for accept in ("*/*", "text/html"):
        assert client().get("/a.js", headers={"Accept": accept}).text == "<body>"


def test_no_page_fetches_pictures_from_elsewhere() -> None:
    policy = dict(rule.split(" ", 1) for rule in OWN_CONTENT_ONLY.split("; "))
    assert policy["img-src"] == policy["media-src"] == "'self' data: blob:"
    assert (
        client().get("/", headers={"Accept": "text/html"}).headers["content-security-policy"]
        == OWN_CONTENT_ONLY
    )
