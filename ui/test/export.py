"""The network of a run to take along: exported in a format that runs without SeamLens."""

import streamlit as st

from core.export import export
from core.export.export import Exported
from core.export.formats import FORMATS
from core.jobs.background import Task
from core.runs import run_names
from core.runs.run import Run
from core.text import size
from core.workspace import Workspace
from ui.elements.markdown import md
from ui.server.downloads import download_link
from ui.shell import background_jobs, downloads
from ui.shell.page import errors_shown

WHAT = (
    "Take the network along: one zip with it, its model card, and a script that runs it without SeamLens. "
    "It is checked against the trained network first."
)
HELP = {
    "onnx": "Runs nearly everywhere, with ONNX Runtime.",
    "openvino": "Fast on processors of Intel.",
    "litert": "For phones and small computers such as a Raspberry Pi.",
    "keras": "For going on in Python, with TensorFlow.",
}
INT8 = "Whole numbers instead of decimals: a quarter of the size, often faster, a little less exact."


@errors_shown()
def section(workspace: Workspace, run: Run) -> None:
    """Write the choice of a format, the button that exports, and the one that downloads."""
    st.markdown(md(WHAT))
    if not run.has_model:
        st.info("The network of this run is gone.", icon=":material/cloud_off:")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox(
            "Format", list(HELP), key="export_format", format_func=lambda name: FORMATS[name].title, width=360
        )
        int8 = st.toggle("int8", key="export_int8", disabled=not FORMATS[name].has_int8, help=INT8)
    int8 = int8 and FORMATS[name].has_int8
    st.caption(HELP[name])
    _button(run, name, int8)


@st.fragment
@errors_shown()
def _button(run: Run, name: str, int8: bool) -> None:
    key = f"export {run.id}"
    if st.button("Export", icon=":material/ios_share:", key="export_now",
                 disabled=background_jobs.is_running(run.workspace, key)):  # fmt: skip
        export.check(name, int8)
        background_jobs.begin_and_rerun(run.workspace, _exporting(run, key, name, int8))
    if ready := downloads.prepared(run.workspace, key):
        file, whole, _ = ready
        download_link(f"Download {md(file.name)} of {whole:%H:%M}", file, "application/zip", is_primary=True)


def _exporting(run: Run, key: str, name: str, int8: bool) -> Task:
    file = downloads.new_file(run.workspace, key, export.default_name(run, name, int8))

    def tell(exported: Exported) -> list[str]:
        what = f"{run_names.short(run)} is exported ({size(exported.path.stat().st_size)})."
        return [" ".join((what, exported.comparison.sentence(), *exported.notes))]

    return Task(
        key, f"Exporting {run_names.short(run)}", ("Test",), export.export, (run, file, name, int8), tell,
        downloads.removal_unless_done(file),
    )  # fmt: skip
