"""The field for files of any size: they go in pieces straight to the disk of the server, see `upload_field.js`."""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from core.errors import MediaError
from core.exchange import uploads
from core.exchange.uploads import Upload
from core.workspace import Workspace
from ui.elements.components import api_address, component

SCRIPT = Path(__file__).with_suffix(".js")
PIECE = 4 * 1024**2
"""Bytes that are sent at once: so much is lost where a connection breaks."""


@dataclass(frozen=True)
class Chosen:
    """What a field holds: the uploads that are whole, and whether others are on their way."""

    uploads: tuple[Upload, ...] = ()
    is_busy: bool = False


def upload_field(
    workspace: Workspace, label: str, formats: Collection[str], key: str, multiple: bool = True
) -> Chosen:
    """Write the field and return what it holds; another ``key`` is an empty one."""
    data = {
        "field": key,
        "label": label,
        "address": api_address("/uploads"),
        "formats": list(formats),
        "multiple": multiple,
        "largest": workspace.upload,
        "piece": PIECE,
    }
    with st.container(key=f"upload-field-{key}"):  # for which style.css keeps room
        field = component(SCRIPT)(key=key, data=data, on_files_change=lambda: None, height="content")
    state = field.files or {}
    found = []
    for id in state.get("whole", []):
        with suppress(MediaError):  # used in another tab, or after a day
            found.append(uploads.find(workspace, str(id)))
    return Chosen(tuple(upload for upload in found if upload.is_whole), bool(state.get("busy")))
