"""What the labels are worth: their balance, how far annotators agree, what is in dispute, contradicts or leaks."""

import pandas as pd
import streamlit as st

from core.labels.labels import annotators
from core.media.library import videos
from core.review.balance import Balance
from core.review.balance_frames import folded
from core.workspace import Workspace
from ui.balance import agreement, contradictions, disputes, label_issues, leaks, over_time, rare_frames
from ui.balance import choices as numbers
from ui.shell import cache, chart_frames, charts, chips
from ui.shell.page import empty, page
from ui.shell.widgets import tabs

# Share of the rarer answer below which a network easily overlooks it.
SCARCE = 0.1
# Attributes whose numbers have room for two charts side by side.
BESIDE = 6


def words(count: dict[str, int]) -> str:
    """Say in plain words how an attribute with these answers stands."""
    said = count["true"] + count["false"]
    if not said:
        return "no label yet."
    if not count["true"] or not count["false"]:
        return f"only {'true' if count['true'] else 'false'} so far: label frames of the other answer too."
    rarer = "true" if count["true"] <= count["false"] else "false"
    share = count[rarer] / said
    one_in = round(1 / share)
    text = f"{rarer} in 1 frame of {one_in}" if one_in > 2 else "both answers about equally often"
    return f"{text}: scarce." if share < SCARCE else f"{text}."


def overview(workspace: Workspace, found: Balance) -> None:
    """Figures, and how each attribute stands."""
    whole = sum(video["labelled"] == video["frames"] for video in found.videos.values())
    columns = st.columns(3)
    columns[0].metric("Frames", f"{found.frames:,}", border=True)
    columns[1].metric("Labelled frames", f"{found.labelled:,}", border=True)
    columns[2].metric("Videos labelled throughout", f"{whole} of {len(found.videos)}", border=True)
    answers(workspace, found)


@st.fragment
def answers(workspace: Workspace, found: Balance) -> None:
    """The bars per attribute with a sentence each, and the frames behind them."""
    attributes = workspace.attributes
    choices = numbers.per_attribute(found)
    st.subheader("Answers per attribute", anchor=False)
    left, right = st.columns([3, 2], gap="large", vertical_alignment="center")
    with left:
        figure = charts.answers(attributes, found.attributes)
        chart_frames.chart(figure, "answers", charts.height(len(attributes), 52), choices,
                      lambda point: point["curve_number"] * len(attributes) + point["point_index"])  # fmt: skip
    with right:
        chips.lines(chips.chip(one, f"{one.name}: {words(found.attributes[one.name])}") for one in attributes)
        st.caption("Full colour is true, pale is false, grey is unset. Unset is never read as false.")
    chart_frames.strip(workspace, "answers", choices)


def next_labels(workspace: Workspace) -> None:
    """What to label next, the most useful first."""
    said = cache.advice(workspace)
    with st.container(border=True):
        st.markdown("**What would help most**")
        if said:
            st.markdown("\n".join(f"{place}. {sentence}" for place, sentence in enumerate(said, 1)))
        else:
            st.markdown(
                ":green[:material/check_circle:] Nothing stands out: every attribute has enough of both answers, in many videos."
            )
        rare_frames.section(workspace)


@st.fragment
def per_video(workspace: Workspace, found: Balance) -> None:
    """One attribute at a time, a row per video."""
    st.subheader("Per video", anchor=False)
    names = list(workspace.attributes.names)
    name = (
        st.segmented_control("Attribute", names, default=names[0], label_visibility="collapsed") or names[0]
    )
    rows = folded(found, name)
    counts = {row.words: row.counts for row in rows}
    choices = numbers.per_video(rows, name)
    figure = charts.per_video(workspace.attributes[name].colour, counts)
    chart_frames.chart(figure, f"per_video_{name}", charts.height(len(counts), 26), choices,
                  lambda point: point["curve_number"] * len(counts) + point["point_index"], "per_video")  # fmt: skip
    chart_frames.strip(workspace, "per_video", choices)


def rest(combinations: pd.DataFrame, shown: pd.DataFrame) -> str:
    """Say how many combinations have no room in the chart; empty where all have."""
    if not (more := len(combinations) - len(shown)):
        return ""
    frames = combinations["frames"].sum() - shown["frames"].sum()
    if more == 1:
        return f" Another combination, of {frames:,} frame{'s' * (frames > 1)}, has no room here."
    return f" {more:,} more combinations, of {frames:,} frames in all, have no room here."


@st.fragment
def combined(workspace: Workspace, found: Balance) -> None:
    """Which answers occur together."""
    attributes = workspace.attributes
    st.subheader("What occurs together", anchor=False)
    if found.combinations.empty:
        st.caption("Nothing yet.")
        return
    table = charts.most_frequent(found.combinations)
    whole, pairs = numbers.combinations(attributes, table), numbers.pairs(attributes, found.combinations)
    many = len(attributes) > BESIDE
    left, right = (st.container(), st.container()) if many else st.columns([3, 2], gap="large")
    with left:
        st.markdown("**Combinations**, most frequent first")
        height = charts.combinations_height(len(attributes))
        chart_frames.chart(charts.combinations(attributes, table), "combinations", height, whole,
                      lambda point: round(point["x"]), "combined")  # fmt: skip
        st.caption(f"Filled is true, hollow is false, no mark is unset.{rest(found.combinations, table)}")
    with right:
        st.markdown("**Both true**, frames")
        height = 140 + charts.square_row(len(attributes)) * len(attributes)
        chart_frames.chart(charts.together(attributes, found.combinations), "together", height, pairs,
                      lambda point: point["point_index"], "combined")  # fmt: skip
    chart_frames.strip(workspace, "combined", [*whole, *pairs])


def weighed(workspace: Workspace) -> None:
    """Write how often each answer was given."""
    found = cache.balance(workspace)
    overview(workspace, found)
    next_labels(workspace)
    per_video(workspace, found)
    if not workspace.attributes.exclusive:  # of classes one is true and the others are not, as the bars say
        combined(workspace, found)


TABS = {
    "Balance": weighed,
    "Over time": over_time.section,
    "Agreement": agreement.section,
    "Disputes": disputes.section,
    "Contradictions": contradictions.section,
    "Leaks": leaks.section,
    "Label issues": label_issues.section,
}

with page("Balance", "Whether the labels show the network enough of everything, and how far they can be trusted.") as workspace:  # fmt: skip
    found = videos(workspace)
    frames = sum(video.frames for video in found)
    if not frames:
        empty("balance", "There is nothing to weigh yet", "Bring in videos first, then label some of their frames.",
              "pages/1_Videos.py", "Bring in videos")  # fmt: skip
    elif not annotators(workspace):
        empty("label", "No frame has a label yet", f"{frames:,} frames of {len(found)} videos are waiting.",
              "pages/2_Label.py", "Label frames")  # fmt: skip
    else:
        tabs(TABS, "review", workspace)
