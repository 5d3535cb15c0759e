"""Whether the heatmaps of a run are right: a section of the Test page."""

from collections.abc import Collection
from typing import Any

import pandas as pd
import streamlit as st

from core.explain import audit
from core.runs import describe
from core.runs.run import Run
from core.text import percent
from core.workspace import Workspace
from ui.shell.page import errors_shown
from ui.shell.widgets import progress

POINTS = (
    "**Does it point at the defect?** Of the true positives that have a box: how often the strongest cell "
    "of the heatmap lies in a box of that attribute, grown by half a cell, and what share of all evidence lies in the "
    "box. By chance it would be the share of the picture that the boxes cover."
)
NO_BOXES = (
    "No boxes mark where the defects are, so SeamLens cannot check whether the heatmaps point at them. With a table of "
    "boxes it can: `python -m core audit RUN --boxes labels.csv`."
)
USES = (
    "**Does the network use what the heatmap shows?** How sure the network stays on average while the cells of the heatmap are "
    "blurred away, the strongest first (lower is better), and while they are brought back into a blurred picture (higher "
    "is better), beside the same in random order. Where it is as sure of a fully blurred picture, this says nothing: "
    "blurred stitches look like missing ones."
)
LOOKS = (
    "**Does it look at the seam?** The share of the evidence that lies outside the seam, per video. A network that "
    "decides by fabric, hands or light has as much of it outside as the picture has: such shares are red{but}. {band}"
)
OUTSIDE = "Picture outside"
MARK = "background-color: rgba(215, 55, 47, 0.22)"


@st.fragment
@errors_shown()
def section(workspace: Workspace, run: Run) -> None:
    """Write what a check of the heatmaps of ``run`` found, or offer it."""
    place = st.empty()
    found = audit.kept(run)
    if found is None and not run.has_model:
        st.caption("The network is gone, and its heatmaps were never checked.")
        return
    if found is None:
        with place.container():
            found = _offer(run)
        if found is None:
            return
        place.empty()
    st.caption(f"On {found['frames']:,} test frames of {describe.groups(run, found['videos'])}, "
               f"at the layer `{found['layer']}`. {audit.left_out(found)}")  # fmt: skip
    _points(found)
    _uses(found)
    if found["band"]:
        _looks(run, found)


def _offer(run: Run) -> dict[str, Any] | None:
    """Write the button, and check when it was pressed."""
    looks = "whether the network uses what they show" + (
        "" if run.attributes.exclusive else ", and whether it looks at the seam"
    )
    st.markdown(f"Are the heatmaps right? SeamLens can check, on the test part ({describe.counted(run, 'test')}), where they point, "
                f"{'and ' if run.attributes.exclusive else ''}{looks}. It takes about as long as a test.")  # fmt: skip
    if not st.button("Check the heatmaps", icon=":material/my_location:"):
        return None
    return audit.audit(run, progress=progress("Checking"))


def _points(found: dict[str, Any]) -> None:
    scored = [
        {"Attribute": name, **row["pointing"]} for name, row in found["attributes"].items() if row["pointing"]
    ]
    if not scored:
        st.info(NO_BOXES, icon=":material/crop_free:")
        return
    st.markdown(POINTS)
    _table(scored, {"inside": "Peak inside", "chance": "Peak by chance", "energy": "Evidence inside",
                    "energy_chance": "Evidence by chance"})  # fmt: skip


def _uses(found: dict[str, Any]) -> None:
    scored = [
        {"Attribute": name, **row["curves"]} for name, row in found["attributes"].items() if row["curves"]
    ]
    if scored:
        st.markdown(USES)
        _table(scored, {"deletion": "Taken away", "random_deletion": "Away at random", "insertion": "Brought back",
                        "random_insertion": "Back at random", "blurred": "All blurred"})  # fmt: skip


def _table(rows: list[dict[str, Any]], columns: dict[str, str]) -> None:
    heads = {"frames": "Frames", "videos": "Videos"} | columns
    table = pd.DataFrame(rows).rename(columns=heads)[["Attribute", *heads.values()]]
    table[list(columns.values())] *= 100
    shares = st.column_config.NumberColumn(format="%.1f %%")
    st.dataframe(table, hide_index=True, column_config=dict.fromkeys(columns.values(), shares))


def _looks(run: Run, found: dict[str, Any]) -> None:
    """Write a row per video, the share outside per attribute, the greatest first."""
    rows = audit.outside_by_video(found, run.attributes.names)
    clear = [attribute.name for attribute in run.attributes if attribute.all_clear]
    but = f" (but of {', '.join(clear)}, which says that nothing is wrong anywhere)" if clear else ""
    st.markdown(LOOKS.format(band=found["band"], but=but))
    if not rows:
        st.caption("No decision had any evidence, so there is nothing to look at.")
        return
    table = pd.DataFrame([{"Video": row["video"], **row["shares"], OUTSIDE: row["area"]} for row in rows])
    shares = [name for name in table.columns if name != "Video"]
    table[shares] = table[shares].astype(float)
    looks = table.style.format(lambda share: percent(share, 1), na_rep="–", subset=shares)
    st.dataframe(looks.apply(marked, axis=1, subset=shares, clear=clear), hide_index=True)


def marked(row: pd.Series, clear: Collection[str]) -> list[str]:
    """Return the looks of the shares of a video: those are marked that are as great as that of the picture, but of
    attributes that are ``clear``: what says that nothing is wrong anywhere is right to look everywhere.
    """
    quiet = (OUTSIDE, *clear)
    return [MARK if name not in quiet and share >= row[OUTSIDE] > 0 else "" for name, share in row.items()]
