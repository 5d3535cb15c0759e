"""The parts of the Test page: accuracy beside the baseline, and the gallery of mistakes."""

from typing import Any

import pandas as pd
import streamlit as st

from core.data import leaks, origins
from core.data.frames import read_frame
from core.live import overlay
from core.model import testing
from core.model.run import Run
from ui import charts, loaders, models
from ui.chips import SAID
from ui.page import errors_shown
from ui.pictures import jpeg

PER_PAGE = 9
KINDS = {"all": "All", testing.MISSED: "Missed", testing.FALSE_ALARM: "False alarms"}
HOW = {
    "random": "shuffled at random",
    "blocks": "divided in blocks of each video",
    "file": "divided by a table",
}
BASELINE = (
    "The mark in each bar is the baseline: the accuracy of always giving the more frequent answer. "
    "A network is worth its bar beyond the mark."
)


def result(run: Run) -> dict[str, Any]:
    """Return the test of a run, made now where it was not made before."""
    if run.test is None:
        bar = st.progress(0.0, "Testing: loading the network …")
        testing.test(
            run,
            progress=lambda done, total: bar.progress(done / max(1, total or 1), f"Testing: {done} frames"),
        )
        bar.empty()
    return run.test or {}


def accuracy(run: Run, found: dict[str, Any]) -> None:
    """Write what was tested on, the bars and the table."""
    rows = {name: row for name, row in found["attributes"].items() if row["accuracy"] is not None}
    frames, videos = (
        f"{found['frames']:,} frames",
        f"{found['videos']} video{'s' if found['videos'] != 1 else ''}",
    )
    if warning := leaks.sentence(run.leak):
        st.error(f"{warning} It was tested on {frames} of {videos}.", icon=":material/water_drop:")
    elif found["split"] == "video":
        st.success(
            f"Tested on {frames} of {videos} that the network has never seen.", icon=":material/verified:"
        )
    else:
        how = HOW.get(found["split"], HOW["file"])
        st.warning(f"Tested on {frames} of {videos}. The frames were {how}: neighbours of test frames may have trained "
                   "the network, so expect less on a new seam.", icon=":material/warning:")  # fmt: skip
    left, right = st.columns([3, 2], gap="large", vertical_alignment="center")
    with left:
        charts.show(
            charts.accuracies(run.attributes, list(rows), rows), "accuracies", charts.height(len(rows), 52)
        )
    with right:
        st.dataframe(
            pd.DataFrame([{"attribute": name, **row} for name, row in found["attributes"].items()]), hide_index=True,
            column_order=["attribute", "accuracy", "baseline", "frames", "positives"],
            column_config={
                "attribute": "Attribute",
                "accuracy": st.column_config.NumberColumn("Accuracy", format="percent"),
                "baseline": st.column_config.NumberColumn("Baseline", format="percent"),
                "frames": "Frames",
                "positives": st.column_config.NumberColumn("Positives", help="Frames for which it is labelled true"),
            },
        )  # fmt: skip
        st.caption(BASELINE)


def origin_of_labels(run: Run) -> None:
    """Say what share of the labels that the test is measured against began as suggestions of a network."""
    st.caption(_origin_of_labels(str(run.path), run, loaders.stamp(run.workspace)))


@st.cache_data(max_entries=8, show_spinner=False)
def _origin_of_labels(path: str, _run: Run, stamp: tuple[tuple[int, int], ...]) -> str:
    tested = _run.frames.loc[_run.frames["part"] == "test", "name"]
    return origins.sentence(origins.suggested(_run.workspace, tested))


@st.fragment
@errors_shown()
def gallery(run: Run) -> None:
    """Write the mistakes, the surest first, with the heatmap of the attribute that was decided wrongly."""
    st.subheader("Mistakes", anchor=False)
    wrong = testing.mistakes(run)
    if wrong.empty:
        st.success(
            "There is none: every decision on the test part agrees with its label.",
            icon=":material/check_circle:",
        )
        return
    names = ["all", *(name for name in run.attributes.names if (wrong["attribute"] == name).any())]
    row = st.container(horizontal=True)
    name = row.segmented_control(
        "Attribute", names, default="all", required=True, label_visibility="collapsed"
    )
    kind = row.segmented_control("Kind", list(KINDS), default="all", required=True, format_func=KINDS.__getitem__,
                                 label_visibility="collapsed")  # fmt: skip
    chosen = wrong[
        ((wrong["attribute"] == name) | (name == "all")) & ((wrong["side"] == kind) | (kind == "all"))
    ]
    pages = max(1, -(-len(chosen) // PER_PAGE))
    page = row.number_input("Page", 1, pages, 1, width=130, label_visibility="collapsed") if pages > 1 else 1
    st.caption(f"{len(chosen)} mistakes, the surest first. The heatmap shows what spoke for the attribute.")
    columns = st.columns(3, gap="medium")
    for place, mistake in enumerate(chosen.iloc[(page - 1) * PER_PAGE :].head(PER_PAGE).itertuples()):
        with columns[place % 3]:
            _card(run, mistake)


def _card(run: Run, mistake: Any) -> None:
    attribute = run.attributes[mistake.attribute]
    st.image(_explained(str(run.path), run, mistake.name, mistake.attribute, run.model_file.stat().st_mtime))
    st.markdown(
        f"**{attribute.name}** labelled **{SAID[bool(mistake.label)]}**, network: {mistake.probability:.0%} true"
    )
    st.caption(f"{mistake.side} · {mistake.name}")


@st.cache_data(max_entries=400, show_spinner="Looking at what the network saw …")
def _explained(path: str, _run: Run, name: str, attribute: str, changed: float) -> bytes:
    picture = read_frame(_run.workspace, name)
    inspection = models.inspector(_run).inspect(picture)
    return jpeg(overlay.draw(picture, inspection, _run.attributes, 0.55, (attribute,)), 420)
