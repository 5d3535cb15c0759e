"""Splits: no group crosses parts, every labelled frame is in one part, and every part resembles the whole."""

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import LabelError, SplitError
from core.splits.make_split import folds, split_by_video, split_from_table, split_random
from core.splits.split import BY_VIDEO, PARTS, Split
from tests.helpers import bare_frames
from tests.splits.labels_to_split import GROUPS, SEEDS, class_of_14, frames, labelled


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
    assert set(split_by_video(table, seed).table["part"]) == set(PARTS)


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


@pytest.mark.parametrize("seed", range(5))
def test_parts_are_about_60_20_20_and_resemble_the_whole(seed: int) -> None:
    table = class_of_14()
    counts = split_by_video(table, seed).counts(table)
    for part, share in zip(PARTS, BY_VIDEO, strict=True):
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
    assert [counts[part]["frames"] for part in PARTS] == [390, 100, 10]


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
