"""The page for phones: live, teach and record with one hand. It is no page of Streamlit's: a page of its own with routes, below
``/phone``. What it shows comes from the scripts of `ui.live`.
"""
