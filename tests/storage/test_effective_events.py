"""Taking back beside adjudications: the current view is what it were without them."""

from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from core.labels.consensus import labels_of
from core.labels.labels import record
from core.labels.sync import Undone, store
from core.storage import database as db
from core.workspace import Workspace
from tests.helpers import bare_frames

STRETCH = st.tuples(st.integers(0, 1), st.integers(0, 1)).map(sorted)
ANSWER = st.tuples(st.sampled_from(["key", "adjudication"]), STRETCH, st.sampled_from([True, False, None]))
STEPS = st.lists(ANSWER | st.integers(0, 4), min_size=3, max_size=8)  # a number takes back what that step did


@pytest.fixture
def seams(tmp_path: Path) -> Workspace:
    return bare_frames.make(tmp_path / "workspace", {"seam_1": 2})


def answer(seams: Workspace, value: bool | None, source: str = "key", first: int = 0, last: int = 0) -> str:
    """Let Ann say something of ``good``; return the action."""
    record(seams, "Ann", "seam_1", first, last, {"good": value}, source=source)
    with db.reading(seams) as connection:
        return str(
            connection.scalars(
                select(func.coalesce(db.events.c.action, db.events.c.id)).order_by(db.events.c.seq)
            ).all()[-1]
        )


def take_back(seams: Workspace, action: str) -> str:
    """Take an action of Ann's back; return the action that did."""
    back = Undone(str(uuid4()), str(uuid4()), action)
    store(seams, "Ann", [back])
    return back.action


def current(seams: Workspace) -> list[tuple[object, ...]]:
    with db.reading(seams) as connection:
        return [tuple(row) for row in connection.execute(select(db.current))]


def good(seams: Workspace) -> list[bool | None]:
    values = labels_of(seams, "Ann", "seam_1")["good"].astype(object)
    return values.where(values.notna(), None).tolist()


def played(seams: Workspace, steps: Sequence[object], without: str = "") -> list[bool | None]:
    """Do one step after the other, but none of a source and nothing that depends on it; return what Ann says then."""
    actions: list[str | None] = []
    for step in steps:
        if isinstance(step, tuple):
            source, (first, last), value = step
            actions.append(None if source == without else answer(seams, value, source, first, last))
        else:
            known = actions[step] if step < len(actions) else None
            actions.append(take_back(seams, known) if known else None)
    return good(seams)


def test_to_take_an_adjudication_back_changes_nothing_in_the_current_view(seams: Workspace) -> None:
    answer(seams, True)
    action = answer(seams, False, "adjudication")
    before = current(seams)
    take_back(seams, action)
    assert current(seams) == before


def test_to_do_an_adjudication_again_changes_nothing_in_the_current_view(seams: Workspace) -> None:
    answer(seams, True)
    back = take_back(seams, answer(seams, False, "adjudication"))
    before = current(seams)
    take_back(seams, back)
    assert current(seams) == before


def test_an_answer_that_is_taken_back_leaves_none_where_its_author_adjudicated(seams: Workspace) -> None:
    answer(seams, False, "adjudication")
    take_back(seams, answer(seams, True))
    assert good(seams)[0] is None


def test_the_answer_before_comes_back_and_no_adjudication_since(seams: Workspace) -> None:
    answer(seams, True)
    answer(seams, False, "adjudication")
    take_back(seams, answer(seams, None))
    assert good(seams)[0] is True


@settings(max_examples=25, deadline=None)
@given(STEPS)
def test_answers_are_what_they_were_without_adjudications(
    tmp_path_factory: pytest.TempPathFactory, steps: list[object]
) -> None:
    made = [bare_frames.make(tmp_path_factory.mktemp("w") / "w", {"seam_1": 2}) for _ in range(2)]
    assert played(made[0], steps) == played(made[1], steps, without="adjudication")
