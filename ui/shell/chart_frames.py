"""The frames behind a chart: a click on it, or the box below it, opens a strip of the frames that were counted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from core.attributes import Answer
from core.review.balance import frames_and_videos, frames_behind
from core.workspace import Workspace
from ui.elements import charts, widgets
from ui.elements.markdown import md
from ui.shell import cache
from ui.shell import frames as stretches

AT_ONCE = 24
ACROSS = 8


@dataclass(frozen=True)
class Choice:
    """A number of a chart."""

    words: str  # what is counted, with the number: no two of a chart are the same
    answers: dict[str, Answer]  # that the frames have
    videos: tuple[str, ...]  # whose frames; none named is all of them
    frames: int  # the number


def chart(figure: go.Figure, key: str, height: int, choices: Sequence[Choice], place: Callable[[dict[str, Any]], int],
          box: str = "") -> None:  # fmt: skip
    """Draw a figure, ``height`` pixels high, of which each number can be clicked.

    ``place`` returns which of the choices a clicked point is; ``box`` is the key of the box that `strip` writes, where
    several charts share one.
    """
    box = box or key
    turned = f"{key}_{st.session_state.get(box + '_turn', 0)}"

    def take() -> None:
        points = st.session_state[turned].selection.points
        chosen = choices[place(points[0])] if points else None
        st.session_state[box + "_box"] = chosen.words if chosen and chosen.frames else None

    charts.show(figure, turned, height, take)


def strip(workspace: Workspace, box: str, choices: Sequence[Choice]) -> None:
    """Write the box that lists the numbers, for those who do not click, and the frames behind the chosen one."""
    offered = {choice.words: choice for choice in choices if choice.frames}
    if st.session_state.get(box + "_box") not in offered:  # labels have changed, and so have the numbers
        st.session_state[box + "_box"] = None
    chosen = st.selectbox("Show frames of", list(offered), key=box + "_box", on_change=_forget_click, args=(box,),
                          width=520, placeholder="Click a number above, or choose one here")  # fmt: skip
    if chosen:
        _frames(workspace, offered[chosen], box)


def _forget_click(box: str) -> None:
    st.session_state[box + "_turn"] = st.session_state.get(box + "_turn", 0) + 1


def _frames(workspace: Workspace, choice: Choice, box: str) -> None:
    frames = frames_behind(cache.consensus(workspace), choice.answers, choice.videos)
    visible = frames[~frames["video"].isin(cache.blind(workspace))]
    wanted = st.session_state.get(f"{box}_more", {}).get(choice.words, AT_ONCE)
    with st.container(border=True, key=f"strip_{box}"):
        row = st.container(horizontal=True, vertical_alignment="center")
        row.markdown(
            f"**{md(choice.words.rsplit(': ', 1)[0])}**: {md(frames_and_videos(frames))}", width="stretch"
        )
        row.button("Close", icon=":material/close:", type="tertiary", key=f"close_{box}", on_click=_close, args=(box,))  # fmt: skip
        if len(visible) < len(frames):
            st.caption("Frames of videos that you label blind are left out.")
        for first in range(0, min(wanted, len(visible)), AT_ONCE):
            _grid(workspace, visible.iloc[first : min(wanted, first + AT_ONCE)].sort_index())
        if wanted < len(visible):
            more = {choice.words: wanted + AT_ONCE}
            st.button(f"{min(AT_ONCE, len(visible) - wanted)} more", icon=":material/expand_more:", key=f"more_{box}",
                      on_click=st.session_state.update, args=({f"{box}_more": more},))  # fmt: skip


def _close(box: str) -> None:
    st.session_state[box + "_box"] = None
    _forget_click(box)


def _grid(workspace: Workspace, frames: pd.DataFrame) -> None:
    files = stretches.frames(workspace)["file"]

    def card(frame: Any) -> None:
        stretches.small(workspace.path / files[frame.name], "stretch", f"{frame.video}, frame {frame.index}")
        label_link(frame.video, int(frame.index))

    widgets.gallery(list(frames.itertuples()), ACROSS, card, border=False)


def label_link(video: str, index: int, words: str = "", suggest: bool = False) -> None:
    """Write a link that opens the Label page at a frame; with ``suggest`` the suggestions are on there."""
    st.page_link("pages/2_Label.py", label=words or f"{md(video)} · {md(index)}", help=f"Label {md(video)} from frame {md(index)} on",
                 query_params={"video": video, "frame": str(index)} | ({"suggest": "1"} if suggest else {}))  # fmt: skip
