"""What is tested, and how well it does: the choice of a run, the published table, what it rests on, what has changed since."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from core.evaluation import evaluate, label_changes, thresholds
from core.evaluation.intervals import too_few
from core.networks import published
from core.report import page
from core.runs import decision_settings, describe
from core.runs.run import Run
from core.splits import leaks
from core.text import UNKNOWN, between, percent
from core.workspace import Workspace
from ui.shell import cache, charts, charts_test, run_choice
from ui.shell.page import errors_shown
from ui.test import accuracy_classes

SHARES = {
    "accuracy": ("Accuracy", "Share of the labelled frames that were decided right"),
    "baseline": ("Baseline", "What always giving the more frequent answer of these frames would reach"),
    "balanced_accuracy": ("Balanced", "Mean of the shares of true and of false frames that were decided right"),
    "precision": ("Precision", "Share of the frames decided true that are labelled true"),
    "recall": ("Recall", "Share of the frames labelled true that were decided true"),
    "f1": ("F1", "Harmonic mean of precision and recall"),
    "average_precision": ("AP", "Average precision: over all thresholds, the mean precision weighted by the gain in recall"),
}  # fmt: skip
CELLS = {
    ("true", "true"): "Found",
    ("true", "false"): "Missed",
    ("false", "true"): "False alarms",
    ("false", "false"): "Rightly false",
}
HOW = {
    "random": "shuffled at random",
    "blocks": "divided in blocks of each video",
    "file": "divided by a table",
}
TOO_FEW = "too few videos"
PUBLISHED = f"Published: {published.WORDS}"
BASELINE = (
    "The mark in each bar is the baseline: the accuracy of always giving the more frequent answer. "
    "A network is worth its bar beyond the mark."
)


def choose(workspace: Workspace) -> Run | None:
    """Write the choice of a run and the button of its report; return the run, none where there is none."""
    found = run_choice.testable(workspace)
    if not found:
        return None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        run = run_choice.choose(found, "test_run")
        _download(run)
    return run


def result(run: Run) -> dict[str, Any]:
    """Return the test of a tested run, with all that it says now."""
    found = run.test or {}
    if "exact_match" in found and ("confusion" in found) == ("macro_f1" in found):
        return found
    evaluate.measure(run)  # it is of an earlier version, which said less
    return run.test or {}


@st.fragment
def _download(run: Run) -> None:
    """Write the button that makes the report about a run."""
    st.download_button(
        "Report", lambda: page.render(run), f"{run.id}.html", "text/html", icon=":material/description:", on_click="ignore",
        help="All that is known of this run as one HTML file, to read, to print and to keep. It takes some seconds.",
    )  # fmt: skip


@errors_shown()
def accuracy(workspace: Workspace, run: Run) -> None:
    """Write the published table, what has changed since, the bars, and what was taken for what."""
    found = result(run)
    if run.attributes.exclusive:
        accuracy_classes.accuracy(run, found)
    else:
        _table(found)
    _labels_since(run, found)
    if found["threshold_changes"]:
        st.caption(f":orange[:material/visibility:] {thresholds.sentence(found['threshold_changes'])}")
    if not run.attributes.exclusive:
        _bars(run, found)
    _details(run, found)


def _table(found: dict[str, Any]) -> None:
    """Write the published table: the accuracy per attribute, with what tells how far to believe it."""
    then = published.accuracy(list(found["attributes"]))
    rows = [
        {"attribute": name, **row, **charts_test.percent({key: row[key] for key in SHARES} | {"published": then.get(name)}),
         "interval": between(row["interval"], unknown=TOO_FEW if too_few(row["videos"]) and row["frames"] else UNKNOWN)}
        for name, row in found["attributes"].items()
    ]  # fmt: skip
    shares = {key: st.column_config.NumberColumn(label, format=charts_test.FORMAT, help=words, width="small")
              for key, (label, words) in SHARES.items()}  # fmt: skip
    st.dataframe(
        pd.DataFrame(rows), hide_index=True, placeholder="–", height="content",
        column_order=["attribute", "accuracy", "interval", "baseline", *(["published"] if then else []), *list(SHARES)[2:],
                      "frames", "positives"],
        column_config=shares | {
            "attribute": "Attribute",
            "interval": st.column_config.TextColumn("95 % interval", help=charts_test.meaning()),
            "published": st.column_config.NumberColumn("Published", format=charts_test.FORMAT, help=PUBLISHED, width="small"),
            "frames": st.column_config.NumberColumn("Frames", width="small"),
            "positives": st.column_config.NumberColumn("Positives", help="Frames for which it is labelled true", width="small"),
        },
    )  # fmt: skip
    if why := evaluate.no_interval(found):
        st.caption(f":material/info: {why} Frames of one video are nearly the same picture, so each video "
                   "counts like one observation.")  # fmt: skip
    if then:
        st.caption(PUBLISHED)


def _bars(run: Run, found: dict[str, Any]) -> None:
    """Write the accuracies as bars beside how often which answer was taken for which."""
    rows = {name: row for name, row in found["attributes"].items() if row["accuracy"] is not None}
    left, right = st.columns([4, 3], gap="large", vertical_alignment="center")
    with left:
        figure = charts_test.with_intervals(charts.accuracies(run.attributes, list(rows), rows), rows)
        charts.show(figure, "accuracies", charts.height(len(rows), 52))
        st.caption(
            BASELINE + (" The line is the interval." if any(row["interval"] for row in rows.values()) else "")
        )
    with right:
        st.markdown("**What was taken for what**")
        counts = [
            {"attribute": name, **{f"{said} {taken}": row["decided"][said][taken] for said, taken in CELLS}}
            for name, row in rows.items()
        ]
        st.dataframe(pd.DataFrame(counts), hide_index=True, height="content", column_config={"attribute": "Attribute"} | {
            f"{said} {taken}": st.column_config.NumberColumn(label, help=f"Frames labelled {said}, decided {taken}")
            for (said, taken), label in CELLS.items()
        })  # fmt: skip
        if found["exact_match"] is not None:
            st.caption(f"**Everything right** in {percent(found['exact_match'], 1)} of the {found['exact_match_frames']:,} frames "
                       "on which everything is labelled.")  # fmt: skip


def _details(run: Run, found: dict[str, Any]) -> None:
    """Write the accuracy per video and the agreement with each annotator, folded at first."""
    names = () if run.attributes.exclusive else run.attributes.names
    what = describe.kind(run)
    with st.expander(f"Per {what} ({found['videos']})", icon=":material/movie:"):
        rows = [
            {"video": one["video"], "frames": one["frames"], "everything right": one.get("exact_match"), **one["attributes"]}
            for one in found["per_video"]
        ]  # fmt: skip
        _shares(rows, ["everything right", *names], what)
        st.caption(f"A {what} far below the others shows what the training part lacks.")
    people = found["annotators"]
    with st.expander(f"Per annotator ({len(people)})", icon=":material/group:"):
        if not people:
            st.caption("No annotator has labels of their own on the test frames.")
            return
        rows = [
            {"annotator": name, "frames": one["frames"], "all labels": one["agreement"],
             **{attribute: row["agreement"] for attribute, row in one["attributes"].items()}}
            for name, one in people.items()
        ]  # fmt: skip
        _shares(rows, ["all labels", *names], what)
        st.caption(
            "In how many of their own labels of the test frames the network agrees with each annotator."
        )


def _shares(rows: list[dict[str, Any]], shares: Sequence[str], video: str) -> None:
    rows = [row | charts_test.percent({name: row.get(name) for name in shares}) for row in rows]
    first = next(iter(rows[0])) if rows else "video"
    st.dataframe(pd.DataFrame(rows), hide_index=True, placeholder="–", column_order=[first, "frames", *shares], column_config={
        "video": video.capitalize(), "annotator": "Annotator", "frames": "Frames",
        **{name: st.column_config.NumberColumn(name, format=charts_test.FORMAT) for name in shares},
    })  # fmt: skip


def _labels_since(run: Run, found: dict[str, Any]) -> None:
    """Say what has changed of the labels since the run was made, and what the numbers would be with those of now."""
    changed, now = _labels_of_now(str(run.path), run, _stamp(run))
    if not changed:
        return
    if not now:  # what was relabelled, was so before the run was made
        st.info(changed, icon=":material/history:")
        return
    rows = []
    for name, row in found["attributes"].items():
        if row["accuracy"] is not None and (then := now["attributes"][name]["accuracy"]) is not None:
            by = 100 * (then - row["accuracy"])
            rows.append(f"{name} {percent(then, 1)}" + (f" ({by:+.1f})" if abs(by) >= 0.05 else ""))
    st.info(
        f"{changed} With the labels of now the accuracy would be: {', '.join(rows)}.",
        icon=":material/history:",
    )


def _stamp(run: Run) -> tuple[Any, ...]:
    tests = run.workspace.runs.glob(f"[!.]*/{label_changes.FILE}")  # of the other runs, on the same frames
    files = run.path / "predictions.csv", run.path / decision_settings.FILE, *sorted(tests)
    return *cache.data_version(run.workspace), *cache.changed(*files)


@st.cache_data(max_entries=8, show_spinner=False)
def _labels_of_now(path: str, _run: Run, stamp: tuple[Any, ...]) -> tuple[str, dict[str, Any]]:
    found = label_changes.relabelled(_run)
    return found.sentence(), evaluate.measure(_run, current_labels=True).to_json() if found.labels else {}


def tested_on(run: Run) -> None:
    """Say on which frames was tested, and whether the network can have learned from the like of them."""
    found = result(run)
    counted = describe.counted(run, "test")
    tested = f"Tested on {counted}"
    if warning := leaks.sentence(run.leak):
        st.error(f"{warning} The test part: {counted}.", icon=":material/water_drop:")
    elif describe.is_unseen(run, "test"):
        st.success(f"{tested} that the network has never seen.", icon=":material/verified:")
    else:
        how = HOW.get(found["split"], HOW["file"])
        st.warning(f"{tested}. The frames were {how}: neighbours of test frames may have trained "
                   "the network, so expect less on a new seam.", icon=":material/warning:")  # fmt: skip
    if run.is_alive:
        st.info(
            "It is still training: these are the numbers of its best epoch so far.",
            icon=":material/hourglass_top:",
        )
    if not run.has_model:
        st.warning("The network of this run is gone: its numbers stay, new heatmaps cannot be made.",
                   icon=":material/cloud_off:")  # fmt: skip
