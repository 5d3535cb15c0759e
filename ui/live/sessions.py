"""What was watched: a table of sessions, and below it what one of them saw."""

from typing import Any

import pandas as pd
import streamlit as st

from core.events.detector import UNFAMILIAR
from core.events.send_to_labelling import send_doubtful, sent
from core.events.session import Session, all_sessions
from core.events.summary import overview, summarise
from core.workspace import Workspace
from ui.live import session_events
from ui.shell import chart_frames
from ui.shell.page import annotator, errors_shown

LINKS = 8
"""Frames that were sent to labelling and are linked to."""

Stamp = tuple[tuple[int, int], ...]


@st.fragment
@errors_shown()
def section(workspace: Workspace) -> None:
    """Write the sessions folded away, below something more important; nothing is read before they are opened."""
    below = st.expander("Sessions", icon=":material/history:", key="sessions_open", on_change="rerun")
    if below.open:
        with below:
            _content(workspace)


def _content(workspace: Workspace) -> None:
    """Write the sessions of all runs, the newest first, and the one that is chosen, unsaid the newest."""
    found = [session for _, session in all_sessions(workspace)]
    if not found:
        _none()
        return
    session = found[_table(found)]
    _head(session)
    session_events.section(workspace, session)
    left, right = st.columns([7, 5], gap="large")
    with left:
        _summary(session)
    with right:
        _back(workspace, session)
    _delete(session)


def stamp(session: Session) -> Stamp:
    """Return what changes whenever something is written into a session."""
    files = [session.path / name for name in ("session.json", "events.jsonl", "marks.jsonl")]
    about = [file.stat() if file.exists() else None for file in files]
    return tuple((a.st_mtime_ns, a.st_size) if a else (0, 0) for a in about)


def minutes(seconds: float | None) -> str:
    """Write a time as minutes and seconds; of a session that has not ended a dash."""
    return "–" if seconds is None else f"{round(seconds) // 60}:{round(seconds) % 60:02}"


def _none() -> None:
    with st.container(key="empty_sessions", horizontal_alignment="center"):
        st.markdown("### :material/history: Nothing was watched yet")
        st.markdown(
            "Start the camera or a replay, and what the network sees is kept here: each event with its picture, its "
            "heatmap and a clip."
        )
        st.markdown(":gray[Without a page:] `python -m core watch latest SOURCE`")


def _table(found: list[Session]) -> int:
    """Write a line per session; return the number of the chosen one, 0 where none is."""
    rows = [_row(str(session.path), stamp(session), session) for session in found]
    table = pd.DataFrame([_cells(row) for row in rows]).convert_dtypes()
    last = ["False alarms", "Run"]
    table = table[[name for name in table if name not in last] + last]  # attributes may differ between runs
    # A session that comes or goes moves the lines: the choice begins anew then.
    event = st.dataframe(
        table, hide_index=True, on_select="rerun", selection_mode="single-row", placeholder="–",
        key=f"sessions_{hash(tuple(session.path for session in found))}", height=min(318, 38 + 35 * len(rows)),
        column_config={
            "Seam": st.column_config.TextColumn(help="Minutes in which the network knew what it saw"),
            UNFAMILIAR: st.column_config.NumberColumn(help="Stretches of pictures that the network does not know"),
            "False alarms": st.column_config.NumberColumn(help="Events that somebody marked as such"),
        },
    )  # fmt: skip
    chosen = [row for row in event.selection.rows if row < len(found)]
    if not chosen and len(found) > 1:
        st.caption("The newest is shown. Choose another one at its left edge.")
    return chosen[0] if chosen else 0


@st.cache_data(max_entries=1000, show_spinner=False)
def _row(path: str, stamp: Stamp, _session: Session) -> dict[str, Any]:
    return overview(_session)


def _cells(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "When": row["began"][:16], "Source": row["source"], "Seam": minutes(row["seam_seconds"]), **row["events"],
        "False alarms": row["false_alarms"], "Run": row["run"],
    }  # fmt: skip


def _head(session: Session) -> None:
    """Write what was watched, when, by which run, and how it ended."""
    about = session.about
    st.markdown(f"#### {about['source']}")
    words = [overview(session)["began"], about["run"]]
    if session.is_over:
        words += [f"{minutes(about['familiar_seconds'])} of seam in {minutes(about['seconds'])} min",
                  f"{about['readings']:,} frames read"]  # fmt: skip
        words += [f"{about['dropped']:,} left out for newer ones"] if about["dropped"] else []
    st.caption(" · ".join(words))
    if not session.is_over:
        st.info(
            "It is still being watched, or was cut off: its seam time is not known.",
            icon=":material/hourglass_empty:",
        )


def _summary(session: Session) -> None:
    """Write the counts, per metre where the feed is known, and offer them as CSV."""
    if not session.is_over:
        return
    st.markdown("##### Summary")
    key = f"feed_{session.path}"
    row = st.container(horizontal=True, vertical_alignment="bottom")
    row.number_input("Feed (mm of seam per second)", 0.0, 10_000.0, session.feed or 0.0, 5.0, "%.1f", key=key, width=230,
                     help="How fast the seam ran; 0 where nobody knows. With it, events are counted per metre.",
                     on_change=_feed, args=(session, key))  # fmt: skip
    table = summarise(session)
    row.download_button("Download CSV", table.to_csv(index=False, lineterminator="\n"), f"summary_{session.id}.csv",
                        "text/csv", icon=":material/download:", on_click="ignore")  # fmt: skip
    shown = ["attribute", "events", "false_alarms", "seconds", "per_minute"]
    shown += ["per_metre"] if session.feed else []
    st.dataframe(
        table[shown], hide_index=True, placeholder="–",
        column_config={
            "attribute": "Attribute", "events": "Events", "false_alarms": "False alarms",
            "seconds": st.column_config.NumberColumn("Held (s)", format="%.1f"),
            "per_minute": st.column_config.NumberColumn("Per minute", format="%.2f"),
            "per_metre": st.column_config.NumberColumn("Per metre", format="%.2f"),
        },
    )  # fmt: skip
    metres = f", {table['metres'].iloc[0]:.2f} m" if session.feed else ""
    st.caption(
        f"On {minutes(session.about['familiar_seconds'])} min of seam{metres}. Rates leave false alarms out."
    )


def _back(workspace: Workspace, session: Session) -> None:
    """Write the way back to labelling, and what has gone it."""
    st.markdown("##### Back to labelling")
    doubts, gone = session.doubts, sent(workspace, session)
    st.markdown(
        "The network learns most from frames of which it is in doubt: it does not know the picture, or is near a "
        "threshold. A second or more apart, they are kept while it watches."
    )
    label = (
        f"Send {len(doubts)} doubtful frame{'' if len(doubts) == 1 else 's'}"
        if doubts
        else "No doubtful frames"
    )
    st.button(label, disabled=not doubts, icon=":material/reply:", key=f"doubtful_{session.path}", on_click=_send,
              args=(workspace, session))  # fmt: skip
    if gone:
        parts = sorted({one.part for one in gone if one.part in ("valid", "test")})
        st.caption(f"Sent so far: {len(gone)}. Label them here:")
        if parts:
            st.caption(
                f":orange[:material/warning: Of a video in the part {' and '.join(parts)}: no network learns from it.]"
            )
        with st.container(horizontal=True):
            for one in gone[:LINKS]:
                chart_frames.label_link(one.video, one.index, suggest=True)
        if len(gone) > LINKS:
            st.caption(f"and {len(gone) - LINKS} more; “n” on the Label page goes on.")


def _delete(session: Session) -> None:
    with st.popover("Delete this session", icon=":material/delete:"):
        st.markdown("Its events, pictures and clips will be gone. Frames that went to labelling stay.")
        st.button("Delete", type="primary", key=f"delete_{session.path}", on_click=_gone, args=(session,))


# Called before the section is written anew.


@errors_shown()
def _feed(session: Session, key: str) -> None:
    session.set_feed(st.session_state[key] or None)


@errors_shown()
def _send(workspace: Workspace, session: Session) -> None:
    session_events.say_sent(send_doubtful(workspace, session, annotator()))


@errors_shown()
def _gone(session: Session) -> None:
    session.delete()
    st.toast(f"The session {session.id} is deleted.", icon=":material/check_circle:")
