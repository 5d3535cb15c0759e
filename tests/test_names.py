"""What may be a name, and in which one form it is stored."""

import pytest

from core import names
from core.errors import LabelError, RunError, SeamLensError


@pytest.mark.parametrize(
    ("given", "stored"),
    [("Zoe\u0308", "Zo\u00eb"), ("  Ada  ", "Ada"), ("Ada\t\n Lovelace", "Ada Lovelace"), ("李 雷", "李 雷"), ("a/b?%#", "a/b?%#")],
)  # fmt: skip
def test_a_name_has_one_form(given: str, stored: str) -> None:
    assert names.annotator(given) == stored


def test_sixty_characters_are_a_name_and_sixty_one_are_not() -> None:
    assert names.annotator("n" * 60) == "n" * 60
    with pytest.raises(LabelError, match=r"has 61 characters\. Use 60 or fewer"):
        names.annotator("n" * 61)


@pytest.mark.parametrize(
    "odd", ["", "   ", "a\0b", "a\x07b", "a\u202eb", "a\ud800", "9" * 5000, None, 5, ["Ada"]]
)
def test_what_cannot_be_shown_is_no_name(odd: object) -> None:
    with pytest.raises(LabelError):
        names.annotator(odd)


@pytest.mark.parametrize("odd", ["../etc", "a/b", "a\\b", ".hidden", "c:"])
def test_a_name_of_a_folder_leads_nowhere_else(odd: str) -> None:
    with pytest.raises(RunError, match="cannot be called"):
        names.run(odd)


def test_a_long_text_is_quoted_by_its_start() -> None:
    assert names.quoted("9" * 5000) == f"'{'9' * 60}…'"


def test_every_refusal_has_two_sentences() -> None:
    for kind in (names.annotator, names.attribute, names.instructor, names.run, names.session, names.video):
        with pytest.raises(SeamLensError) as refusal:
            kind("\0")
        assert refusal.value.problem.endswith(".") and refusal.value.advice.endswith(".")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Öse (2)", "Öse (2)"), ("O\u0308se", "Öse"), ("CON", "_CON"), ("nul.tar", "_nul.tar"), ("com1 ", "_com1"), ("a<b>:c", "a_b__c"),
        ("x. . ", "x"), ("...", "_"), ("a/b\\c", "a_b_c"), ("💡", "💡"), ("ä" * 300, "ä" * 100),
    ],
)  # fmt: skip
def test_every_system_takes_the_name_of_a_file(text: str, name: str) -> None:
    assert names.file_name(text) == name


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Öse", "Öse"),
        ("O\u0308se 2", "Öse_2"),
        ("李 雷", "李_雷"),
        ("सीवन", "सीवन"),
        ("a.b(c)", "a_b_c_"),
        ("ß💡", "ß_"),
    ],
)
def test_letters_of_every_alphabet_stay(text: str, key: str) -> None:
    assert names.plain(text) == key


def test_people_are_compared_without_regard_to_capitals() -> None:
    assert names.is_among("ADA", ["Ben", "Ada"]) and not names.is_among("Ad", ["Ada"])
