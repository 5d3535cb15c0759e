from pathlib import Path

import pandas as pd

from core.labels.frame_stretches import numbered, places
from core.storage.database import frames, writing
from tests.helpers import bare_frames


def table(*rows: tuple[str, int, object]) -> pd.DataFrame:
    made = pd.DataFrame(rows, columns=["video", "index", "Ann"]).astype({"Ann": "boolean"})
    return made.assign(name=made["video"] + "_" + made["index"].astype(str))


def test_neighbours_with_the_same_answer_are_one_stretch(tmp_path: Path) -> None:
    here = places(bare_frames.make(tmp_path / "w", {"a": 4, "b": 2}))
    said = table(("a", 0, True), ("a", 1, True), ("a", 2, False), ("a", 3, False), ("b", 0, False))
    assert numbered(said, ["Ann"], here).tolist() == [0, 0, 1, 1, 2]


def test_who_has_not_answered_divides_no_stretch(tmp_path: Path) -> None:
    here = places(bare_frames.make(tmp_path / "w", {"a": 4}))
    said = table(("a", 0, None), ("a", 1, None), ("a", 2, True), ("a", 3, None))
    assert numbered(said, ["Ann"], here).tolist() == [0, 0, 1, 2]


def test_a_frame_between_divides_a_stretch(tmp_path: Path) -> None:
    here = places(bare_frames.make(tmp_path / "w", {"a": 4}))
    assert numbered(table(("a", 0, True), ("a", 2, True)), ["Ann"], here).tolist() == [0, 1]


def test_where_every_third_frame_was_kept_these_are_neighbours(tmp_path: Path) -> None:
    made = bare_frames.make(tmp_path / "w", {"a": 7})
    with writing(made) as connection:
        connection.execute(frames.delete().where(frames.c.index.not_in([0, 3, 6])))
    said = table(("a", 0, True), ("a", 3, True), ("a", 6, False))
    assert numbered(said, ["Ann"], places(made)).tolist() == [0, 0, 1]


def test_of_no_frames_there_is_no_stretch(tmp_path: Path) -> None:
    here = places(bare_frames.make(tmp_path / "w", {"a": 4}))
    assert numbered(table(("a", 0, True)).iloc[:0], ["Ann"], here).tolist() == []
