"""How far annotators agree, on the Balance page."""

from html import escape
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from core.labels.labels import called
from core.review import agreement, bootstrap
from core.review.agreement import AnnotatorPair, AttributeAgreement, Coefficient
from core.review.disputes import consensus_counts
from core.text import UNKNOWN, percent
from core.workspace import Workspace
from ui.balance import assignments, gold
from ui.elements import charts
from ui.elements.markdown import md
from ui.elements.numbers import number
from ui.elements.widgets import choice
from ui.shell import cache, roles
from ui.shell.page import fragment

MARKS = {
    "reliable": ":green[:material/check_circle: reliable]",
    "tentative": ":orange[:material/help: tentative]",
    "not reliable": ":red[:material/error: not reliable]",
    "not known": ":gray[:material/remove: not known]",
}
Agreements = dict[str, AttributeAgreement]

SOURCES = {
    "adjudicated": "Adjudicated", "all": "All agree", "majority": "Majority", "one": "One annotator",
    "tied": "Undecided (not used)",
}  # fmt: skip
NONE = (
    "No frame has labels of two annotators yet. Let two of them label the same video, each under their own name: then "
    "you see here how far they agree."
)
HELP = {
    "Same answer": "Of all pairs of answers to the same frame.",
    "True confirmed": "Where one annotator says true, how often another says true as well: positive agreement.",
    "False confirmed": "Where one annotator says false, how often another says false as well: negative agreement.",
    "Labelled twice": "Frames with answers of two annotators or more.",
    "Only at an edge": "Disputed only about where a defect begins or ends.",
}
ROOM = 10  # annotators in whose square each number has room for its frames below it
ROW = 46
LOW, HIGH = "217,131,36", "27,128,136"
SHADES = [[0, f"rgba({LOW},0.6)"], [agreement.TENTATIVE, f"rgba({LOW},0.1)"], [agreement.TENTATIVE, f"rgba({HIGH},0.1)"], [1, f"rgba({HIGH},0.6)"]]  # fmt: skip


def section(workspace: Workspace) -> None:
    """Write how far annotators agree, also with the gold frames, and who labels which video."""
    if not roles.compares_people():
        return
    _measured(workspace)
    gold.table(workspace)
    assignments.section(workspace)


@fragment
def _measured(workspace: Workspace) -> None:
    found, sources = _agreement(workspace)
    if any(measured.items for measured in found.values()):
        _overview(workspace, found)
        _instead(found)
        _numbers(found)
        _pairs(found)
    else:
        st.info(NONE, icon=":material/group:")
    st.header("Where the consensus comes from", anchor=False)
    st.dataframe(sources, width="stretch", height="content")
    st.caption(
        "In frames. Training, testing and balance use the decision where there is one, else what most annotators answered; undecided "
        "frames are not used."
    )


def _overview(workspace: Workspace, found: Agreements) -> None:
    st.header("Krippendorff’s alpha", anchor=False)
    left, right = st.columns([3, 2], gap="large", vertical_alignment="center")
    with left:
        height = charts.height(len(found), 46)
        charts.show(charts.agreement(workspace.attributes, found), "agreement", height)
    with right:
        marks = [f"**{md(name)}** {MARKS[measured.meaning]}" for name, measured in found.items()]
        st.markdown("  \n".join(marks))
        st.caption(
            f"1: always the same answer. 0: no better than chance. Labels are reliable from {agreement.RELIABLE}; from "
            f"{agreement.TENTATIVE} they allow tentative conclusions (Krippendorff 2004)."
        )


def _instead(found: Agreements) -> None:
    """Write what to look at where alpha and kappa say little."""
    for name, measured in found.items():
        if measured.instead:
            st.info(f"**{md(name)}**: {md(measured.instead)}", icon=":material/balance:")


def _numbers(found: Agreements) -> None:
    rows = [_row(name, measured) for name, measured in found.items()]
    st.dataframe(pd.DataFrame(rows), hide_index=True, width="stretch", height="content", column_config={
        name: st.column_config.Column(help=words) for name, words in HELP.items()})  # fmt: skip
    for name, measured in found.items():
        for reason, of in measured.missing.items():
            st.caption(f"{md(name)} ({md(', '.join(of))}): {md(reason)}")
    drawn = sorted({measured.resampled for measured in found.values() if measured.alpha.interval})
    if drawn:
        st.caption(
            f"The intervals come from {bootstrap.ROUNDS:,} draws of {md(' and '.join(bootstrap.DRAWN[unit] for unit in drawn))}: "
            "neighbouring frames are nearly the same picture, so they are not counted as separate evidence."
        )


def _row(name: str, measured: AttributeAgreement) -> dict[str, Any]:
    return {
        "Attribute": name,
        "Alpha": _number(measured.alpha),
        "95 % interval": " to ".join(number(end, 3) for end in measured.alpha.interval or ()) or UNKNOWN,
        "Same answer": percent(measured.equal, 1),
        "True confirmed": percent(measured.positive, 1),
        "False confirmed": percent(measured.negative, 1),
        "Labelled twice": measured.items,
        "Disputed": len(measured.disputed),
        "Only at an edge": measured.edges,
        "Annotators": len(measured.annotators),
        "Cohen’s kappa": _number(measured.kappa),
        "Fleiss’ kappa": _number(measured.fleiss),
    }


def _number(coefficient: Coefficient) -> str:
    return number(coefficient.value, 3)


@st.fragment
def _pairs(found: Agreements) -> None:
    several = [name for name, each in found.items() if len(each.pairs) > 1]
    if not several:
        return
    st.header("Who agrees with whom", anchor=False)
    measured = found[choice(st, "Attribute", several, f"pairs_of_{several}")]
    left, right = st.columns([3, 2], gap="large", vertical_alignment="center")
    with left:
        charts.show(_square(measured), "pairs", 60 + ROW * len(measured.annotators))
    with right:
        kappas = measured.with_others
        table = pd.DataFrame(
            {"Annotator": list(map(called, kappas)), "kappa": pd.array(list(kappas.values()), "Float64")}
        )
        st.dataframe(table, hide_index=True, width="stretch", height="content", placeholder="–", column_config={
            "kappa": st.column_config.NumberColumn("Kappa with the others", format="%.2f")})  # fmt: skip
        st.caption(
            f"Cohen’s kappa of every two, and below it how many frames both labelled. Orange is under {agreement.TENTATIVE}; empty is no "
            "common frame, or one and the same answer to all. An annotator far below the others probably applies another definition: "
            "look at their disputes together."
        )


def _square(measured: AttributeAgreement) -> go.Figure:
    """Draw the kappas of all pairs as a square; where none is defined a field stays empty."""
    people = list(measured.annotators)
    shown = [escape(called(name)) for name in people]
    pairs = {(pair.first, pair.second): pair for pair in measured.pairs if pair.kappa is not None}
    square = [[pairs.get((a, b)) or pairs.get((b, a)) for b in people] for a in people]
    words = "{:.2f}<br>{:,}" if len(people) <= ROOM else "{:.2f}"
    figure = go.Figure(
        go.Heatmap(
            z=[[pair.kappa if pair else None for pair in row] for row in square], x=shown, y=shown, zmin=0, zmax=1,
            text=[[words.format(pair.kappa, pair.frames) if pair else "" for pair in row] for row in square], texttemplate="%{text}",
            textfont={"color": charts.ink()}, colorscale=SHADES, showscale=False, xgap=3, ygap=3, hoverongaps=False,
            hovertext=[[_hover(pair) if pair else "" for pair in row] for row in square], hoverinfo="text",
        )
    )  # fmt: skip
    figure.update_yaxes(type="category", autorange="reversed", ticksuffix="  ", showgrid=False)
    figure.update_xaxes(type="category", side="top", showgrid=False)
    return figure


def _hover(pair: AnnotatorPair) -> str:
    return f"{escape(called(pair.first))} and {escape(called(pair.second))}: kappa {pair.kappa:.3f} of {pair.frames:,} frames"


@cache.until_changed(cache.data_version, "Comparing the annotators …")
def _agreement(workspace: Workspace) -> tuple[Agreements, pd.DataFrame]:
    counts = pd.DataFrame(consensus_counts(workspace)).T
    return agreement.worst_first(agreement.agreement(workspace)), counts.rename(columns=SOURCES).rename_axis(
        "Attribute"
    )
