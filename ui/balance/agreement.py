"""How far annotators agree, on the Balance page."""

from typing import Any

import pandas as pd
import streamlit as st

from core.review import agreement, bootstrap
from core.review.agreement import Agreement, AttributeAgreement, Coefficient
from core.review.disputes import consensus_counts
from core.text import percent
from core.workspace import Workspace
from ui.balance import agreement_pairs, assignments, gold
from ui.shell import cache, charts
from ui.shell.page import errors_shown

MARKS = {
    "reliable": ":green[:material/check_circle: reliable]",
    "tentative": ":orange[:material/help: tentative]",
    "not reliable": ":red[:material/error: not reliable]",
    "not known": ":gray[:material/remove: not known]",
}
SOURCES = {
    "adjudicated": "Adjudicated", "all": "All agree", "majority": "Majority", "one": "One annotator",
    "tied": "Tied: left out",
}  # fmt: skip
NONE = (
    "No frame has answers of two annotators yet. Let two of them label the same video, each under their own name: then "
    "this tells whether they mean the same."
)


def section(workspace: Workspace) -> None:
    """Write how far annotators agree, also with the gold frames, and who labels which video."""
    _measured(workspace)
    gold.table(workspace)
    assignments.section(workspace)


@st.fragment
@errors_shown()
def _measured(workspace: Workspace) -> None:
    """Write the agreement per attribute, of every two annotators, and where the consensus comes from."""
    found, sources = _agreement(workspace, str(workspace.path), cache.stamp(workspace))
    if any(one.items for one in found.attributes.values()):
        _overview(workspace, found)
        _numbers(found)
        agreement_pairs.section(found)
    else:
        st.info(NONE, icon=":material/group:")
    st.subheader("Where the consensus comes from", anchor=False)
    st.dataframe(sources, width="stretch", height="content")
    st.caption(
        "In frames. Training, testing and balance use what was adjudicated, else what most annotators say; ties are left out."
    )


def _overview(workspace: Workspace, found: Agreement) -> None:
    st.subheader("Krippendorff’s alpha", anchor=False)
    left, right = st.columns([3, 2], gap="large", vertical_alignment="center")
    with left:
        height = charts.height(len(found.attributes), 46)
        charts.show(charts.agreement(workspace.attributes, found), "agreement", height)
    with right:
        st.markdown("  \n".join(f"**{name}** {MARKS[one.meaning]}" for name, one in found.attributes.items()))
        st.caption(
            f"1 is always the same, 0 is chance. From {agreement.RELIABLE} on labels are reliable, from "
            f"{agreement.TENTATIVE} on they bear tentative conclusions (Krippendorff 2004)."
        )


def _numbers(found: Agreement) -> None:
    rows = [_row(name, one) for name, one in found.attributes.items()]
    st.dataframe(pd.DataFrame(rows), hide_index=True, width="stretch", height="content")
    for name, one in found.attributes.items():
        for reason, of in one.missing.items():
            st.caption(f"{name} ({', '.join(of)}): {reason}")
    drawn = sorted({one.resampled for one in found.attributes.values() if one.alpha.interval})
    if drawn:
        st.caption(
            f"The intervals are those of {bootstrap.ROUNDS:,} draws of {' and '.join(bootstrap.DRAWN[one] for one in drawn)}: "
            "neighbouring frames are nearly the same picture, and no evidence of their own."
        )


def _row(name: str, one: AttributeAgreement) -> dict[str, Any]:
    return {
        "Attribute": name,
        "Alpha": _number(one.alpha),
        "95 % interval": " to ".join(f"{end:.3f}" for end in one.alpha.interval or ()) or "–",
        "Cohen’s kappa": _number(one.kappa),
        "Fleiss’ kappa": _number(one.fleiss),
        "Equal answers": percent(one.equal, 1),
        "Frames answered twice": one.items,
        "Disputed": len(one.disputed),
        "Only at an edge": one.edges,
        "Annotators": len(one.annotators),
    }


def _number(coefficient: Coefficient) -> str:
    return "–" if coefficient.value is None else f"{coefficient.value:.3f}"


@st.cache_data(max_entries=4, show_spinner="Comparing the annotators …")
def _agreement(_workspace: Workspace, path: str, stamp: tuple[Any, ...]) -> tuple[Agreement, pd.DataFrame]:
    counts = pd.DataFrame(consensus_counts(_workspace)).T
    return agreement.agreement(_workspace), counts.rename(columns=SOURCES).rename_axis("Attribute")
