"""What every page has: its frame, the workspace, the name of its annotator, errors and messages."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from html import escape
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core import names
from core.access import rights
from core.access.person import NOBODY, Role, current
from core.demo import make
from core.errors import SeamLensError, WorkspaceError, logged
from core.files import is_read_only, plain
from core.labels.labels import called_here
from core.media import library
from core.media.transaction import put_in_order
from core.networks import installed
from core.process_settings import keep_keras_session
from core.workspace import Workspace, default_path, open_or_create
from ui.elements.components import own_address
from ui.elements.markdown import md
from ui.shell import navigation

ASSETS = Path(__file__).parent / "assets"
ANNOTATOR = "annotator"
HOME_FILE = "Home.py"


@contextmanager
def page(title: str, lead: str) -> Iterator[Workspace]:
    """Set up a page, open the workspace (made where there is none), and show errors instead of tracebacks.

    ``lead`` is one sentence under the heading: what this page is for.
    """
    navigation.follow()
    keep_keras_session()
    tab = title if title == "SeamLens" else f"{title} · SeamLens"
    st.set_page_config(page_title=tab, page_icon=str(ASSETS / "icon.svg"), layout="wide")
    with stays():
        st.logo(str(ASSETS / "logo.svg"), size="large", icon_image=str(ASSETS / "icon.svg"))
    st.title(title, anchor=False)
    st.markdown(f":gray[{md(lead)}]")
    if current() == NOBODY:
        _signed_out()
        st.stop()
    navigation.to_phone(annotator() or st.query_params.get(ANNOTATOR, ""))
    try:
        workspace = open_or_create(default_path())
        put_in_order(workspace)
    except SeamLensError as error:
        show_error(error)
        st.stop()
    from ui.shell import background_jobs  # which uses this module

    with stays():
        _sidebar(workspace)
    with st.sidebar:
        background_jobs.sidebar(workspace, title)
    background_jobs.here(workspace, title)
    if is_read_only(workspace.path):
        st.info(
            "This workspace is read-only: look at everything, but nothing can be saved.",
            icon=":material/lock:",
        )
    with errors_shown():
        yield workspace
        _next(workspace, title)


def _signed_out() -> None:
    """Say that whoever had this page open is signed out, with the way back."""
    with st.container(border=True, key="empty", horizontal_alignment="center"):
        st.markdown("## :material/logout: You are signed out")
        # A link of Markdown would open another window.
        st.html(f'<a href="{escape(own_address("/sign-in"))}" target="_self">Sign in again</a>')


def page_file(title: str) -> str:
    """Return the file of a page, as links name it; that of Home for a title that no other page has."""
    running: Any = get_script_run_ctx()
    files = Path(running.pages_manager.main_script_parent).glob("pages/*.py")
    names = {file.stem.partition("_")[2].replace("_", " "): file.name for file in files}
    return f"pages/{names[title]}" if title in names else HOME_FILE


@contextmanager
def stays() -> Iterator[None]:
    """Write what is the same on every page: it does not vanish and come again where another page is opened.

    Streamlit takes away what the old page wrote, but nothing that the main script did.
    """
    running: Any = get_script_run_ctx()
    with running.run_with_active_hash(running.pages_manager.main_script_hash):
        yield


def _next(workspace: Workspace, title: str) -> None:
    """Write what comes next at the foot of the page; Home shows it higher up."""
    from ui.shell import steps  # which uses this module

    if title != "SeamLens":
        steps.foot(workspace, title)


@contextmanager
def errors_shown() -> Iterator[None]:
    """Show a SeamLensError raised in the block; also usable as a decorator, ``@errors_shown()``.

    Of an error that nobody expected only its number in the log is shown.
    """
    try:
        yield
    except SeamLensError as error:
        show_error(error)
    except Exception as error:
        show_error(plain(error, default_path()) or _unexpected(error))


def _unexpected(error: Exception) -> SeamLensError:
    return SeamLensError(
        "Something went wrong on this page.", f"Show your instructor this log number: {logged(error)}."
    )


def fragment(section: Callable[..., None]) -> Callable[..., None]:
    """Let a section run anew alone when something in it was clicked, and show its errors."""
    shown: Callable[..., None] = st.fragment(errors_shown()(section))
    return shown


def show_error(error: SeamLensError) -> None:
    """Write what is wrong and what to do."""
    st.error(f"{md(error.problem)}\n\n{md(error.advice)}", icon=":material/error:")


def has_tensorflow() -> bool:
    """Return whether networks can be trained and used here; where not, write what to install."""
    if installed.is_installed():
        return True
    st.info(
        f"{md(installed.missing().problem)} Install it: `{installed.COMMAND}`", icon=":material/download:"
    )
    return False


def empty(icon: str, headline: str, words: str, page_path: str, label: str) -> None:
    """Say what this page lacks, with a button that leads to where it comes from."""
    with st.container(border=True, key="empty", horizontal_alignment="center"):
        st.markdown(f"## :material/{md(icon)}: {md(headline)}")
        st.markdown(words)
        if st.button(label, type="primary", icon=":material/arrow_forward:"):
            navigation.go(page_path)


def flash(message: str, icon: str = "check_circle") -> None:
    """Show ``message`` once, after the next rerun or page switch, with a material icon: a check where all went well."""
    st.session_state.setdefault("flashes", []).append((message, f":material/{icon}:"))


def rerun_with(message: str) -> None:
    """Write the page anew and show ``message`` once."""
    flash(message)
    st.rerun()


def annotator() -> str:
    """Return who labels in this browser: who signed in, or wrote a name; empty where nobody wrote one yet."""
    return current().name if has_signed_in() else str(st.session_state.get(ANNOTATOR, ""))


def has_signed_in() -> bool:
    """Return whether this is a page of a class server, whose name is that of who signed in."""
    return current().role != Role.OWNER


def is_instructor(workspace: Workspace) -> bool:
    """Return whether who is here may do what only instructors may; see `core.access.rights.is_instructor`."""
    return rights.is_instructor(annotator(), workspace.instructors)


def leads_class(workspace: Workspace) -> bool:
    """Return whether who is here is known to be an instructor, and not only not known to be none."""
    return is_instructor(workspace) and (has_signed_in() or bool(workspace.instructors))


def name_annotator(name: str) -> None:
    """Take a name that was not written in the sidebar, whose box starts again with it.

    Raises:
        LabelError: it cannot be a name.
    """
    st.session_state[ANNOTATOR] = names.annotator(name) if name.strip() else ""
    st.session_state["annotator_turn"] = st.session_state.get("annotator_turn", 0) + 1


def _fitting(workspace: Workspace, name: object) -> str:
    """Return a name as it is written here; of one that does not fit say so, and return nothing."""
    if not name or not str(name).strip():
        return ""
    try:
        try:
            return called_here(workspace, str(name))
        except WorkspaceError:  # the database is away; what needs it says so
            return names.annotator(str(name))
    except SeamLensError as error:
        show_error(error)
        return ""


def _about(workspace: Workspace) -> Iterator[str]:
    """Yield what to know of the pictures: the note of the workspace, and how many of the videos SeamLens has drawn."""
    if workspace.note and not make.NOTE.match(workspace.note):
        yield workspace.note
    with suppress(SeamLensError):  # the database is away; what needs it says so
        if words := library.drawn(library.videos(workspace)):
            yield words


def _sidebar(workspace: Workspace) -> None:
    for message, icon in st.session_state.pop("flashes", []):
        st.toast(message, icon=icon)
    with st.sidebar:
        if has_signed_in():
            _who()
        else:
            _ask_name(workspace)
        st.caption(
            f"In the folder **{md(workspace.path.resolve().name)}**", help=str(workspace.path.resolve())
        )
        for words in _about(workspace):
            st.caption(f":material/info: {md(words)}")


def _ask_name(workspace: Workspace) -> None:
    # A reload keeps the name in the address.
    before = st.session_state.get(ANNOTATOR, st.query_params.get(ANNOTATOR, ""))
    st.session_state[ANNOTATOR] = _fitting(workspace, before)
    key = f"annotator_{st.session_state.get('annotator_turn', 0)}"
    help, empty = "Your answers are saved under this name.", "Write it here"
    name = st.text_input(
        "Your name", annotator(), key=key, placeholder=empty, max_chars=names.LONGEST, help=help
    )
    st.session_state[ANNOTATOR] = _fitting(workspace, name)
    if annotator() and st.query_params.get(ANNOTATOR) != annotator():
        st.query_params[ANNOTATOR] = annotator()


def _who() -> None:
    """Write who signed in, and the way out."""
    name, role = escape(annotator()), current().role.capitalize()
    out = f'<a href="{escape(own_address("/sign-out"))}" target="_self">Sign out</a>'
    st.html(f'<div class="who"><strong>{name}</strong><span>{role} · {out}</span></div>')
