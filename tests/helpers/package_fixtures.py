"""Fixtures of tests about the package: it is built, and installed in an environment of its own."""

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BUILD = ("wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir")
# what the other environment has of this very package does not count
INSTALL = ("install", "--quiet", "--no-deps", "--no-compile", "--ignore-installed")


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What ``pip wheel .`` makes."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-m", "pip", *BUILD, str(folder), str(ROOT)], check=True)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="session")
def installed_command(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command ``seamlens`` of a new environment, which sees the packages of this one."""
    import numpy  # lies where the others lie

    folder = tmp_path_factory.mktemp("elsewhere") / "env"
    builder = venv.EnvBuilder()
    builder.create(folder)
    made = builder.ensure_directories(folder)
    packages = next(folder.rglob("site-packages"))
    (packages / "others.pth").write_text(str(Path(numpy.__file__).parents[1]), encoding="utf-8")
    subprocess.run([sys.executable, "-m", "pip", "--python", made.env_exe, *INSTALL, str(wheel)], check=True)
    return Path(made.bin_path) / "seamlens"


def away_from_here() -> dict[str, str]:
    """Return the environment of this process without what leads to the repository or to a workspace."""
    left_out = ("PYTHONPATH", "SEAMLENS_WORKSPACE")
    return {name: value for name, value in os.environ.items() if name not in left_out}
