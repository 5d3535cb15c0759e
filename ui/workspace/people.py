"""The people of the class and its codes: rename, sign out, a new PIN, erase, new codes."""

from collections.abc import Callable
from datetime import datetime

import pandas as pd
import streamlit as st

from core import names
from core.access import accounts, class_file, codes
from core.access.class_file import Account
from core.access.person import Role
from core.labels import people
from core.workspace import Workspace
from ui.elements.markdown import code
from ui.shell.page import errors_shown, fragment, has_signed_in, is_instructor, rerun_with

CHOSEN, NEW_NAME, ERASE = "person", "person_new_name", "person_erase"


@fragment
def section(workspace: Workspace) -> None:
    """Write who has signed in, what can be done about them, and the codes."""
    st.header("People", anchor=False)
    if not is_instructor(workspace):
        st.caption("Only instructors see who is in the class.")
        return
    if not class_file.exists(workspace.path):
        st.markdown("Nobody has signed in yet. Home says how to open SeamLens for your class.")
        return
    there = accounts.people(workspace.path)
    if there:
        _table(there)
        _change(workspace, there)
    else:
        st.markdown("Nobody has signed in yet.")
    _codes(workspace)


def _table(there: list[Account]) -> None:
    rows = pd.DataFrame(
        {
            "Name": [each.name for each in there],
            "Role": [each.role.capitalize() for each in there],
            "Signed in": [_local(each.signed_in) for each in there],
        }
    )
    when = st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm")
    st.dataframe(rows, hide_index=True, width="stretch", column_config={"Signed in": when})


def _local(at: str) -> datetime | None:
    """Return a time of the file as the clock of the server shows it; a browser takes it as it is."""
    return datetime.fromisoformat(at).astimezone().replace(tzinfo=None) if at else None


def _change(workspace: Workspace, there: list[Account]) -> None:
    """Write the controls for one person. Their name is in no message: people write names, and messages are Markdown."""
    options = [each.name for each in there]
    chosen = st.selectbox("Person", options, key=CHOSEN, index=None, placeholder="Choose somebody")
    if chosen is None:
        return
    folder = workspace.path
    with st.container(border=True):
        left, right = st.columns([3, 1], vertical_alignment="bottom")
        new = left.text_input("New name", key=f"{NEW_NAME}_{chosen}", max_chars=names.LONGEST)
        if right.button("Rename", disabled=not new.strip(), icon=":material/badge:", width="stretch"):
            _do(lambda: people.rename(workspace, chosen, new), "Renamed. All answers stay theirs.")
        row = st.container(horizontal=True)
        if row.button("Sign out everywhere", icon=":material/logout:"):
            _do(lambda: accounts.sign_out(folder, chosen), "Signed out on all devices.")
        if row.button(
            "New PIN",
            icon=":material/pin:",
            help="They are signed out, and choose a PIN when they sign in again.",
        ):
            _do(
                lambda: accounts.reset_pin(folder, chosen),
                "The next sign-in under this name chooses a new PIN.",
            )
        with row.popover("Erase", icon=":material/person_remove:"):
            st.markdown(
                "The name and its PIN go for good. The answers stay, under a name that says nothing. "
                "Runs, exports and backups made before keep the name."
            )
            if st.button("Erase this person", key=ERASE, type="primary"):
                _do(
                    lambda: people.erase(workspace, chosen),
                    "Erased. The answers stay under a name that says nothing.",
                )


def _codes(workspace: Workspace) -> None:
    found = codes.readable_codes(workspace.path)
    with st.expander("Codes", icon=":material/key:"):
        if found is None:
            st.markdown("The codes were made on another computer, so they cannot be shown here.")
        else:
            st.markdown(f"Class code {code(found.student)}")
            st.markdown(f"Instructor code {code(found.instructor)}")
        st.caption("A new code signs out everybody who came in with the old one. PINs stay.")
        row = st.container(horizontal=True)
        if row.button("New class code", icon=":material/autorenew:", disabled=found is None):
            _do(lambda: codes.renew(workspace.path, [Role.STUDENT]), "There is a new class code.")
        if has_signed_in():  # a new one would sign out whoever wanted to read it
            st.caption(
                "The instructor code is changed where the class was opened: `python -m core codes new`."
            )
        elif row.button("New instructor code", icon=":material/autorenew:", disabled=found is None):
            _do(lambda: codes.renew(workspace.path, [Role.INSTRUCTOR]), "There is a new instructor code.")


@errors_shown()
def _do(change: Callable[[], object], message: str) -> None:
    change()
    st.session_state.pop(CHOSEN, None)
    rerun_with(message)
