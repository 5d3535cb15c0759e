"""The command that opens the app in the browser."""

import os
import runpy
import sys
from pathlib import Path
from typing import Annotated

import typer

import core
from core.commands import cli

OPENING = ("--server.headless=false", "--server.showEmailPrompt=false", "--logger.hideWelcomeMessage=true")
"""Options of Streamlit's with which it opens a browser, where there is one, and neither asks nor recommends anything."""

app = typer.Typer()


@app.command("app", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def open_app(
    ctx: typer.Context,
    workspace: Annotated[Path | None, cli.folder("The class project, as before the command.")] = None,
) -> None:
    """Open the app in the browser.

    All other options are Streamlit's, such as --server.port 8502. The installed command, seamlens, does it also without “app”.
    """
    os.environ["SEAMLENS_WORKSPACE"] = str((workspace or ctx.obj).absolute())
    print(
        "SeamLens opens in your browser: http://localhost:8501, or at the port that you chose. Ctrl-C ends it.",
        flush=True,
    )
    sys.argv = ["streamlit", "run", str(home()), *OPENING, *ctx.args]
    runpy.run_module("streamlit", run_name="__main__", alter_sys=True)


def home() -> Path:
    """Return the file that Streamlit runs: in the folder ``seamlens`` beside the installed packages, or in the repository."""
    root = Path(core.__file__).resolve().parents[1]
    installed = root / "seamlens" / "Home.py"
    return installed if installed.exists() else root / "Home.py"
