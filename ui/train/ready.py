"""Whether a training can start, on the Train page: a list with numbers, what is missing in a sentence, and buttons that help."""

import streamlit as st

from core.demo.make import add_practice
from core.jobs.background import Task
from core.labels.consensus import consensus
from core.labels.labels import erase
from core.splits import split as splits
from core.splits.split import PARTS
from core.text import count
from core.training import readiness as core_readiness
from core.training.readiness import Answers, Readiness, Way
from core.workspace import Workspace
from ui.elements.markdown import md
from ui.shell import background_jobs, cache, guide, navigation
from ui.shell.page import annotator, errors_shown, rerun_with
from ui.train import split

JOBS = {"blocks": split.SPLIT, "split_again": split.SPLIT, "new_videos": split.SPLIT}
"""Keys of jobs that have another one than their way."""

YES, NO, NONE = ":green[:material/check:]", ":orange[:material/close:]", ":gray[–]"

ICONS = {
    "label": "label", "second_video": "label", "blocks": "call_split", "split_again": "call_split",
    "practice": "auto_awesome", "new_videos": "add", "erase": "ink_eraser",
}  # fmt: skip


@cache.until_changed(cache.split_version, "Looking at your labels …")
def readiness(workspace: Workspace) -> Readiness:
    """Return what a training would learn from now."""
    return core_readiness.readiness(workspace, cache.consensus(workspace))


def _practice(workspace: Workspace) -> Task:
    def tell(added: int) -> list[str]:
        return [f"{count(added, 'practice video')} added, with labels."]

    return Task("practice", "Drawing practice videos", ("Train",), add_practice, (workspace,), tell)


def section(workspace: Workspace) -> Readiness:
    """Write the list, what is missing, and what helps; return what a training would learn from."""
    ready = readiness(workspace)
    with st.container(border=True, key="ready", gap="small"):
        st.markdown(_numbers(ready))
        if ready.missing:
            st.markdown(
                f":orange[:material/arrow_forward:] **{md(ready.missing.problem)}** {md(ready.missing.advice)}"
            )
        newer = [f"Not in the split yet: {ready.newer}."] if ready.newer else []
        if notes := [f":material/info: {md(sentence)}" for sentence in (*newer, *ready.left_out)]:
            st.caption("  \n".join(notes))
        for sentence in ready.doubts:
            st.caption(f":orange[:material/warning: {md(sentence)}]")
        with errors_shown():
            _ways(workspace, ready)
        if ready.missing and ready.labelled:
            guide.works(workspace)
        else:
            guide.lines(workspace)
    return ready


def _numbers(ready: Readiness) -> str:
    """Return the list: labelled videos, labelled frames, and which attributes have both answers."""
    enough = len(ready.videos) >= len(PARTS)
    number = f"**{len(ready.videos)}**" + ("" if enough else f" of {len(PARTS)}")
    videos_there = f"{YES if enough else NO} {number} labelled videos"
    frames = f"{YES if ready.labelled else NO} **{count(ready.labelled, 'labelled frame')}**"
    answers = " · ".join(f"{each.name}&nbsp;{_mark(each)}" for each in ready.answers)
    return f"{videos_there} &emsp; {frames} &emsp; Both answers: {answers}"


def _mark(answers: Answers) -> str:
    if answers.true and answers.false:
        return YES
    return NO if answers.true or answers.false else NONE


def _ways(workspace: Workspace, ready: Readiness) -> None:
    if not ready.ways:
        return
    row = st.container(horizontal=True)
    for place, way in enumerate(ready.ways):
        is_first = bool(ready.missing) and place == 0
        if way.kind == "erase":
            _erase(row, workspace, way)
        elif row.button(
            md(way.words), key=f"way_{way.kind}", icon=f":material/{ICONS[way.kind]}:",
            type="primary" if is_first else "secondary",
            disabled=background_jobs.is_running(workspace, JOBS.get(way.kind, way.kind)),
        ):  # fmt: skip
            _go(workspace, way)


def _go(workspace: Workspace, way: Way) -> None:
    """Do what a button says, and write the page anew."""
    if way.kind in ("blocks", "split_again"):
        by: splits.By = "blocks" if way.kind == "blocks" else "video"
        split.renew(workspace, by)
    elif way.kind == "new_videos":
        split.renew(workspace, None)
    elif way.kind == "practice":
        background_jobs.begin_and_rerun(workspace, _practice(workspace))
    elif way.kind == "second_video":
        guide.open_label(workspace)
    else:
        navigation.go("pages/2_Label.py")


def _erase(row: "st.delta_generator.DeltaGenerator", workspace: Workspace, way: Way) -> None:
    """Offer to take back one's own answers that are all alike; those of others are theirs."""
    mine = _own_answers(workspace, annotator(), way.attribute) if annotator() else 0
    if not mine:
        return
    these = f"Erase these {mine:,} answers" if mine > 1 else "Erase this answer"
    with row.popover(f"{md(these)} about “{md(way.attribute)}”", icon=f":material/{ICONS['erase']}:"):
        st.markdown(
            f"Your {count(mine, 'answer')} about “{md(way.attribute)}” are all alike, so a network cannot learn it from them. If you never meant "
            "them, erase them: they count no longer, and your other answers stay. If they are right, leave them."
        )
        if st.button("Erase", type="primary", key=f"erase_{way.attribute}"):
            rerun_with(f"{count(erase(workspace, annotator(), way.attribute), 'answer')} erased.")


@cache.until_changed(cache.data_version)
def _own_answers(workspace: Workspace, who: str, attribute: str) -> int:
    return int(consensus(workspace, who)[attribute].notna().sum())
