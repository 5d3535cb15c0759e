"""Frames in dispute, decided one stretch after the other, on the Balance page."""

from typing import Any

import pandas as pd
import streamlit as st

from core.attributes import Attribute
from core.labels.labels import called
from core.media.images import small_jpeg
from core.review import differences, disputes, gold
from core.text import count
from core.workspace import Workspace
from ui.elements import answer_chips
from ui.elements.markdown import md
from ui.elements.widgets import choice
from ui.shell import cache, frames, roles
from ui.shell.page import annotator, fragment, is_instructor, rerun_with

PLACE = "dispute_place_"
DECIDED = "dispute_decided"
ONLY = "disputes_only"  # of one annotator, about one attribute, with one answer
TALLEST = 560  # pixels of the window
WIDEST = 1280  # pixels that are sent of a frame


@fragment
def section(workspace: Workspace) -> None:
    """Write one stretch of disputed frames with everyone's answer, and the buttons that decide it."""
    if not roles.compares_people():
        return
    found = _disputes(workspace)
    hidden = found["video"].isin(cache.blind(workspace))  # they would show what others say
    found, some_hidden = _chosen(workspace, found[~hidden]), bool(hidden.any())
    names = [name for name in workspace.attributes.names if name in set(found["attribute"])]
    if not names:
        _nothing(workspace, some_hidden)
        _decided(workspace)
        return
    row = st.container(horizontal=True, vertical_alignment="center")
    # Of an attribute that was decided to its end there is no button any more.
    chosen = choice(row, "Attribute", names, f"disputed_{names}")
    found = found[found["attribute"] == chosen].reset_index(drop=True)
    real = int((~found["edge"]).sum())
    number = frames.numbered(workspace, found, ["edge", *disputes.annotator_columns(found)])
    stretches = int(number.iloc[-1]) + 1
    where = "" if stretches == len(found) else f" in {count(stretches, 'stretch', 'stretches')}"
    row.markdown(f":gray[{count(len(found), 'frame')}{md(where)} to decide: {real:,} real disputes, {len(found) - real:,} only about where a "
                 "defect begins or ends]")  # fmt: skip
    _one(workspace, workspace.attributes[chosen], found, number)


def session_showing_all() -> dict[str, Any]:
    """Return what the session holds so that the section shows all disputes."""
    return {ONLY: None}


def session_showing(annotator: str, attribute: str, answer: bool) -> dict[str, Any]:
    """Return what the session holds so that the section shows nothing but the frames of one difference, from the first on."""
    return {ONLY: (annotator, attribute, answer), PLACE + attribute: 0}


def _chosen(workspace: Workspace, found: pd.DataFrame) -> pd.DataFrame:
    """Return the disputes that are asked for, with a way back to all of them."""
    if (what := st.session_state.get(ONLY)) is None:
        return found
    part = differences.frames_of(found, *what)
    if part.empty:  # all of them were decided meanwhile
        del st.session_state[ONLY]
        return found
    annotator, attribute, answer = what
    row = st.container(horizontal=True, vertical_alignment="center")
    meaning = answer_chips.meaning(workspace.attributes[attribute], answer)
    row.markdown(
        f":material/filter_alt: Only where **{md(called(annotator))}** says **{md(meaning)}** and most of the others do not."
    )
    row.button("Show all disputes", type="tertiary", on_click=st.session_state.pop, args=(ONLY,))
    return part


def may_decide(workspace: Workspace) -> bool:
    """Return whether the annotator may decide: an instructor, or anyone where no instructor is named."""
    return bool(annotator()) and is_instructor(workspace)


def _one(workspace: Workspace, attribute: Attribute, found: pd.DataFrame, number: "pd.Series[int]") -> None:
    """Write the stretch of ``found`` whose ``number`` is the place of the visitor."""
    people = disputes.annotator_columns(found)
    total, key = int(number.iloc[-1]) + 1, PLACE + attribute.name
    place = min(st.session_state.get(key, 0), total - 1)
    part = found[number == place].reset_index(drop=True)
    left, right = st.columns([3, 2], gap="large")
    with left:
        shown = _look(workspace, part)
    with right:
        st.header(md(attribute.name), anchor=False)
        kind = "only where a defect begins or ends" if part.loc[0, "edge"] else "a real dispute"
        st.caption(f"Stretch {place + 1:,} of {total:,} · {md(frames.where(part))} · {md(kind)}")
        answer_chips.given(attribute, part.loc[0, people].dropna().astype(bool).items())
        _decide(workspace, attribute, part, shown)
        frames.move_buttons(key, place, total)
        _decided(workspace)


def _look(workspace: Workspace, part: pd.DataFrame) -> int:
    """Write one frame of a stretch, large, with a way to the others; return its row in ``part``."""
    row, last = 0, len(part) - 1
    picture = st.container()
    if last:
        indexes, key = part["index"].tolist(), f"look_{part.loc[0, 'name']}_{last}"
        row = indexes.index(st.select_slider("Frame", indexes, indexes[last // 2], key=key))
    name = str(part.loc[row, "name"])
    frame = frames.picture(workspace, name)
    # As wide as the column; the column ends a picture that is wider, the window would end one that is taller.
    picture.image(small_jpeg(frame, WIDEST), width=round(TALLEST * frame.shape[1] / frame.shape[0]), alt=name)
    return row


def _decide(workspace: Workspace, attribute: Attribute, part: pd.DataFrame, shown: int) -> None:
    if not may_decide(workspace):
        st.caption("Only instructors decide here." if annotator() else "Write your name on the left first.")
        return
    # Above the switch, which not every stretch has: the buttons stay in place.
    row = st.container(horizontal=True)
    whole = len(part) > 1 and st.toggle(
        f"All {len(part):,} frames at once", value=True, key="whole_stretch",
        help="Neighbouring frames with the same answers. Off: only the frame that is shown.",
    )  # fmt: skip
    chosen = part if whole else part.iloc[[shown]]
    for value, key in ((True, "T"), (False, "F")):
        words = answer_chips.meaning(attribute, value)
        if row.button(words, type="primary", key=f"decide_{value}", shortcut=key):
            disputes.adjudicate(workspace, annotator(), *frames.span(chosen), attribute.name, value)
            st.session_state[DECIDED] = attribute.name, chosen, words
            st.rerun()
    st.caption(f"You decide as {md(annotator())}. Your answer counts from now on.")


def _nothing(workspace: Workspace, some_hidden: bool) -> None:
    if some_hidden:
        st.info("The disputes are in videos that you label without seeing the others: finish those videos first.", icon=":material/visibility_off:")  # fmt: skip
        return
    counts = disputes.consensus_counts(workspace).values()
    if all(sum(each.values()) == each["one"] for each in counts):
        st.info("No frame has labels of two annotators yet. Have some videos labelled twice: assign them on the tab Agreement.", icon=":material/group:")  # fmt: skip
    else:
        st.success("No disputes: where two annotators answered, they agree or it was decided.",
                   icon=":material/check_circle:")  # fmt: skip


def _decided(workspace: Workspace) -> None:
    if DECIDED not in st.session_state or not may_decide(workspace):
        return
    name, part, words = st.session_state[DECIDED]
    row = st.container(horizontal=True, vertical_alignment="center")
    row.markdown(f":material/gavel: Decided: {md(frames.where(part))}: **{md(words)}**")
    if row.button(
        "Make it gold", icon=":material/star:", type="tertiary", shortcut="G",
        help="Everyone who labels these frames learns whether they agree with you.",
    ):  # fmt: skip
        number = gold.add_gold(workspace, annotator(), *frames.span(part), name)
        rerun_with(f"{count(number, 'frame')} made gold.")
    if row.button("Take back", icon=":material/undo:", type="tertiary", shortcut="Z"):
        del st.session_state[DECIDED]
        disputes.adjudicate(workspace, annotator(), *frames.span(part), name, None)
        st.rerun()


_disputes = cache.until_changed(cache.data_version, "Looking for frames in dispute …")(disputes.disputes)
