"""How far the numbers of a test can be trusted, on labels and results that are written here."""

from pathlib import Path

import pytest

from core.attributes import named
from core.evaluation import evaluate, verdict
from core.evaluation.verdict import ALL
from core.labels.labels import record
from core.report import trust
from core.report.trust import Reason, Trust
from core.runs.run import Run
from core.splits.leaks import LeakRecord
from core.storage import database as db
from core.training.create_run import create_run
from tests.helpers import tiny_class
from tests.helpers.fake_predictions import foretell
from tests.helpers.written_answers import spoken

SAME = {"Ann": "tttttfffff" * 3, "Ben": "tttttfffff" * 3}
DIFFER = {"Ann": "ttttffff" * 4, "Ben": "ttffttff" * 4}
RARE = {"Ann": "tf" + "f" * 28, "Ben": "ft" + "f" * 28}
FEW = {"Ann": "tf", "Ben": "ft"}


@pytest.mark.parametrize(
    ("said", "is_drawn", "reasons"),
    [
        (SAME, False, [Reason("good", "Annotators agree about “good”", of=("good",))]),
        (DIFFER, False, [Reason("bad", "Annotators do not agree about “good” (alpha 0.02)", "labels in dispute", ("good",))]),
        (RARE, False, [Reason("partly", "Nearly all answers about “good” are the same, which hides whether annotators agree",
                              "one-sided labels", ("good",))]),
        (FEW, False, [Reason("partly", "Too few frames were labelled by two people to say whether they agree about “good”",
                             "labels hardly checked", ("good",))]),
        ({"Ann": "tf"}, False, [Reason("partly", "No frame was labelled by two people, so nobody knows whether the labels are right",
                                       "labels not checked")]),
        ({"Ann": "tf"}, True, []),  # they were drawn with the videos
        (DIFFER, True, [Reason("bad", "Annotators do not agree about “good” (alpha 0.02)", "labels in dispute", ("good",))]),
    ],
)  # fmt: skip
def test_what_labels_say(tmp_path: Path, said: dict[str, str], is_drawn: bool, reasons: list[Reason]) -> None:
    """Of DIFFER half of 32 frames differ, and half of all answers are true: alpha is 1 − 63 · 32 / (64² − 32² − 32²)."""
    made = spoken(tmp_path, said, attributes=named(["good"]))
    assert trust.labels(trust.agreements(made), is_drawn) == reasons


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A tested run that is right everywhere, with enough frames to be judged."""
    made = create_run(tiny_class.make(tmp_path / "class", frames=36), tiny_class.quick(leaking=True))
    foretell(made, {})
    return made


def after(run: Run, leak: LeakRecord | None = None) -> Trust:
    """Return how far the test of ``run`` can be trusted if its split leaked so."""
    changed = tiny_class.with_config(run, leak=leak)
    return trust.trust(changed, changed.test)


def test_of_few_videos_that_one_person_labelled(run: Run) -> None:
    found = after(run)
    assert (found.state, found.sentence) == (
        "partly",
        "Measured on 36 frames of 1 test group, the numbers of Run 1 hold only roughly: 1 group is too few to say how exact the "
        "numbers are (it takes 6); no frame was labelled by two people, so nobody knows whether the labels are right.",
    )
    assert found.limited("narrow") == found.limited(ALL) == "Limited: few test groups, labels not checked."
    assert [reason.sentence for reason in found.reasons if reason.state == "good"]


def test_of_drawn_videos_that_is_said_and_their_labels_are_not_doubted(run: Run) -> None:
    with db.writing(run.workspace) as connection:
        connection.execute(db.videos.update().values(origin="rendered"))
    evaluate.measure(run)
    found = after(run)
    assert "practice" in found.sentence and "drawn by SeamLens" in found.sentence
    assert found.limited(ALL) == "Limited: few test videos, practice videos."


def test_of_a_leaking_split_nothing_but_that_is_said_and_no_verdict_has_a_tick(run: Run) -> None:
    found = after(run, leak={"meter": 97.0, "test_frames": 100, "leaking_test_frames": 97})
    assert found.state == "bad"
    assert found.sentence.endswith(
        "say little yet: 97.0 % of the test frames have a near-duplicate in training."
    )
    assert {found.mark(each) for each in verdict.headline(run.test).verdicts} == {"doubtful"}


def test_what_changed_since_the_test_counts(run: Run) -> None:
    tested = run.frames.loc[run.frames["part"] == "test"]
    record(run.workspace, "teacher", tested["video"].iloc[0], 0, 0, {"spot": False}, "suggestion")
    found = after(run)
    assert {"relabelled after a test", "suggested labels"} <= {reason.short for reason in found.reasons}


def test_what_was_not_learned_is_said(run: Run) -> None:
    assert "It has not learned" not in after(run).sentence
    few = tiny_class.with_config(run, attributes=named(["narrow"]))
    assert trust.trust(few, few.test).sentence.endswith(" It has not learned “clean” and “spot”.")
