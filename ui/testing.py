"""The parts of the Test page: accuracy beside the baseline, and the gallery of mistakes."""

from typing import Any

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.data import leaks, origins
from core.data.frames import read_frame, videos
from core.live import figure, overlay
from core.model import testing
from core.model.run import Run
from ui import charts, class_testing, loaders, models
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
    """Write what was tested on, the bars, and the table or the confusion matrix."""
    _tested_on(run, found)
    if run.attributes.exclusive:
        class_testing.accuracy(run, found)
        return
    rows = {name: row for name, row in found["attributes"].items() if row["accuracy"] is not None}
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


def _tested_on(run: Run, found: dict[str, Any]) -> None:
    """Say on which frames was tested, and whether the network can have learned from the like of them."""
    one, many = ("group", "groups") if _is_pictures(run) else ("video", "videos")
    tested = (
        f"Tested on {found['frames']:,} frames of {found['videos']} {one if found['videos'] == 1 else many}"
    )
    if warning := leaks.sentence(run.leak):
        st.error(f"{warning} {tested}.", icon=":material/water_drop:")
    elif found["split"] == "video" or (found["split"] == "file" and not _divides(run)):
        st.success(f"{tested} that the network has never seen.", icon=":material/verified:")
    else:
        how = HOW.get(found["split"], HOW["file"])
        st.warning(f"{tested}. The frames were {how}: neighbours of test frames may have trained "
                   "the network, so expect less on a new seam.", icon=":material/warning:")  # fmt: skip


def _is_pictures(run: Run) -> bool:
    return all(video.origin == "pictures" for video in videos(run.workspace))


def _divides(run: Run) -> bool:
    """Return whether a group lies in the test part and in another one."""
    groups = run.frames.groupby("group")["part"].agg(set)
    return any("test" in parts and len(parts) > 1 for parts in groups)


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
    wrong = testing.confusions(run) if run.attributes.exclusive else testing.mistakes(run)
    if wrong.empty:
        st.success(
            "There is none: every decision on the test part agrees with its label.",
            icon=":material/check_circle:",
        )
        return
    row = st.container(horizontal=True, vertical_alignment="bottom")
    chosen = class_testing.choose(row, run, wrong) if run.attributes.exclusive else _choose(row, run, wrong)
    pages = max(1, -(-len(chosen) // PER_PAGE))
    page = row.number_input("Page", 1, pages, 1, width=130, label_visibility="collapsed") if pages > 1 else 1
    heat = (
        class_testing.HEATMAP
        if run.attributes.exclusive
        else "The heatmap shows what spoke for the attribute."
    )
    st.caption(f"{len(chosen)} mistake{'' if len(chosen) == 1 else 's'}, the surest first. {heat}")
    columns = st.columns(3, gap="medium")
    for place, mistake in enumerate(chosen.iloc[(page - 1) * PER_PAGE :].head(PER_PAGE).itertuples()):
        with columns[place % 3]:
            _card(run, mistake)


def _choose(row: DeltaGenerator, run: Run, wrong: pd.DataFrame) -> pd.DataFrame:
    """Write the choice among the mistakes into ``row``, and return those chosen."""
    names = ["all", *(name for name in run.attributes.names if (wrong["attribute"] == name).any())]
    name = row.segmented_control(
        "Attribute", names, default="all", required=True, label_visibility="collapsed"
    )
    kind = row.segmented_control("Kind", list(KINDS), default="all", required=True, format_func=KINDS.__getitem__,
                                 label_visibility="collapsed")  # fmt: skip
    return wrong[
        ((wrong["attribute"] == name) | (name == "all")) & ((wrong["side"] == kind) | (kind == "all"))
    ]


def _card(run: Run, mistake: Any) -> None:
    exclusive = run.attributes.exclusive
    attribute = mistake.decided if exclusive else mistake.attribute
    st.image(_explained(str(run.path), run, mistake.name, attribute, run.model_file.stat().st_mtime))
    if exclusive:
        st.markdown(class_testing.caption(mistake))
        st.caption(mistake.name)
        return
    said = SAID[bool(mistake.label)]
    st.markdown(f"**{attribute}** labelled **{said}**, network: {mistake.probability:.0%} true")
    st.caption(f"{mistake.side} · {mistake.name}")


@st.cache_data(max_entries=400, show_spinner="Looking at what the network saw …")
def _explained(path: str, _run: Run, name: str, attribute: str, changed: float) -> bytes:
    picture = read_frame(_run.workspace, name)
    inspection = models.inspector(_run).inspect(picture)
    if _run.attributes.exclusive:
        return jpeg(figure.strip(picture, inspection, _run.attributes, attribute))
    return jpeg(overlay.draw(picture, inspection, _run.attributes, 0.55, (attribute,)), 420)
