"""Import and export of labels in the formats of other programs, beside lookup tables."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pandas as pd
import streamlit as st

from core.errors import LabelError
from core.exchange import export_formats, import_formats
from core.exchange.uploads import Upload, take
from core.jobs.background import Task
from core.label_formats.registry import FORMATS, LabelFormat
from core.lookup_tables.column_meanings import TableOptions
from core.text import count, listed
from core.workspace import Workspace
from ui.elements import uploads
from ui.elements.markdown import md
from ui.elements.upload_field import upload_field
from ui.shell import background_jobs, cache, downloads
from ui.shell.page import annotator, show_error

TABLE = "Lookup table"
_ENDINGS = ("json", "jsonl", "xml", "csv", "tsv", "zip")

losses = cache.until_changed(cache.split_version)(export_formats.losses_of)


def choose(key: str) -> LabelFormat | None:
    """Ask for the format; none is a lookup table."""
    titles = {format.title: format for format in FORMATS.values()}
    return titles.get(st.selectbox("Format", [TABLE, *titles], key=f"format_{key}") or TABLE)


def imports(workspace: Workspace, format: LabelFormat) -> None:
    """Read files of a format from the user's computer."""
    st.markdown(
        f"{md(format.title)}: upload its files, or a zip of its folder. Pictures or videos that are already here can stay out of it."
    )
    key = f"{format.name}_turn"
    turn = st.session_state.setdefault(key, 0)  # another key empties the field
    files = upload_field(workspace, format.title, _ENDINGS, f"{format.name}_{turn}").uploads
    if not files:
        return
    whose, paths = annotator() or "import", [upload.file for upload in files]
    options = _options(workspace, paths, format, turn)
    preview = import_formats.preview_format(workspace.path, paths, format.name, whose, options)
    st.markdown(f"**Changes to {md(whose)}’s labels**, {count(preview.rows, 'frame')}:")
    table = pd.DataFrame({name: vars(changes) for name, changes in preview.attributes.items()}).T
    st.dataframe(table.rename_axis("attribute"), width="stretch")
    new = [f"{count(preview.pictures, 'new picture')}."] if preview.pictures else []
    for note in (*new, *preview.notes):
        st.caption(md(note))
    if st.button(f"Import as {md(whose)}", type="primary", icon=":material/download:"):
        task = _import(workspace, files, format, whose, options)
        st.session_state[key] = turn + 1
        background_jobs.begin_and_rerun(workspace, task)


def _options(workspace: Workspace, paths: Sequence[Path], format: LabelFormat, turn: int) -> TableOptions:
    """Ask which attributes are taken where the workspace lacks some, and what is meant by what a file does not say."""
    names, both = import_formats.attributes_in(workspace.path, paths, format.name)
    chosen = None
    if both and len(both) < len(names):
        others = [name for name in names if name not in both]
        st.caption(f"Not in this workspace: {md(listed(others))}.")
        chosen = st.multiselect("Attributes to import", both, both, key=f"attributes_{format.name}_{turn}")
    is_false = not format.false and st.toggle(
        "What the files do not mention is false", key=f"empty_{format.name}_{turn}",
        help="Of the frames that they speak of. Otherwise it stays as it is.",
    )  # fmt: skip
    return TableOptions(tuple(chosen) if chosen else None, empty=False if is_false else None)


def _import(
    workspace: Workspace,
    files: Sequence[Upload],
    format: LabelFormat,
    whose: str,
    options: TableOptions,
) -> Task:
    names, paths = listed([file.name for file in files], most=2), take(workspace, files)
    importing = partial(import_formats.import_format, options=options)
    return Task(
        f"import {whose} {uploads.version(files)}", f"Importing {names}", ("Videos", "Label"), importing,
        (workspace.path, paths, format.name, whose), lambda done: [done.summary()], uploads.removal(paths[0].parent),
    )  # fmt: skip


def asked_of_export(workspace: Workspace, format: LabelFormat, whom: str | None) -> bool | None:
    """Say what a format does not hold, and ask for pictures; return whether they are wanted, none where nothing can be exported."""
    try:
        lost = losses(workspace, format.name, whom)
    except LabelError as error:
        show_error(error)
        return None
    st.markdown("\n".join(f"- {md(loss.sentence)}" for loss in lost))
    if format.place is None:
        return False
    if not format.false and not format.boxes:  # the folders of the pictures are the labels
        return True
    return st.toggle("With the pictures of the frames", help="A large download.", key="format_pictures")


def export(workspace: Workspace, key: str, format: LabelFormat, whom: str | None, pictures: bool) -> Task:
    """Return the job that prepares the download."""
    what = f"{format.title}, {f'{whom}’s labels' if whom else 'the consensus'}{', with pictures' if pictures else ''}"
    file = downloads.new_file(workspace, key, f"{format.name}.zip")
    given = workspace, file, format.name, whom, pictures
    ready = [f"{file.name} is ready to download: {what}."]
    return Task(
        key, f"Preparing {format.title}", ("Videos", "Label"), export_formats.export_format_zip, given, lambda _: ready,
        downloads.removal_unless_done(file), version=what,
    )  # fmt: skip
