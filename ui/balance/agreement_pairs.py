"""Every two annotators beside each other, on the Balance page: who means something else than the others."""

from html import escape

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from core.review.agreement import TENTATIVE, Agreement, AttributeAgreement, Pair
from ui.shell import charts

ROOM = 10
"""Annotators in whose square each number has room for its frames below it."""
ROW = 46
LOW, HIGH = "217,131,36", "27,128,136"
SHADES = [[0, f"rgba({LOW},0.6)"], [TENTATIVE, f"rgba({LOW},0.1)"], [TENTATIVE, f"rgba({HIGH},0.1)"], [1, f"rgba({HIGH},0.6)"]]  # fmt: skip


@st.fragment
def section(found: Agreement) -> None:
    """Write Cohen's kappa of every two annotators, and of each with the others, where there are more than two."""
    several = [name for name, one in found.attributes.items() if len(one.pairs) > 1]
    if not several:
        return
    st.subheader("Every two annotators", anchor=False)
    name = st.segmented_control("Attribute", several, default=several[0], required=True, label_visibility="collapsed",
                                key=f"pairs_of_{several}")  # fmt: skip
    one = found.attributes[name]
    left, right = st.columns([3, 2], gap="large", vertical_alignment="center")
    with left:
        charts.show(_square(one), "pairs", 60 + ROW * len(one.annotators))
    with right:
        st.dataframe(_with_others(one), hide_index=True, width="stretch", height="content", placeholder="–", column_config={
            "kappa": st.column_config.NumberColumn("Kappa with the others", format="%.2f")})  # fmt: skip
        st.caption(
            f"Cohen’s kappa of every two, and below it how many frames both answered. Orange is under {TENTATIVE}; empty is no common "
            "frame, or one and the same answer to all. Who is far below the others has understood something else: look at "
            "their disputes together."
        )


def _with_others(one: AttributeAgreement) -> pd.DataFrame:
    kappas = one.with_others
    return pd.DataFrame({"Annotator": list(kappas), "kappa": pd.array(list(kappas.values()), "Float64")})


def _square(one: AttributeAgreement) -> go.Figure:
    """Draw the kappas of all pairs as a square; where none is defined a field stays empty."""
    people = list(one.annotators)
    shown = [escape(name) for name in people]
    pairs = {(pair.first, pair.second): pair for pair in one.pairs}
    square = [[pairs.get((a, b)) or pairs.get((b, a)) for b in people] for a in people]
    figure = go.Figure(
        go.Heatmap(
            z=[[pair.kappa if pair else None for pair in row] for row in square], x=shown, y=shown, zmin=0, zmax=1,
            text=[[_said(pair, len(people) <= ROOM) for pair in row] for row in square], texttemplate="%{text}",
            textfont={"color": charts.ink()}, colorscale=SHADES, showscale=False, xgap=3, ygap=3, hoverongaps=False,
            hovertext=[[_told(pair) for pair in row] for row in square], hoverinfo="text",
        )
    )  # fmt: skip
    figure.update_yaxes(type="category", autorange="reversed", ticksuffix="  ", showgrid=False)
    figure.update_xaxes(type="category", side="top", showgrid=False)
    return figure


def _said(pair: Pair | None, room: bool) -> str:
    if pair is None or pair.kappa is None:
        return ""
    return f"{pair.kappa:.2f}" + (f"<br>{pair.frames:,}" if room else "")


def _told(pair: Pair | None) -> str:
    if pair is None or pair.kappa is None:
        return ""
    return f"{escape(pair.first)} and {escape(pair.second)}: kappa {pair.kappa:.3f} of {pair.frames:,} frames"
