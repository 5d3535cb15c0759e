"""Where a run looks, and whether that is right: heatmaps of its decisions, and their check, on the Test page."""

from collections.abc import Collection, Mapping
from typing import Any

import pandas as pd
import streamlit as st

from core.demo.make import store_seam_lines
from core.errors import MediaError
from core.explain.heatmap_audit import Audit, CurveMeans, PointingMeans, audit, stored
from core.jobs.background import Task
from core.runs import run_names, run_parts
from core.runs.run import Run
from core.text import count, percent
from core.workspace import Workspace
from ui.elements import widgets
from ui.elements.markdown import code, md
from ui.shell import background_jobs, cache, heatmaps
from ui.shell.page import errors_shown
from ui.test import result_cache

POINTS = (
    "**Does it point at the defect?** Of the true positives that have a box: how often the strongest cell of the heatmap "
    "lies in a box of that attribute, grown by half a cell, and what share of all evidence lies in the boxes. By chance it "
    "would be the share of the picture that the boxes cover."
)
NO_BOXES = (
    "Nobody has marked where the defects are in these frames, so SeamLens cannot count how often the heatmaps point at "
    "them. Look at the pictures below instead. A table of boxes makes it countable: see docs/heatmaps.md."
)
USES = (
    "**Does the network use what the heatmap shows?** Deletion and insertion curves: how sure the network stays on average "
    "while the cells of the heatmap are blurred, the strongest first (lower is better), and while they are restored in a "
    "blurred picture (higher is better), beside the same in random order. Where it is as sure of a fully blurred picture, "
    "this says nothing: blurred stitches look like missing ones."
)
LOOKS = (
    "**Does it look at the seam?** The share of the evidence that lies outside the seam, per video. A network that "
    "decides by fabric, hands or light has as much evidence there as anywhere: such shares are red{but}. {band}"
)
OUTSIDE = "Picture outside"
SHOWN, WIDTH = 4, 320
NONE = {"Right": "The network never said so rightly on the test frames.", "Wrong": "There are no mistakes."}
MARK = "background-color: rgba(215, 55, 47, 0.22)"


@st.fragment
@errors_shown()
def section(workspace: Workspace, run: Run) -> None:
    """Write where ``run`` looks, as right and wrong decisions under their heatmaps, and whether that is where the defect is."""
    st.header("Where does it look?", anchor=False)
    _check(run)
    if run.has_model:
        _gallery(workspace, run)


def _check(run: Run) -> None:
    """Write what a check of the heatmaps found, a line for each attribute, or offer it."""
    result = stored(run)
    if result is None and not run.has_model:
        st.caption("The network is gone, and its heatmaps were never checked.")
        return
    if result is None:
        _offer(run)
        return
    for line in pointing_lines(result):
        st.markdown(line)
    if not result.pointing:
        st.info(NO_BOXES, icon=":material/crop_free:")
    with st.expander("All numbers of this check", icon=":material/table_chart:"):
        _numbers(run, result)


def pointing_lines(result: Audit) -> list[str]:
    """Return a line for each attribute: how often the strongest place of the heatmap is the defect."""
    return [
        f"**{md(name)}**: points at the defect in {100 * means.inside:.0f} of 100 frames (chance: {100 * means.chance:.0f})"
        for name, means in result.pointing.items()
    ]


def _numbers(run: Run, result: Audit) -> None:
    st.caption(
        f"On {result.frames:,} test frames of {md(run_parts.groups(run, result.videos))}, at the layer {code(result.layer)}. "
        + result.missing()
    )
    if result.pointing:
        st.markdown(POINTS)
        _table(result.pointing, {"inside": "Peak inside", "chance": "Peak by chance", "energy": "Evidence inside",
                                "energy_chance": "Evidence by chance"})  # fmt: skip
    if result.curves:
        st.markdown(USES)
        _table(result.curves, {"deletion": "Deletion", "random_deletion": "Random deletion", "insertion": "Insertion",
                              "random_insertion": "Random insertion", "blurred": "All blurred"})  # fmt: skip
    if result.band:
        _outside(run, result)


def _gallery(workspace: Workspace, run: Run) -> None:
    """Write some decisions about one attribute that were right, and some that were wrong, under their heatmaps."""
    ordered = sorted(run.attributes, key=lambda attribute: attribute.all_clear)  # defects first
    names = [attribute.name for attribute in ordered]
    name = widgets.choice(st, "Attribute", names, f"heatmaps_of_{run.id}")
    blind = cache.blind(workspace)
    right, wrong = result_cache.decided_right(run), result_cache.find_mistakes(run)
    sides = {
        "Right": right[right["attribute"] == name],
        "Wrong": wrong[(wrong["attribute"] == name) & (wrong["index"] >= 0)],
    }
    for side, frames in sides.items():
        shown = frames[~frames["video"].isin(blind)].head(SHOWN)
        st.markdown(f"**{md(side)}**" if len(shown) else f"**{md(side)}** · {NONE[side]}")
        for column, decision in zip(st.columns(SHOWN, gap="small"), shown.itertuples(), strict=False):
            with column:
                _decision(run, name, decision)
    st.caption(
        "Colour lies where the network looks. Of right decisions you see the surest of each video, of wrong ones the surest."
    )


def _decision(run: Run, name: str, decision: Any) -> None:
    asked = getattr(decision, "decided", "") or name
    try:
        drawn = heatmaps.heatmap(run, decision.name, asked, WIDTH)
    except MediaError:
        st.caption(":material/broken_image: no picture")
        return
    st.image(drawn.picture, width="stretch", alt=f"{md(decision.name)}, heatmap of {md(asked)}")
    sure = f"{asked}: {percent(decision.probability)}"
    st.caption(f"{md(sure)} · {md(drawn.words)}" if drawn.words else md(sure))


def _offer(run: Run) -> None:
    checks = ["whether they point at the defect", "whether the network uses what they show"]
    if not run.attributes.exclusive:
        checks.append("whether they lie on the seam")
    st.markdown(f"Are the heatmaps right? SeamLens can check on the test part ({md(run_parts.frames_counted(run, 'test'))}) "
                f"{md(', '.join(checks[:-1]))} and {md(checks[-1])}. It takes about as long as a test.")  # fmt: skip
    job, name = f"heatmaps {run.id}", run_names.short(run)
    if st.button("Check the heatmaps", icon=":material/my_location:",
                 disabled=background_jobs.is_running(run.workspace, job)):  # fmt: skip
        store_seam_lines(run.workspace)  # a demo class of an earlier version has none yet

        def tell(found: Audit) -> list[str]:
            return [f"The heatmaps of {name} are checked, on {count(found.frames, 'test frame')}."]

        task = Task(job, f"Checking the heatmaps of {name}", ("Test",), audit, (run,), tell)
        background_jobs.begin_and_rerun(run.workspace, task)


def _table(scored: Mapping[str, PointingMeans | CurveMeans], columns: dict[str, str]) -> None:
    heads = {"frames": "Frames", "videos": "Videos"} | columns
    table = pd.DataFrame([{"Attribute": name, **vars(means)} for name, means in scored.items()])
    table = table.rename(columns=heads)[["Attribute", *heads.values()]]
    table[list(columns.values())] *= 100
    shares = st.column_config.NumberColumn(format="%.1f %%")
    st.dataframe(table, hide_index=True, column_config=dict.fromkeys(columns.values(), shares))


def _outside(run: Run, result: Audit) -> None:
    rows = result.outside_by_video()
    clear = [attribute.name for attribute in run.attributes if attribute.all_clear]
    but = f" (except for {', '.join(clear)}, which says that nothing is wrong anywhere)" if clear else ""
    st.markdown(LOOKS.format(band=result.band, but=but))
    if not rows:
        st.caption("No decision had any evidence, so there is nothing to look at.")
        return
    table = pd.DataFrame([{"Video": row.video, **row.shares, OUTSIDE: row.area} for row in rows])
    shares = [name for name in table.columns if name != "Video"]
    table[shares] = table[shares].astype(float)
    styled = table.style.format(lambda share: percent(share, 1), na_rep="–", subset=shares)
    st.dataframe(styled.apply(marked, axis=1, subset=shares, clear=clear), hide_index=True)


def marked(row: pd.Series, clear: Collection[str]) -> list[str]:
    """Return the style of each share of a video: marked where it is as great as that of the picture, but not of attributes
    that are ``clear``: what says that nothing is wrong anywhere is right to look everywhere.
    """
    quiet = (OUTSIDE, *clear)
    return [MARK if name not in quiet and share >= row[OUTSIDE] > 0 else "" for name, share in row.items()]
