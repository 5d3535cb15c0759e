"""Several runs side by side on the Train page: one chart with all, and only what makes them differ."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core.evaluation import compare_configs
from core.runs import run_names
from core.runs.run import Run
from ui.elements import charts
from ui.elements.charts import upwards_in_percent

LOSS = "validation loss"


def section(chosen: Sequence[Run]) -> None:
    """Write the chart, the accuracies and the differences of several runs."""
    st.markdown(f"### {len(chosen)} runs side by side")
    columns = _columns(chosen)
    what = st.selectbox("What the chart shows", list(columns), key="compared_column", width=320)
    called = _called(chosen)
    histories = {called[run.id]: run.history for run in chosen}
    best = {called[run.id]: run.best_epoch for run in chosen}
    if all(history.empty for history in histories.values()):
        st.caption("None of these runs has finished an epoch.")
    else:
        figure = charts.several(histories, columns[what], best, what)
        if what != LOSS and not what.startswith("loss"):
            upwards_in_percent(figure)
        charts.show(figure, "compared", 360)
    st.caption(_fairness(chosen) + " Large dots: the best epoch.")
    rows = compare_configs.compare_configs(chosen).rename(columns=called)
    _accuracies(rows[rows["about"] != "configuration"])
    _differences(rows[rows["about"] == "configuration"])


def _called(chosen: Sequence[Run]) -> dict[str, str]:
    """Return what each run is called, by its id; its id where two are called alike."""
    names = {run.id: run_names.short(run) for run in chosen}
    return {id: name if list(names.values()).count(name) == 1 else id for id, name in names.items()}


def worded(name: str) -> str:
    """Return a dotted name of the configuration in words: ``recipe · learning rate``."""
    return name.replace(".", " · ").replace("_", " ")


def _columns(chosen: Sequence[Run]) -> dict[str, str]:
    """Return what can be compared, and its column in the histories."""
    names = dict.fromkeys(name for run in chosen for name in run.attributes.names)
    columns = {LOSS: "val_loss"}
    if any("val_accuracy" in run.history for run in chosen):
        columns["frames in their right class"] = "val_accuracy"
    columns |= {f"accuracy of {name}": f"val_{name}_accuracy" for name in names}
    return columns | {f"loss of {name}": f"val_{name}_loss" for name in names}


def _fairness(chosen: Sequence[Run]) -> str:
    """Say whether the runs were validated on the same frames: their curves mean the same only then."""
    frames = [run.frames.loc[run.frames["part"] == "valid", "name"] for run in chosen]
    if any(set(each) != set(frames[0]) for each in frames):
        return ":orange[:material/warning: They were validated on different frames. Differences may come from that.]"
    same = f"All were validated on the same {len(frames[0]):,} frames."
    if len({run.recipe.balance for run in chosen}) == 1:
        return same
    return f"{same} :orange[:material/warning: Their class balance differs: do not compare losses.]"


def _accuracies(rows: pd.DataFrame) -> None:
    table = rows.rename(columns={"about": "Accuracy", "what": "Attribute"})
    table["Accuracy"] = table["Accuracy"].str.removesuffix(" accuracy")
    ids = [name for name in table.columns if name not in ("Accuracy", "Attribute")]
    table[ids] = 100 * table[ids].astype(float)
    if len(table):
        st.dataframe(table, hide_index=True, placeholder="–", column_config={
            id: st.column_config.NumberColumn(format="%.1f %%") for id in ids
        })  # fmt: skip
        st.caption("Accuracy of the best epoch, on the validation and the test part of each run.")


def _differences(rows: pd.DataFrame) -> None:
    if rows.empty:
        st.caption("These runs have the same configuration.")
        return
    st.markdown("**What differs**")
    table = rows.drop(columns="about").rename(columns={"what": "Configuration"})
    table["Configuration"] = table["Configuration"].map(worded)
    values = table.columns[1:]
    table[values] = table[values].map(lambda value: "–" if value is None or value != value else str(value))
    st.dataframe(table, hide_index=True)
