"""Data and model logic of SeamLens. Never imports streamlit."""

__version__ = "0.14.0"
