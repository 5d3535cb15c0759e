"""The instructor's overview of a class, on the Balance page: five questions, each answered by a word, a sentence and a way on."""

from contextlib import suppress
from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.clock import day_and_time
from core.demo.make import ANNOTATOR as RENDERER
from core.errors import SplitError
from core.files import files_version
from core.labels import progress
from core.labels.labels import called
from core.report import class_overview
from core.report.class_overview import AnnotatorFigures, ClassOverview, Lamp, talk_sentence
from core.report.trust import State
from core.review.differences import AnnotatorDifference
from core.splits import stored_split
from core.splits.leaks import Leaks
from core.text import count, percent
from core.workspace import Workspace
from ui.balance import disputes, leaks
from ui.elements import verdicts
from ui.elements.markdown import Markdown, md
from ui.elements.numbers import number
from ui.shell import cache, navigation, roles
from ui.shell.page import is_instructor

TABS = "review"  # key of the tabs of the page
TEST_TABS = "test_tabs"  # of those of the Test page
FIRST = 5  # people whom to talk to that are named at once

MARKS: dict[State, str] = {
    "good": ":green[:material/check_circle: **{}**]",
    "partly": ":orange[:material/error: **{}**]",
    "bad": ":red[:material/cancel: **{}**]",
    "unknown": ":gray[:material/help: **{}**]",
}


def section(workspace: Workspace) -> None:
    """Write who labelled how much, whom to talk to, and whether balance, split and numbers are right."""
    if not is_instructor(workspace):
        st.info(roles.TAB, icon=":material/school:")
        return
    found = _overview(workspace, _compared(workspace))
    with _row_of("lamps"):
        _lamp("Is the balance right?", found.balance, "Balance", "See the balance")
        _lamp("Is the split honest?", found.split, "Leaks", "See the leaks")
        if any(run.trust for run in found.runs):
            _lamp(
                "Can you trust the numbers?",
                found.trust,
                "Trust",
                "See why",
                page="pages/5_Test.py",
                tabs=TEST_TABS,
            )
        else:
            _lamp("Can you trust the numbers?", found.trust, "Agreement", "See the agreement")
    st.header("Whom to talk to?", anchor=False)
    _talk(workspace, found)
    st.header("Who labelled how much?", anchor=False)
    _people(found)
    st.header("What is open?", anchor=False)
    _open(found)
    st.header("Whose networks?", anchor=False)
    _runs(found)


def _row_of(key: str) -> DeltaGenerator:
    """Return a row of cards, which wraps in a narrow window; see style.css."""
    return st.container(horizontal=True, gap="medium", key=f"class_{key}")


def _lamp(question: str, lamp: Lamp, tab: str, words: str, page: str = "", tabs: str = TABS) -> None:
    """Write a question, its answer, and the way to the tab that tells more, of another ``page`` where it is there."""
    with st.container(border=True, height="stretch"):
        st.markdown(
            f"**{md(question)}**  \n{Markdown(MARKS[lamp.state].format(md(lamp.word)))}  \n{md(lamp.sentence)}"
        )
        if _way(words, tab, tabs=tabs) and page:
            navigation.go(page)


def _way(words: str, tab: str, key: str = "", tabs: str = TABS, **more: Any) -> bool:
    """Write a button that opens another tab, and sets what ``more`` says of the session; return whether it was pressed."""

    def go() -> None:
        st.session_state.update({tabs: tab} | more)

    key = key or f"class_{tab}"
    return st.button(words, icon=":material/arrow_forward:", type="tertiary", key=key, on_click=go)


def _talk(workspace: Workspace, found: ClassOverview) -> None:
    if found.talk_missing:
        st.info(md(found.talk_missing), icon=":material/group:")
        _way("Assign videos", "Agreement", "class_assign")
        return
    blind = set(cache.blind(workspace))  # they would show what others say
    shown = [talk for talk in found.talk if not blind & set(talk.videos)]
    if len(shown) < len(found.talk):
        st.caption("Differences in videos that you label without seeing the others are not shown.")
    elif not shown:
        st.success("Nobody stands apart: where several people labelled a frame, no one differs from most of the others "
                   "in the same way again and again.", icon=":material/check_circle:")  # fmt: skip
    for talk in shown[:FIRST]:
        _line(workspace, talk)
    if more := shown[FIRST:]:
        with st.expander(f"{count(len(more), 'more person', 'more people')}"):
            for talk in more:
                _line(workspace, talk)


def _line(workspace: Workspace, talk: AnnotatorDifference) -> None:
    what = talk.annotator, talk.attribute, talk.answer
    row = st.container(horizontal=True, vertical_alignment="center")
    row.markdown(f":material/forum: {md(talk_sentence(talk, workspace.attributes))}", width="stretch")
    with row:
        _way("Show", "Disputes", f"class_show_{what}", **disputes.session_showing(*what))


def _people(found: ClassOverview) -> None:
    if not found.people:
        st.info("Nobody has labelled yet.", icon=":material/label:")
        return
    table = pd.DataFrame([_row(person) for person in found.people]).dropna(axis="columns", how="all")
    st.dataframe(table, hide_index=True, width="stretch", placeholder="–",
                 height="content" if len(table) <= 12 else 460, column_config={
        "Labelled frames": st.column_config.NumberColumn(format="localized"),
        "Per minute": st.column_config.NumberColumn(format="%.1f"),
    })  # fmt: skip
    st.caption(
        "**Labelled frames** have an answer of this person for at least one attribute, imported ones too. **Per minute** counts frames labelled on the Label page in "
        f"a minute of labelling: the time between two answers counts, unless it is more than {progress.LONGEST_PAUSE:.0f} s, which is "
        "a pause. **Like most others** is the share of the answers that are those of most of the others on the same frame; "
        "frames where the others are even do not count. **Gold** are answers of which an instructor vouches for the right one."
    )


def _row(person: AnnotatorFigures) -> dict[str, Any]:
    talk = person.talk
    return {
        "Annotator": called(person.name),
        "Labelled frames": person.frames,
        "Per minute": person.per_minute,
        "Like most others": percent(person.same / person.compared, 1) if person.compared else None,
        "Assigned, finished": f"{person.finished} of {count(person.assigned, 'video')}"
        if person.assigned
        else None,
        "Gold": f"{person.right:,} of {number(person.gold)} right" if person.gold else None,
        "Talk about": f"{talk.attribute}, {count(talk.frames, 'frame')}" if talk else None,
    }


def _open(found: ClassOverview) -> None:
    edges = f"{number(found.edges)} more only about where a defect begins or ends." if found.edges else ""
    assigned = f"{found.finished:,} of {found.assigned:,}" if found.assigned else "none assigned"
    row = _row_of("open")
    for label, value, words, way, tab in (
        ("Open disputes", number(found.disputes), edges or "Answers that wait for a decision.", "Decide", "Disputes"),
        ("Assignments finished", assigned, "Videos that people label without seeing the others.", "Assign videos", "Agreement"),
        ("Gold frames", number(found.gold_frames), "An instructor vouches for their answers.", "Choose gold frames", "Agreement"),
    ):  # fmt: skip
        with row.container():
            st.metric(label, value, border=True)
            st.caption(words)
            _way(
                way,
                tab,
                f"class_open_{label}",
                **(disputes.session_showing_all() if tab == "Disputes" else {}),
            )


def _runs(found: ClassOverview) -> None:
    if not found.runs:
        st.info("No network was trained yet.", icon=":material/model_training:")
        st.page_link("pages/4_Train.py", label="Train a network", icon=":material/arrow_forward:")
        return
    for run in found.runs:
        mark = Markdown(verdicts.MARKS[run.mark or "unknown"])
        facts = " · ".join(
            filter(None, (f"by {run.user}" if run.user else "no owner named", day_and_time(run.created)))
        )
        leak = Markdown(" :red[:material/water_drop: leaking split]" if run.is_leaking else "")
        limited = Markdown(f" :orange[{md(run.limited)}]" if run.limited else "")
        st.markdown(
            f"{md(mark)} **{md(run.called)}** :gray[{md(facts)}]  \n{md(run.sentence)}{md(leak)}{md(limited)}"
        )


def _version(workspace: Workspace) -> tuple[Any, ...]:
    """Return what changes whenever labels, the split or a run do."""
    folders = sorted(workspace.runs.iterdir()) if workspace.runs.is_dir() else []
    runs = [(folder.name, *_files(folder)) for folder in folders]
    return (*cache.split_version(workspace), *runs)


def _files(run: Any) -> tuple[Any, ...]:
    return files_version(*(run / name for name in ("status.json", "test.json", "name.txt")))


def _compared(workspace: Workspace) -> Leaks | None:
    """Return the leaks of the split without their frames, none while a job looks for them or where there is no whole split."""
    with suppress(SplitError):  # the overview tells of it
        if stored_split.load(workspace) and (found := leaks.compared(workspace)):
            return replace(found, pairs=(), same_videos=())
    return None


@cache.until_changed(_version, "Looking at the class …")
def _overview(workspace: Workspace, found: Leaks | None) -> ClassOverview:
    return class_overview.class_overview(workspace, lambda _workspace, _split: found, [RENDERER])
