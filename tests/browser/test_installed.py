"""The installed app, started as the Dockerfile starts it, from a folder that is not the repository."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.class_server import ClassServer, sign_in, visitor
from tests.helpers.docker_files import instructions
from tests.helpers.package_fixtures import ROOT


@pytest.mark.long
def test_the_command_of_the_image_opens_the_app(
    installed_command: Path, tmp_path: Path, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTHONPATH", raising=False)
    said = instructions(ROOT / "Dockerfile")
    assert said["CMD"] == ["serve"]
    server = ClassServer(tmp_path / "class", tmp_path / "private", [str(installed_command)], tmp_path)
    page = visitor(browser)
    try:
        sign_in(page, server.said["link"], "Ada")
        page.wait_for_selector("text=Two ways to begin")
        # The linen of the settings that came with it, not Streamlit's white.
        colour = "app => getComputedStyle(app).backgroundColor"
        assert page.eval_on_selector("[data-testid=stApp]", colour) == "rgb(252, 251, 248)"
        page.goto(f"{server.address}/Workspace")
        page.wait_for_selector("text=Nothing to check or back up yet")

        health = re.search(r"localhost:8501(/[^']+)", said["HEALTHCHECK"]).group(1)
        assert server.get(health)[0] == 200
        assert server.get("/api/labeller/app.js", {"Cookie": server.cookie("Ada")})[0] == 200
    finally:
        page.context.close()
        server.stop()
