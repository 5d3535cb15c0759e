"""The HTML document of the app, with the style and the script of all pages: they are there before Streamlit writes anything, so
that nothing moves when they come.
"""

from html import escape
from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ASSETS = Path(__file__).parents[1] / "shell" / "assets"
LEFT_OUT = ("accept-encoding", "if-none-match", "if-modified-since")
"""Headers with which the answer could be packed, or “as before”."""

OWN_CONTENT_ONLY = "; ".join(
    f"{kind} {sources}"
    for kind, sources in {
        "img-src": "'self' data: blob:",
        "media-src": "'self' data: blob:",
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'self'",
    }.items()
)
"""Content-Security-Policy: whatever somebody wrote into a name or note, no browser fetches a picture from elsewhere for it."""


class WithPageAssets:
    """Middleware that adds `style.css` and `page.js` to the document of an app with that many ``pages``, at the beginning of its body.

    ``sign_in`` is the address of the page to sign in, where there is one.
    """

    def __init__(self, app: ASGIApp, pages: int, sign_in: str = "") -> None:
        self._app, self._pages, self._sign_in = app, pages, sign_in

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer; only what a browser opens as a page is changed."""
        if scope["type"] != "http" or "text/html" not in Headers(scope=scope).get("accept", ""):
            await self._app(scope, receive, send)
            return
        headers = MutableHeaders(scope=scope)
        for name in LEFT_OUT:
            del headers[name]
        start: Message = {}
        body = b""

        async def send_whole(message: Message) -> None:
            nonlocal body
            if message["type"] == "http.response.start":
                start.update(message)
                return
            body += message.get("body", b"")
            if message.get("more_body"):
                return
            answer = MutableHeaders(raw=start["headers"])
            if answer.get("content-type", "").startswith("text/html"):
                body = body.replace(b"<body>", b"<body>" + assets(self._pages, self._sign_in), 1)
                answer["content-length"] = str(len(body))
                answer["content-security-policy"] = OWN_CONTENT_ONLY
                for name in ("etag", "last-modified"):
                    del answer[name]
            await send(start)
            await send({"type": "http.response.body", "body": body})

        await self._app(scope, receive, send_whole)


def assets(pages: int, sign_in: str = "") -> bytes:
    """Return the style and the script as HTML; the style keeps room for the names of that many pages, and the script leads
    whoever is signed out to the address ``sign_in``.
    """
    style, script = ((ASSETS / name).read_text(encoding="utf-8") for name in ("style.css", "page.js"))
    element = f'<script data-sign-in="{escape(sign_in)}">'
    return f"<style>:root {{ --pages: {pages}; }}\n{style}</style>{element}{script}</script>".encode()
