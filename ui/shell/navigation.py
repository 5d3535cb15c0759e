"""The one way to another page."""

from collections.abc import Mapping
from html import escape
from urllib.parse import urlencode

import streamlit as st

from core.names import is_storable
from ui.elements.components import own_address

GOING = "going_to"
"""Key of the session: the page that is opened next, and its query parameters."""


def go(page: str, parameters: Mapping[str, str] | None = None) -> None:
    """Open another page.

    The whole page runs anew first, and then goes there: a section that runs every few seconds may just have asked for its own turn
    on the page that is left.
    """
    st.session_state[GOING] = page, parameters
    st.rerun()


def follow() -> None:
    """Go where `go` wants to; at the top of every page."""
    if going := st.session_state.pop(GOING, None):
        page, parameters = going
        st.switch_page(page, query_params=parameters)


def to_phone(annotator: str) -> None:
    """Write the way to the page for phones; the style of the page shows it on phones only."""
    query = f"?{urlencode({'annotator': annotator})}" if annotator and is_storable(annotator) else ""
    address = escape(own_address(f"/phone{query}"), quote=True)
    with st.container(key="to_phone"):
        st.html(f'<a href="{address}">Open the phone page</a>')
