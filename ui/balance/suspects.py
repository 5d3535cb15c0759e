"""Suspect labels on the Balance page: have networks look for them, and go through them."""

from typing import Any

import pandas as pd
import streamlit as st

from core.assist import label_errors
from core.attributes import Attribute
from core.jobs import series
from core.jobs.series import Series
from core.labels import accepted, corrections
from core.media.images import small_jpeg
from core.networks import registry as networks
from core.networks.registry import DEFAULT_NETWORK
from core.runs import registry as runs
from core.runs.settings import TrainSettings
from core.text import percent
from core.workspace import Workspace
from ui.shell import cache, chips, heatmaps, series_progress
from ui.shell import frames as stretches
from ui.shell.page import annotator, empty, errors_shown
from ui.shell.widgets import progress

PLACE = "suspect_place"
SEEN = "suspects_seen"
DONE = "suspect_done"
WIDEST = 640  # pixels that are sent of a frame
FEWEST = 3  # videos, for then each is learned, validated and tested on


def section(workspace: Workspace) -> None:
    """Write the step that is next: begin, wait, or go through what was found."""
    found = series.find(workspace, "folds")
    newest = found[0] if found else None
    if newest and newest.is_going:
        st.markdown("**Networks are learning to judge the labels.**")
        series_progress.wait(workspace, "folds", newest.id)
    elif newest and newest.broken:
        series_progress.broken(newest)
    elif folds := series.finished(workspace, "folds"):
        _look_through(workspace, folds)
        with st.expander("Look for suspect labels again", icon=":material/refresh:"):
            st.markdown(
                "Worth it once many labels have been put right or added: the networks then learn from these."
            )
            _begin(workspace, "Look again")
    else:
        _first_time(workspace)


def _first_time(workspace: Workspace) -> None:
    """Say what this does and how long it takes, with the button that begins it."""
    videos = _labelled_videos(workspace)
    if videos < FEWEST:
        empty("troubleshoot", "Suspect labels need three labelled videos", f"{videos} of them so far: each network learns "
              "from some videos and judges the labels of others.", "pages/2_Label.py", "Label frames")  # fmt: skip
        return
    with st.container(border=True, key="suspects_first"):
        st.markdown("### :material/troubleshoot: Which labels may be wrong?")
        st.markdown(
            "Several networks learn, each from other videos, and judge the labels of videos that they have not seen. Where a "
            "network is sure of the opposite, look again: the label may be a slip, or the picture is hard. Nothing is altered "
            "by itself."
        )
        _begin(workspace, "Look for suspect labels")


@st.fragment
@errors_shown()
def _begin(workspace: Workspace, label: str) -> None:
    """Write how many networks learn for how long, and the button."""
    videos, network = _labelled_videos(workspace), networks.get_network(DEFAULT_NETWORK)
    row = st.container(horizontal=True, vertical_alignment="bottom")
    folds = row.number_input("Networks", FEWEST, min(videos, 10), min(videos, label_errors.FOLDS), width=130, key="suspect_folds",
                             help="The videos are divided among so many networks. More of them learn from more videos "
                                  "each, and take longer.")  # fmt: skip
    epochs = row.number_input("Epochs", 1, 1000, network.recipe.epochs, width=130, key="suspect_epochs",
                              help="How often each network looks at its videos. Fewer are quicker, and miss more.")  # fmt: skip
    if row.button(label, type="primary", icon=":material/play_arrow:"):
        settings = TrainSettings(epochs=int(epochs))
        series.start(workspace, "folds", label_errors.plan(workspace, settings, int(folds)), annotator())
        st.rerun()
    how_long = series_progress.how_long(workspace, network.name, int(folds) * int(epochs))
    st.caption(
        f"{how_long or 'This takes about as long as so many trainings.'} You can go on labelling meanwhile."
    )


@st.fragment
@errors_shown()
def _look_through(workspace: Workspace, folds: Series) -> None:
    """Write the suspect labels, one stretch after the other."""
    found = _suspects(workspace, folds)
    table = found.table[found.table["suspect"] & ~found.table["video"].isin(cache.blind(workspace))]
    here = table["attribute"].value_counts()
    counts = {name: int(here[name]) for name in workspace.attributes.names if name in here}
    judged, changed = len(found.table), found.changed + found.accepted
    row = st.container(horizontal=True, vertical_alignment="center")
    if table.empty:
        st.success(f"None of {judged:,} labels is suspect: networks that had not seen their videos agree with them.",
                   icon=":material/check_circle:")  # fmt: skip
        _done(workspace)
    else:
        name = row.segmented_control("Attribute", list(counts), default=next(iter(counts)), required=True,
                                     key=f"suspects_of_{list(counts)}", label_visibility="collapsed",
                                     format_func=lambda one: f"{one} ({counts[one]:,})")  # fmt: skip
        row.markdown(f":gray[{len(table):,} of {judged:,} labels are suspect]")
        if name in found.unlearned():
            st.warning(label_errors.caution([name]), icon=":material/warning:")
        _one(workspace, workspace.attributes[name], table[table["attribute"] == name])
    if changed:
        st.caption(f"Since then {found.changed:,} labels have been changed and {found.accepted:,} accepted; they are not "
                   "asked about again.")  # fmt: skip
    if unmet := label_errors.unmet(folds, workspace.attributes.names):
        st.caption(unmet)
    if found.changed:
        st.caption(
            ":material/compare_arrows: To see what the corrections gain, train again and compare the new run with the one "
            "before under Compare on the Test page, with the current labels."
        )


def _one(workspace: Workspace, attribute: Attribute, table: pd.DataFrame) -> None:
    """Write the suspect stretch whose turn it is."""
    seen = st.session_state.setdefault(SEEN, set())
    parts = [part.sort_values("index") for _, part in table.groupby("stretch", sort=False)]
    parts = [part for part in parts if (part["frame"].iloc[0], attribute.name) not in seen] or parts
    total = len(parts)
    place = min(st.session_state.get(PLACE + attribute.name, 0), total - 1)
    part = parts[place].reset_index(drop=True)
    left, right = st.columns([2, 1], gap="large")
    with left:
        shown = _look(workspace, attribute, part)
    with right:
        st.subheader(attribute.name, anchor=False)
        st.caption(f"{place + 1:,} of {total:,}, the most suspect first · {stretches.where(part)}")
        _answers(workspace, attribute, part, shown)
        _decide(workspace, attribute, part)
        stretches.moved(PLACE + attribute.name, place, total)
        _done(workspace)


def _look(workspace: Workspace, attribute: Attribute, part: pd.DataFrame) -> Any:
    """Write a frame of a stretch beside its heatmap, with a way to the others; return its row."""
    worst = int(part["score"].to_numpy().argmin())
    pictures = st.columns(2, gap="small")
    row = worst
    if len(part) > 1:
        indexes = part["index"].tolist()
        row = indexes.index(
            st.select_slider("Frame", indexes, indexes[worst], key=f"suspect_{part.loc[0, 'frame']}")
        )
    one = part.iloc[row]
    frame = stretches.picture(workspace, one["frame"])
    pictures[0].image(small_jpeg(frame, WIDEST), width="stretch", caption=f"frame {one['index']}")
    asked = one["instead"] or attribute.name
    run = runs.get_run(workspace, one["run"])
    if run.has_model:
        drawn = heatmaps.heatmap(run, one["frame"], asked, WIDEST)
        pictures[1].image(drawn.picture, width="stretch", caption=drawn.words or f"what speaks for {asked}")
    return one


def _answers(workspace: Workspace, attribute: Attribute, part: pd.DataFrame, shown: Any) -> None:
    """Write who labelled it so, and what the network says."""
    first, last = int(part["index"].iloc[0]), int(part["index"].iloc[-1])
    people = corrections.said(workspace, shown["video"], first, last, attribute.name)
    chips.row(chips.chip(attribute, f"{name}: {chips.SAID[value]}", value) for name, value in people)
    label = bool(shown["label"])
    if (not any(value is label for _, value in people)) or _is_split(people):
        chips.row([chips.chip(attribute, f"the consensus: {chips.SAID[label]}", label)])
    st.markdown(f"A network that has not seen {shown['video']}: **{percent(shown['probability'])} true**"
                + (f", rather {shown['instead']}" if shown["instead"] else ""))  # fmt: skip


def _is_split(people: list[tuple[str, Any]]) -> bool:
    return len({value for _, value in people}) > 1


def _decide(workspace: Workspace, attribute: Attribute, part: pd.DataFrame) -> None:
    """Write the buttons: put the label right, or find it right."""
    if not annotator():
        st.caption("Write your name on the left to decide.")
        return
    label, instead = bool(part.loc[0, "label"]), part.loc[0, "instead"]
    right = workspace.attributes[instead] if instead else attribute
    answer = True if instead else not label
    where = part.loc[0, "video"], int(part["index"].iloc[0]), int(part["index"].iloc[-1]), right.name
    row = st.container(horizontal=True)
    if row.button(f"Set {chips.meaning(right, answer)}", type="primary", key="suspect_fix", shortcut="F"):
        action = corrections.correct(workspace, annotator(), *where, answer)
        _remember(attribute, part, f"{stretches.where(part)}: **{chips.meaning(right, answer)}**", action)
    if row.button("The label is right", key="suspect_accept", shortcut="A"):
        accepted.accept(workspace, annotator(), part["frame"].tolist(), attribute.name, label)
        _remember(attribute, part, f"{stretches.where(part)}: the label is right", "")
    many = f"all {len(part)} frames" if len(part) > 1 else "this frame"
    how = "You decide" if corrections.decides(workspace, annotator(), *where) else "It becomes your own label"
    st.caption(f"{how} as {annotator()}, for {many}.")


def _remember(attribute: Attribute, part: pd.DataFrame, words: str, action: str) -> None:
    st.session_state[SEEN].add((part.loc[0, "frame"], attribute.name))
    st.session_state[DONE] = words, action, part["frame"].tolist(), attribute.name, bool(part.loc[0, "label"])
    st.rerun()


def _done(workspace: Workspace) -> None:
    """Say what was done last, with a button that takes it back."""
    if DONE not in st.session_state:
        return
    words, action, frames, attribute, label = st.session_state[DONE]
    row = st.container(horizontal=True, vertical_alignment="center")
    row.markdown(f":material/check: {words}")
    if row.button("Take back", icon=":material/undo:", type="tertiary", shortcut="Z"):
        del st.session_state[DONE]
        st.session_state[SEEN].discard((frames[0], attribute))
        if action:
            corrections.take_back(workspace, action)
        else:
            accepted.doubt(workspace, frames, attribute, label)
        st.rerun()


def _labelled_videos(workspace: Workspace) -> int:
    return sum(video["labelled"] > 0 for video in cache.balance(workspace).videos.values())


def _suspects(workspace: Workspace, folds: Series) -> label_errors.Suspects:
    """Return the suspect labels as they are now; the networks are asked once."""
    if any(run.test is None for run in folds.runs):
        bar = progress("Asking the networks")
        label_errors.out_of_fold(folds, bar)
    stamp = *cache.stamp(workspace), *cache.changed(accepted.file_of(workspace))
    return _found(workspace, folds, str(workspace.path), folds.id, stamp)


@st.cache_data(max_entries=4, show_spinner="Looking for suspect labels …")
def _found(
    _workspace: Workspace, _folds: Series, path: str, id: str, stamp: tuple[Any, ...]
) -> label_errors.Suspects:
    return label_errors.suspects(_workspace, _folds)
