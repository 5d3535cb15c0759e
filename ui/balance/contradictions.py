"""Frames whose labels break a rule of the attributes, on the Balance page."""

from itertools import combinations
from typing import Any

import pandas as pd
import streamlit as st

from core.attributes import AttributeSet
from core.labels import labels
from core.review import contradictions
from core.review.contradictions import CONSENSUS
from core.text import count
from core.workspace import Workspace
from ui.balance.disputes import may_decide
from ui.shell import cache, chart_frames, frames
from ui.shell.page import annotator, errors_shown, flash

PER_PAGE = 6


@st.fragment
@errors_shown()
def section(workspace: Workspace) -> None:
    """Write the stretches of frames whose labels contradict each other, with buttons for those who may correct them."""
    found = _contradictions(workspace, str(workspace.path), cache.data_version(workspace))
    # Of videos that are labelled blind, one sees one's own labels alone.
    others = found["annotator"] != annotator()
    found = found[~(others & found["video"].isin(cache.blind(workspace)))]
    if not workspace.attributes.rules and not workspace.attributes.exclusive:
        st.info("This workspace has no rules: any attributes may be true together.", icon=":material/rule:")
        return
    if found.empty:
        st.success("No labels contradict each other.", icon=":material/check_circle:")
        return
    whose = _whose(workspace, found)
    found = found[found["annotator"] == whose].reset_index(drop=True)
    found["number"] = frames.numbered(workspace, found, ["rule"])
    total = int(found["number"].iloc[-1]) + 1
    places = frames.turned(total, PER_PAGE, f"contradictions_page_{whose}")
    columns = st.columns(3, gap="medium")
    for place, number in enumerate(places):
        with columns[place % 3]:
            _card(workspace, found[found["number"] == number], whose)


def _whose(workspace: Workspace, found: pd.DataFrame) -> str:
    """Ask whose labels to show, one's own first."""
    counts = found["annotator"].value_counts(sort=False)
    people = sorted(counts.index, key=lambda name: (name != annotator(), name != CONSENSUS))
    called = {name: _called(name) for name in people}
    row = st.container(horizontal=True, vertical_alignment="center")
    whose = row.selectbox("Labels of", people, format_func=called.__getitem__, width=300, label_visibility="collapsed",
                          key=f"contradictions_of_{people}")  # fmt: skip
    row.markdown(f":gray[{count(counts[whose], 'frame')}. {_advice(workspace, whose)}]")
    return whose


def _may_fix(workspace: Workspace, whose: str) -> bool:
    return whose == annotator() or (whose == CONSENSUS and may_decide(workspace))


def _called(name: str) -> str:
    return {CONSENSUS: "The consensus", annotator(): "Your labels"}.get(name, f"Labels of {name}")


def _advice(workspace: Workspace, whose: str) -> str:
    if whose == CONSENSUS:
        if workspace.attributes.exclusive or not may_decide(workspace):
            return (
                "Correct it with a decision under Disputes, or with other labels. Nothing changes by itself."
            )
        return "Decide which is false. Your decision counts from now on."
    if whose != annotator():
        return f"{whose} can correct these labels on this page."
    return (
        "Choose one class on the Label page." if workspace.attributes.exclusive else "Press which is false."
    )


def _card(workspace: Workspace, part: pd.DataFrame, whose: str) -> None:
    """Write one stretch: the picture in its middle, the rule, and the buttons."""
    middle = part.iloc[len(part) // 2]
    with st.container(border=True):
        st.image(frames.card(workspace, middle["name"]), width="stretch")
        st.markdown(f"**{frames.where(part)}**  \n{middle['rule'][:1].upper()}{middle['rule'][1:]}.")
        if not _may_fix(workspace, whose):
            return
        row = st.container(horizontal=True, vertical_alignment="center")
        for name in _pairs(workspace.attributes).get(middle["rule"], ()):
            if row.button(f"{name} is false", key=f"fix_{middle['name']}_{name}"):
                source = "adjudication" if whose == CONSENSUS else "key"
                first, last = int(part["index"].iloc[0]), int(part["index"].iloc[-1])
                labels.record(
                    workspace, annotator(), middle["video"], first, last, {name: False}, source=source
                )
                flash(f"{name} set to false: {frames.where(part)}.")
                st.rerun()
        with row:
            chart_frames.label_link(middle["video"], int(part["index"].iloc[0]), "Label")


def _pairs(attributes: AttributeSet) -> dict[str, tuple[str, str]]:
    """Return for each rule in words the two attributes that must not both be true."""
    return {
        rule: (first, second)
        for first, second in combinations(attributes.names, 2)
        for rule in attributes.warnings({first: True, second: True})
    }


@st.cache_data(max_entries=4, show_spinner="Looking for contradictions …")
def _contradictions(_workspace: Workspace, path: str, version: tuple[Any, ...]) -> pd.DataFrame:
    return contradictions.contradictions(_workspace)
