"""Label issues on the Balance page: networks check the labels, and somebody reviews the doubtful ones."""

from typing import Any

import pandas as pd
import streamlit as st

from core.assist import label_issues
from core.assist.label_issues import LabelIssues
from core.attributes import Attribute
from core.jobs import series
from core.jobs.series import Series
from core.labels import corrections
from core.media.images import small_jpeg
from core.networks import registry as networks
from core.networks.registry import DEFAULT_NETWORK
from core.runs import run_store as runs
from core.runs.settings import TrainSettings
from core.text import count, percent
from core.workspace import Workspace
from ui.elements import answer_chips, widgets
from ui.elements.markdown import Markdown, md
from ui.shell import cache, heatmaps, series_progress
from ui.shell import frames as stretches
from ui.shell.page import annotator, empty, fragment

# Keys of the session.
PLACE = "label_issue_place"
REVIEWED = "label_issues_reviewed"
DONE = "label_issue_done"
WIDEST = 640  # pixels across a frame
FEWEST = 3  # videos: one to train, one to validate and one to test on


def section(workspace: Workspace) -> None:
    """Write the next step: start the check, wait for it, or review what it found."""
    newest = next(iter(series.find(workspace, "folds")), None)
    if newest and newest.is_going:
        st.markdown("**Networks are learning to check the labels.**")
        series_progress.wait(workspace, "folds", newest.id)
    elif newest and newest.broken:
        series_progress.broken(newest)
    elif folds := series.finished(workspace, "folds"):
        _review(workspace, folds)
        with st.expander("Check the labels again", icon=":material/refresh:"):
            st.markdown("Worth it after many corrections or new labels: the networks then learn from these.")
            _start(workspace, "Check again")
    else:
        _first_time(workspace)


def _first_time(workspace: Workspace) -> None:
    videos = _labelled_videos(workspace)
    if videos < FEWEST:
        empty("troubleshoot", "The label check needs three labelled videos", f"You have {videos}: each network learns from "
              "some videos and checks the labels of others.", "pages/2_Label.py", "Label frames")  # fmt: skip
        return
    with st.container(border=True, key="label_issues_first"):
        st.markdown("## :material/troubleshoot: Which labels may be wrong?")
        st.markdown(
            "Several networks train, each on other videos, and check the labels of videos that they have not seen. Where a "
            "network is sure of the opposite, look again: the label may be a slip, or the picture is hard. No label changes "
            "by itself."
        )
        _start(workspace, "Find label issues")


@fragment
def _start(workspace: Workspace, label: str) -> None:
    videos, network = _labelled_videos(workspace), networks.get_network(DEFAULT_NETWORK)
    row = st.container(horizontal=True, vertical_alignment="bottom")
    folds = row.number_input("Networks", FEWEST, min(videos, 10), min(videos, label_issues.FOLDS), width=130,
                             key="label_issue_folds", help="The videos are divided among so many networks. With more "
                             "networks each learns from more videos, and the check takes longer.")  # fmt: skip
    epochs = row.number_input("Epochs", 1, 1000, network.recipe.epochs, width=130, key="label_issue_epochs",
                              help="How often each network sees its videos. Fewer epochs are faster and find less.")  # fmt: skip
    if row.button(label, type="primary", icon=":material/play_arrow:"):
        plan = label_issues.plan(workspace, TrainSettings(epochs=int(epochs)), int(folds))
        series_progress.begin(workspace, "folds", plan, "Balance")
    how_long = series_progress.how_long(workspace, network.name, int(folds) * int(epochs))
    st.caption(f"{md(how_long) or 'Takes about as long as so many trainings.'} You can label meanwhile.")


@fragment
def _review(workspace: Workspace, folds: Series) -> None:
    if not series_progress.tested(workspace, folds, "Checking the labels", "Balance"):
        return
    issues = _found(workspace, folds.id)
    table = issues.table[issues.table["is_issue"] & ~issues.table["video"].isin(cache.blind(workspace))]
    counts = table["attribute"].value_counts()
    names = [name for name in workspace.attributes.names if name in counts]
    judged = len(issues.table)
    row = st.container(horizontal=True, vertical_alignment="center")
    if table.empty:
        st.success(f"No label issues: networks that had not seen the videos agree with all {judged:,} labels.",
                   icon=":material/check_circle:")  # fmt: skip
        _done(workspace)
    else:
        words = {name: f"{name} ({counts[name]:,})" for name in names}
        name = widgets.choice(row, "Attribute", names, f"label_issues_of_{names}", words.__getitem__)
        row.markdown(f":gray[{len(table):,} of {judged:,} labels may be wrong]")
        if name in issues.unlearned():
            st.warning(label_issues.caution([name]), icon=":material/warning:")
        _stretch(workspace, workspace.attributes[name], table[table["attribute"] == name])
    if issues.changed + issues.accepted:
        st.caption(f"Changed since the check: {count(issues.changed, 'label')}. Reviewed and right: "
                   f"{count(issues.accepted, 'label')}. They are not shown again.")  # fmt: skip
    if unchecked := label_issues.unchecked(folds, workspace.attributes.names):
        st.caption(unchecked)
    if issues.changed:
        st.caption(
            ":material/compare_arrows: To see what the corrections gain, train again and compare the new run with the one "
            "before under Compare on the Test page, with the current labels."
        )


def _stretch(workspace: Workspace, attribute: Attribute, table: pd.DataFrame) -> None:
    reviewed = st.session_state.setdefault(REVIEWED, set())
    parts = [part.sort_values("index") for _, part in table.groupby("stretch", sort=False)]
    parts = [part for part in parts if (part["frame"].iloc[0], attribute.name) not in reviewed] or parts
    total = len(parts)
    place = min(st.session_state.get(PLACE + attribute.name, 0), total - 1)
    part = parts[place].reset_index(drop=True)
    left, right = st.columns([2, 1], gap="large")
    with left:
        row = _pictures(workspace, attribute, part)
    with right:
        st.header(md(attribute.name), anchor=False)
        st.caption(f"{place + 1:,} of {total:,}, the most doubtful first · {md(stretches.where(part))}")
        _answers(workspace, attribute, part, row)
        _decide(workspace, attribute, part)
        stretches.move_buttons(PLACE + attribute.name, place, total)
        _done(workspace)


def _pictures(workspace: Workspace, attribute: Attribute, part: pd.DataFrame) -> Any:
    """Write a frame of a stretch beside its heatmap, with a slider to the others; return its row."""
    place = int(part["score"].to_numpy().argmin())
    pictures = st.columns(2, gap="small")
    if len(part) > 1:
        indexes = part["index"].tolist()
        key = f"label_issue_{part.loc[0, 'frame']}"
        place = indexes.index(st.select_slider("Frame", indexes, indexes[place], key=key))
    row = part.iloc[place]
    frame = stretches.picture(workspace, row["frame"])
    pictures[0].image(
        small_jpeg(frame, WIDEST), width="stretch", caption=f"frame {md(row['index'])}", alt=row["frame"]
    )
    explained = row["instead"] or attribute.name
    run = runs.get_run(workspace, row["run"])
    if run.has_model:
        drawn = heatmaps.heatmap(run, row["frame"], explained, WIDEST)
        caption = drawn.words or f"what speaks for {explained}"
        alt = f"{row['frame']}, heatmap of {explained}"
        pictures[1].image(drawn.picture, width="stretch", caption=caption, alt=alt)
    return row


def _answers(workspace: Workspace, attribute: Attribute, part: pd.DataFrame, row: Any) -> None:
    given = corrections.labels_within(workspace, *stretches.span(part), attribute.name)
    answer_chips.given(attribute, given)
    label = bool(row["label"])
    if {value for _, value in given} != {label}:
        answer_chips.given(attribute, [("the consensus", label)])
    instead = f", more likely {row['instead']}" if row["instead"] else ""
    st.markdown(
        f"A network that never saw {md(row['video'])}: **{percent(row['probability'])} true**{md(instead)}"
    )


def _decide(workspace: Workspace, attribute: Attribute, part: pd.DataFrame) -> None:
    if not annotator():
        st.caption("Write your name on the left first.")
        return
    label, instead = bool(part.loc[0, "label"]), part.loc[0, "instead"]
    right = workspace.attributes[instead] if instead else attribute
    answer = True if instead else not label
    where, words = (*stretches.span(part), right.name), answer_chips.meaning(right, answer)
    row = st.container(horizontal=True)
    if row.button(f"Change to {md(words)}", type="primary", key="label_issue_fix", shortcut="F"):
        action = corrections.correct(workspace, annotator(), *where, answer)
        _remember(attribute, part, Markdown(f"{md(stretches.where(part))}: **{md(words)}**"), action)
    if row.button("The label is right", key="label_issue_accept", shortcut="A"):
        corrections.accept(workspace, annotator(), part["frame"].tolist(), attribute.name, label)
        _remember(attribute, part, f"{stretches.where(part)}: the label is right", "")
    which = f"all {len(part):,} frames" if len(part) > 1 else "this frame"
    how = "You decide" if corrections.decides(workspace, annotator(), *where) else "It becomes your own label"
    st.caption(f"{md(how)} as {md(annotator())}, for {md(which)}.")


def _remember(attribute: Attribute, part: pd.DataFrame, words: str, action: str) -> None:
    st.session_state[REVIEWED].add((part.loc[0, "frame"], attribute.name))
    st.session_state[DONE] = words, action, part["frame"].tolist(), attribute.name, bool(part.loc[0, "label"])
    st.rerun()


def _done(workspace: Workspace) -> None:
    if DONE not in st.session_state:
        return
    words, action, frames, attribute, label = st.session_state[DONE]
    row = st.container(horizontal=True, vertical_alignment="center")
    row.markdown(f":material/check: {md(words)}")
    if row.button("Take back", icon=":material/undo:", type="tertiary", shortcut="Z"):
        del st.session_state[DONE]
        st.session_state[REVIEWED].discard((frames[0], attribute))
        if action:
            corrections.take_back(workspace, action)
        else:
            corrections.doubt(workspace, frames, attribute, label)
        st.rerun()


def _labelled_videos(workspace: Workspace) -> int:
    return sum(video["labelled"] > 0 for video in cache.balance(workspace).videos.values())


@cache.until_changed(cache.data_version, "Looking for label issues …")
def _found(workspace: Workspace, id: str) -> LabelIssues:
    folds = next(each for each in series.find(workspace, "folds") if each.id == id)
    return label_issues.find_issues(workspace, folds)
