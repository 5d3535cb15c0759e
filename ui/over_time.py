"""Labels per day, and what each annotator says beside others, on the Balance page."""

import pandas as pd
import streamlit as st

from core.data import history
from core.workspace import Workspace
from ui import charts, loaders


def section(workspace: Workspace) -> None:
    """Write when the labels were given, then by whom and how they differ."""
    days, people = _counted(workspace, str(workspace.path), loaders.stamp(workspace))
    st.subheader("Labels per day", anchor=False)
    table = days.assign(labels=days["true"] + days["false"])
    table = table.groupby(["day", "annotator"], as_index=False)["labels"].sum()
    charts.show(charts.per_day(table), "per_day", 320)
    st.caption(f"{table['labels'].sum():,} labels that stand, on the day (UTC) on which they were given. A label is an "
               "annotator’s answer about one attribute of one frame.")  # fmt: skip
    st.subheader("Per annotator", anchor=False)
    _people(people)


def _people(found: pd.DataFrame) -> None:
    """Write the table of annotators and attributes."""
    shown = found[["annotator", "attribute", "answered", "share_true", "shared", "apart"]].copy()
    shown[["share_true", "apart"]] *= 100
    st.dataframe(shown, hide_index=True, width="stretch", column_config={
        "annotator": "Annotator", "attribute": "Attribute",
        "answered": st.column_config.NumberColumn("Frames answered", format="localized"),
        "share_true": st.column_config.NumberColumn("True", format="%.1f %%"),
        "shared": st.column_config.NumberColumn("Answered by others too", format="localized"),
        "apart": st.column_config.NumberColumn("True beside others’", format="%+.1f points"),
    })  # fmt: skip
    st.caption("“True” compares different frames where annotators label different videos. “True beside others’” does not: "
               "it is about the frames that others have answered too, and empty where there are none.")  # fmt: skip


@st.cache_data(max_entries=4, show_spinner="Counting labels …")
def _counted(
    _workspace: Workspace, path: str, stamp: tuple[object, ...]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    return history.per_day(_workspace), history.per_annotator(_workspace)
