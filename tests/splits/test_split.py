"""What a split says of its parts."""

from core.splits.make_split import split_by_video
from core.splits.split import PARTS, Split
from tests.helpers import bare_frames
from tests.splits.labels_to_split import class_of_14


def test_frames_that_are_gone_are_not_counted() -> None:
    table = class_of_14()
    made = split_by_video(table)
    gone = table[table["video"] != table["video"].iloc[0]]
    counts = made.counts(gone)
    assert sum(counts[part]["frames"] for part in PARTS) == len(gone)
    assert sum(counts[part]["videos"] for part in PARTS) == 13


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
