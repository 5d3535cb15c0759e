"""What the stitch ruler measures in each video, beside what was said of it: on the Balance and on the Test page."""

import pandas as pd
import streamlit as st

from core.jobs.background import Task
from core.review import stitch_lengths
from core.review.stitch_lengths import LengthAttribute, LengthCheck
from core.text import count, decimals
from core.workspace import Workspace
from ui.elements.markdown import md
from ui.shell import background_jobs, frames
from ui.shell.page import empty

SHOWN = 8
"""Videos to look at that are named."""


def attribute(workspace: Workspace) -> LengthAttribute | None:
    """Return the attribute of a length; without one say so."""
    length = stitch_lengths.length_attribute(workspace.attributes)
    if length is None:
        empty("straighten", "No attribute says how long stitches are", "The ruler compares an attribute whose two meanings are "
              "lengths, such as “2 mm stitches” and “4 mm stitches”.", "pages/7_Workspace.py", "Attributes")  # fmt: skip
    return length


def pitches(workspace: Workspace, page: str) -> pd.DataFrame | None:
    """Return the stitches of each video (see `video_pitches`), none while a job measures them for the ``page``."""
    task = Task("stitch lengths", "Measuring stitches", (page,), stitch_lengths.video_pitches, (workspace,), lambda _: [],
                version=frames.frames_version(workspace))  # fmt: skip
    found: pd.DataFrame | None = background_jobs.result(workspace, task, "Measure stitches")
    return found


def section(workspace: Workspace, length: LengthAttribute, said: pd.Series, verb: str, page: str) -> None:
    """Write where ruler and ``said`` (a bool per video) differ; ``verb`` is how it was said, such as “labelled”."""
    measured = pitches(workspace, page)
    if measured is None:
        st.caption("The lengths come when a few frames of each video are measured.")
        return
    check = stitch_lengths.compare(measured, said, length, workspace.mm_per_pixel)
    if check is None:
        empty("straighten", "No video can be compared yet", f"It takes a clear seam in {stitch_lengths.FEWEST} of a video’s frames, and "
              f"the same length {verb} all through the video.", "pages/2_Label.py", "Label frames")  # fmt: skip
        return
    _verdict(check, verb)
    _table(check, verb)


def _verdict(check: LengthCheck, verb: str) -> None:
    if check.off.empty:
        st.success(
            f"In {count(len(check.table), 'video')} that can be compared, the stitches are as long as {md(verb)}.",
            icon=":material/straighten:",
        )
    else:
        lines = [f"- **{md(row.video)}**: {md(verb)} {row.said:g} mm, measured {row.measured:.1f}: look"
                 for row in check.off.head(SHOWN).itertuples()]  # fmt: skip
        more = [f"- and {len(check.off) - SHOWN} more"] if len(check.off) > SHOWN else []
        st.warning(
            "\n".join(["The ruler measures the other length:", "", *lines, *more]),
            icon=":material/straighten:",
        )
    if check.is_calibrated:
        st.caption(f"By the workspace’s scale of {decimals(check.mm_per_pixel, 4)} mm per pixel.")
    else:
        st.caption(f"There is no calibration, so the scale is the one that fits most videos as {md(verb)}. "
                   "`python -m core calibrate` sets one.")  # fmt: skip


def _table(check: LengthCheck, verb: str) -> None:
    table = check.table.sort_values("is_off", ascending=False, kind="stable")
    shown = table.assign(look=table["is_off"].map({True: "look", False: ""}))
    column = st.column_config
    columns = ["video", "said", "measured", "frames"] + ([] if check.off.empty else ["look"])
    st.dataframe(
        shown[columns], hide_index=True, height=min(420, 38 + 35 * len(shown)),
        column_config={
            "video": "Video",
            "said": column.NumberColumn(f"{verb.capitalize()} (mm)", format="%.1f"),
            "measured": column.NumberColumn("Measured (mm)", format="%.2f"),
            "frames": column.NumberColumn("Frames", help=f"Measured, of up to {stitch_lengths.FRAMES} that are looked at"),
            "look": column.TextColumn("Look", help="What was measured is nearer to the other length"),
        },
    )  # fmt: skip
