"""Files that a page offers as downloads: streamed from the disk, whatever their size, and only to whom they were offered."""

import secrets
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

import streamlit as st
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from core.access.person import current
from core.errors import MediaError
from ui.elements.components import api_address

MOST = 2000
"""Offers that are remembered; the oldest go first."""


@dataclass(frozen=True)
class _Offer:
    file: Path
    kind: str
    person: str


_offers: dict[str, _Offer] = {}
_lock = Lock()


def download_link(label: str, file: Path, kind: str, is_primary: bool = False) -> None:
    """Write what downloads a file under its own name; ``label`` is markdown, ``kind`` the media type."""
    address = api_address(f"/downloads/{_offered(_Offer(file.resolve(), kind, current().name))}")
    st.link_button(label, address, type="primary" if is_primary else "secondary", icon=":material/download:")


def download(request: Request, _body: Any) -> Response:
    """Answer with a file that was offered."""
    offer = _offers.get(request.path_params["offer"])
    if offer is None or offer.person != current().name or not offer.file.is_file():
        raise MediaError("This download is not here any more.", "Go back to the page, and prepare it again.")
    headers = {"Cache-Control": "no-store"}
    return FileResponse(offer.file, media_type=offer.kind, filename=offer.file.name, headers=headers)


def _offered(offer: _Offer) -> str:
    """Return the token of an offer, the same for the same one."""
    with _lock:
        for token, known in _offers.items():
            if known == offer:
                return token
        token = secrets.token_urlsafe(24)
        _offers[token] = offer
        while len(_offers) > MOST:
            _offers.pop(next(iter(_offers)))
        return token
