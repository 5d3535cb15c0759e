"""The events of a session: a table to choose from, the pictures of one, false alarms, and the way to the Label page."""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
import pandas as pd
import streamlit as st

from core.access import rights
from core.events.detector import UNFAMILIAR
from core.events.send_to_labelling import Sent, send_events
from core.events.session import Session
from core.media.images import data_address, small_jpeg
from core.text import count
from core.workspace import Workspace
from ui.elements.markdown import md
from ui.elements.widgets import choice
from ui.shell.page import annotator, errors_shown

ALL = "All"
WITHIN = "The network saw only the region of interest; the whole frame goes to labelling."
"""Of a frame that is sent back."""
EventRecord = dict[str, Any]


def event_name(attribute: str) -> str:
    """Return what an event of ``attribute`` is called on screen."""
    return "not recognised" if attribute == UNFAMILIAR else attribute


def section(workspace: Workspace, session: Session) -> None:
    """Write the events of a session, and the pictures of the chosen one, by default the first."""
    events = session.events()
    if not events:
        st.success("No events in this session.", icon=":material/check_circle:")
        return
    events = _filtered(session, events)
    left, right = st.columns([7, 5], gap="large")
    with left:
        buttons = st.container(horizontal=True, vertical_alignment="center")
        rows = _table(session, events)
        with buttons:
            _buttons(workspace, session, [events[row] for row in rows])
    with right:
        _pictures(session, events[rows[0] if rows else 0])


def say_sent(frames: Sequence[Sent]) -> None:
    """Say in passing how many frames went to labelling."""
    new, within = sum(frame.new for frame in frames), sum(frame.within for frame in frames)
    words = [f"{count(new, 'frame')} sent to labelling."] if new else []
    words += [f"{count(len(frames) - new, 'frame')} sent before."] if new < len(frames) else []
    words += [f"In {within} of them the network saw only the region of interest."] if within else []
    st.toast(" ".join(words), icon=":material/check_circle:")


def _filtered(session: Session, events: list[EventRecord]) -> list[EventRecord]:
    names = [event["attribute"] for event in events]
    counts = {ALL: len(events), **{name: names.count(name) for name in dict.fromkeys(sorted(names))}}
    chosen = choice(st, "Attribute", list(counts), f"of_{session.path}",
                      lambda name: f"{event_name(name)} ({counts.get(name, 0):,})")  # fmt: skip
    return [event for event in events if chosen in (ALL, event["attribute"])] or events


def _table(session: Session, events: list[EventRecord]) -> list[int]:
    table = pd.DataFrame(
        {
            "Picture": _thumbnail(str(session.path / event["picture"])),
            "No.": event["number"],
            "Attribute": event_name(event["attribute"]),
            "Start": event["start"],
            "End": event["end"],
            "Peak": event["peak"],
            "False alarm": (rights.shown_name(event["marked_by"]) or "yes") if event["false_alarm"] else "",
        }
        for event in events
    )
    column = st.column_config
    event = st.dataframe(
        table, hide_index=True, on_select="rerun", selection_mode="multi-row", row_height=44,
        height=min(480, 38 + 44 * len(table)), key=f"events_{session.path}_{events[0]['number']}_{len(events)}",
        column_config={
            "Picture": column.ImageColumn(width=64),
            "No.": column.NumberColumn(width=44),
            "Start": column.NumberColumn("Start (s)", format="%.2f"),
            "End": column.NumberColumn("End (s)", format="%.2f"),
            "False alarm": column.TextColumn(help="Who marked it as one"),
            "Peak": column.NumberColumn(format="%.2f",
                help="The highest probability; of pictures that were not recognised how many times the limit"),
        },
    )  # fmt: skip
    return [row for row in event.selection.rows if row < len(events)]


@st.cache_data(max_entries=4000, show_spinner=False)
def _thumbnail(file: str) -> str | None:
    """Return a small copy of a picture as a data address; a quarter of a JPEG is decoded in a fraction of the time."""
    try:
        content = np.fromfile(file, np.uint8)
    except OSError:
        return None
    picture = cv2.imdecode(content, cv2.IMREAD_REDUCED_COLOR_4) if len(content) else None
    return None if picture is None else data_address(small_jpeg(picture, 104, 75))


def _buttons(workspace: Workspace, session: Session, chosen: list[EventRecord]) -> None:
    numbers = [event["number"] for event in chosen]
    marked = bool(chosen) and all(event["false_alarm"] for event in chosen)
    st.button("No false alarm" if marked else "False alarm", icon=":material/undo:" if marked else ":material/flag:",
              disabled=not chosen, key=f"mark_{session.path}", on_click=_mark, args=(session, numbers, not marked),
              help="Can be undone. Rates in the summary leave false alarms out.")  # fmt: skip
    st.button("Send to labelling", icon=":material/reply:", disabled=not chosen, key=f"send_{session.path}",
              on_click=_send, args=(workspace, session, numbers),
              help="The frames of the peaks go to the Label page, with the network’s suggestions.")  # fmt: skip
    st.caption(f"{len(chosen):,} chosen." if chosen else "Choose events at their left edge.")


def _pictures(session: Session, event: EventRecord) -> None:
    st.markdown(f"**{md(event['number'])} · {md(event_name(event['attribute']))}** :gray[from {event['start']:.2f} to "
                f"{event['end']:.2f} s, peak {event['peak']:.2f} at {event['peak_time']:.2f} s]")  # fmt: skip
    files = [session.path / event[kind] for kind in ("picture", "heatmap") if kind in event]
    for column, file in zip(st.columns(2, gap="small"), files, strict=False):
        if file.is_file():
            column.image(file.read_bytes(), width="stretch", alt=file.name)
        else:
            column.caption(":material/broken_image: The picture is gone.")
    if "clip" in event and (clip := session.path / event["clip"]).is_file():
        st.video(clip.read_bytes(), loop=True, autoplay=True, muted=True)
    else:
        st.caption("There is no clip of it.")


@errors_shown()
def _mark(session: Session, numbers: list[int], false_alarm: bool) -> None:
    session.mark(*numbers, false_alarm=false_alarm, by=annotator())


@errors_shown()
def _send(workspace: Workspace, session: Session, numbers: list[int]) -> None:
    say_sent(send_events(workspace, session, numbers, annotator()))
