"""Labels of the stitches' length beside the stitch ruler, on the Balance page."""

from core.review import stitch_lengths
from core.workspace import Workspace
from ui.shell import stitch_lengths as lengths
from ui.shell.page import fragment


@fragment
def section(workspace: Workspace) -> None:
    """Write which videos are labelled with one length and measured with the other."""
    if length := lengths.attribute(workspace):
        said = stitch_lengths.labelled(workspace, length.name)
        lengths.section(workspace, length, said, "labelled", "Balance")
