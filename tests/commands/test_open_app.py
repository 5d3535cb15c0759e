"""The installed command opens the app where no command is named."""

import os
import runpy
import sys
from pathlib import Path

import pytest

from core.commands.app import installed
from core.commands.open_app import OPENING

ROOT = Path(__file__).parents[2]


@pytest.fixture
def called(monkeypatch, tmp_path):
    """Call the installed command; return its exit code, what Streamlit was given, and the workspace that it would open."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SEAMLENS_WORKSPACE", "")
    runs = []
    monkeypatch.setattr(runpy, "run_module", lambda name, **_: runs.append([name, *sys.argv[1:]]))

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["/usr/bin/seamlens", *arguments])
        return installed(), runs[-1] if runs else None, Path(os.environ["SEAMLENS_WORKSPACE"])

    return call


@pytest.mark.parametrize(
    ("arguments", "options", "workspace"),
    [
        ((), (), "workspace"),
        (("app",), (), "workspace"),
        (("--workspace", "class"), (), "class"),
        (("--workspace=class", "app"), (), "class"),
        (("--server.port", "8600"), ("--server.port", "8600"), "workspace"),
        (("--server.port=8600", "--workspace", "class"), ("--server.port=8600",), "class"),
        (("--workspace", "class", "--server.port", "8600"), ("--server.port", "8600"), "class"),
        (("app", "--workspace", "class", "--theme.base=dark"), ("--theme.base=dark",), "class"),
    ],
)
def test_it_runs_streamlit_with_its_options_on_the_workspace(called, tmp_path, arguments, options, workspace):
    home = str(ROOT / "Home.py")
    assert called(*arguments) == (0, ["streamlit", "run", home, *OPENING, *options], tmp_path / workspace)


def test_a_command_and_help_open_nothing(called, capsys):
    assert called("init")[:2] == (0, None)
    assert called("--help")[:2] == (0, None)
    assert capsys.readouterr().out.count("Usage: seamlens ") == 1
    assert called("--wrkspace", "class")[:2] == (2, None)
    assert "No such option: --wrkspace" in capsys.readouterr().err
