"""The current split of a workspace, and how it was made."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from core.errors import SplitError
from core.splits import stored_split
from core.splits.make_split import split_by_video
from core.splits.split import PARTS, Split
from core.workspace import Workspace
from tests.helpers import bare_frames
from tests.splits.labels_to_split import all_labelled


class TestStored:
    MADE = Split(
        pd.DataFrame({"name": ["a_0", "NA", "007"], "video": ["a", "NA", "1"], "part": list(PARTS)}),
        "video",
        7,
    )

    @pytest.fixture
    def seams(self, tmp_path: Path) -> Workspace:
        return bare_frames.make(tmp_path / "w", {})

    def test_a_stored_split_is_read_back(self, seams: Workspace) -> None:
        stored_split.store(seams, self.MADE)
        back = stored_split.load(seams)
        assert back is not None
        assert (back.by, back.seed) == ("video", 7)
        assert back.table.to_dict() == self.MADE.table.to_dict()

    def test_there_is_none_before(self, seams: Workspace) -> None:
        assert stored_split.load(seams) is None

    def test_an_edited_split_counts_as_a_files(self, seams: Workspace) -> None:
        stored_split.store(seams, self.MADE)
        seams.split_file.write_text("name,group,part\na_0,a,test\n")
        back = stored_split.load(seams)
        assert back is not None
        assert (back.by, back.seed) == ("file", None)

    def test_a_power_cut_between_the_two_files_leaves_the_split_before(self, seams: Workspace) -> None:
        stored_split.store(seams, self.MADE)
        before = seams.split_file.read_bytes()
        stored_split.store(seams, replace(self.MADE, table=self.MADE.table[::-1], by="random", seed=8))
        seams.split_file.write_bytes(before)  # the new split.json is there, the new split.csv not yet
        back = stored_split.load(seams)
        assert back is not None
        assert (back.by, back.seed) == ("video", 7)

    def test_a_file_that_is_no_split_is_named(self, seams: Workspace) -> None:
        seams.split_file.write_text("name,group,part\na_0,a,sometimes\n")
        with pytest.raises(SplitError, match=r"split\.csv"):
            stored_split.load(seams)


def test_how_it_was_made_is_known_wherever_storing_stops(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """split.json is there before split.csv: until then it speaks of both."""
    workspace = bare_frames.make(tmp_path / "w", {"seam_1": 1})
    table = all_labelled({f"seam_{number}": 4 for number in range(6)})
    old, new = split_by_video(table, seed=1), split_by_video(table, seed=2)
    stored_split.store(workspace, old)
    rename = Path.replace
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):

        def stopped(self: Path, target: Path) -> Path:
            if target == workspace.split_file:
                raise KeyboardInterrupt
            return rename(self, target)

        patch.setattr(Path, "replace", stopped)
        stored_split.store(workspace, new)
    kept = stored_split.load(workspace)
    assert kept is not None and (kept.by, kept.seed) == ("video", 1) and kept.table.equals(old.table)
    stored_split.store(workspace, new)
    stored = stored_split.load(workspace)
    assert stored is not None and (stored.by, stored.seed) == ("video", 2) and stored.table.equals(new.table)
