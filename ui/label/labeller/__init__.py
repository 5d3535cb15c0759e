"""The labeller: a component that runs in the browser, since a rerun of the page for every key would be too slow.

Its scripts talk to `ui.server.routes` and never rerun the page; they are served as they are, there is no build step.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import streamlit as st

from core.attributes import Attribute
from core.workspace import Workspace
from ui.server.labels import workspace_id

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


@dataclass(frozen=True)
class LabellingResult:
    """What an annotator did before leaving: frames ``labelled``, and labels still ``waiting`` in the browser."""

    labelled: int
    waiting: int

    def summary(self) -> str:
        """Return it in a sentence or two."""
        done = (
            f"You labelled {self.labelled:,} picture{'s' * (self.labelled != 1)}."
            if self.labelled
            else "Nothing changed."
        )
        if not self.waiting:
            return done
        return f"{done} Not saved yet: {self.waiting:,}. They wait in this browser. Open Label again to send them."


def labeller(
    workspace: Workspace, annotator: str, at: tuple[int, int] | None = None, suggest: bool = False
) -> LabellingResult | None:
    """Show the labeller; return what was done once the annotator quits.

    ``at`` is the video (id) and the index to begin with; by default it begins where this annotator was last. With
    ``suggest`` the suggestions are on from the beginning.
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
    return (
        None
        if answer.quit is None
        else LabellingResult(int(answer.quit["labelled"]), int(answer.quit["waiting"]))
    )


def settings(workspace: Workspace, annotator: str) -> dict[str, Any]:
    """Return what the scripts need of the workspace."""
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    rules = [(rule.attribute, other) for rule in workspace.attributes.rules for other in rule.never_with]
    return {
        "base": quote(f"/{base}/api" if base else "/api"),
        "workspace": workspace_id(workspace),
        "annotator": annotator,
        "attributes": [_settings_of(attribute) for attribute in workspace.attributes],
        "exclusive": workspace.attributes.exclusive,
        "rules": rules,
    }


def _settings_of(attribute: Attribute) -> dict[str, str]:
    return {word: getattr(attribute, word) for word in ("name", "key", "colour", "true", "false")}
