"""The labeller: a component that runs in the browser, since a rerun of the page for every key would be too slow.

Its scripts talk to `ui.server.routes` and never rerun the page; they are served as they are, there is no build step.
"""

from pathlib import Path
from typing import Any

import streamlit as st

from core.text import count
from core.workspace import Workspace
from ui.elements.components import api_address
from ui.server.labelling_api import workspace_id

HERE = Path(__file__).parent
MOUNT = """
export default function (component) {
  let gone = false; // the page may be left before the scripts are there
  const { base } = component.data;
  import(new URL(`${base}/labeller/app.js`, location.origin)).then(({ open }) => gone || open(component));
  return () => {
    gone = true;
    component.parentElement.labeller?.close();
    component.parentElement.labeller = undefined;
  };
}
"""


def labeller(
    workspace: Workspace, annotator: str, at: tuple[int, int] | None = None, suggest: bool = False
) -> str | None:
    """Show the labeller; once the annotator quits, return in a sentence or two what was done.

    ``at`` is the video (id) and the index to begin with; by default it begins where this annotator was last. With
    ``suggest`` the suggestions are on from the beginning.
    """
    component = st.components.v2.component(
        "seamlens_labeller", css=(HERE / "labeller.css").read_text(encoding="utf-8"), js=MOUNT
    )
    data = {**settings(workspace, annotator), "at": at, "suggest": suggest}
    done = component(key="labeller", data=data, on_quit_change=lambda: None, height="content").quit
    if done is None:
        return None
    labelled, waiting = int(done["labelled"]), int(done["waiting"])
    words = f"You labelled {count(labelled, 'picture')}." if labelled else "Nothing changed."
    unsaved = f" Not saved yet: {waiting:,}. They wait in this browser. Open Label again to send them."
    return words + (unsaved if waiting else "")


def settings(workspace: Workspace, annotator: str) -> dict[str, Any]:
    """Return what the scripts need of the workspace."""
    attributes, words = workspace.attributes, ("name", "key", "colour", "true", "false")
    return {
        "base": api_address(),
        "workspace": workspace_id(workspace),
        "annotator": annotator,
        "attributes": [{word: getattr(attribute, word) for word in words} for attribute in attributes],
        "exclusive": attributes.exclusive,
        "oneOf": attributes.one_of,
        "rules": [(rule.attribute, other) for rule in attributes.rules for other in rule.never_with],
    }
