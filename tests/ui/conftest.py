"""The server's routes without Streamlit around them, on a small workspace."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from core.workspace import Workspace
from tests.helpers.page_workspace import small_workspace
from ui.server.routes import routes


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.setenv("SEAMLENS_WORKSPACE", str(tmp_path / "workspace"))
    return small_workspace(tmp_path / "workspace", labelled=False)


@pytest.fixture
def client(workspace: Workspace) -> Iterator[TestClient]:
    with TestClient(Starlette(routes=routes()), base_url="http://localhost:8501") as found:
        yield found
