"""Where the labels are, and the command that moves them to a database server or back."""

import shlex

import streamlit as st

from core.database_urls import is_server, shown
from core.workspace import Workspace
from ui.elements.markdown import code
from ui.shell.page import is_instructor

SERVER = "postgresql://USER@HOST/DATABASE"
"""What stands for the address of the server: it must hold no password, and nobody here knows it."""


def section(workspace: Workspace) -> None:
    """Write it, for instructors: a move needs the command line, as nobody can save meanwhile."""
    if not is_instructor(workspace):
        return
    st.header("Where the labels are", anchor=False)
    database = shown(workspace.database)
    if is_server(workspace.database):
        st.markdown(
            f"In the PostgreSQL database {code(database)}. This command brings them back into a file, with their history:"
        )
    else:
        st.markdown(
            f"In the file {code(database)}. This command moves them to a PostgreSQL database, with their history:"
        )
    st.code(_command(workspace), language=None, wrap_lines=True)
    st.caption(
        "Meanwhile nobody can save: browsers keep what is labelled and send it afterwards. See docs/postgresql.md."
    )


def _command(workspace: Workspace) -> str:
    target = "sqlite" if is_server(workspace.database) else SERVER
    folder = shlex.quote(str(workspace.path.resolve()))
    return f"python -m core --workspace {folder} labels move --to {target}"
