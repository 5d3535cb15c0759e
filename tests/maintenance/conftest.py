"""A workspace with two labelled videos, their split and a trained run that is only written, not learned."""

from pathlib import Path

import pytest

from core.labels.consensus import consensus
from core.maintenance.check import Report, check_workspace
from core.splits import stored_split
from core.splits.make_split import split_by_video
from core.workspace import Workspace
from tests.helpers.copies import copy_old
from tests.helpers.page_workspace import small_workspace


@pytest.fixture
def seams(tmp_path: Path) -> Workspace:
    made = small_workspace(tmp_path / "w", videos=3)
    for file in made.path.glob("*.mp4"):  # from which the videos were added
        file.unlink()
    stored_split.store(made, split_by_video(consensus(made)))
    return made


@pytest.fixture
def trained(tmp_path: Path) -> Workspace:
    """The workspace of an earlier version: a run with a test and a session."""
    return copy_old(tmp_path)


def kinds(report: Report) -> list[str]:
    return [finding.kind for finding in report.findings]


def problems(workspace: Workspace) -> str:
    """All sentences of a check."""
    return "\n".join(
        f"{f.where}: {f.problem} {f.repair} {f.advice}" for f in check_workspace(workspace).findings
    )
