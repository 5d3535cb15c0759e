"""The page with which people sign in on a class server: plain HTML with its style in it, since nothing else is served before."""

from pathlib import Path

import jinja2
from starlette.responses import HTMLResponse

ASSETS = Path(__file__).parents[1] / "shell" / "assets"
HEADERS = {
    # Neither scripts nor anything from elsewhere, and in no frame of another page.
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",  # the address may hold the class code; without any, the form had no Origin
    "X-Content-Type-Options": "nosniff",
}

_templates = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=jinja2.StrictUndefined
)


def sign_in_page(
    action: str,
    *,
    code: str = "",
    name: str = "",
    next: str = "/",
    problem: str = "",
    note: str = "",
    status: int = 200,
) -> HTMLResponse:
    """Return the page.

    Args:
        action: address that takes the form.
        code: what is written in the field for the code already, such as the one of the QR code.
        name: the same for the name.
        next: the page to open then.
        problem: why somebody was not let in, in a sentence or two.
        note: what else to say above the form.
        status: of the answer.
    """
    page = _templates.get_template("sign_in.html.j2")
    logo = (ASSETS / "logo.svg").read_text(encoding="utf-8")
    fields = {"code": code, "name": name, "next": next, "problem": problem, "note": note}
    empty = next_empty(code, name)
    return HTMLResponse(page.render(action=action, logo=logo, focus=empty, **fields), status, HEADERS)


def next_empty(code: str, name: str) -> str:
    """Return the first field that is left to fill in."""
    return "code" if not code else "name" if not name else "pin"
