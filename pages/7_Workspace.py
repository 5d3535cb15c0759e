"""Whether the workspace is whole, its backups, where its labels are, and its people."""

from core.access.rights import Right, may
from core.storage.identity import is_used
from ui.shell.page import empty, page
from ui.workspace import backups, labels_place, people, whole

with page("Workspace", "Is everything here, and is it safe?") as workspace:
    if is_used(workspace.path):
        whole.section(workspace)
        backups.section(workspace)
        if may(Right.BACK_UP):
            backups.restoring(workspace)
            labels_place.section(workspace)
    else:
        empty("inventory_2", "Nothing to check or back up yet", "Add videos first, or create the practice videos.",
              "pages/1_Videos.py", "Add videos")  # fmt: skip
    people.section(workspace)
