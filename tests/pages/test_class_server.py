"""Pages on a class server: who is here, who has gone, how the class comes in, and what is done about people."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.access import accounts, class_file, codes, hashes, person
from core.access.person import NOBODY, Person, Role, acting_as
from core.labels.labels import annotators
from core.workspace import Workspace
from tests.helpers.page_workspace import small_workspace
from tests.pages.conftest import words
from tests.pages.test_pages import press
from ui.server import gate

Visit = Callable[..., AppTest]
ANNA, TEACHER = Person("Anna *x* <b>", Role.STUDENT), Person("Mr Li", Role.INSTRUCTOR)


@pytest.fixture
def as_person(visit: Visit, place: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """Return a function that opens a page as somebody who has signed in."""
    monkeypatch.setattr(hashes, "N", 2)
    monkeypatch.setenv("SEAMLENS_PRIVATE", str(place.parent / "private"))
    monkeypatch.setenv(gate.ADDRESS, "https://10.0.0.5:8501")

    def opened(who: Person, page: str = "") -> AppTest:
        monkeypatch.setattr(person, "_recognise", lambda: who)
        return visit(page)

    return opened


@pytest.fixture
def served(place: Path, as_person: Callable[..., AppTest]) -> Workspace:
    """A class with Ada, who has answered, and Ben, who has only signed in."""
    made = small_workspace(place)
    for name in ("Ada", "Ben"):
        accounts.sign_in(made.path, codes.ensure(made.path).student, name, "1234")
    return made


def html(app: AppTest) -> str:
    return " ".join(str(each.proto.body) for each in app.get("html"))


def test_the_name_is_that_of_who_signed_in_and_cannot_be_changed(
    as_person: Callable[..., AppTest], served: Workspace
) -> None:
    app = as_person(ANNA)
    assert [each.label for each in app.text_input if each.label == "Your name"] == []
    assert "Anna *x* &lt;b&gt;" in html(app) and "Student" in html(app) and "/sign-out" in html(app)


def test_who_is_signed_out_sees_only_that(as_person: Callable[..., AppTest], served: Workspace) -> None:
    app = as_person(NOBODY)
    assert "You are signed out" in words(app) and "/sign-in" in html(app)
    assert "Your six steps" not in words(app) and not app.button


def test_an_instructor_sees_the_address_and_the_class_code(
    as_person: Callable[..., AppTest], served: Workspace
) -> None:
    app = as_person(TEACHER)
    said = words(app)
    with acting_as(person.OWNER):
        made = codes.readable_codes(served.path)
    assert made and made.student in said and "https://10.0.0.5:8501" in said
    assert made.instructor not in said


def test_a_student_sees_no_code(as_person: Callable[..., AppTest], served: Workspace) -> None:
    with acting_as(person.OWNER):
        made = codes.readable_codes(served.path)
    for page in ("", "7_Workspace.py"):
        said = words(as_person(ANNA, page))
        assert made and made.student not in said and made.instructor not in said


def test_a_student_sees_no_list_of_people(as_person: Callable[..., AppTest], served: Workspace) -> None:
    app = as_person(ANNA, "7_Workspace.py")
    assert "Only instructors see who is in the class." in words(app)
    assert not [each for each in app.selectbox if each.label == "Person"]


def test_the_plain_app_says_how_a_class_comes_in(
    visit: Visit, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(gate.ADDRESS, raising=False)
    small_workspace(place)
    assert "python -m core serve" in " ".join(each.value for each in visit().code)


def chosen(app: AppTest, name: str) -> AppTest:
    return next(each for each in app.selectbox if each.label == "Person").select(name).run()


def test_somebody_is_renamed_with_their_answers(as_person: Callable[..., AppTest], served: Workspace) -> None:
    app = chosen(as_person(TEACHER, "7_Workspace.py"), "Ada")
    next(each for each in app.text_input if each.label == "New name").input("Fox").run()
    press(app, "Rename")
    assert annotators(served) == ["Fox"]
    assert class_file.read(served.path).named("Fox")


def test_somebody_is_signed_out_and_gets_a_new_pin(
    as_person: Callable[..., AppTest], served: Workspace
) -> None:
    press(chosen(as_person(TEACHER, "7_Workspace.py"), "Ben"), "Sign out everywhere")
    assert class_file.read(served.path).named("Ben").generation == 1  # type: ignore[union-attr]
    press(chosen(as_person(TEACHER, "7_Workspace.py"), "Ben"), "New PIN")
    assert class_file.read(served.path).named("Ben").pin == ""  # type: ignore[union-attr]


def test_somebody_is_erased(as_person: Callable[..., AppTest], served: Workspace) -> None:
    press(chosen(as_person(TEACHER, "7_Workspace.py"), "Ada"), "Erase this person")
    assert class_file.read(served.path).named("Ada") is None
    assert annotators(served)[0].startswith("erased person")


def test_an_instructor_makes_a_new_class_code(as_person: Callable[..., AppTest], served: Workspace) -> None:
    before = class_file.read(served.path).codes
    app = press(as_person(TEACHER, "7_Workspace.py"), "New class code")
    after = class_file.read(served.path).codes
    assert after[Role.STUDENT] != before[Role.STUDENT] and after[Role.INSTRUCTOR] == before[Role.INSTRUCTOR]
    assert "New instructor code" not in [each.label for each in app.button]
