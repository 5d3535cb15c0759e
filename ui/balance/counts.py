"""How often each answer was given, on the Balance page: figures, what to label next, per video, and what occurs together."""

from collections.abc import Sequence
from itertools import product

import pandas as pd
import streamlit as st

from core.attributes import AttributeSet
from core.review.balance import COUNTED, Balance, BalanceRow, Counts, folded
from core.review.confounders import confounders
from core.text import count
from core.workspace import Workspace
from ui.balance import rare_frames
from ui.elements import answer_chips, charts
from ui.elements.answer_chips import SAID
from ui.elements.markdown import md
from ui.elements.numbers import number
from ui.elements.widgets import choice
from ui.shell import cache, chart_frames
from ui.shell.chart_frames import Choice

SCARCE = 0.1  # share of the rarer answer below which a network easily overlooks it
BESIDE = 6  # attributes whose numbers have room for two charts side by side


def section(workspace: Workspace) -> None:
    """Write how often each answer was given."""
    found = cache.balance(workspace)
    columns = st.container(key="figures").columns(3)
    columns[0].metric("Labelled frames", f"{number(found.labelled)} of {number(found.frames)}", border=True)
    complete, videos = number(sum(found.complete.values())), number(len(found.videos))
    columns[1].metric("Fully labelled frames", f"{md(complete)} of {number(found.frames)}", border=True)
    columns[2].metric(
        "Fully labelled videos", f"{number(found.complete_videos)} of {md(videos)}", border=True
    )
    st.caption(COUNTED)
    _answers(workspace, found)
    _next_labels(workspace)
    _per_video(workspace, found)
    if not workspace.attributes.exclusive:  # of classes one is true and the others are not, as the bars show
        _combined(workspace, found)


@st.fragment
def _answers(workspace: Workspace, found: Balance) -> None:
    attributes = workspace.attributes
    choices = [
        _choice(f"{name} {word}", {name: answer}, (), counts[word])
        for answer, word in SAID.items()
        for name, counts in found.attributes.items()
    ]
    st.header("Answers per attribute", anchor=False)
    left, right = st.columns([3, 2], gap="large", vertical_alignment="center")
    with left:
        figure = charts.answers(attributes, found.attributes)
        chart_frames.chart(figure, "answers", charts.height(len(attributes), 52), choices,
                           lambda point: point["curve_number"] * len(attributes) + point["point_index"])  # fmt: skip
    with right:
        confounded = _confounded(found)
        words = [
            f"{name}: {in_words(found.attributes[name], name in confounded)}" for name in attributes.names
        ]
        answer_chips.row(map(answer_chips.chip, attributes, words), "lines")
        st.caption("Full colour is true, pale is false, grey is unset. Unset never counts as false.")
    chart_frames.strip(workspace, "answers", choices)


def _confounded(found: Balance) -> set[str]:
    """Return the attributes of which too many videos have one answer only."""
    return {name for name, each in confounders(found).items() if each.warns}


def in_words(counts: Counts, is_confounded: bool = False) -> str:
    """Describe how an attribute with these answers is balanced; one ``is_confounded`` of which videos have one answer only."""
    labelled = counts["true"] + counts["false"]
    if not labelled:
        return "no label yet."
    if not counts["true"] or not counts["false"]:
        return f"only {'true' if counts['true'] else 'false'} so far. Label frames with the other answer too."
    rarer = "true" if counts["true"] <= counts["false"] else "false"
    share = counts[rarer] / labelled
    one_in = round(1 / share)
    text = f"{rarer} in 1 frame of {one_in}" if one_in > 2 else "well balanced"
    if is_confounded:
        text += " overall, not within the videos"
    return f"{text}: scarce." if share < SCARCE else f"{text}."


def _next_labels(workspace: Workspace) -> None:
    advice = cache.advice(workspace)
    with st.container(border=True):
        st.markdown("**What would help most**")
        if advice:
            st.markdown("\n".join(f"{md(place)}. {md(sentence)}" for place, sentence in enumerate(advice, 1)))
        else:
            st.markdown(":green[:material/check_circle:] All attributes have both answers in enough videos.")
        rare_frames.section(workspace)


@st.fragment
def _per_video(workspace: Workspace, found: Balance) -> None:
    st.header("Per video", anchor=False)
    names = list(workspace.attributes.names)
    worst = next((name for name in names if name in _confounded(found)), "")
    name = choice(st, "Attribute", names, "per_video_of", at_first=worst)
    rows = folded(found, name)
    choices = per_video(rows, name)
    figure = charts.per_video(workspace.attributes[name].colour, {row.words: row.counts for row in rows})
    chart_frames.chart(figure, f"per_video_{name}", charts.height(len(rows), 26), choices,
                       lambda point: point["curve_number"] * len(rows) + point["point_index"], "per_video")  # fmt: skip
    chart_frames.strip(workspace, "per_video", choices)


def per_video(rows: Sequence[BalanceRow], name: str) -> list[Choice]:
    """Return each answer of one attribute in each row of videos: true in all rows, then false, then unset."""
    return [
        _choice(f"{name} {text} in {row.words}", {name: answer}, row.videos, row.counts[text])
        for answer, text in SAID.items()
        for row in rows
    ]


@st.fragment
def _combined(workspace: Workspace, found: Balance) -> None:
    attributes = workspace.attributes
    st.header("What occurs together", anchor=False)
    if found.combinations.empty:
        st.caption("Nothing yet.")
        return
    table = charts.most_frequent(found.combinations)
    whole, both = combinations(attributes, table), pairs(attributes, found.combinations)
    beside = len(attributes) <= BESIDE
    left, right = st.columns([3, 2], gap="large") if beside else (st.container(), st.container())
    with left:
        st.markdown("**Combinations**, most frequent first")
        height = 270 + 26 * len(attributes)  # bars, and a row of marks per attribute
        chart_frames.chart(charts.combinations(attributes, table), "combinations", height, whole,
                           lambda point: round(point["x"]), "combined")  # fmt: skip
        st.caption(f"Filled: true. Hollow: false. No mark: unset.{md(_not_shown(found.combinations, table))}")
    with right:
        st.markdown("**Both true**, frames")
        height = 140 + charts.square_row(len(attributes)) * len(attributes)
        chart_frames.chart(charts.together(attributes, found.combinations), "together", height, both,
                           lambda point: point["point_index"], "combined")  # fmt: skip
    chart_frames.strip(workspace, "combined", [*whole, *both])


def combinations(attributes: AttributeSet, table: pd.DataFrame) -> list[Choice]:
    """Return each combination of a table of them, in its order."""
    rows = [{name: None if pd.isna(row[name]) else bool(row[name]) for name in attributes.names}
            for row in table.to_dict("records")]  # fmt: skip
    return [
        _choice(", ".join(f"{name} {SAID[answer]}" for name, answer in answers.items()), answers, (), frames)
        for answers, frames in zip(rows, table["frames"].tolist(), strict=True)
    ]


def pairs(attributes: AttributeSet, table: pd.DataFrame) -> list[Choice]:
    """Return every two attributes that are both true, row by row; one with itself is its true alone."""
    true = {name: table[name].fillna(False).astype(bool) for name in attributes.names}
    choices = []
    for row, column in product(attributes.names, repeat=2):
        first, second = sorted((row, column), key=attributes.names.index)
        words = f"both {first} and {second} true" if row != column else f"{row} true"
        frames = int(table["frames"][true[row] & true[column]].sum())
        choices.append(_choice(words, {row: True, column: True}, (), frames))
    return choices


def _not_shown(combinations: pd.DataFrame, shown: pd.DataFrame) -> str:
    if not (more := len(combinations) - len(shown)):
        return ""
    frames = count(int(combinations["frames"].sum() - shown["frames"].sum()), "frame")
    return f" {count(more, 'rarer combination')} ({frames}) {'is' if more == 1 else 'are'} not shown."


def _choice(words: str, answers: dict[str, bool | None], videos: tuple[str, ...], frames: int) -> Choice:
    return Choice(f"{words}: {count(frames, 'frame')}", answers, videos, frames)
