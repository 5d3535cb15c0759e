"""The labeller: a component of our own, since a rerun for every key would be too slow.

Its scripts talk to `ui.routes` and never rerun the page; they are served as they are, there is no build step.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from core.attributes import Attribute
from core.workspace import Workspace
from ui.routes.desk import workspace_id

HERE = Path(__file__).parent
MOUNT = """
export default function (component) {
  let gone = false; // one may leave the page before the scripts are there
  const { base } = component.data;
  import(new URL(`${base}/labeller/main.js`, location.origin)).then(({ open }) => gone || open(component));
  return () => {
    gone = true;
    component.parentElement.labeller?.close();
    component.parentElement.labeller = undefined;
  };
}
"""


@dataclass(frozen=True)
class Sitting:
    """What an annotator has done: frames ``labelled``, and labels that still ``wait`` in the browser."""

    labelled: int
    waiting: int

    def summary(self) -> str:
        """Say it in a sentence or two."""
        done = f"{self.labelled:,} frame{'s' * (self.labelled != 1)} labelled in this sitting."
        if not self.labelled:
            done = "Nothing was changed."
        if not self.waiting:
            return done
        return f"{done} {self.waiting:,} of the labels still wait in this browser: open Label again to send them."


def labeller(
    workspace: Workspace, annotator: str, at: tuple[int, int] | None = None, suggest: bool = False
) -> Sitting | None:
    """Show the labeller; return what was done in this sitting once the annotator quits.

    ``at`` is the video (id) and the index to begin with; else it is where this annotator was last. With ``suggest`` the
    suggestions are on from the beginning.
    """
    component = st.components.v2.component(
        "seamlens_labeller", css=(HERE / "labeller.css").read_text(encoding="utf-8"), js=MOUNT
    )
    answer = component(
        key="labeller",
        data={**settings(workspace, annotator), "at": at, "suggest": suggest},
        on_quit_change=lambda: None,
        height="content",
    )
    return None if answer.quit is None else Sitting(int(answer.quit["labelled"]), int(answer.quit["waiting"]))


def settings(workspace: Workspace, annotator: str) -> dict[str, Any]:
    """Return what the scripts need to know of the workspace."""
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    rules = [(rule.attribute, other) for rule in workspace.attributes.rules for other in rule.never_with]
    return {
        "base": f"/{base}/api" if base else "/api",
        "workspace": workspace_id(workspace),
        "annotator": annotator,
        "attributes": [_about(attribute) for attribute in workspace.attributes],
        "exclusive": workspace.attributes.exclusive,
        "rules": rules,
    }


def _about(attribute: Attribute) -> dict[str, str]:
    return {word: getattr(attribute, word) for word in ("name", "key", "colour", "true", "false")}
