"""The installed app, started as the Dockerfile starts it, from a folder that is not the repository."""

import re
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.helpers.docker_files import instructions
from tests.helpers.package_fixtures import ROOT


@pytest.mark.long
def test_the_command_of_the_image_opens_the_app(
    installed_command: Path,
    tmp_path: Path,
    start: Callable,
    open_page: Callable,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("PYTHONPATH", raising=False)
    said = instructions(ROOT / "Dockerfile")
    command = [str(installed_command), *said["CMD"]]
    address = start(tmp_path / "class", command=command, folder=tmp_path).address

    page = open_page(address)
    page.wait_for_selector("text=Two ways to begin")
    # The linen of the settings that came with it, not Streamlit's white.
    colour = "app => getComputedStyle(app).backgroundColor"
    assert page.eval_on_selector("[data-testid=stApp]", colour) == "rgb(252, 251, 248)"
    page.goto(f"{address}/Workspace")
    page.wait_for_selector("text=Nothing to check or back up yet")

    health = re.search(r"localhost:8501(/[^']+)", said["HEALTHCHECK"]).group(1)
    for path in (health, "/api/labeller/app.js"):
        with urllib.request.urlopen(f"{address}{path}") as answer:
            assert answer.status == 200
