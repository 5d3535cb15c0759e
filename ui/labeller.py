"""The state of the labelling page: which frame, which answers are toggled, and what each key does.

Toggles stay as they are from frame to frame; they count only once they are saved.
"""

from collections.abc import MutableMapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import streamlit as st

from core.attributes import AttributeSet
from core.data import labels
from core.data.frames import Video
from core.workspace import Workspace
from ui import loaders
from ui.page import annotator

POSITION = "frame"
"""Widget key of the slider: the position in the video's frame table."""


@dataclass
class Labeller:
    """What one annotator does with one video at a time."""

    workspace: Workspace
    video: Video
    toggles: dict[str, bool]
    positions: dict[str, int]
    saved: set[str] = field(default_factory=set)  # names of frames saved in this sitting

    @property
    def frames(self) -> pd.DataFrame:
        """Return the frames of the video, in order."""
        return loaders.frame_table(self.workspace, self.video)

    @property
    def position(self) -> int:
        return min(int(state().get(POSITION, 0)), len(self.frames) - 1)

    @property
    def index(self) -> int:
        """Return the decoded index of the frame in view."""
        return int(self.frames["index"].iloc[self.position])

    def stored(self) -> pd.DataFrame:
        """Return this annotator's labels of the video: one row a frame, in the order of `frames`."""
        mine = labels.labels_of(self.workspace, annotator(), self.video.key)
        return mine.reindex(self.frames["index"])

    def toggle(self, name: str) -> None:
        """Turn an attribute on or off; of exclusive ones only one is on."""
        on = not self.toggles[name]
        if on and self.workspace.attributes.exclusive:
            self.toggles.update(dict.fromkeys(self.toggles, False))
        self.toggles[name] = on

    def save(self, moves_on: bool) -> None:
        """Store the answer for all attributes of the frame: on is true, off is false."""
        index = self.index
        labels.record(
            self.workspace, annotator(), self.video.key, index, index, dict(self.toggles), source="key"
        )
        self.saved.add(f"{self.video.key}_{index}")
        if moves_on:
            self.move(1)

    def move(self, by: int) -> None:
        """Go ``by`` frames on or back, stopping at the ends."""
        self.jump(self.position + by)

    def jump(self, position: int) -> None:
        """Show the frame at ``position``."""
        state()[POSITION] = max(0, min(position, len(self.frames) - 1))

    def next_unlabelled(self) -> None:
        """Go to the next frame without a label of this annotator, from the start again after the end."""
        bare = self.stored().isna().all(axis=1).to_numpy().nonzero()[0]
        if len(bare):
            after = bare[bare > self.position]
            self.jump(int(after[0] if len(after) else bare[0]))

    def open(self, video: Video) -> None:
        """Change to another video, where it was left."""
        self.video = video
        self.jump(self.positions.get(video.key, 0))


def state() -> MutableMapping[str, Any]:
    """Return the memory of this browser's visit."""
    return st.session_state


def labeller(workspace: Workspace, videos: list[Video]) -> Labeller:
    """Return this browser's labeller, made on the first visit: it opens the least labelled video."""
    kept: Labeller | None = state().get("labeller")
    keys = {video.key: video for video in videos}
    if kept is None or kept.workspace != workspace or kept.video.key not in keys:
        counts = loaders.balance(workspace).videos
        video = min(videos, key=lambda v: counts[v.key]["labelled"] / max(1, counts[v.key]["frames"]))
        kept = Labeller(workspace, video, dict.fromkeys(workspace.attributes.names, False), {})
        state()["labeller"] = kept
    kept.video = keys[kept.video.key]
    if POSITION not in state():
        kept.jump(kept.positions.get(kept.video.key, 0))
    kept.positions[kept.video.key] = kept.position
    return kept


def style(attributes: AttributeSet, toggles: dict[str, bool], committed: bool) -> str:
    """Return the style of the toggle buttons: the attribute's colour when on, pale until saved."""
    rules = []
    for place, attribute in enumerate(attributes):
        strength = (100 if committed else 26) if toggles[attribute.name] else 0
        text = "#fff" if strength == 100 else "inherit"
        line = "solid" if committed else "dashed"
        button = f".st-key-toggle_{place} button"
        rules.append(
            f"{button}, {button}:is(:hover, :focus, :active) {{ color: {text}; border: 1.5px {line} {attribute.colour};"
            f" background: color-mix(in srgb, {attribute.colour} {strength}%, transparent); }}"
        )
    return f"<style>{''.join(rules)}</style>"
