"""The check of a workspace: rows, files, log, view, runs, split and leftovers; and the repair of what it finds."""

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from core.access.rights import Right, needs
from core.errors import SeamLensError
from core.files import Progress
from core.maintenance import check_files, check_labels, check_runs
from core.maintenance.findings import Finding
from core.media.transaction import paused
from core.workspace import Workspace

BUSY = "Something is being added just now: files without rows were not looked at. Check again after it."


@dataclass(frozen=True)
class Report:
    """What came of a check, and of a repair.

    Args:
        findings: what is wrong, or still is after a repair.
        notes: what could not be looked at.
        repaired: what was wrong and is not any more.
    """

    findings: tuple[Finding, ...]
    notes: tuple[str, ...] = ()
    repaired: tuple[Finding, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings


def check_workspace(workspace: Workspace, progress: Progress | None = None) -> Report:
    """Compare everything in ``workspace``, and change nothing; it may be read-only, and people may work in it.

    Args:
        workspace: which.
        progress: told how many pictures are done, of how many.
    """
    with tempfile.TemporaryDirectory() as folder:
        with paused(workspace) as is_sure:  # files and rows of one moment
            listing = check_files.list_files(workspace, is_sure)
            labels, findings = check_labels.open_copy(workspace, Path(folder))
        if labels is not None:
            older = list(check_labels.age(workspace, labels))
            findings += older
            findings += check_labels.references(workspace, labels)
            findings += check_labels.view(workspace, labels)
            findings += check_files.media(labels, workspace, progress)
            strays = check_files.strays(workspace, labels, listing)
            findings += map(_left, strays) if older else strays
            findings += check_files.shared(workspace, labels)
        findings += check_files.leftovers(workspace, listing)
        findings += check_runs.runs(workspace)
        findings += check_runs.split(workspace, labels)
    return Report(tuple(findings), () if is_sure else (BUSY,))


def _left(stray: Finding) -> Finding:
    """Leave files alone that newer labels speak of."""
    return replace(stray, repair="", advice="Put the newer labels back first, then check again.", mend=None)


@needs(Right.REPAIR)
def repair(workspace: Workspace, progress: Progress | None = None) -> Report:
    """Check ``workspace``, repair what can be repaired without losing anything, and check again.

    Raises:
        WorkspaceError: the disk is full or read-only.
    """
    before = check_workspace(workspace, progress)
    mended = [finding for finding in before.findings if finding.mend is not None]
    if not mended:
        return before
    errors = []
    for finding in mended:
        assert finding.mend is not None
        try:
            finding.mend()
        except SeamLensError as error:
            errors.append(f"{finding.where} could not be repaired: {error}")
    after = check_workspace(workspace, progress)
    repaired = tuple(finding for finding in mended if finding not in after.findings)
    return Report(after.findings, (*after.notes, *errors), repaired)
