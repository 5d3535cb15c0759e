"""Contradictions: frames whose labels break a rule of the attributes."""

from pathlib import Path

from core.attributes import SEAM, AttributeSet, Rule, named
from core.labels.labels import record
from core.review.contradictions import contradictions
from core.workspace import Workspace
from tests.helpers import bare_frames


def rows(workspace: Workspace) -> list[tuple[object, ...]]:
    return list(contradictions(workspace).itertuples(index=False, name=None))


def test_good_together_with_break_breaks_the_rule_of_seams(tmp_path: Path) -> None:
    seams = bare_frames.make(tmp_path / "w", {"seam_1": 4})
    record(seams, "Ann", "seam_1", 0, 1, {"good": True, "error": False})
    record(seams, "Ann", "seam_1", 1, 2, {"break": True})
    rule = "“good” and “break” are both true"
    assert rows(seams) == [
        ("seam_1_1", "seam_1", 1, rule, "consensus"),
        ("seam_1_1", "seam_1", 1, rule, "Ann"),
    ]


def test_labels_of_two_annotators_may_contradict_only_in_the_consensus(tmp_path: Path) -> None:
    seams = bare_frames.make(tmp_path / "w", {"seam_1": 1})
    record(seams, "Ann", "seam_1", 0, 0, {"good": True})
    record(seams, "Ben", "seam_1", 0, 0, {"error": True})
    assert [row[4] for row in rows(seams)] == ["consensus"]


def test_an_adjudication_settles_the_consensus_and_leaves_the_annotator(tmp_path: Path) -> None:
    seams = bare_frames.make(tmp_path / "w", {"seam_1": 1})
    record(seams, "Ann", "seam_1", 0, 0, {"good": True, "error": True})
    record(seams, "Ann", "seam_1", 0, 0, {"good": False}, source="adjudication")
    assert [row[4] for row in rows(seams)] == ["Ann"]


def test_a_rule_that_is_said_both_ways_is_shown_once(tmp_path: Path) -> None:
    rules = (Rule("good", ("error",)), Rule("error", ("good",)))
    seams = bare_frames.make(tmp_path / "w", {"seam_1": 1}, AttributeSet(SEAM.attributes, rules=rules))
    record(seams, "Ann", "seam_1", 0, 0, {"good": True, "error": True})
    assert [row[3] for row in rows(seams)] == ["“good” and “error” are both true"] * 2


def test_without_rules_nothing_contradicts(tmp_path: Path) -> None:
    seams = bare_frames.make(tmp_path / "w", {"seam_1": 1}, named(["open", "short"]))
    record(seams, "Ann", "seam_1", 0, 0, {"open": True, "short": True})
    assert rows(seams) == []


def test_classes_without_a_majority_are_all_false_in_the_consensus(tmp_path: Path) -> None:
    fruit = bare_frames.make(tmp_path / "w", {"a": 1}, named(["apple", "orange", "tomato"], exclusive=True))
    for name, chosen in (("Ann", "apple"), ("Ben", "orange"), ("Cem", "tomato")):
        record(fruit, name, "a", 0, 0, {chosen: True})
    assert rows(fruit) == [("a_0", "a", 0, "every class is false", "consensus")]


def test_two_classes_may_both_be_true_in_the_consensus(tmp_path: Path) -> None:
    """They were labelled before the workspace said that its classes exclude each other."""
    fruit = bare_frames.make(tmp_path / "w", {"a": 1}, named(["apple", "orange"]))
    record(fruit, "Ann", "a", 0, 0, {"apple": True, "orange": True})
    exclusive = Workspace(fruit.path, named(["apple", "orange"], exclusive=True), fruit.database)
    assert [row[3] for row in rows(exclusive)] == ["more than one class is true"] * 2


def test_neither_good_nor_a_defect_is_a_contradiction_once_all_are_answered(tmp_path: Path) -> None:
    seams = bare_frames.make(tmp_path / "w", {"seam_1": 3})
    record(seams, "Ann", "seam_1", 0, 2, {"good": False, "error": False})
    record(seams, "Ann", "seam_1", 0, 0, {"break": False})
    record(seams, "Ann", "seam_1", 1, 1, {"break": True})
    rule = "none of “good”, “error” and “break” is true"
    assert [row[1:] for row in rows(seams)] == [
        ("seam_1", 0, rule, "consensus"),
        ("seam_1", 0, rule, "Ann"),
    ]
