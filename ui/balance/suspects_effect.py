"""What putting suspect labels right has gained: train again, then both accuracies on the same test frames."""

from dataclasses import replace

import streamlit as st

from core.assist import label_errors_effect
from core.jobs import jobs
from core.jobs.series import Series
from core.runs.run import Run
from core.workspace import Workspace
from ui.shell.page import annotator, errors_shown, flash


@errors_shown()
def section(workspace: Workspace, folds: Series, changed: int) -> None:
    """Write the button that trains again once labels were changed, or what a training since has gained.

    Args:
        workspace: whose runs.
        folds: the networks that found the labels.
        changed: how many labels have changed since.
    """
    before, after = label_errors_effect.around(folds)
    if not (changed or after):
        return
    st.subheader("What it has gained", anchor=False)
    if before is not None and after is not None:
        _show(label_errors_effect.gain(before, after))
    if changed:
        _again(workspace, before, folds)


def _again(workspace: Workspace, before: Run | None, folds: Series) -> None:
    """Write the button that trains like the run before; where there is none, like the networks of the search."""
    row = st.container(horizontal=True, vertical_alignment="center")
    going = jobs.active(workspace)
    if row.button("Train again", icon=":material/model_training:", disabled=going is not None):
        settings = label_errors_effect.settings_of(before or folds.runs[0])
        if before is None:  # folds are trained also where they leak; nobody has insisted on it for this run
            settings = replace(settings, leaking=False)
        run = jobs.start(workspace, settings, user=annotator())
        flash(f"Run {run.id} has started; Train shows it learn.")
        st.rerun()
    row.markdown(f":gray[{_about(before) if going is None else f'{going.id} is learning.'}]")


def _about(before: Run | None) -> str:
    """Say how is trained again, and what is learned from it."""
    if before is None:
        return "With the labels as they are now, and the settings of the search. No run from before it is there to compare with."
    return (
        f"With the labels as they are now, and the settings of {before.id}; what it gains is shown here then."
    )


def _show(found: label_errors_effect.Gain) -> None:
    """Write both accuracies per attribute, on the same frames and against the same labels."""
    videos = f"{found.videos} video{'s' if found.videos != 1 else ''}"
    st.markdown(
        f"Accuracy on the same {found.frames:,} test frames of {videos}, measured against the labels of the later run."
    )
    table = found.table.rename_axis("attribute").reset_index()
    table["gain"] = 100 * (table["after"] - table["before"])
    table[["before", "after"]] *= 100
    share = st.column_config.NumberColumn(format="%.1f %%")
    st.dataframe(
        table, hide_index=True, column_order=["attribute", "before", "after", "gain", "frames"],
        column_config={"before": share, "after": share, "attribute": "Attribute", "frames": "Frames",
                       "gain": st.column_config.NumberColumn("Gain, points", format="%+.1f")},
    )  # fmt: skip
    st.caption(f"Before: {found.before.id}. After: {found.after.id}.")
