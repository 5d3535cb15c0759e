"""Verdicts in words, on results that are written down."""

import pytest

from core.evaluation import evaluate, verdict
from core.media.library import videos
from core.runs.results import AttributeResult, ClassesResult, Interval, OriginResult, TestResult
from core.runs.run import Run
from core.storage import database as db
from tests.helpers.fake_predictions import foretell


def attribute(accuracy: float, positives: int, frames: int = 200, interval: Interval | None = None):
    baseline = max(positives, frames - positives) / frames
    return AttributeResult({"accuracy": accuracy, "baseline": baseline}, frames, positives, 3, interval)


@pytest.mark.parametrize(
    ("row", "gain", "sentence"),
    [
        (attribute(0.618, 80), "hardly", "a: hardly better than guessing (61.8 against 60.0 %)."),
        (attribute(0.5, 80), "hardly", "a: no better than guessing (50.0 against 60.0 %)."),
        (attribute(0.6, 80), "hardly", "a: no better than guessing (60.0 against 60.0 %)."),
        (attribute(0.7, 80), "somewhat", "a: somewhat better than guessing (70.0 against 60.0 %)."),
        (attribute(0.98, 80), "clearly", "a: right in 98 of 100 frames, where guessing gets 60."),
        (attribute(0.998, 80), "clearly", "a: right in over 99 of 100 frames, where guessing gets 60."),
        (attribute(1.0, 80), "clearly", "a: right in 100 of 100 frames, where guessing gets 60."),
        # Three points above a high baseline are most of what can be learned; three above one half are not.
        (attribute(0.98, 190), "clearly", "a: right in 98 of 100 frames, where guessing gets 95."),
        (attribute(0.53, 100), "hardly", "a: hardly better than guessing (53.0 against 50.0 %)."),
        (attribute(0.98, 80, interval=Interval(0.9, 1.0)), "clearly", "a: right in 98 of 100 frames, where guessing gets 60."),
        (attribute(0.8, 80, interval=Interval(0.55, 0.93)), "unknown",
         "a: cannot be said yet, the videos differ too much (80.0 against 60.0 % for guessing)."),
        (attribute(1.0, 200), "unknown", "a: cannot be said yet, all 200 test frames are true."),
        (attribute(1.0, 0), "unknown", "a: cannot be said yet, all 200 test frames are false."),
        (attribute(1.0, 9), "unknown", "a: cannot be said yet, only 9 of 200 test frames are true."),
        (attribute(1.0, 199), "unknown", "a: cannot be said yet, only 1 of 200 test frames is false."),
        (AttributeResult(), "unknown", "a: cannot be said yet, no test frame is labelled."),
    ],
)  # fmt: skip
def test_what_is_said_of_an_attribute(row, gain, sentence):
    found = verdict.of_attribute("a", row)
    assert (found.gain, found.sentence) == (gain, sentence)


def classes(accuracy: float, plain: int, dark: int) -> ClassesResult:
    confusion = {"plain": {"plain": plain, "dark": 0}, "dark": {"plain": 0, "dark": dark}}
    metrics = {"accuracy": accuracy, "baseline": max(plain, dark) / max(1, plain + dark)}
    return ClassesResult(metrics, {}, confusion, "plain", 3)


@pytest.mark.parametrize(
    ("result", "gain", "sentence"),
    [
        (classes(0.9, 60, 40), "clearly", "all classes: right in 90 of 100 frames, where guessing gets 60."),
        (classes(0.6, 60, 40), "hardly", "all classes: no better than guessing (60.0 against 60.0 %)."),
        (classes(1.0, 60, 0), "unknown", "all classes: cannot be said yet, all 60 test frames are of “plain”."),
        (classes(1.0, 60, 3), "unknown",
         "all classes: cannot be said yet, only 3 of 63 test frames are of another class than “plain”."),
        (classes(0.0, 0, 0), "unknown", "all classes: cannot be said yet, no test frame has a class."),
    ],
)  # fmt: skip
def test_what_is_said_of_classes(result, gain, sentence):
    found = verdict.of_classes(result)
    assert (found.gain, found.sentence) == (gain, sentence)


RESULT = TestResult(
    "run", "video", 600, 3,
    {"good": attribute(0.618, 80), "error": attribute(0.98, 80), "break": attribute(1.0, 70), "length": attribute(1.0, 0)},
)  # fmt: skip


def test_one_sentence_says_where_it_is_better_and_where_not():
    (found,) = verdict.headlines(RESULT)
    assert (found.title, found.frames, found.gain) == ("All test videos", 600, "somewhat")
    assert (
        found.sentence
        == "Clearly better than guessing: error and break. Hardly: good. Cannot be said yet: length."
    )


def test_own_seams_come_first_and_stand_for_the_test():
    own = OriginResult("own", 20, 1, {"good": attribute(0.21, 80)})
    drawn = OriginResult("rendered", 580, 2, {"good": attribute(0.99, 80)})
    both = TestResult("run", "video", 600, 3, {"good": attribute(0.96, 80)}, origins=(own, drawn))
    first, second = verdict.headlines(both)
    assert (first.title, first.gain) == ("Your own videos", "hardly")
    assert (second.title, second.sentence) == ("Practice videos", "Clearly better than guessing.")
    assert verdict.headline(both) == first and both.accuracy == 0.21
    assert TestResult.from_json(both.to_json()) == both


@pytest.fixture
def mixed(run: Run) -> Run:
    """A tested run whose test part is video_0, a practice video that was removed, and video_1, a seam of one's own."""
    table = run.frames.assign(
        part=run.frames["video"].map({"video_0": "test", "video_1": "test"}).fillna("train")
    )
    table.loc[table["video"] == "video_2", "part"] = "valid"
    table.to_csv(run.path / "frames.csv", index=False)
    changed = Run(run.workspace, run.id)
    with db.writing(run.workspace) as connection:
        of_first = db.videos.c.key == "video_0"
        connection.execute(db.videos.update().where(of_first).values(origin="rendered", hidden=True))
    foretell(changed, {})
    return changed


def test_a_test_tells_practice_videos_from_own_seams_also_removed_ones(mixed):
    assert "video_0" not in [video.key for video in videos(mixed.workspace)]
    assert [(group.origin, group.videos, group.frames) for group in mixed.test.origins] == [
        ("own", 1, 12),
        ("rendered", 1, 12),
    ]


def test_a_test_of_before_is_told_apart_when_it_is_read(mixed):
    (mixed.path / "test.json").write_text(
        (mixed.path / "test.json").read_text("utf-8").replace('"origins"', '"of_no_meaning"'), "utf-8"
    )
    assert mixed.test.origins == () and verdict.headline(mixed.test).origin == ""
    assert [group.origin for group in evaluate.stored(mixed).origins] == ["own", "rendered"]
