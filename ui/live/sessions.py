"""What was watched: a table of sessions, and below it the events of one of them."""

from typing import Any

import pandas as pd
import streamlit as st

from core.access.rights import Right
from core.events.detector import UNFAMILIAR
from core.events.send_to_labelling import send_uncertain, sent
from core.events.session import DETAILS, EVENTS, MARKS, Session
from core.events.session_store import DamagedSession, all_damaged, all_sessions
from core.events.summary import as_csv, overview, summarise
from core.files import files_version
from core.splits.split import PART_NAMES
from core.text import UNKNOWN, count
from core.workspace import Workspace
from ui.elements.markdown import md
from ui.live import session_events
from ui.shell import chart_frames, roles
from ui.shell.page import annotator, errors_shown, fragment

LINKS = 8  # frames that were sent to labelling and are linked to


@fragment
def section(workspace: Workspace) -> None:
    """Write the sessions folded away, below something more important; nothing is read before they are opened."""
    with st.expander("Sessions", icon=":material/history:", key="sessions_open", on_change="rerun") as below:
        if below.open:
            _content(workspace)


def _content(workspace: Workspace) -> None:
    sessions = [session for _, session in all_sessions(workspace)]
    damaged = all_damaged(workspace)
    if not sessions and not damaged:
        with st.container(key="empty_sessions", horizontal_alignment="center"):
            st.markdown("## :material/history: No sessions yet")
            st.markdown("Start the camera or a video. Events appear here with picture, heatmap and clip.")
            st.markdown(":gray[Without a page:] `python -m core watch latest SOURCE`")
        return
    row = _table(sessions, damaged)
    if row >= len(sessions):
        raise damaged[row - len(sessions)].error
    session = sessions[row]
    _head(session)
    session_events.section(workspace, session)
    left, right = st.columns([7, 5], gap="large")
    with left:
        _summary(session)
    with right:
        _back(workspace, session)
    if not roles.only_instructors(Right.DELETE, "delete sessions"):
        return
    with st.popover("Delete this session", icon=":material/delete:"):
        st.markdown("Permanently deletes its events, pictures and clips. Frames that went to labelling stay.")
        st.button("Delete", type="primary", key=f"delete_{session.path}", on_click=_delete, args=(session,))


def minutes(seconds: float | None) -> str:
    """Return a time as minutes and seconds; of a session that has not ended a dash."""
    return UNKNOWN if seconds is None else f"{round(seconds) // 60}:{round(seconds) % 60:02}"


def _table(sessions: list[Session], damaged: list[DamagedSession]) -> int:
    """Write a line per session, then one per damaged session; return the number of the chosen one, 0 where none is."""
    rows = [*map(_row, sessions), *({"When": session.id, "Source": "damaged"} for session in damaged)]
    table = pd.DataFrame(rows).convert_dtypes()
    last = [name for name in ("False alarms", "Run") if name in table]
    table = table[[name for name in table if name not in last] + last]  # attributes may differ between runs
    # A session that comes or goes moves the lines: the choice begins anew then.
    event = st.dataframe(
        table, hide_index=True, on_select="rerun", selection_mode="single-row", placeholder=UNKNOWN,
        key=f"sessions_{hash(tuple(session.path for session in (*sessions, *damaged)))}", height=min(318, 38 + 35 * len(table)),
        column_config={
            "Seam": st.column_config.TextColumn(help="Minutes of seam that the network recognised"),
            UNFAMILIAR: st.column_config.NumberColumn("not recognised", help="Stretches of seam that are new to the network"),
            "False alarms": st.column_config.NumberColumn(help="Events that somebody marked as such"),
        },
    )  # fmt: skip
    chosen = [row for row in event.selection.rows if row < len(table)]
    if not chosen and len(table) > 1:
        st.caption("The newest is shown. Choose another one at its left edge.")
    return chosen[0] if chosen else 0


def _stamp(session: Session) -> tuple[Any, ...]:
    return str(session.path), files_version(*(session.path / file for file in (DETAILS, EVENTS, MARKS)))


@st.cache_data(max_entries=1000, show_spinner=False, hash_funcs={Session: _stamp})
def _row(session: Session) -> dict[str, Any]:
    row = overview(session)
    return {
        "When": row["began"][:16], "Source": row["source"], "Seam": minutes(row["seam_seconds"]), **row["events"],
        "False alarms": row["false_alarms"], "Run": row["run"],
    }  # fmt: skip


def _head(session: Session) -> None:
    details = session.details
    st.markdown(f"### {md(details['source'])}")
    facts = [overview(session)["began"], details["run"]]
    if session.is_over:
        facts += [f"{minutes(details['familiar_seconds'])} of seam in {minutes(details['seconds'])} min",
                  f"{count(details['readings'], 'frame')} inspected"]  # fmt: skip
        facts += [f"{details['dropped']:,} skipped"] if details["dropped"] else []
    st.caption(" · ".join(map(md, facts)))
    if not session.is_over:
        unfinished = "It is still running, or was cut off. Its seam time is not known."
        st.info(unfinished, icon=":material/hourglass_empty:")


def _summary(session: Session) -> None:
    if not session.is_over:
        return
    st.markdown("#### Summary")
    key = f"feed_{session.path}"
    row = st.container(horizontal=True, vertical_alignment="bottom")
    row.number_input("Feed (mm of seam per second)", 0.0, 10_000.0, session.feed or 0.0, 5.0, "%.1f", key=key, width=230,
                     help="How fast the seam ran, to count events per metre. 0: not known.",
                     on_change=_feed, args=(session, key))  # fmt: skip
    table = summarise(session)
    csv_name = f"summary_{session.id}.csv"
    row.download_button("Download CSV", as_csv(table), csv_name,
                        "text/csv", icon=":material/download:", on_click="ignore")  # fmt: skip
    columns = {
        "attribute": "Attribute", "events": "Events", "false_alarms": "False alarms",
        "seconds": st.column_config.NumberColumn("Lasted (s)", format="%.1f"),
        "per_minute": st.column_config.NumberColumn("Per minute", format="%.2f"),
    }  # fmt: skip
    if session.feed:
        columns["per_metre"] = st.column_config.NumberColumn("Per metre", format="%.2f")
    named = table.assign(attribute=table["attribute"].map(session_events.event_name))
    st.dataframe(named[list(columns)], hide_index=True, placeholder=UNKNOWN, column_config=columns)
    metres = f", {table['metres'].iloc[0]:.2f} m" if session.feed else ""
    seam = minutes(session.details["familiar_seconds"])
    st.caption(f"In {md(seam)} min of seam{md(metres)}. Rates leave false alarms out.")


def _back(workspace: Workspace, session: Session) -> None:
    st.markdown("#### Back to labelling")
    st.markdown(
        "The network learns most from frames that are new to it or near a threshold. They are kept while it watches, a "
        "second or more apart."
    )
    uncertain, frames = session.uncertain, sent(workspace, session)
    label = f"Send {count(len(uncertain), 'uncertain frame')}" if uncertain else "No uncertain frames"
    st.button(label, disabled=not uncertain, icon=":material/reply:", key=f"uncertain_{session.path}", on_click=_send,
              args=(workspace, session))  # fmt: skip
    if not frames:
        return
    st.caption(f"Sent so far: {len(frames):,}. Label them here:")
    if parts := sorted({frame.part for frame in frames} & {"valid", "test"}):
        part = " and ".join(PART_NAMES[part] for part in parts)
        st.caption(
            f":orange[:material/warning: Their video is in the {md(part)} part: no network trains on it.]"
        )
    with st.container(horizontal=True):
        for frame in frames[:LINKS]:
            chart_frames.label_link(frame.video, frame.index, suggest=True)
    if len(frames) > LINKS:
        st.caption(f"and {len(frames) - LINKS} more: press “n” on the Label page.")


@errors_shown()
def _feed(session: Session, key: str) -> None:
    session.set_feed(st.session_state[key] or None)


@errors_shown()
def _send(workspace: Workspace, session: Session) -> None:
    session_events.say_sent(send_uncertain(workspace, session, annotator()))


@errors_shown()
def _delete(session: Session) -> None:
    session.delete()
    st.toast(f"The session {md(session.id)} was deleted.", icon=":material/check_circle:")
