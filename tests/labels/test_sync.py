"""What a labelling page sends: stored once, in order, and taken back as often as one likes."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from core.attributes import Answer, named
from core.errors import LabelError
from core.labels.consensus import consensus, labels_of
from core.labels.labels import annotators, record
from core.labels.sync import Labelled, Undone, read_events, store
from core.media.library import remove_video, videos
from core.storage import database as db
from core.workspace import Workspace
from tests.helpers import bare_frames


@pytest.fixture
def seams(tmp_path: Path) -> Workspace:
    return bare_frames.make(tmp_path / "workspace", {"seam_1": 10, "seam_2": 5})


def answered(first: int, last: int, value: Answer = True, **other: object) -> Labelled:
    """An answer about ``good`` of frames of seam_1, which is an action of its own."""
    made = Labelled(str(uuid4()), str(uuid4()), 1, "good", first, last, value, "key")
    return replace(made, **other)


def undone(action: str) -> Undone:
    return Undone(str(uuid4()), str(uuid4()), action)


def good(seams: Workspace, annotator: str = "Ann") -> list[object]:
    """What is said of ``good``, frame by frame."""
    values = labels_of(seams, annotator, "seam_1")["good"].astype(object)
    return values.where(values.notna(), None).tolist()


def rows(seams: Workspace, *columns: str) -> list[tuple[object, ...]]:
    with db.reading(seams) as connection:
        query = select(*(db.events.c[name] for name in columns)).order_by(db.events.c.seq)
        return [tuple(row) for row in connection.execute(query)]


class TestStore:
    def test_an_answer_holds_for_both_ends_of_its_stretch(self, seams: Workspace) -> None:
        store(seams, "Ann", [answered(2, 4)])
        assert good(seams) == [None, None, True, True, True, None, None, None, None, None]

    def test_what_is_stored_is_acknowledged(self, seams: Workspace) -> None:
        event = answered(0, 0)
        assert store(seams, "Ann", [event]).acknowledged == (event.id,)

    def test_an_event_keeps_its_id_and_action(self, seams: Workspace) -> None:
        event = answered(0, 0, source="paint")
        store(seams, "Ann", [event])
        assert rows(seams, "id", "action", "source") == [(event.id, event.action, "paint")]

    def test_the_later_of_two_answers_counts(self, seams: Workspace) -> None:
        store(seams, "Ann", [answered(0, 0, True), answered(0, 0, False)])
        assert good(seams)[0] is False

    def test_an_id_that_comes_twice_is_acknowledged_twice_and_stored_once(self, seams: Workspace) -> None:
        event = answered(0, 0)
        first, second = store(seams, "Ann", [event]), store(seams, "Ann", [event])
        assert first == second
        assert len(rows(seams, "id")) == 1

    def test_an_id_that_comes_again_late_does_not_beat_what_was_said_meanwhile(
        self, seams: Workspace
    ) -> None:
        event = answered(0, 3, True)
        store(seams, "Ann", [event])
        record(seams, "Ann", "seam_1", 1, 1, {"good": False})
        store(seams, "Ann", [event])
        assert good(seams)[:4] == [True, False, True, True]

    def test_an_id_twice_in_one_call_is_stored_once(self, seams: Workspace) -> None:
        event = answered(0, 0)
        assert store(seams, "Ann", [event, event]).acknowledged == (event.id,)
        assert len(rows(seams, "id")) == 1

    def test_a_stretch_over_the_end_is_cut_off(self, seams: Workspace) -> None:
        store(seams, "Ann", [answered(8, 99)])
        assert rows(seams, "first", "last") == [(8, 9)]

    def test_an_attribute_that_is_not_there_is_refused_with_its_name(self, seams: Workspace) -> None:
        event = answered(0, 0, attribute="nice")
        assert "'nice'" in store(seams, "Ann", [event]).refused[event.id]

    def test_an_attribute_that_was_removed_is_refused(self, seams: Workspace) -> None:
        record(seams, "Ann", "seam_1", 0, 0, {"error": True})
        less = Workspace(seams.path, named(["good"]), seams.database)
        event = answered(0, 0, attribute="error")
        assert "'error'" in store(less, "Ann", [event]).refused[event.id]

    def test_a_video_that_is_not_there_is_refused(self, seams: Workspace) -> None:
        event = answered(0, 0, video=7)
        assert "number 7" in store(seams, "Ann", [event]).refused[event.id]

    def test_a_video_that_was_removed_is_refused(self, seams: Workspace) -> None:
        remove_video(seams, "seam_1")
        event = answered(0, 0)
        assert store(seams, "Ann", [event]).refused == {event.id: "The video seam_1 was removed."}

    @pytest.mark.parametrize(("first", "last"), [(10, 12), (5, 4), (-3, -1)])
    def test_a_stretch_without_a_frame_is_refused(self, seams: Workspace, first: int, last: int) -> None:
        event = answered(first, last)
        refused = store(seams, "Ann", [event]).refused
        assert refused == {event.id: f"seam_1 has no frame from {first} to {last}."}

    def test_a_refused_event_leaves_nothing_and_the_others_are_stored(self, seams: Workspace) -> None:
        fine, odd = answered(0, 0), answered(0, 0, attribute="nice")
        stored = store(seams, "Ann", [odd, fine])
        assert (stored.acknowledged, list(stored.refused)) == ((fine.id,), [odd.id])
        assert rows(seams, "id") == [(fine.id,)]

    def test_who_was_only_refused_is_no_annotator(self, seams: Workspace) -> None:
        store(seams, "Ann", [answered(99, 99)])
        assert annotators(seams) == []

    def test_nobody_cannot_label(self, seams: Workspace) -> None:
        with pytest.raises(LabelError, match="the name of its annotator"):
            store(seams, " ", [answered(0, 0)])

    def test_an_unset_answer_takes_the_place_of_an_earlier_one(self, seams: Workspace) -> None:
        store(seams, "Ann", [answered(0, 1, True), answered(1, 1, None)])
        assert good(seams)[:2] == [True, None]


class TestClasses:
    @pytest.fixture
    def fruit(self, tmp_path: Path) -> Workspace:
        return bare_frames.make(
            tmp_path / "w", {"a": 3}, named(["apple", "orange", "tomato"], exclusive=True)
        )

    def classes(self, fruit: Workspace) -> list[list[object]]:
        return [list(row) for row in labels_of(fruit, "Ann", "a").to_numpy(object, na_value=None)]

    def test_choosing_one_says_that_it_is_none_of_the_others(self, fruit: Workspace) -> None:
        store(fruit, "Ann", [answered(1, 1, attribute="orange")])
        assert self.classes(fruit) == [[None] * 3, [False, True, False], [None] * 3]

    def test_the_others_are_of_the_same_action(self, fruit: Workspace) -> None:
        event = answered(1, 1, attribute="orange")
        store(fruit, "Ann", [event])
        assert rows(fruit, "action") == [(event.action,)] * 3

    def test_the_choice_is_taken_back_whole(self, fruit: Workspace) -> None:
        event = answered(0, 0, attribute="orange")
        store(fruit, "Ann", [answered(0, 0, attribute="apple"), event, undone(event.action)])
        assert self.classes(fruit)[0] == [True, False, False]

    def test_a_choice_that_comes_twice_is_stored_once(self, fruit: Workspace) -> None:
        event = answered(1, 1, attribute="orange")
        store(fruit, "Ann", [event])
        store(fruit, "Ann", [event])
        assert len(rows(fruit, "id")) == 3


class TestUndo:
    def test_what_was_said_before_comes_back(self, seams: Workspace) -> None:
        event = answered(2, 5, False)
        store(seams, "Ann", [answered(0, 3), event, undone(event.action)])
        assert good(seams) == [True] * 4 + [None] * 6

    def test_what_was_said_afterwards_stays(self, seams: Workspace) -> None:
        event = answered(0, 5, False)
        store(seams, "Ann", [event, answered(2, 3, True), undone(event.action)])
        assert good(seams)[:6] == [None, None, True, True, None, None]

    def test_an_action_is_taken_back_whole(self, seams: Workspace) -> None:
        one = answered(0, 0)
        other = answered(5, 6, False, action=one.action, attribute="error")
        store(seams, "Ann", [one, other, undone(one.action)])
        assert labels_of(seams, "Ann", "seam_1").isna().all(axis=None)

    def test_it_is_an_event_for_each_one_that_it_takes_back(self, seams: Workspace) -> None:
        event = answered(1, 2)
        store(seams, "Ann", [event, undone(event.action)])
        assert rows(seams, "first", "last", "value", "source", "undoes") == [
            (1, 2, True, "key", None),
            (1, 2, None, "undo", event.id),
        ]

    def test_current_answers_carry_its_place_in_the_log(self, seams: Workspace) -> None:
        event = answered(0, 0)
        store(seams, "Ann", [event, undone(event.action)])
        with db.reading(seams) as connection:
            assert connection.scalar(select(db.current.c.seq)) == 2

    def test_redo_is_the_undo_of_an_undo(self, seams: Workspace) -> None:
        event = answered(0, 1)
        back = undone(event.action)
        store(seams, "Ann", [event, back, undone(back.action)])
        assert good(seams)[:3] == [True, True, None]

    def test_undo_and_redo_have_no_limit(self, seams: Workspace) -> None:
        event = answered(0, 0)
        chain: list[Labelled | Undone] = [event]
        seen = []
        for _ in range(6):
            chain.append(undone(chain[-1].action))
            store(seams, "Ann", chain)
            seen.append(good(seams)[0])
        assert seen == [None, True, None, True, None, True]

    def test_one_that_comes_again_late_does_nothing(self, seams: Workspace) -> None:
        event = answered(0, 0)
        back = undone(event.action)
        forth = undone(back.action)
        store(seams, "Ann", [event, back, forth])
        assert store(seams, "Ann", [back]).acknowledged == (back.id,)
        assert good(seams)[0] is True

    def test_the_undo_of_an_import_gives_what_was_said_before(self, seams: Workspace) -> None:
        record(seams, "Ann", "seam_1", 0, 9, {"good": True})
        record(seams, "Ann", "seam_1", 3, 3, {"good": False, "error": True}, source="import")
        action = rows(seams, "action")[-1][0]
        store(seams, "Ann", [undone(str(action))])
        assert good(seams) == [True] * 10

    def test_an_event_from_before_there_were_actions_is_its_own(self, seams: Workspace) -> None:
        record(seams, "Ann", "seam_1", 0, 0, {"good": True, "error": True})
        with db.writing(seams) as connection:
            connection.execute(db.events.update().values(action=None))
        store(seams, "Ann", [undone(str(rows(seams, "id")[0][0]))])
        assert labels_of(seams, "Ann", "seam_1").loc[0, ["good", "error"]].tolist() == [
            *labels_of(seams, "Ann", "seam_1").loc[1, ["good"]],
            True,
        ]

    def test_an_action_that_is_not_stored_cannot_be_taken_back(self, seams: Workspace) -> None:
        back = undone(str(uuid4()))
        assert "not saved" in store(seams, "Ann", [back]).refused[back.id]

    def test_another_annotators_action_cannot_be_taken_back(self, seams: Workspace) -> None:
        event = answered(0, 0)
        store(seams, "Ben", [event])
        back = undone(event.action)
        assert "another annotator's" in store(seams, "Ann", [back]).refused[back.id]
        assert good(seams, "Ben")[0] is True

    def test_an_adjudication_that_was_taken_back_decides_nothing(self, seams: Workspace) -> None:
        record(seams, "Ann", "seam_1", 0, 0, {"good": True})
        record(seams, "Teacher", "seam_1", 0, 0, {"good": False}, source="adjudication")
        back = undone(str(rows(seams, "id")[-1][0]))
        store(seams, "Teacher", [back])
        assert consensus(seams)["good"].iloc[0]

    def test_an_adjudication_that_was_done_again_decides(self, seams: Workspace) -> None:
        record(seams, "Ann", "seam_1", 0, 0, {"good": True})
        record(seams, "Teacher", "seam_1", 0, 0, {"good": False}, source="adjudication")
        back = undone(str(rows(seams, "id")[-1][0]))
        store(seams, "Teacher", [back, undone(back.action)])
        assert not consensus(seams)["good"].iloc[0]


ANSWER = {"id": str(UUID(int=1)), "action": str(UUID(int=2)), "video": 1, "attribute": "good"} | {
    "first": 0, "last": 3, "value": None, "source": "paint",
}  # fmt: skip
UNDO = {"id": str(UUID(int=1)), "action": str(UUID(int=2)), "undoes": str(UUID(int=3))}


class TestRead:
    def test_an_answer_is_read(self) -> None:
        expected = Labelled(str(UUID(int=1)), str(UUID(int=2)), 1, "good", 0, 3, None, "paint")
        assert read_events([ANSWER]) == [expected]

    def test_what_undoes_is_an_undo(self) -> None:
        assert read_events([UNDO]) == [Undone(*map(str, (UUID(int=1), UUID(int=2), UUID(int=3))))]

    @pytest.mark.parametrize("missing", list(ANSWER))
    def test_something_missing_is_named(self, missing: str) -> None:
        with pytest.raises(LabelError, match=f"The {missing} of an event"):
            read_events([{name: value for name, value in ANSWER.items() if name != missing}])

    @pytest.mark.parametrize(
        ("name", "odd"),
        [
            ("id", "one"), ("id", 7), ("action", "A" * 36), ("video", "1"), ("video", True), ("first", 1.5),
            ("last", 2**40), ("value", 1), ("value", "true"), ("source", "import"), ("attribute", ["good"]),
        ],
    )  # fmt: skip
    def test_what_does_not_fit_is_named(self, name: str, odd: object) -> None:
        with pytest.raises(LabelError, match=f"The {name} of an event"):
            read_events([{**ANSWER, name: odd}])

    @pytest.mark.parametrize("odd", [["event"], [None], {"id": 1}, "text"])
    def test_what_is_no_list_of_events_is_refused(self, odd: list) -> None:
        with pytest.raises(LabelError):
            read_events(odd)


@dataclass
class Model:
    """The log of one class as a plain list, and what it says by playing it from the start."""

    log: list[tuple[str, Labelled | Undone]] = field(default_factory=list)

    def store(self, annotator: str, event: Labelled | Undone) -> None:
        if event.id in [known.id for _, known in self.log]:
            return
        if isinstance(event, Undone) and (annotator, event.undoes) not in [
            (who, known.action) for who, known in self.log
        ]:
            return
        self.log.append((annotator, event))

    def counts(self, place: int) -> bool:
        action = self.log[place][1].action
        later = range(place + 1, len(self.log))
        undos = [i for i in later if getattr(self.log[i][1], "undoes", None) == action]
        return not any(self.counts(i) for i in undos)

    def said(self, annotator: str, frames: int) -> dict[str, list[Answer]]:
        table: dict[str, list[Answer]] = {"good": [None] * frames, "error": [None] * frames}
        for place, (who, event) in enumerate(self.log):
            if who == annotator and isinstance(event, Labelled) and self.counts(place):
                for index in range(event.first, min(event.last, frames - 1) + 1):
                    table[event.attribute][index] = event.value
        return table


FRAMES = 6
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("answer"), st.booleans(), st.integers(0, FRAMES - 1), st.integers(0, 3),
                  st.sampled_from(["good", "error"]), st.sampled_from([True, False, None]), st.booleans()),
        st.tuples(st.just("undo"), st.booleans(), st.integers(0, 30)),
        st.tuples(st.just("again"), st.booleans(), st.integers(0, 30)),
    ),
    max_size=25,
)  # fmt: skip


def played(steps: list[tuple]) -> Iterator[tuple[str, Labelled | Undone]]:
    """Make events of steps: answers (some join the action before), undos of any action, and repetitions."""
    made: list[tuple[str, Labelled | Undone]] = []
    for number, (kind, second_person, *about) in enumerate(steps):
        who, id = ("Ann", "Ben")[second_person], str(UUID(int=2 * number))
        event: Labelled | Undone
        if kind == "answer":
            first, length, attribute, value, joins = about
            mine = [e.action for name, e in made if name == who and isinstance(e, Labelled)]
            action = mine[-1] if joins and mine else str(UUID(int=2 * number + 1))
            event = Labelled(id, action, 1, attribute, first, first + length, value, "key")
        elif not made:
            continue
        elif kind == "undo":
            event = Undone(id, str(UUID(int=2 * number + 1)), made[about[0] % len(made)][1].action)
        else:
            who, event = made[about[0] % len(made)]
        made.append((who, event))
        yield who, event


@settings(max_examples=30, deadline=None)
@given(STEPS, st.booleans())
def test_the_current_labels_are_those_of_the_log_played_from_the_start(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple], one_by_one: bool
) -> None:
    seams = bare_frames.make(tmp_path_factory.mktemp("outbox") / "w", {"a": FRAMES}, named(["good", "error"]))
    model = Model()
    for who, event in played(steps):
        store(seams, who, [event] if one_by_one else [event, event])
        model.store(who, event)
    for who in ("Ann", "Ben"):
        table = labels_of(seams, who, "a").astype(object)
        assert table.where(table.notna(), None).to_dict("list") == model.said(who, FRAMES)
    with db.reading(seams) as connection:
        answers = connection.scalar(
            select(func.count()).select_from(db.events).where(db.events.c.undoes.is_(None))
        )
    assert answers == sum(isinstance(event, Labelled) for _, event in model.log)


def test_a_video_is_known_by_its_number(seams: Workspace) -> None:
    store(seams, "Ann", [answered(0, 0, video=videos(seams)[1].id)])
    assert labels_of(seams, "Ann", "seam_2")["good"].tolist()[0] is True
