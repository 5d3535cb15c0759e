"""Columns of the tables of the Test page: shares in percent, and metrics as their table says."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from core.evaluation.metrics import Metric
from core.runs.results import Value


def table(
    rows: Sequence[Mapping[str, Any]], config: Mapping[str, Any], order: Sequence[str] | None = None
) -> None:
    """Write rows as a table as high as they are, with the columns in ``order``."""
    st.dataframe(pd.DataFrame(rows), hide_index=True, placeholder="–", height="content", column_order=order,
                 column_config=config)  # fmt: skip


def share_column(label: str, help: str | None = None) -> Any:
    """Return a column of percents, as `percents` returns them."""
    return st.column_config.NumberColumn(label, format="%.1f %%", help=help, width="small")


def percents(shares: Mapping[str, Value]) -> dict[str, Value]:
    """Return shares in percent."""
    return {name: None if value is None else 100 * value for name, value in shares.items()}


def of_metrics(metrics: Sequence[Metric]) -> dict[str, Any]:
    """Return a column per metric, by its name."""
    return {
        metric.name: share_column(metric.label, metric.help) if metric.is_share
        else st.column_config.NumberColumn(metric.label, format="%.3f", help=metric.help, width="small")
        for metric in metrics
    }  # fmt: skip


def cells(metrics: Sequence[Metric], values: Mapping[str, Value]) -> dict[str, Value]:
    """Return the values of ``metrics`` as their columns show them."""
    shares = percents(values)
    return {metric.name: (shares if metric.is_share else values).get(metric.name) for metric in metrics}
