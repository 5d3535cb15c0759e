"""Import and export of labels, for every page: lookup tables, unless another format is chosen. An import first shows what it would
change.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path

import pandas as pd
import streamlit as st

from core.exchange import import_tables
from core.exchange.export_tables import export_zip
from core.exchange.scan_tables import tables_in
from core.exchange.store_pictures import is_blank
from core.exchange.uploads import Upload, take
from core.jobs.background import Task
from core.label_formats.registry import LabelFormat
from core.lookup_tables.answers import ColumnReading, beside
from core.lookup_tables.cells import TABLE_FORMATS
from core.lookup_tables.column_meanings import TableOptions, propose
from core.text import count, listed
from core.workspace import Workspace
from core.zips import ENDING as ZIP
from core.zips import unzipped
from ui.elements import uploads
from ui.elements.markdown import md
from ui.elements.upload_field import upload_field
from ui.server.downloads import download_link
from ui.shell import background_jobs, cache, downloads, label_formats
from ui.shell.page import annotator, fragment

CONSENSUS = "The consensus"


@fragment
def imports(workspace: Workspace) -> None:
    """Read lookup tables, or files of another format, from the user's computer."""
    if format := label_formats.choose("import"):
        label_formats.imports(workspace, format)
        return
    st.markdown(
        "A lookup table has a column `name` and one for each attribute: CSV, Excel or OpenDocument. Upload only the tables if "
        "their pictures are here already; else one zip with both."
    )
    turn = st.session_state.setdefault("tables_turn", 0)  # another key empties the field
    files = upload_field(workspace, "Lookup tables", [*TABLE_FORMATS, ZIP], f"tables_{turn}").uploads
    if not files:
        return
    whose = annotator() or "import"
    with ExitStack() as stack:
        places = [stack.enter_context(unzipped(workspace.path, upload.file)) for upload in files]
        options = choices(workspace, places, f"tables_{turn}")
        preview = import_tables.preview_tables(workspace.path, places, whose, options, uploaded=True)
    st.markdown(f"**Changes to {md(whose)}’s labels**, {count(preview.rows, 'frame')}:")
    table = pd.DataFrame({name: vars(changes) for name, changes in preview.attributes.items()}).T
    st.dataframe(table.rename_axis("attribute"), width="stretch")
    columns_read(preview.columns)
    new = [f"{count(preview.pictures, 'new picture')}."] if preview.pictures else []
    for note in (*new, *beside(preview.notes, preview.columns)):
        st.caption(md(note))
    if st.button(f"Import as {md(whose)}", type="primary", icon=":material/download:"):
        task = _import(workspace, files, whose, options)
        st.session_state["tables_turn"] = turn + 1
        background_jobs.begin_and_rerun(workspace, task)


def _import(workspace: Workspace, files: Sequence[Upload], whose: str, options: TableOptions) -> Task:
    names, paths = listed([file.name for file in files], most=2), take(workspace, files)
    importing = partial(import_tables.import_tables, options=options, uploaded=True)
    return Task(
        f"import {whose} {uploads.version(files)}", f"Importing {names}", ("Videos", "Label"), importing,
        (workspace.path, paths, whose), lambda done: [done.summary()], uploads.removal(paths[0].parent),
    )  # fmt: skip


def choices(workspace: Workspace, places: Sequence[Path], key: str) -> TableOptions:
    """Ask what tables leave open: attributes of an empty workspace, the threshold of probabilities, and empty cells beside x."""
    files = [file for place in places for file in (tables_in(place) if place.is_dir() else [place])]
    found = propose(files)
    options = TableOptions()
    if found.has_marks:
        empty = st.segmented_control("Empty cells beside x are", ["unset", "false"], default="unset", required=True,
                                     key=f"unmarked_{key}")  # fmt: skip
        options = replace(options, empty=False if empty == "false" else None)
    if found.has_probabilities and st.toggle(
        "Numbers between 0 and 1 are probabilities", key=f"numbers_{key}"
    ):
        threshold = st.slider("True from this probability on", 0.0, 1.0, 0.5, 0.05, key=f"threshold_{key}")
        options = replace(options, threshold=threshold)
        found = propose(files, options)
    if not is_blank(workspace):
        return options
    chosen = st.multiselect("Attributes of this workspace", [*found.sure, *found.likely], found.sure, key=f"attributes_{key}",
                            help="The columns of labels. They take the place of the attributes of a workspace without pictures.")  # fmt: skip
    return replace(options, attributes=tuple(chosen) or None)


def columns_read(columns: Mapping[str, Sequence[ColumnReading]]) -> None:
    """Show how each column of tables is read."""
    rows = pd.DataFrame(
        {
            "Table": file,
            "Column": reading.column,
            "Read as": reading.attribute or "not read",
            "True": _words(reading.true),
            "False": _words(reading.false),
            "Unset": f"{reading.unset:,}" if reading.attribute else "",
            "Note": reading.why,
        }
        for file, readings in columns.items()
        for reading in readings
    )
    if not rows.empty:
        st.markdown("**How each column is read**")
        # On a phone there is room for few columns: a single table needs no name.
        st.dataframe(
            rows.drop(columns=["Table"] if len(columns) == 1 else []), hide_index=True, width="stretch"
        )


def _words(words: Mapping[str, int]) -> str:
    return ", ".join(f"{word} ({number:,})" for word, number in words.items())


@fragment
def exports(workspace: Workspace) -> None:
    """Offer the lookup tables, or the labels in another format, as a download."""
    format = label_formats.choose("export")
    if format is None:
        st.markdown("A CSV file `<video>_data.csv` for each video, with its labelled frames.")
    mine = f"{annotator()}’s labels"
    choices = [CONSENSUS, mine] if annotator() else [CONSENSUS]
    if cache.blind(workspace):
        choices = [mine]
        st.caption("You can export the consensus when you have finished the videos that you label blind.")
    whose = st.radio("Whose", choices, horizontal=True, label_visibility="collapsed")
    whom = annotator() if whose == mine else None
    key = f"export {annotator()}"
    task = _task(workspace, format, key, whom)
    is_running = background_jobs.is_running(workspace, key)
    if (
        st.button("Prepare the download", icon=":material/folder_zip:", disabled=is_running or task is None)
        and task
    ):
        background_jobs.begin_and_rerun(workspace, task())
    if ready := downloads.prepared(workspace, key):
        file, whole, what = ready
        download_link(f"Download {md(file.name)}", file, "application/zip", is_primary=True)
        st.caption(f"Prepared at {whole:%H:%M}: {md(what)}. Prepare it again to have later labels in it.")


def _task(
    workspace: Workspace, format: LabelFormat | None, key: str, whom: str | None
) -> Callable[[], Task] | None:
    """Ask how the labels are written; return what makes the job, none where there is nothing to write."""
    if format:
        pictures = label_formats.asked_of_export(workspace, format, whom)
        return (
            None
            if pictures is None
            else partial(label_formats.export, workspace, key, format, whom, pictures)
        )
    with_pictures = st.toggle("With the pictures of the frames", help="A large download.")
    decimal_comma = st.toggle(
        "For spreadsheets that write 0,5", help="Semicolons between the cells, as in German."
    )
    return partial(_export, workspace, key, whom, with_pictures, decimal_comma)


def _export(workspace: Workspace, key: str, whom: str | None, pictures: bool, decimal_comma: bool) -> Task:
    file = downloads.new_file(workspace, key, "lookup_tables.zip")
    what = f"{f'{whom}’s labels' if whom else 'the consensus'}{', with pictures' if pictures else ''}"
    given = workspace, file, whom, pictures, decimal_comma
    ready = [f"{file.name} is ready to download: {what}."]
    return Task(
        key, "Preparing the lookup tables", ("Videos", "Label"), export_zip, given, lambda _: ready,
        downloads.removal_unless_done(file), version=what,
    )  # fmt: skip


def both_ways(workspace: Workspace) -> None:
    """Offer both in an expander, below something more important."""
    with st.expander("Labels: import and export", icon=":material/table:"):
        for column, draw in zip(st.columns(2, gap="large"), (imports, exports), strict=True):
            with column:
                draw(workspace)
