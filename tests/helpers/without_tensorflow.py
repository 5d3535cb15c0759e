"""SeamLens on a computer without TensorFlow, as a process of its own: ``python -m tests.helpers.without_tensorflow FOLDER``.

It imports every module, opens every page and runs commands on a copy of the workspace of `tests.test_old_workspace`, then
prints what came of it as JSON.
"""

import io
import json
import os
import pkgutil
import shutil
import sys
import zipfile
from contextlib import redirect_stderr, redirect_stdout
from importlib import import_module
from pathlib import Path

from tests.helpers.page_files import PAGES, ROOT

ARCHIVE = ROOT / "tests" / "fixtures" / "workspace_0_6" / "workspace.zip"
VIDEO = "seam_01"
WORK = (
    ("balance",),
    ("labels", "set", VIDEO, "good=true", "--annotator", "Ada", "--last", "3"),
    ("agreement",),
    ("contradictions",),
    ("split",),
    ("runs",),
    ("check",),
)
"""Commands that work."""

REFUSED = (
    ("networks",),
    ("train",),
    ("train", "--detach"),
    ("train", "--like", "latest"),
    ("resume", "latest", "--epochs", "9"),
    ("test", "latest"),
    ("watch", "latest", VIDEO),
    ("suspects", "--again"),
    ("explain", "latest", "a.png", "--out", "maps"),
)
"""Commands that need a network."""


def hide() -> None:
    """Let this process find neither TensorFlow nor Keras."""
    for name in ("tensorflow", "keras"):
        sys.modules[name] = None  # type: ignore[assignment]


def modules() -> dict[str, str]:
    """Import every module; return why those that cannot be imported cannot."""
    from core.errors import SeamLensError

    refused = {}
    for top in ("core", "ui"):
        for found in pkgutil.walk_packages([str(ROOT / top)], f"{top}."):
            try:
                if not found.name.endswith("__main__"):
                    import_module(found.name)
            except SeamLensError as error:
                refused[found.name] = str(error)
    return refused


def pages() -> dict[str, str]:
    """Open every page as somebody who labels; return its words, which end in the errors of its code."""
    import streamlit_webrtc.component
    from streamlit.testing.v1 import AppTest

    streamlit_webrtc.component.get_this_session_info = lambda: None
    shown = {}
    for page in PAGES:
        app = AppTest.from_file(str(ROOT / "Home.py"), default_timeout=300)
        app.session_state["annotator"] = "Ada"
        app.run()
        if page:
            app.switch_page(f"pages/{page}").run()
        kinds = (app.title, app.markdown, app.info, app.error)
        words = [str(element.value) for kind in kinds for element in kind]
        shown[page] = "\n".join([*words, *(f"EXCEPTION {each.value}" for each in app.exception)])
    return shown


def commands(workspace: Path) -> dict[str, tuple[int, str]]:
    """Run every command; return its exit code and what it wrote on standard error."""
    from core.__main__ import main

    ended = {}
    for words in (*WORK, *REFUSED):
        out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(2))
        with redirect_stdout(out), redirect_stderr(err):
            code = main(["--workspace", str(workspace), *words])
        err.seek(0)
        ended[" ".join(words)] = code, err.read()
    return ended


def runs(workspace: Path) -> set[str]:
    return {folder.name for folder in (workspace / "runs").iterdir()}


def main(folder: Path) -> None:
    """Do all of it in ``folder``, a new one."""
    hide()
    with zipfile.ZipFile(ARCHIVE) as archive:
        archive.extractall(folder)
    os.environ["SEAMLENS_WORKSPACE"] = str(folder / "workspace")
    shutil.copytree(folder / "workspace", folder / "commands")
    before = runs(folder / "commands")
    came = {"modules": modules(), "pages": pages(), "commands": commands(folder / "commands")}
    print(json.dumps(came | {"new runs": sorted(runs(folder / "commands") - before)}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
