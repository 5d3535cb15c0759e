"""The gallery of mistakes on the Test page: see each among its neighbours, and correct a wrong label."""

import base64
from typing import Any

import cv2
import numpy as np
import pandas as pd
import streamlit as st

from core.errors import MediaError
from core.evaluation import mistakes
from core.explain import heatmap
from core.labels import corrections
from core.media.library import get_video
from core.runs.run import Run
from core.text import percent
from core.workspace import Workspace
from ui.elements import answer_chips, widgets
from ui.elements.markdown import Markdown, md
from ui.shell import cache, chart_frames, heatmaps, navigation, steps
from ui.shell import frames as stretches
from ui.shell.page import annotator, errors_shown
from ui.test import result_cache

PER_PAGE, ACROSS = 24, 3
WIDTH = 320  # pixels of a picture on a card
TILE, GAP = 52, 6  # pixels of a neighbour, and half-pixels to the next
SIDES = {"": "Both", mistakes.MISSED: "Missed", mistakes.FALSE_ALARM: "False alarms"}
CAUTION = (
    "Sometimes it is the label that is wrong: look at the picture. "
    "**But these are test frames, and you see the network's answers.** Labels that you change here move the test towards the "
    "network: the next test will look better than it is, and Trust will say so. It is fairer if somebody labels the video "
    "without seeing the network or other people's labels."
)
RELABELLED = "mistakes_relabelled"
"""What was relabelled here: (frame, attribute) to the action, so that it can be undone."""


@st.fragment
@errors_shown()
def section(workspace: Workspace, run: Run) -> None:
    """Write the mistakes of a tested ``run`` on its test part, the surest first."""
    everything = result_cache.find_mistakes(run)
    found = everything[~everything["video"].isin(cache.blind(workspace))]
    if everything.empty:
        st.info(f"There are {md(mistakes.mistakes_counted(run, everything))} Every decision matches its label.",
                icon=":material/info:")  # fmt: skip
        return
    chosen = _chosen(run, found)
    counted = mistakes.mistakes_counted(run, chosen)
    left_out = " Frames of videos that you label blind are left out." if len(found) < len(everything) else ""
    order = " The surest come first." if len(chosen) > 1 else ""
    beside = (
        "the class that was decided" if run.attributes.exclusive else heatmap.heatmap_meaning(run.attributes)
    )
    heat = f" Beside each frame: the heatmap of {beside}." if run.has_model and len(chosen) else ""
    st.caption(f"{md(counted[0].upper())}{md(counted[1:])}{md(order)}{md(heat)}{md(left_out)}")
    _caution()
    if chosen.empty:
        return
    places = stretches.turned(len(chosen), PER_PAGE, f"mistakes_page_{run.id}")
    if not annotator():
        st.caption(":material/person: Write your name on the left to relabel.")
    now = cache.consensus(workspace).set_index("name")
    shown = list(chosen.iloc[places.start : places.stop].itertuples())
    widgets.gallery(shown, ACROSS, lambda mistake: _card(workspace, run, mistake, now))


def _caution() -> None:
    """Say that relabelling here favours the network, and offer a way that does not."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f":orange[:material/warning:] {CAUTION}", width="stretch")
        if st.button("Get a second opinion", icon=":material/group:", key="second_opinion",
                     help="Opens Balance, Agreement: assign the video to somebody."):  # fmt: skip
            st.session_state[steps.REVIEW] = "Agreement"
            navigation.go("pages/3_Balance.py")


def _chosen(run: Run, found: pd.DataFrame) -> pd.DataFrame:
    counts = found["attribute"].value_counts()
    names = ["", *(name for name in run.attributes.names if name in counts.index)]
    place, row = widgets.choice_places(len(names))
    words = {name: f"{name} ({counts[name]:,})" if name else "All" for name in names}
    name = widgets.choice(place, "Attribute", names, f"mistakes_of_{run.id}", words.__getitem__)
    side = ""
    if not run.attributes.exclusive:
        side = widgets.choice(row, "Side", list(SIDES), f"mistakes_side_{run.id}", SIDES.__getitem__)
    videos = ["", *sorted(found["video"].unique())]
    video = row.selectbox("Video", videos, label_visibility="collapsed", width=220, key=f"mistakes_video_{run.id}",
                          format_func=lambda name: name or "All videos")  # fmt: skip
    for column, wanted in (("attribute", name), ("side", side), ("video", video)):
        found = found[found[column] == wanted] if wanted else found
    return found


def _card(workspace: Workspace, run: Run, mistake: Any, now: pd.DataFrame) -> None:
    try:
        note = _pictures(workspace, run, mistake)
    except MediaError:
        note = "the picture is gone"
    what, answers = _words(mistake)
    st.markdown(f"{md(what)}  \n:gray[:small[{md(' · '.join([answers, note] if note else [answers]))}]]")
    with st.container(horizontal=True, vertical_alignment="center"):
        if mistake.index >= 0:
            chart_frames.label_link(mistake.video, mistake.index)
            _relabel(workspace, mistake, now)
        else:
            st.caption(f"{md(mistake.name)} is not in this workspace any more.")


def _pictures(workspace: Workspace, run: Run, mistake: Any) -> str:
    """Write the frame, its heatmap, and its neighbours in time; return a note on the heatmap."""
    if mistake.index < 0:
        return ""
    asked = mistake.decided or mistake.attribute
    picture, heat = st.columns(2, gap="small")
    picture.image(result_cache.picture(workspace, mistake.name, WIDTH), width="stretch", alt=mistake.name)
    drawn = heatmaps.heatmap(run, mistake.name, asked, WIDTH) if run.has_model else None
    if drawn:
        heat.image(drawn.picture, width="stretch", alt=f"heatmap of {md(asked)}")
    if strip := _neighbours(workspace, mistake.video, mistake.index, run.attributes[asked].colour):
        st.image(strip, alt="the frames before it and after it")
    return drawn.words if drawn else ""


def _words(mistake: Any) -> tuple[str, str]:
    name, sure = Markdown(f"**{md(mistake.attribute)}**"), f"network: {percent(mistake.probability)}"
    if mistake.decided:
        return Markdown(f"{md(name)} taken for **{md(mistake.decided)}**"), f"{sure} {mistake.decided}"
    what = Markdown(f"{md(name)}, but missed" if mistake.label else f"Called {md(name)}, but is not")
    return what, f"labelled {answer_chips.SAID[mistake.label]} · {sure} true"


def _relabel(workspace: Workspace, mistake: Any, now: pd.DataFrame) -> None:
    """Write the button that sets the label to what was decided, or what has become of it since."""
    name = mistake.decided or mistake.attribute
    if name not in workspace.attributes.names or mistake.name not in now.index:
        return
    done = st.session_state.setdefault(RELABELLED, {})
    key, answer = (mistake.name, name), bool(mistake.decided) or not mistake.label
    if key in done:
        said = now.at[mistake.name, name]
        st.markdown(f":gray[:material/check:] now {answer_chips.SAID[None if pd.isna(said) else bool(said)]}")
        st.button("", icon=":material/undo:", type="tertiary", help="Take back", key=f"back_{mistake.name}_{name}",
                  on_click=_take_back, args=(workspace, key))  # fmt: skip
    elif now.at[mistake.name, name] is not pd.NA and bool(now.at[mistake.name, name]) is answer:
        st.markdown(f":gray[:material/check: relabelled: {answer_chips.SAID[answer]}]")
    elif annotator():
        words = mistake.decided or answer_chips.SAID[answer]
        where = mistake.video, mistake.index, mistake.index, name
        decides = corrections.decides(workspace, annotator(), *where)
        how = "You decide" if decides else "It becomes your own label"
        meant = answer_chips.meaning(workspace.attributes[name], answer)
        st.button(f"Change label to {md(words)}", key=f"set_{mistake.name}_{name}", help=f"{md(meant)}. {md(how)} as {md(annotator())}. Counted as relabelled after a test.",
                  on_click=_set, args=(workspace, mistake.video, mistake.index, key, answer))  # fmt: skip


@errors_shown()
def _set(workspace: Workspace, video: str, index: int, key: tuple[str, str], answer: bool) -> None:
    action = corrections.correct(workspace, annotator(), video, index, index, key[1], answer)
    st.session_state[RELABELLED][key] = action


@errors_shown()
def _take_back(workspace: Workspace, key: tuple[str, str]) -> None:
    corrections.take_back(workspace, st.session_state[RELABELLED].pop(key))


@cache.until_changed(lambda workspace: None, max_entries=800)
def _neighbours(workspace: Workspace, video: str, index: int, colour: str) -> str:
    """Return the frames around one side by side, itself in their midst and framed in ``colour`` (``#rrggbb``), as a
    data address (Streamlit would make a slow PNG of WebP); empty where it is alone.
    """
    frames = mistakes.around(cache.frame_table(workspace, get_video(workspace, video)), index)
    if len(frames) < 2:
        return ""
    before, step = int((frames["index"] < index).sum()), 2 * TILE + GAP
    # Transparent between the tiles, and where a video begins or ends.
    strip = np.zeros((2 * TILE, step * (2 * mistakes.AROUND + 1) - GAP, 4), np.uint8)
    for place, (name, number) in enumerate(zip(frames["name"], frames["index"], strict=True)):
        left = step * (mistakes.AROUND - before + place)
        strip[:, left : left + 2 * TILE] = _tile(workspace, name, colour if number == index else "")
    webp = cv2.imencode(".webp", strip, [cv2.IMWRITE_WEBP_QUALITY, 80])[1]
    return "data:image/webp;base64," + base64.b64encode(webp.tobytes()).decode()


def _tile(workspace: Workspace, name: str, colour: str) -> np.ndarray:
    """Return the middle of a frame, (2 * TILE, 2 * TILE, 4) uint8 BGRA, twice as fine as it is shown; framed if coloured."""
    picture = stretches.picture(workspace, name)
    side = min(picture.shape[:2])
    top, left = (picture.shape[0] - side) // 2, (picture.shape[1] - side) // 2
    square = picture[top : top + side, left : left + side]
    tile = cv2.resize(square, (2 * TILE, 2 * TILE), interpolation=cv2.INTER_AREA)
    if colour:
        blue_green_red = tuple(int(colour[at : at + 2], 16) for at in (5, 3, 1))
        cv2.rectangle(tile, (0, 0), (2 * TILE - 1, 2 * TILE - 1), blue_green_red, 8)
    return cv2.cvtColor(tile, cv2.COLOR_BGR2BGRA)
