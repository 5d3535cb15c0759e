"""The overview of a class, on labels that are written here."""

from pathlib import Path

import pandas as pd
import pytest

from core.attributes import SEAM, named
from core.errors import SplitError
from core.labels.assignments import assign
from core.labels.labels import record
from core.report.class_overview import (
    ClassOverview,
    Lamp,
    RunLine,
    balance_lamp,
    class_overview,
    split_lamp,
    talk_sentence,
    trust_lamp,
)
from core.report.trust import Trust, agreements
from core.review.balance import balance
from core.review.differences import AnnotatorDifference
from core.review.gold import add_gold
from core.splits import stored_split
from core.splits.leaks import Leaks
from core.splits.split import Split
from core.storage import database as db
from core.workspace import Workspace
from tests.helpers.written_answers import say, spoken

HONEST, LEAKING = Leaks((), 100, 0), Leaks((), 100, 30)


@pytest.fixture
def seams(tmp_path: Path) -> Workspace:
    """Ann and Ben say the same of twelve frames; Cem calls the last five good, too."""
    return spoken(tmp_path, {"Ann": "ttttttffffff", "Ben": "ttttttffffff", "Cem": "ttttttfttttt"})


def by_name(found: ClassOverview) -> dict[str, object]:
    return {person.name: person for person in found.people}


def test_who_labelled_how_much(seams: Workspace) -> None:
    record(seams, "Dan", "seam_1", 0, 1, {"good": True, "error": False})  # two attributes of two frames
    people = class_overview(seams).people
    assert [(person.name, person.frames) for person in people] == [
        ("Ann", 12),
        ("Ben", 12),
        ("Cem", 12),
        ("Dan", 2),
    ]


def test_pace_counts_no_pause(seams: Workspace) -> None:
    """Three answers at 10:00, 10:01 and 10:31: the half hour is a pause, so three frames took one minute."""
    for index in range(3):
        record(seams, "Dan", "seam_1", index, index, {"error": False})
    with db.writing(seams) as connection:
        for index, at in enumerate(("10:00", "10:01", "10:31")):
            connection.exec_driver_sql(
                f"UPDATE events SET at = '2026-11-23T{at}:00+00:00' WHERE source = 'key' AND \"first\" = {index}"
            )
    people = by_name(class_overview(seams))
    assert (people["Dan"].minutes, people["Dan"].per_minute) == (1.0, 3.0)
    assert people["Ann"].per_minute is None  # imported


def test_whom_to_talk_to(seams: Workspace) -> None:
    found = class_overview(seams)
    people = by_name(found)
    assert [(people[name].same, people[name].compared) for name in ("Ann", "Cem")] == [(7, 7), (7, 12)]
    assert [talk_sentence(talk, seams.attributes) for talk in found.talk] == [
        "Cem says yes to “good” where Ann and Ben say no: 5 frames of seam_1."
    ]
    assert (people["Cem"].talk, people["Ann"].talk) == (found.talk[0], None)
    assert (found.disputes, found.edges, found.talk_missing) == (5, 0, "")


def test_nobody_talks_to_a_program(seams: Workspace) -> None:
    found = class_overview(seams, programs=["Cem"])
    assert (found.talk, by_name(found)["Cem"].talk) == ((), None)


def test_two_who_differ_from_each_other_are_named_once(tmp_path: Path) -> None:
    found = class_overview(spoken(tmp_path, {"Ann": "tttttt", "Ben": "ffffff"}))
    assert [talk.annotator for talk in found.talk] == ["Ann"]
    assert [person.talk is not None for person in found.people] == [True, True]


@pytest.mark.parametrize(
    ("talk", "sentence"),
    [
        (("length", True, ("Ann",), 60, ("a",)), "Cem says 2 mm stitches where Ann says 4 mm stitches: 60 frames of a."),
        (("break", False, ("Ann", "Ben"), 5, ("a", "b")), "Cem says no to “break” where Ann and Ben say yes: 5 frames of 2 videos."),
        (("break", True, ("A", "B", "D", "E", "F"), 5, ("a",)), "Cem says yes to “break” where A, B, D, E and 1 more say no: 5 frames of a."),
    ],
)  # fmt: skip
def test_the_sentence_uses_the_words_of_the_attribute(talk: tuple, sentence: str) -> None:
    assert talk_sentence(AnnotatorDifference("Cem", *talk), SEAM) == sentence


def test_of_classes_the_sentence_speaks_of_another_class() -> None:
    fruit = named(["apple", "orange"], exclusive=True)
    assert (
        talk_sentence(AnnotatorDifference("Cem", "apple", False, ("Ann",), 9, ("a",)), fruit)
        == "Cem says another class where Ann says “apple”: 9 frames of a."
    )


@pytest.mark.parametrize(
    ("videos", "why"),
    [
        ([{"Ann": "...."}], "Nobody has labelled yet."),
        ([{"Ann": "tttf"}], "Only Ann has labelled so far. Have somebody else label some of the same videos."),
        ([{"Ann": "tf..", "Ben": "..tf"}], "No frame was labelled by two people: have some videos labelled by two."),
    ],
)  # fmt: skip
def test_what_is_missing_to_compare_people(tmp_path: Path, videos: list[dict[str, str]], why: str) -> None:
    found = class_overview(spoken(tmp_path, *videos))
    assert (found.talk_missing, found.talk) == (why, ())
    assert (found.split.state, found.trust.state, found.runs) == ("unknown", "unknown", ())


def test_assignments_and_gold_frames_are_counted(seams: Workspace) -> None:
    """Dan has a video and has not begun; Eva vouches for two frames, where Cem is right once."""
    say(seams, "Eva", "seam_1", "......ff")
    add_gold(seams, "Eva", "seam_1", 6, 7)
    assign(seams, ["seam_1"], ["Dan", "Ann"])
    found = class_overview(seams)
    people = by_name(found)
    assert (found.assigned, found.finished, found.gold_frames) == (2, 0, 2)
    assert (people["Dan"].frames, people["Dan"].assigned, people["Dan"].finished) == (0, 1, 0)
    assert (people["Cem"].gold, people["Cem"].right) == (2, 1)


@pytest.mark.parametrize(
    ("said", "state"),
    [("", "unknown"), ("tttt", "bad"), ("t" + "f" * 29, "partly"), ("tttfff", "good")],
)
def test_balance(tmp_path: Path, said: str, state: str) -> None:
    """One answer only is wrong; one true of 30 frames is too few, as one in ten should be."""
    made = spoken(tmp_path, {"Ann": said or "."}, attributes=named(["good"]))
    assert balance_lamp(balance(made)).state == state


def split_of(*parts: str) -> Split:
    table = pd.DataFrame({"name": [f"f{i}" for i in range(len(parts))], "video": [p[0] for p in parts]})
    return Split(table.assign(part=[p[2:] for p in parts]), "file")


@pytest.mark.parametrize(
    ("split", "found", "state", "sentence"),
    [
        (None, HONEST, "unknown", "There is no split yet: the first training makes one."),
        (split_of("a train", "b test"), HONEST, "good", "Honest split: none of the 100 test pictures resembles a training picture."),
        (split_of("a train", "a test"), HONEST, "partly", "The test frames are from videos that also train: expect less on a new seam."),
        (split_of("a train", "b test"), LEAKING, "bad", "30 of 100 test pictures resemble a training picture, so a test on this split looks "
         "better than the network is. Split by video to know how good it is on a new seam."),
        (split_of("a train"), Leaks((), 0, 0), "bad", "The split has no test frames."),
        (split_of("a train", "b test"), None, "unknown", "The test frames are being compared with the training frames."),
    ],
)  # fmt: skip
def test_split(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    split: Split,
    found: Leaks | None,
    state: str,
    sentence: str,
) -> None:
    monkeypatch.setattr(stored_split, "load", lambda workspace: split)
    assert split_lamp(spoken(tmp_path, {"Ann": "t"}), lambda workspace, split: found) == Lamp(state, sentence)


def test_a_split_that_cannot_be_read_is_not_honest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def damaged(workspace: Workspace) -> Split:
        raise SplitError("It is torn.", "Split again.")

    monkeypatch.setattr(stored_split, "load", damaged)
    lamp = split_lamp(spoken(tmp_path, {"Ann": "t"}), lambda workspace, split: HONEST)
    assert lamp == Lamp("bad", "It is torn. Split again.")


def run(state: str = "") -> RunLine:
    trusted = Trust("", state, f"Run 1 is {state}.", ()) if state else None
    return RunLine("r", "Run 1", "Ada", "", "clearly" if state else None, "", False, trusted)


DIFFER = {"Ann": "ttttffff" * 4, "Ben": "ttffttff" * 4}


@pytest.mark.parametrize(
    ("said", "runs", "lamp"),
    [
        (DIFFER, [run(), run("partly"), run("bad")], Lamp("partly", "Run 1 is partly.")),
        ({"Ann": "tf"}, [run()], Lamp("unknown", "No network was tested yet. No frame was labelled by two people, so nobody knows whether the labels are right.")),
        (DIFFER, [], Lamp("bad", "Annotators do not agree about “good” (alpha 0.02). Settle that first: a test is only as right as its labels.")),
    ],
)  # fmt: skip
def test_the_numbers_are_those_of_the_newest_test_else_the_labels(
    tmp_path: Path, said: dict[str, str], runs: list[RunLine], lamp: Lamp
) -> None:
    """Of DIFFER half of 32 frames differ, and half of all answers are true: alpha is 1 − 63 · 32 / (64² − 32² − 32²)."""
    assert trust_lamp(agreements(spoken(tmp_path, said)), runs) == lamp
