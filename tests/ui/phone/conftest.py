"""The routes of the app and of the phone page, on a small workspace without a trained network."""

from collections.abc import Iterator

import pytest
import streamlit as st
from starlette.applications import Starlette
from starlette.testclient import TestClient

from core.workspace import Workspace
from ui.phone.routes import routes as phone_routes
from ui.server.look import VISITS
from ui.server.routes import routes


@pytest.fixture
def client(workspace: Workspace) -> Iterator[TestClient]:
    st.cache_resource.clear()  # the places of earlier tests
    with TestClient(
        Starlette(routes=[*routes(), *phone_routes()]), base_url="http://localhost:8501"
    ) as found:
        yield found
    for token in list(VISITS._visits):
        VISITS.end(token)
