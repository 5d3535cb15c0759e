from pathlib import Path

import pandas as pd
import pytest

from core.attributes import named
from core.errors import LabelError
from core.labels.consensus import consensus
from core.labels.label_table import FRAME, attributes_of, from_file, in_order, of_one_class, to_file
from core.splits import split, stored_split
from core.storage.event_log import stretch_starts
from tests.helpers import bare_frames


def test_the_consensus_has_the_schema(tmp_path: Path) -> None:
    table = consensus(bare_frames.make(tmp_path / "w", {"seam_10": 1, "seam_9": 2}))
    assert tuple(table.columns[:3]) == FRAME
    assert attributes_of(table) == ["good", "error", "break", "length"]
    assert table["name"].tolist() == ["seam_9_0", "seam_9_1", "seam_10_0"]


def test_files_keep_the_column_group(tmp_path: Path) -> None:
    made = bare_frames.make(tmp_path / "w", {"a": 1})
    table = pd.DataFrame({"name": ["a_0"], "video": ["a"], "part": ["train"]})
    stored_split.store(made, split.Split(table, "random", 0))
    assert made.split_file.read_text("utf-8") == "name,group,part\na_0,a,train\n"
    assert stored_split.load(made).table.equals(table)
    assert from_file(to_file(table)).equals(table)


def test_rows_are_ordered_by_video_and_index_and_what_comes_before_or_after() -> None:
    table = pd.DataFrame({"video": ["v10", "v9", "v9", "v9"], "index": [0, 1, 0, 0], "rank": [0, 0, 1, 0]})
    assert in_order(table, after=[table["rank"]]).to_numpy().tolist() == [
        ["v9", 0, 0], ["v9", 0, 1], ["v9", 1, 0], ["v10", 0, 0],
    ]  # fmt: skip
    assert in_order(table, before=[table["rank"]])["rank"].tolist() == [0, 0, 0, 1]


def test_one_class_is_known_where_exactly_one_is_true() -> None:
    table = bare_frames.labels(("a", 0, True, False), ("a", 1, True, True), ("a", 2, None, False))
    assert of_one_class(table, ["good", "error"]).tolist() == [True, False, False]


def test_a_true_class_makes_the_others_false() -> None:
    fruit = named(["apple", "orange", "pear"], exclusive=True)
    assert fruit.without_rivals({"orange": True}) == {"apple": False, "orange": True, "pear": False}
    assert fruit.without_rivals({"orange": None, "pear": False}) == {"orange": None, "pear": False}
    with pytest.raises(LabelError, match="apple and pear together"):
        fruit.without_rivals({"apple": True, "pear": True})
    assert named(["good", "error"]).without_rivals({"good": True}) == {"good": True}


def test_a_stretch_starts_where_any_column_changes() -> None:
    numbers, names = pd.array([1, 1, 2, 2]).to_numpy(), pd.Series(["a", "a", "a", "b"]).to_numpy(object)
    assert stretch_starts(numbers, names).tolist() == [0, 2, 3]
    assert stretch_starts(numbers[:0]).tolist() == []
