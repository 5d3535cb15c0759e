"""Guidance with little data: what works already, and the one thing that helps most. The foot of every page says it, too."""

import streamlit as st

from core.assist.guidance import Guidance, guidance
from core.workspace import Workspace
from ui.elements.markdown import md
from ui.shell import cache, navigation


def guide(workspace: Workspace) -> Guidance:
    """Return the guidance of a workspace."""
    return guidance(cache.balance(workspace), workspace.attributes)


def lines(workspace: Workspace) -> None:
    """Write what works now and what helps most, with the button that leads there; nothing where there is data enough."""
    found = guide(workspace)
    if not found.step:
        return
    row = st.container(horizontal=True, vertical_alignment="center")
    works = f" {found.works}" if found.works else ""
    row.caption(f":material/lightbulb: **What helps most: {md(found.step)}.** {md(found.reason)}{md(works)}")
    where = "Label frames" if found.page == "label" else "Add videos"
    if row.button(where, key="guide_step", type="tertiary", icon=":material/arrow_forward:"):
        open_page(found)


def works(workspace: Workspace) -> None:
    """Write what works already; nothing where nothing does."""
    if words := guide(workspace).works:
        st.caption(f":material/lightbulb: {md(words)}")


def open_page(found: Guidance) -> None:
    """Open the page where the step is done."""
    if found.page == "videos":
        navigation.go("pages/1_Videos.py")
    navigation.go("pages/2_Label.py", {"video": found.video, "frame": "0"} if found.video else None)


def open_label(workspace: Workspace) -> None:
    """Open the first video without labels on the Label page; where there is none, the page that adds videos."""
    counts = cache.balance(workspace).videos
    video = next((key for key, of in counts.items() if not of["labelled"]), "")
    open_page(Guidance(page="label" if video else "videos", video=video))
