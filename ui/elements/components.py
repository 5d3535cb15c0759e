"""Parts of pages that run in the browser: a script with its style beside it, and the address at which they ask the server."""

from pathlib import Path
from urllib.parse import quote

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer


def component(script: Path) -> ComponentRenderer:
    """Return what mounts ``script``; its style is the file of the same name that ends in ``.css``."""
    style = script.with_suffix(".css").read_text(encoding="utf-8")
    return st.components.v2.component(
        f"seamlens_{script.stem}", css=style, js=script.read_text(encoding="utf-8")
    )


def own_address(path: str) -> str:
    """Return a path of this server, such as ``/sign-in``, below the base path of the server if it has one."""
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}{path}" if base else path


def api() -> str:
    """Return the path of the routes of `ui.server.routes`."""
    return own_address("/api")


def api_address(route: str = "") -> str:
    """Return the address of a route, such as ``/live``, for scripts."""
    return quote(api() + route)
