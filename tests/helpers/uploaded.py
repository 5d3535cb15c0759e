"""Files that a browser has uploaded, for tests of pages: no browser is there whose script would send them."""

from pathlib import Path

from streamlit.testing.v1 import AppTest

from core import workspace as workspaces
from core.exchange import uploads


def upload(app: AppTest, place: Path, key: str, **files: bytes) -> AppTest:
    """Have a field hold files, by their names; ``|`` stands for a dot in a name. The workspace is in ``place``."""
    ids = []
    for name, content in files.items():
        ids.append(whole(workspaces.open_workspace(place), name.replace("|", "."), content).id)
    app.session_state[key] = {"files": {"whole": ids, "busy": False}}
    return app.run()


def whole(workspace: workspaces.Workspace, name: str, content: bytes) -> uploads.Upload:
    """Return a file that has come in."""
    made = uploads.begin(workspace, name, len(content), name)
    with uploads.writing(made, 0) as piece:
        piece.write(content)
    uploads.finish(made)
    return made
