"""Frames whose labels break a rule of the attributes, on the Balance page."""

from itertools import combinations

import pandas as pd
import streamlit as st

from core.attributes import AttributeSet
from core.labels import labels
from core.labels.labels import DRAWN
from core.review import contradictions
from core.review.contradictions import CONSENSUS
from core.text import count
from core.workspace import Workspace
from ui.balance.disputes import may_decide
from ui.elements.markdown import md
from ui.shell import cache, chart_frames, frames
from ui.shell.page import annotator, fragment, rerun_with


@fragment
def section(workspace: Workspace) -> None:
    """Write the stretches of frames whose labels contradict each other, with buttons for those who may correct them."""
    found = _contradictions(workspace)
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
    for number, column in frames.cards(int(found["number"].iloc[-1]) + 1, f"contradictions_page_{whose}"):
        with column:
            _card(workspace, found[found["number"] == number], whose)


def _whose(workspace: Workspace, found: pd.DataFrame) -> str:
    counts = found["annotator"].value_counts(sort=False)
    people = sorted(counts.index, key=lambda name: (name != annotator(), name != CONSENSUS))
    words = {name: f"Labels of {name}" for name in people} | {DRAWN: "Labels drawn by SeamLens"}
    words |= {CONSENSUS: "The consensus", annotator(): "Your labels"}
    row = st.container(horizontal=True, vertical_alignment="center")
    whose = row.selectbox("Labels of", people, format_func=words.__getitem__, width=300, label_visibility="collapsed",
                          key=f"contradictions_of_{people}")  # fmt: skip
    row.markdown(f":gray[{count(counts[whose], 'frame')}. {md(_advice(workspace, whose))}]")
    return whose


def _advice(workspace: Workspace, whose: str) -> str:
    exclusive = workspace.attributes.exclusive
    if whose == CONSENSUS and (exclusive or not may_decide(workspace)):
        return "Correct it with a decision under Disputes, or with other labels. Nothing changes by itself."
    if whose == CONSENSUS:
        return "Decide which answer is wrong. Your decision counts from now on."
    if whose == DRAWN:
        return "Nobody corrects these labels."
    if whose != annotator():
        return f"{whose} can correct these labels on this page."
    return "Choose one class on the Label page." if exclusive else "Press which answer is right."


def _card(workspace: Workspace, part: pd.DataFrame, whose: str) -> None:
    middle = part.iloc[len(part) // 2]
    with st.container(border=True):
        st.image(frames.card(workspace, middle["name"]), width="stretch", alt=middle["name"])
        st.markdown(
            f"**{md(frames.where(part))}**  \n{md(middle['rule'][:1].upper())}{md(middle['rule'][1:])}."
        )
        if whose != annotator() and not (whose == CONSENSUS and may_decide(workspace)):
            return
        row = st.container(horizontal=True, vertical_alignment="center")
        names, value = _fixes(workspace.attributes).get(middle["rule"], ((), False))
        word = "true" if value else "false"
        for name in names:
            if row.button(f"{md(name)} is {md(word)}", key=f"fix_{middle['name']}_{name}"):
                source = "adjudication" if whose == CONSENSUS else "key"
                labels.record(workspace, annotator(), *frames.span(part), {name: value}, source=source)
                rerun_with(f"{name} set to {word}: {frames.where(part)}.")
        with row:
            chart_frames.label_link(middle["video"], int(part["index"].iloc[0]), "Label")


def _fixes(attributes: AttributeSet) -> dict[str, tuple[tuple[str, ...], bool]]:
    """Return for each rule in words the attributes of which another answer keeps it, and that answer."""
    broken = [(pair, True) for pair in combinations(attributes.names, 2)]
    broken += [(names, False) for names in attributes.one_of]
    return {
        rule: (names, not value)
        for names, value in broken
        for rule in attributes.warnings(dict.fromkeys(names, value))
    }


cached = cache.until_changed(cache.data_version, "Looking for contradictions …", personal=True)
_contradictions = cached(contradictions.contradictions)
