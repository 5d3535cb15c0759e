"""Labels: the log, its current view, and the consensus."""

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text, update

from core.attributes import named
from core.errors import LabelError
from core.labels.consensus import consensus, labels_of
from core.labels.labels import annotators, called_here, changes, record, record_rows, record_table
from core.storage import database as db
from core.storage import event_log
from core.storage.event_log import update_current
from core.workspace import Workspace
from tests.helpers import bare_frames

ANSWERS = st.sampled_from([True, False, None])


@pytest.fixture
def seams(tmp_path: Path) -> Workspace:
    return bare_frames.make(tmp_path / "workspace", {"seam_1": 10, "seam_2": 5})


def log(seams: Workspace) -> list[tuple[object, ...]]:
    columns = [db.events.c[name] for name in ("first", "last", "value", "source")]
    with db.reading(seams) as connection:
        query = select(db.attributes.c.name, *columns).join_from(db.events, db.attributes)
        return [tuple(row) for row in connection.execute(query.order_by(db.events.c.seq))]


def said(table: pd.DataFrame, name: str, attribute: str) -> bool | None:
    value = table.set_index("name").loc[name, attribute]
    return None if value is pd.NA else bool(value)


def count(seams: Workspace, table: str) -> int:
    with db.reading(seams) as connection:
        return connection.scalar(text(f"SELECT COUNT(*) FROM {table}")) or 0


def test_a_label_is_true_false_or_not_yet_said(seams: Workspace) -> None:
    record(seams, "Ann", "seam_1", 3, 3, {"good": True, "error": False})
    table = labels_of(seams, "Ann", "seam_1")
    assert table.loc[3].tolist() == [True, False, pd.NA, pd.NA]
    assert table.drop(index=3).isna().all(axis=None)


def test_a_stretch_holds_for_both_its_ends(seams: Workspace) -> None:
    record(seams, "Ann", "seam_1", 2, 4, {"length": True})
    assert labels_of(seams, "Ann", "seam_1")["length"].dropna().index.tolist() == [2, 3, 4]


def test_a_stretch_is_one_event(seams: Workspace) -> None:
    record(seams, "Ann", "seam_1", 0, 9, {"length": True}, source="paint")
    assert log(seams) == [("length", 0, 9, True, "paint")]


def test_the_last_answer_counts_and_the_first_stays_in_the_log(seams: Workspace) -> None:
    record(seams, "Ann", "seam_1", 3, 3, {"good": True})
    record(seams, "Ann", "seam_1", 3, 3, {"good": False})
    assert said(consensus(seams), "seam_1_3", "good") is False
    assert log(seams) == [("good", 3, 3, True, "key"), ("good", 3, 3, False, "key")]


def test_a_label_can_be_taken_back(seams: Workspace) -> None:
    record(seams, "Ann", "seam_1", 3, 3, {"good": True})
    record(seams, "Ann", "seam_1", 3, 3, {"good": None})
    assert said(consensus(seams), "seam_1_3", "good") is None


def test_two_annotators_keep_separate_labels(seams: Workspace) -> None:
    record(seams, "Ann", "seam_1", 3, 3, {"good": True})
    record(seams, "Ben", "seam_1", 3, 3, {"good": False})
    assert labels_of(seams, "Ann", "seam_1").loc[3, "good"]
    assert not labels_of(seams, "Ben", "seam_1").loc[3, "good"]


def test_annotators_are_in_alphabetical_order(seams: Workspace) -> None:
    for name in ("ben", "Ann", "Zoë"):
        record(seams, name, "seam_1", 0, 0, {"good": True})
    assert annotators(seams) == ["Ann", "ben", "Zoë"]


def test_the_log_and_the_current_view_agree(seams: Workspace) -> None:
    """Playing the log from the start gives the current view."""
    record(seams, "Ann", "seam_1", 0, 9, {"good": True})
    record(seams, "Ann", "seam_1", 4, 6, {"good": False})
    record(seams, "Ann", "seam_1", 5, 5, {"good": None})
    played: dict[int, object] = {}
    for _, first, last, value, _ in log(seams):
        played |= dict.fromkeys(range(first, last + 1), value)
    current = labels_of(seams, "Ann", "seam_1")["good"].astype(object).where(lambda v: v.notna(), None)
    assert current.to_dict() == played


def actions(seams: Workspace) -> list[str]:
    with db.reading(seams) as connection:
        return list(connection.scalars(select(db.events.c.action).order_by(db.events.c.seq)))


def test_what_is_recorded_at_once_is_one_action(seams: Workspace) -> None:
    record(seams, "Ann", "seam_1", 0, 0, {"good": True, "error": False})
    record_table(seams, "Ann", pd.DataFrame({"video": "seam_1", "index": [1, 5], "good": [True, False]}))
    first, second, third, fourth = actions(seams)
    assert first == second != third == fourth


def test_an_older_event_never_replaces_a_later_one(seams: Workspace) -> None:
    record(seams, "Ann", "seam_1", 0, 0, {"good": True})
    record(seams, "Ann", "seam_1", 0, 0, {"good": False})
    with db.writing(seams) as connection:
        first = connection.scalar(select(db.events.c.id).order_by(db.events.c.seq))
        update_current(connection, [first])
    assert said(consensus(seams), "seam_1_0", "good") is False


@pytest.mark.parametrize(
    ("said", "received"),
    [
        (("Ann", "seam_9", 0, 0, {"good": True}), "'seam_9'"),
        (("Ann", "seam_1", 10, 10, {"good": True}), "no frame 10"),
        (("Ann", "seam_1", 5, 4, {"good": True}), "5 to 4"),
        (("Ann", "seam_1", 0, 0, {"nice": True}), "'nice'"),
        (("Ann", "seam_1", 0, 0, {"good": True}, "guess"), "'guess'"),
        (("  ", "seam_1", 0, 0, {"good": True}), "name of its annotator"),
    ],
)
def test_what_cannot_be_recorded_is_refused_and_nothing_stored(
    seams: Workspace, said: tuple, received: str
) -> None:
    with pytest.raises(LabelError, match=received):
        record(seams, *said)
    assert count(seams, "events") == count(seams, "current") == count(seams, "annotators") == 0


def test_choosing_one_of_exclusive_classes_sets_the_others_false(tmp_path: Path) -> None:
    fruit = bare_frames.make(tmp_path / "w", {"a": 1}, named(["apple", "orange", "tomato"], exclusive=True))
    record(fruit, "Ann", "a", 0, 0, {"apple": True})
    record(fruit, "Ann", "a", 0, 0, {"tomato": True})
    assert consensus(fruit).loc[0, ["apple", "orange", "tomato"]].tolist() == [False, False, True]


def test_exclusive_classes_of_a_table_are_completed(tmp_path: Path) -> None:
    fruit = bare_frames.make(tmp_path / "w", {"a": 2}, named(["apple", "orange"], exclusive=True))
    record_table(fruit, "Ann", pd.DataFrame({"video": "a", "index": [0, 1], "apple": [True, None]}))
    assert consensus(fruit)["orange"].tolist() == [False, pd.NA]


def test_a_class_without_a_column_stays_as_it_is_where_none_is_chosen(tmp_path: Path) -> None:
    fruit = bare_frames.make(tmp_path / "w", {"a": 1}, named(["apple", "orange"], exclusive=True))
    record(fruit, "Ann", "a", 0, 0, {"apple": True})
    record_table(fruit, "Ann", pd.DataFrame({"video": "a", "index": [0], "orange": [False]}))
    assert labels_of(fruit, "Ann", "a").loc[0].tolist() == [True, False]


@pytest.mark.parametrize("way", ["one", "table"])
def test_two_exclusive_classes_at_once_are_refused(tmp_path: Path, way: str) -> None:
    fruit = bare_frames.make(tmp_path / "w", {"a": 1}, named(["apple", "orange"], exclusive=True))
    both = {"apple": True, "orange": True}
    with pytest.raises(LabelError, match="apple and orange together"):
        if way == "one":
            record(fruit, "Ann", "a", 0, 0, both)
        else:
            record_table(fruit, "Ann", pd.DataFrame([{"video": "a", "index": 0, **both}]))


def test_neighbouring_frames_of_a_table_with_one_answer_share_an_event(seams: Workspace) -> None:
    rows = pd.DataFrame(
        {"video": "seam_1", "index": [0, 1, 2, 5, 6], "good": [True, True, False, False, False]}
    )
    record_table(seams, "Ann", rows)
    assert [row[1:4] for row in log(seams)] == [(0, 1, True), (2, 2, False), (5, 6, False)]


def test_the_same_table_twice_is_stored_once(seams: Workspace) -> None:
    rows = pd.DataFrame({"video": "seam_1", "index": range(4), "good": [True, False, None, True]})
    assert record_table(seams, "Ann", rows) == 3
    before = count(seams, "events")
    assert record_table(seams, "Ann", rows) == 3
    assert count(seams, "events") == before


def test_an_empty_cell_takes_an_earlier_label_of_the_same_annotator_back(seams: Workspace) -> None:
    record(seams, "Ann", "seam_1", 0, 1, {"good": True})
    record_table(seams, "Ann", pd.DataFrame({"video": "seam_1", "index": [0], "good": [None]}))
    assert labels_of(seams, "Ann", "seam_1")["good"].iloc[:2].tolist() == [pd.NA, True]


def test_an_attribute_without_a_column_stays_as_it_is(seams: Workspace) -> None:
    record(seams, "Ann", "seam_1", 0, 0, {"error": True})
    record_table(seams, "Ann", pd.DataFrame({"video": "seam_1", "index": [0], "good": [False]}))
    assert said(consensus(seams), "seam_1_0", "error") is True


def test_the_last_of_repeated_frames_counts(seams: Workspace) -> None:
    rows = pd.DataFrame({"video": "seam_1", "index": [0, 0], "good": [True, False]})
    record_table(seams, "Ann", rows)
    assert said(consensus(seams), "seam_1_0", "good") is False


@pytest.mark.parametrize(("video", "index"), [("seam_9", 0), ("seam_1", 99)])
def test_a_table_with_an_unknown_frame_is_refused_whole(seams: Workspace, video: str, index: int) -> None:
    rows = pd.DataFrame({"video": ["seam_1", video], "index": [0, index], "good": [True, True]})
    with pytest.raises(LabelError, match=r"seam_9|no frame 99"):
        record_table(seams, "Ann", rows)
    assert count(seams, "events") == 0


def test_labels_go_with_the_transaction_they_are_part_of(seams: Workspace) -> None:
    rows = pd.DataFrame({"video": "seam_1", "index": [0], "good": [True]})
    with pytest.raises(ZeroDivisionError), db.writing(seams) as connection:
        record_rows(connection, seams, "Ann", rows)
        raise ZeroDivisionError
    assert count(seams, "events") == count(seams, "annotators") == 0


def test_the_majority_is_the_consensus(seams: Workspace) -> None:
    for name, value in (("Ann", True), ("Ben", True), ("Cem", False)):
        record(seams, name, "seam_1", 0, 0, {"good": value})
    assert said(consensus(seams), "seam_1_0", "good") is True


def test_where_annotators_are_even_the_consensus_is_unset(seams: Workspace) -> None:
    record(seams, "Ann", "seam_1", 0, 0, {"good": True})
    record(seams, "Ben", "seam_1", 0, 0, {"good": False})
    assert said(consensus(seams), "seam_1_0", "good") is None


def test_an_adjudication_beats_the_majority(seams: Workspace) -> None:
    for name in ("Ann", "Ben"):
        record(seams, name, "seam_1", 0, 0, {"good": True})
    record(seams, "Teacher", "seam_1", 0, 0, {"good": False}, source="adjudication")
    record(seams, "Cem", "seam_1", 0, 0, {"good": True})
    assert said(consensus(seams), "seam_1_0", "good") is False


def test_the_latest_adjudication_counts_and_unset_withdraws_it(seams: Workspace) -> None:
    record(seams, "Ann", "seam_1", 0, 2, {"good": True})
    for value, last in ((True, 2), (False, 1), (None, 0)):
        record(seams, "Teacher", "seam_1", 0, last, {"good": value}, source="adjudication")
    assert consensus(seams)["good"].iloc[:3].tolist() == [True, False, True]


def test_an_adjudication_leaves_the_answer_of_its_author(seams: Workspace) -> None:
    record(seams, "Ann", "seam_1", 0, 1, {"good": True})
    record(seams, "Ann", "seam_1", 0, 0, {"good": False}, source="adjudication")
    assert labels_of(seams, "Ann", "seam_1")["good"].iloc[:2].tolist() == [True, True]


def test_withdrawn_by_an_annotator_an_adjudication_gives_the_vote_back(seams: Workspace) -> None:
    for name, value in (("Ann", True), ("Ben", False), ("Cem", True)):
        record(seams, name, "seam_1", 0, 0, {"good": value})
    for value in (False, None):
        record(seams, "Ann", "seam_1", 0, 0, {"good": value}, source="adjudication")
    assert said(consensus(seams), "seam_1_0", "good") is True


def test_withdrawn_by_somebody_without_answers_an_adjudication_leaves_no_vote(seams: Workspace) -> None:
    for value in (False, None):
        record(seams, "Teacher", "seam_1", 0, 0, {"good": value}, source="adjudication")
    assert said(consensus(seams), "seam_1_0", "good") is None


def test_an_adjudication_decides_its_own_frames_and_no_others(seams: Workspace) -> None:
    """The Teacher decides on frame 0 alone: on frame 1 the two annotators stay even."""
    record(seams, "Ann", "seam_1", 0, 1, {"good": True})
    record(seams, "Ben", "seam_1", 0, 1, {"good": False})
    record(seams, "Teacher", "seam_1", 0, 0, {"good": True}, source="adjudication")
    assert consensus(seams)["good"].iloc[:2].tolist() == [True, pd.NA]


def test_a_table_may_adjudicate_what_its_author_says_already(seams: Workspace) -> None:
    record(seams, "Ann", "seam_1", 0, 0, {"good": True})
    record(seams, "Ben", "seam_1", 0, 0, {"good": False})
    rows = pd.DataFrame({"video": ["seam_1"], "index": [0], "good": [True]})
    record_table(seams, "Ann", rows, source="adjudication")
    assert said(consensus(seams), "seam_1_0", "good") is True


@pytest.mark.parametrize("column", [{"video": ["seam_9"]}, {"index": [99]}])
def test_a_table_that_adjudicates_frames_that_are_not_there_is_refused(
    seams: Workspace, column: dict[str, list[object]]
) -> None:
    rows = pd.DataFrame({"video": ["seam_1"], "index": [0], "good": [True], **column})
    with pytest.raises(LabelError, match=r"seam_9|no frame 99"):
        record_table(seams, "Teacher", rows, source="adjudication")


def test_the_consensus_holds_every_frame_in_natural_order(tmp_path: Path) -> None:
    made = bare_frames.make(tmp_path / "w", {"seam_10": 2, "seam_9": 1, "Seam_2": 1})
    assert consensus(made)["name"].tolist() == ["Seam_2_0", "seam_9_0", "seam_10_0", "seam_10_1"]
    assert list(consensus(made).columns) == ["name", "video", "index", "good", "error", "break", "length"]


def test_labels_of_a_removed_video_do_not_count(seams: Workspace) -> None:
    record(seams, "Ann", "seam_1", 0, 0, {"good": True})
    with db.writing(seams) as connection:
        connection.execute(update(db.videos).values(hidden=True).where(db.videos.c.key == "seam_1"))
    assert set(consensus(seams)["video"]) == {"seam_2"}


def test_an_attribute_that_comes_back_has_its_labels_again(tmp_path: Path) -> None:
    full = bare_frames.make(tmp_path / "w", {"a": 1}, named(["good", "error"]))
    record(full, "Ann", "a", 0, 0, {"error": True})
    less = Workspace(full.path, named(["good"]), full.database)
    record(less, "Ben", "a", 0, 0, {"good": True})
    with db.reading(full) as connection:
        hidden = select(db.attributes.c.name).where(db.attributes.c.hidden)
        assert connection.scalars(hidden).all() == ["error"]
    record(full, "Ben", "a", 0, 0, {"error": True})
    assert consensus(full)["error"].tolist() == [True]


def test_names_have_permanent_ids(seams: Workspace) -> None:
    for _ in range(3):
        record(seams, "Ann", "seam_1", 0, 0, {"good": True})
    with db.reading(seams) as connection:
        assert connection.scalar(select(func.count(func.distinct(db.events.c.annotator_id)))) == 1
    assert count(seams, "attributes") == 4


@settings(max_examples=20, deadline=None)
@given(st.lists(ANSWERS, min_size=1, max_size=10), st.lists(ANSWERS, min_size=10, max_size=10))
def test_a_table_is_read_back_as_it_was_recorded(
    tmp_path_factory: pytest.TempPathFactory, one: list[bool | None], other: list[bool | None]
) -> None:
    seams = bare_frames.make(tmp_path_factory.mktemp("labels") / "w", {"seam_1": 10})
    rows = pd.DataFrame({"video": "seam_1", "index": range(10), "error": pd.array(other, dtype="boolean")})
    record_table(seams, "Ann", rows.assign(good=pd.array([*one, *[None] * (10 - len(one))], dtype="boolean")))
    table = labels_of(seams, "Ann", "seam_1")
    assert table["error"].tolist() == [pd.NA if value is None else value for value in other]
    assert table["good"].iloc[: len(one)].tolist() == [pd.NA if value is None else value for value in one]


def test_the_later_label_counts_though_the_clock_was_set_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = bare_frames.make(tmp_path / "class", {"seam_1": 1})
    record(made, "Ann", "seam_1", 0, 0, {"good": True})
    monkeypatch.setattr(event_log, "now", lambda: "2001-01-01T00:00:00+00:00")
    record(made, "Ann", "seam_1", 0, 0, {"good": False})
    assert labels_of(made, "Ann", "seam_1")["good"].tolist() == [False]


def test_a_person_is_one_annotator_however_the_name_is_typed(seams: Workspace) -> None:
    record(seams, "Zoë Müller", "seam_1", 0, 0, {"good": True})
    record(seams, "  ZOE\u0308   müller ", "seam_1", 1, 1, {"good": True})
    record_table(seams, "zoë MÜLLER", pd.DataFrame({"video": ["seam_1"], "index": [2], "good": [True]}))
    assert annotators(seams) == ["Zoë Müller"]
    assert called_here(seams, "ZOË MÜLLER") == "Zoë Müller"
    assert (
        changes(seams, "zoë müller", pd.DataFrame({"video": ["seam_1"], "index": [2], "good": [True]}))[
            "good"
        ].same
        == 1
    )


def test_spellings_that_were_stored_apart_stay_apart(seams: Workspace) -> None:
    with db.writing(seams) as connection:
        connection.execute(
            db.annotators.insert(), [{"name": "ann", "hidden": False}, {"name": "Ann", "hidden": False}]
        )
    record(seams, "Ann", "seam_1", 0, 0, {"good": True})
    assert annotators(seams) == ["Ann"]
