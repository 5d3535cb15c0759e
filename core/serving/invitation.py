"""The link to a class server, and its QR code: whoever scans it has the class code filled in."""

import io

import segno

from core.access.codes import comparable


def link(address: str, code: str) -> str:
    """Return the link to the class server at an ``address``, with the class code in it."""
    return f"{address}/?code={comparable(code)}"


def qr_svg(text: str, side: int = 260) -> str:
    """Return a QR code as an SVG picture of that many pixels, dark on white also where the page is dark."""
    made, svg = segno.make(text, error="m", micro=False), io.BytesIO()
    width = made.symbol_size()[0]
    made.save(
        svg, kind="svg", scale=side / width, light="#fff", dark="#101517", xmldecl=False, title="QR code"
    )
    return svg.getvalue().decode()


def qr_text(text: str) -> str:
    """Return a QR code as lines for a terminal."""
    lines = io.StringIO()
    segno.make(text, error="m", micro=False).terminal(out=lines, compact=True)
    return lines.getvalue()
