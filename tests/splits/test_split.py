"""Splits: no group crosses parts, every labelled frame is in one part, and every part resembles the whole."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import LabelError, SplitError
from core.splits import split
from core.splits.split import (
    GAP,
    PARTS,
    Split,
    extend,
    folds,
    shortages,
    split_by_blocks,
    split_by_video,
    split_from_table,
    split_random,
)
from core.workspace import Workspace
from tests.helpers import bare_frames

GROUPS = st.dictionaries(st.text("abc", min_size=1, max_size=3), st.integers(1, 12), min_size=3, max_size=20)
SEEDS = st.integers(0, 2**32 - 1)


def frames(sizes: dict[str, int], seed: int = 0) -> pd.DataFrame:
    """Make frames with chance answers; every seventh has none."""
    random = np.random.default_rng(seed)
    rows = [
        (group, i, *random.choice([True, False, None], 2)) for group, n in sizes.items() for i in range(n)
    ]
    table = bare_frames.labels(*rows)
    table.loc[table["index"] % 7 == 6, ["good", "error"]] = pd.NA
    return table


def all_labelled(sizes: dict[str, int]) -> pd.DataFrame:
    return bare_frames.labels(*[(group, i, True, False) for group, n in sizes.items() for i in range(n)])


def labelled(table: pd.DataFrame) -> set[str]:
    return set(table["name"][table[["good", "error"]].notna().any(axis=1)])


def class_of_14() -> pd.DataFrame:
    """14 videos of 220 frames; the length belongs to the video, the defects come in stretches."""
    rows = [
        (f"seam_{v}", i, not error, error, v % 2 == 0)
        for v in range(14)
        for i in range(220)
        for error in [40 <= i < 40 + 15 * (v % 5)]
    ]
    return bare_frames.labels(*rows, attributes=("good", "error", "length"))


@settings(max_examples=40, deadline=None)
@given(GROUPS, SEEDS)
def test_no_group_crosses_parts(sizes: dict[str, int], seed: int) -> None:
    table = split_by_video(frames({**sizes, "x": 3, "y": 3, "z": 3}), seed).table
    assert (table.groupby("video")["part"].nunique() == 1).all()


@settings(max_examples=40, deadline=None)
@given(GROUPS, SEEDS, st.sampled_from([split_by_video, split_random]))
def test_each_labelled_frame_is_in_exactly_one_part(sizes: dict[str, int], seed: int, way) -> None:
    table = bare_frames.labels(*[(g, i, True, False) for g, n in sizes.items() for i in range(n)])
    table.loc[table.index % 4 == 3, ["good", "error"]] = pd.NA
    table = pd.concat([table, bare_frames.labels(*[(g, 99, True, False) for g in sizes])], ignore_index=True)
    made = way(table, seed).table
    assert made["name"].is_unique
    assert set(made["name"]) == labelled(table)


@settings(max_examples=20, deadline=None)
@given(SEEDS, st.sampled_from([split_by_video, split_random]))
def test_a_seed_gives_the_same_split_again(seed: int, way) -> None:
    table = frames({f"g{i}": 9 for i in range(12)})
    assert way(table, seed).table.equals(way(table, seed).table)


@settings(max_examples=40, deadline=None)
@given(GROUPS, SEEDS)
def test_no_part_is_empty(sizes: dict[str, int], seed: int) -> None:
    table = bare_frames.labels(*[(g, i, True, False) for g, n in sizes.items() for i in range(n)])
    assert set(split_by_video(table, seed).table["part"]) == set(split.PARTS)


@pytest.mark.parametrize("way", [split_by_video, split_random])
def test_another_seed_gives_another_split(way) -> None:
    table = frames({f"g{i}": 9 for i in range(12)})
    assert not way(table, 1).table.equals(way(table, 2).table)


@pytest.mark.parametrize("seed", range(5))
def test_every_part_has_both_answers_of_every_attribute(seed: int) -> None:
    table = class_of_14()
    for part in split_by_video(table, seed).counts(table).values():
        for count in part["attributes"].values():
            assert count["true"] > 0
            assert count["false"] > 0


def test_frames_that_are_gone_are_not_counted() -> None:
    table = class_of_14()
    made = split_by_video(table)
    gone = table[table["video"] != table["video"].iloc[0]]
    counts = made.counts(gone)
    assert sum(counts[part]["frames"] for part in split.PARTS) == len(gone)
    assert sum(counts[part]["videos"] for part in split.PARTS) == 13


@pytest.mark.parametrize("seed", range(5))
def test_parts_are_about_60_20_20_and_resemble_the_whole(seed: int) -> None:
    table = class_of_14()
    counts = split_by_video(table, seed).counts(table)
    for part, share in zip(split.PARTS, split.BY_VIDEO, strict=True):
        assert counts[part]["frames"] / len(table) == pytest.approx(share, abs=0.1)
        rate = counts[part]["attributes"]["error"]["true"] / counts[part]["frames"]
        assert rate == pytest.approx(table["error"].mean(), abs=0.05)


def test_of_three_groups_each_is_one_part() -> None:
    table = split_by_video(
        bare_frames.labels(("a", 0, True, False), ("b", 0, True, False), ("c", 0, True, False))
    ).table
    assert sorted(table["part"]) == ["test", "train", "valid"]


def test_fewer_than_three_labelled_videos_lead_to_blocks() -> None:
    table = bare_frames.labels(("a", 0, True, None), ("b", 0, True, None), ("c", 0, None, None))
    with pytest.raises(SplitError, match=r"Only 2 labelled videos \(a and b\).*needs 3.*by blocks"):
        split_by_video(table)


@pytest.mark.parametrize("way", [split_by_video, split_random])
def test_without_labels_there_is_no_split(way) -> None:
    with pytest.raises(SplitError, match="no labelled frames"):
        way(bare_frames.labels(("a", 0, None, None)))


def test_the_published_split_is_78_20_2_of_the_frames() -> None:
    table = bare_frames.labels(*[("a", i, True, False) for i in range(500)])
    counts = split_random(table).counts(table)
    assert [counts[part]["frames"] for part in split.PARTS] == [390, 100, 10]


@settings(max_examples=30, deadline=None)
@given(GROUPS, st.integers(3, 6), SEEDS)
def test_each_group_is_tested_on_in_exactly_one_fold(sizes: dict[str, int], k: int, seed: int) -> None:
    made = folds(
        bare_frames.labels(*[(g, 0, True, False) for g in {**sizes, **dict.fromkeys("uvwxyz", 1)}]), k, seed
    )
    tested = [group for fold in made for group in fold.table.loc[fold.table["part"] == "test", "video"]]
    assert sorted(tested) == sorted(made[0].table["video"])


@settings(max_examples=30, deadline=None)
@given(GROUPS, st.integers(3, 6), SEEDS)
def test_no_group_crosses_the_parts_of_a_fold(sizes: dict[str, int], k: int, seed: int) -> None:
    for fold in folds(frames({**sizes, **dict.fromkeys("uvwxyz", 3)}), k, seed):
        assert (fold.table.groupby("video")["part"].nunique() == 1).all()


@pytest.mark.parametrize("k", [2, 4])
def test_folds_are_at_least_three_and_no_more_than_videos(k: int) -> None:
    with pytest.raises(SplitError, match=f"{k} folds of 3 videos"):
        folds(bare_frames.labels(*[(g, 0, True, False) for g in "abc"]), k)


@settings(max_examples=40, deadline=None)
@given(GROUPS, GROUPS, SEEDS)
def test_nothing_moves_when_a_split_is_extended(old: dict[str, int], new: dict[str, int], seed: int) -> None:
    before = split_by_video(all_labelled(old), seed)
    after = extend(before, all_labelled({**new, **old})).table
    assert (after.groupby("video")["part"].nunique() == 1).all()
    assert set(after["video"]) == set(old) | set(new)
    part = after.set_index("name")["part"]
    assert part[before.table["name"]].tolist() == before.table["part"].tolist()


def test_an_extension_names_the_new_videos() -> None:
    before = split_by_video(bare_frames.labels(*[(g, 0, True, False) for g in "abc"]))
    after = extend(before, bare_frames.labels(*[(g, 0, True, False) for g in "abcd"]))
    assert after.notes[0].startswith("New: d: ")


def test_a_split_that_divides_videos_is_not_extended() -> None:
    table = frames({"a": 30, "b": 30})
    with pytest.raises(SplitError, match="divides videos"):
        extend(split_random(table), table)


def test_counts_are_per_part_and_attribute() -> None:
    table = bare_frames.labels(
        ("a", 0, True, False), ("a", 1, True, None), ("b", 0, False, False), ("c", 0, True, True)
    )
    made = Split(table[["name", "video"]].assign(part=["train", "train", "valid", "test"]), "file")
    assert made.counts(table)["train"] == {
        "frames": 2,
        "videos": 1,
        "attributes": {"good": {"true": 2, "false": 0}, "error": {"true": 0, "false": 1}},
    }


class TestFromTable:
    LABELS = bare_frames.labels(*[("a", i, True, False) for i in range(5)], ("a", 5, None, None))

    def read(self, tmp_path: Path, text: str) -> Split:
        return split_from_table(self.LABELS, bare_frames.csv(tmp_path / "mine.csv", text))

    def test_names_may_be_paths_and_parts_in_capitals(self, tmp_path: Path) -> None:
        made = self.read(tmp_path, "name,part\na_0,train\n/x/a_1.png,Valid\nC:\\x\\a_2.jpg,test\n")
        assert made.table["part"].tolist() == ["train", "valid", "test"]
        assert made.by == "file"

    def test_frames_that_are_not_named_are_not_used_and_counted(self, tmp_path: Path) -> None:
        made = self.read(tmp_path, "name,part\na_0,train\na_1,valid\na_2,test\n")
        assert "2 labelled frames not in the table, so not used." in made.notes

    def test_named_frames_without_labels_are_left_out_and_counted(self, tmp_path: Path) -> None:
        made = self.read(tmp_path, "name,part\na_0,train\na_1,valid\na_2,test\na_5,test\n")
        assert "a_5" not in set(made.table["name"])
        assert any(note.startswith("1 frame of the table without a label") for note in made.notes)

    @pytest.mark.parametrize(
        ("line", "problem"),
        [
            ("b_7,train", "'b_7' in .*mine.csv, line 5"),
            ("a_3,holdout", "'holdout' in .*mine.csv, line 5"),
            ("a_0,test", "'a_0' in .*mine.csv, line 5"),
        ],
    )
    def test_a_wrong_line_is_named(self, tmp_path: Path, line: str, problem: str) -> None:
        with pytest.raises(SplitError, match=problem):
            self.read(tmp_path, f"name,part\na_0,train\na_1,valid\na_2,test\n{line}\n")

    def test_a_part_without_frames_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(SplitError, match="no labelled frames for valid"):
            self.read(tmp_path, "name,part\na_0,train\na_1,test\n")

    def test_the_columns_are_needed(self, tmp_path: Path) -> None:
        with pytest.raises(SplitError, match="no column “part”"):
            self.read(tmp_path, "name,set\na_0,train\n")

    def test_a_missing_file_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(LabelError, match=r"nothing\.csv"):
            split_from_table(self.LABELS, tmp_path / "nothing.csv")


class TestStored:
    MADE = Split(
        pd.DataFrame({"name": ["a_0", "NA", "007"], "video": ["a", "NA", "1"], "part": list(split.PARTS)}),
        "video",
        7,
    )

    @pytest.fixture
    def seams(self, tmp_path: Path) -> Workspace:
        return bare_frames.make(tmp_path / "w", {})

    def test_a_stored_split_is_read_back(self, seams: Workspace) -> None:
        split.store(seams, self.MADE)
        back = split.load(seams)
        assert back is not None
        assert (back.by, back.seed) == ("video", 7)
        assert back.table.to_dict() == self.MADE.table.to_dict()

    def test_there_is_none_before(self, seams: Workspace) -> None:
        assert split.load(seams) is None

    def test_an_edited_split_counts_as_a_files(self, seams: Workspace) -> None:
        split.store(seams, self.MADE)
        seams.split_file.write_text("name,group,part\na_0,a,test\n")
        back = split.load(seams)
        assert back is not None
        assert (back.by, back.seed) == ("file", None)

    def test_a_power_cut_between_the_two_files_leaves_the_split_before(self, seams: Workspace) -> None:
        split.store(seams, self.MADE)
        before = seams.split_file.read_bytes()
        split.store(seams, replace(self.MADE, table=self.MADE.table[::-1], by="random", seed=8))
        seams.split_file.write_bytes(before)  # the new split.json is there, the new split.csv not yet
        back = split.load(seams)
        assert back is not None
        assert (back.by, back.seed) == ("video", 7)

    def test_a_file_that_is_no_split_is_named(self, seams: Workspace) -> None:
        seams.split_file.write_text("name,group,part\na_0,a,sometimes\n")
        with pytest.raises(SplitError, match=r"split\.csv"):
            split.load(seams)


def test_how_it_was_made_is_known_wherever_storing_stops(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """split.json is there before split.csv: until then it speaks of both."""
    workspace = bare_frames.make(tmp_path / "w", {"seam_1": 1})
    table = all_labelled({f"seam_{number}": 4 for number in range(6)})
    old, new = split_by_video(table, seed=1), split_by_video(table, seed=2)
    split.store(workspace, old)
    rename = Path.replace
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):

        def stopped(self: Path, target: Path) -> Path:
            if target == workspace.split_file:
                raise KeyboardInterrupt
            return rename(self, target)

        patch.setattr(Path, "replace", stopped)
        split.store(workspace, new)
    kept = split.load(workspace)
    assert kept is not None and (kept.by, kept.seed) == ("video", 1) and kept.table.equals(old.table)
    split.store(workspace, new)
    stored = split.load(workspace)
    assert stored is not None and (stored.by, stored.seed) == ("video", 2) and stored.table.equals(new.table)


FPS = 10


def video(key: str, frames: int) -> list[tuple[object, ...]]:
    return [(key, i, i % 40 < 20, i % 30 < 5) for i in range(frames)]


def times(table: pd.DataFrame) -> pd.Series:
    return pd.Series(table["index"].to_numpy() / FPS, table["name"])


def none(table: pd.DataFrame) -> pd.Series:
    return pd.Series(np.nan, table["name"])


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(65, 200), min_size=1, max_size=2), st.integers(0, 1000))
def test_frames_of_one_video_in_two_parts_are_more_than_the_gap_apart(lengths: list[int], seed: int) -> None:
    table = bare_frames.labels(*[row for i, n in enumerate(lengths) for row in video(f"v{i}", n)])
    made = split_by_blocks(table, times(table), seed).table.merge(table[["name", "index"]], on="name")
    for _, frames in made.groupby("video"):
        changes = frames["part"].to_numpy()[1:] != frames["part"].to_numpy()[:-1]
        apart = np.diff(frames["index"].to_numpy())[changes] / FPS
        assert (apart > GAP).all()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_a_seed_gives_the_same_blocks_again(seed: int) -> None:
    table = bare_frames.labels(*video("a", 150))
    first, again = (split_by_blocks(table, times(table), seed).table for _ in range(2))
    assert first.equals(again)


def test_every_part_has_frames_and_the_gaps_are_counted() -> None:
    table = bare_frames.labels(*video("a", 100))
    made = split_by_blocks(table, times(table))
    counts = made.counts(table)
    used = sum(counts[part]["frames"] for part in split.PARTS)
    assert all(counts[part]["frames"] > 0 for part in split.PARTS)
    assert f"{100 - used} frames in the gaps between the parts, not used." in made.notes


def test_pictures_without_times_count_as_thirty_a_second() -> None:
    table = bare_frames.labels(*video("a", 300))
    made = split_by_blocks(table, none(table)).table.merge(table[["name", "index"]], on="name")
    changes = made["part"].to_numpy()[1:] != made["part"].to_numpy()[:-1]
    assert (np.diff(made["index"].to_numpy())[changes] > 15).all()


def test_too_short_a_video_is_refused() -> None:
    table = bare_frames.labels(*video("a", 30))
    with pytest.raises(SplitError, match=r"Only 2\.9 s are labelled; 6 s are needed"):
        split_by_blocks(table, times(table))


def parted(*rows: tuple[object, ...]) -> tuple[Split, pd.DataFrame]:
    """Videos a, b and c are the parts."""
    labels = bare_frames.labels(*rows)
    part = labels["video"].map(dict(zip("abc", PARTS, strict=True)))
    return Split(labels[["name", "video"]].assign(part=part), "video"), labels


def test_enough_of_everything_needs_no_word() -> None:
    rows = [(group, i, i < 10, i >= 10) for group in "abc" for i in range(20)]
    assert shortages(*parted(*rows)) == []


def test_the_parts_are_named_and_the_videos_that_have_it() -> None:
    rows = [(group, i, i < 10, i >= 10 and group != "c") for group in "abc" for i in range(20)]
    assert shortages(*parted(*rows)) == [
        "“error” is true in too few frames: 0 in test; 10 or more make a useful number. "
        "Add a video with it (a and b have it)."
    ]


def test_an_answer_that_nobody_gave_is_named() -> None:
    rows = [(group, i, i < 10, False) for group in "abc" for i in range(20)]
    assert shortages(*parted(*rows))[0] == "“error” is true in no frame yet. Label at least 10 for each part."
