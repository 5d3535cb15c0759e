"""The package: all of the app is in it, what it needs stands in requirements.txt, and installed elsewhere it works."""

import re
import subprocess
import tomllib
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

from core.cluster.address import PACKAGE as RAY
from core.events import mqtt_settings, opcua
from core.networks.installed import PACKAGES
from hatch_build import EXTRAS
from tests.helpers.package_fixtures import away_from_here

ROOT = Path(__file__).parents[1]


def requirements(name: str = "requirements.txt") -> set[str]:
    lines = (ROOT / name).read_text("utf-8").splitlines()
    return {line for line in lines if line and not line.startswith(("#", "-r"))}


def normal(requirement: str) -> tuple[str, frozenset[str]]:
    """Return the name and the bounds of a requirement, whatever their order."""
    name, bounds = re.fullmatch(r"([A-Za-z0-9_.-]+(?:\[\w+\])?)(.*)", requirement.replace(" ", "")).groups()
    return name, frozenset(bounds.split(","))


def test_all_of_the_app_is_in_the_package(wheel: Path) -> None:
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    files = [
        ROOT / "Home.py",
        *(f for top in (".streamlit", "core", "pages", "ui") for f in (ROOT / top).rglob("*")),
    ]
    there = {f.relative_to(ROOT).as_posix() for f in files if f.is_file() and "__pycache__" not in f.parts}
    assert packed == {name if name.startswith(("core/", "ui/")) else f"seamlens/{name}" for name in there}


def test_it_needs_what_requirements_txt_says(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    [name] = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
    needs = Parser().parsestr(archive.read(name).decode()).get_all("Requires-Dist")
    of_extra = {
        extra: {normal(need.partition(";")[0]) for need in needs if re.search(rf"extra == .{extra}\b", need)}
        for extra in ("train", *EXTRAS)
    }
    always = {normal(need) for need in needs if "extra ==" not in need}
    assert always | of_extra["train"] == set(map(normal, requirements()))
    assert of_extra == {
        "train": set(map(normal, PACKAGES)),
        **{extra: set(map(normal, requirements(f"requirements-{extra}.txt"))) for extra in EXTRAS},
    }


def test_every_file_of_requirements_is_an_extra() -> None:
    files = {file.stem.removeprefix("requirements-") for file in ROOT.glob("requirements-*.txt")}
    assert files == {"dev", *EXTRAS}


def test_the_packages_that_are_named_where_one_is_missing_are_those_of_the_list() -> None:
    named = {normal(mqtt_settings.PACKAGE), normal(opcua.PACKAGE)}
    assert named == set(map(normal, requirements("requirements-line.txt")))
    assert {normal(RAY)} == set(map(normal, requirements("requirements-cluster.txt")))


def test_the_development_tools_start_from_the_same_list() -> None:
    lines = (ROOT / "requirements-dev.txt").read_text("utf-8").splitlines()
    assert {"-r requirements.txt", *(f"-r requirements-{extra}.txt" for extra in EXTRAS)} <= set(lines)


def test_it_takes_the_pythons_that_it_names() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    named = [line.rpartition(" ")[2] for line in project["classifiers"] if "Python :: 3." in line]
    assert named == ["3.11", "3.12", "3.13"]
    assert project["requires-python"] == ">=3.11,<3.14"
    assert "You need Python 3.11, 3.12 or 3.13." in (ROOT / "README.md").read_text("utf-8")


@pytest.mark.long
def test_the_command_works_from_another_folder(installed_command: Path, tmp_path: Path) -> None:
    def seamlens(*arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [str(installed_command), *arguments],
            cwd=tmp_path,
            env=away_from_here(),
            capture_output=True,
            encoding="utf-8",
        )

    assert seamlens("--help").stdout.startswith("Usage: seamlens ")
    made = seamlens("demo", "--videos", "3", "--frames", "12")
    assert made.returncode == 0, made.stderr
    assert made.stdout.startswith("Rendered 3 videos with 36 frames")
    assert (tmp_path / "workspace" / "workspace.toml").is_file()
    assert "break" in seamlens("balance").stdout
