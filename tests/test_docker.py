"""The image and the server for a class: the facts that matter of their files, and themselves where Docker runs."""

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.helpers.docker_files import instructions, stages
from tests.helpers.waiting import until

ROOT = Path(__file__).parents[1]
DOCKERFILE = ROOT / "Dockerfile"
LAST = instructions(DOCKERFILE)
SERVICE = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))["services"]["seamlens"]


def copied() -> set[str]:
    """Return what the first stage copies from the repository."""
    words = [value.split()[:-1] for name, value in stages(DOCKERFILE)[0] if name == "COPY"]
    return {source for sources in words for source in sources}


def test_all_that_is_copied_is_there_and_not_ignored() -> None:
    lines = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert lines[1] == "*"  # everything, but:
    assert {line[1:] for line in lines if line.startswith("!")} == copied()
    assert {source for source in copied() if not (ROOT / source).exists()} == set()


def test_all_of_the_package_is_copied() -> None:
    assert copied() >= {
        "Home.py",
        "pages",
        "core",
        "ui",
        ".streamlit",
        "pyproject.toml",
        "hatch_build.py",
        "requirements-line.txt",
        "requirements.txt",
        "requirements-postgres.txt",
    }


def test_both_stages_are_the_same_slim_python_and_the_last_holds_no_tools() -> None:
    first, last = stages(DOCKERFILE)
    assert first[0][1].removesuffix(" AS build") == last[0][1] == "python:3.11-slim"
    assert not any(word in value for name, value in last if name == "RUN" for word in ("pip", "apt", "curl"))


def test_it_runs_as_a_user_who_owns_the_volume() -> None:
    assert LAST["USER"] == "seamlens"
    assert "useradd --create-home --uid 1000 seamlens" in LAST["RUN"]
    assert "--owner=seamlens /data" in LAST["RUN"]
    assert (LAST["VOLUME"], LAST["WORKDIR"]) == ("/data", "/data")
    assert "SEAMLENS_WORKSPACE=/data/workspace" in LAST["ENV"]


def test_it_is_asked_whether_it_is_well_at_the_port_where_it_listens() -> None:
    """What it is asked answers: tests/browser/test_class_server.py."""
    assert LAST["EXPOSE"] == "8501"
    assert "https://localhost:8501/sign-in" in LAST["HEALTHCHECK"]
    assert (LAST["ENTRYPOINT"], LAST["CMD"]) == (["seamlens"], ["serve"])


def test_codes_and_certificate_stay_in_the_volume() -> None:
    assert "SEAMLENS_PRIVATE=/data/private" in LAST["ENV"]


def test_the_service_keeps_its_workspaces_and_starts_the_same_app() -> None:
    assert SERVICE["ports"] == ["8501:8501"]
    assert SERVICE["volumes"] == ["workspaces:/data"]
    assert SERVICE["environment"]["SEAMLENS_WORKSPACE"].startswith("/data/")
    assert SERVICE["command"][: len(LAST["CMD"])] == LAST["CMD"]
    assert SERVICE["init"] is True  # trainings are processes whose parent may end before them


@pytest.fixture(scope="module")
def docker() -> str:
    found = shutil.which("docker")
    if found is None or subprocess.run([found, "info"], capture_output=True).returncode:
        pytest.skip("no Docker runs here")
    return found


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_the_image_is_built_and_well(docker: str) -> None:
    def called(*words: str) -> str:
        ended = subprocess.run([docker, *words], cwd=ROOT, capture_output=True, encoding="utf-8")
        assert ended.returncode == 0, ended.stderr
        return ended.stdout.strip()

    called("build", "--tag", "seamlens:test", ".")
    name = called("run", "--detach", "seamlens:test")
    try:
        health = ("inspect", "--format", "{{.State.Health.Status}}", name)
        until(lambda: called(*health) == "healthy", "the container is well")
        assert called("exec", name, "id", "--user", "--name") == "seamlens"
        assert "Class code" in called("logs", name)
        assert "class_code" in called("exec", name, "seamlens", "codes", "show", "--json")
    finally:
        called("rm", "--force", "--volumes", name)
