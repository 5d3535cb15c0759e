"""Import and export of lookup tables, for every page; an import first shows what it would change."""

import pandas as pd
import streamlit as st

from core.exchange import import_tables
from core.text import count
from core.workspace import Workspace
from ui.shell import cache, uploads
from ui.shell.page import annotator, flash, fragment
from ui.shell.widgets import progress_bar

CONSENSUS = "The consensus"


@fragment
def imports(workspace: Workspace) -> None:
    """Read lookup tables from the user's computer."""
    st.markdown(
        "A lookup table is a CSV file with a column `name` and one for each attribute. Upload only the tables if their "
        "pictures are here already; else one zip with both."
    )
    turn = st.session_state.setdefault("tables_turn", 0)  # another key empties the uploader
    files = st.file_uploader("Lookup tables", type=["csv", "zip"], accept_multiple_files=True, key=f"tables_{turn}",
                             label_visibility="collapsed")  # fmt: skip
    if not files:
        return
    whose = annotator() or "import"
    with uploads.on_disk(workspace, files) as paths:
        places = [uploads.unpacked(path) if path.suffix.lower() == ".zip" else path for path in paths]
        preview = import_tables.preview_tables(workspace.path, places, whose)
        st.markdown(f"**Changes to {whose}’s labels**, {count(preview.rows, 'frame')}:")
        table = pd.DataFrame({name: vars(changes) for name, changes in preview.attributes.items()}).T
        st.dataframe(table.rename_axis("attribute"), width="stretch")
        new = [f"{count(preview.pictures, 'new picture')}."] if preview.pictures else []
        for note in (*new, *preview.notes):
            st.caption(note)
        if st.button(f"Import as {whose}", type="primary", icon=":material/download:"):
            done = import_tables.import_tables(workspace.path, places, whose, progress_bar("Reading"))
            flash(done.summary())
            st.session_state["tables_turn"] = turn + 1
            st.rerun()


@fragment
def exports(workspace: Workspace) -> None:
    """Offer the lookup tables as a download."""
    st.markdown("A CSV file `<video>_data.csv` for each video, with its labelled frames.")
    mine = f"{annotator()}’s labels"
    choices = [CONSENSUS, mine] if annotator() else [CONSENSUS]
    if cache.blind(workspace):
        choices = [mine]
        st.caption("You can export the consensus when you have finished the videos that you label blind.")
    whose = st.radio("Whose", choices, horizontal=True, label_visibility="collapsed")
    with_pictures = st.toggle("With the pictures of the frames", help="A large download.")
    if st.button("Prepare the download", icon=":material/folder_zip:"):
        with st.spinner("Packing …"):
            packed = uploads.exported(workspace, annotator() if whose == mine else None, with_pictures)
        st.download_button("Download lookup_tables.zip", packed, "lookup_tables.zip", "application/zip",
                           type="primary", icon=":material/download:", on_click="ignore")  # fmt: skip


def both_ways(workspace: Workspace) -> None:
    """Offer both in an expander, below something more important."""
    with st.expander("Lookup tables: import and export", icon=":material/table:"):
        for column, draw in zip(st.columns(2, gap="large"), (imports, exports), strict=True):
            with column:
                draw(workspace)
