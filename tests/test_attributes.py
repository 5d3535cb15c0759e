"""Attributes are data: names, keys, rules, exclusive or not."""

import itertools
import tomllib
from pathlib import Path

import cv2
import numpy as np
import pytest

from core.attributes import (
    MOST_ATTRIBUTES,
    RESERVED_KEYS,
    SEAM,
    Attribute,
    AttributeSet,
    Rule,
    named,
    one_class,
)
from core.errors import WorkspaceError


def test_the_default_set_has_the_published_names_and_keys() -> None:
    assert SEAM.names == ("good", "error", "break", "length")
    assert [attribute.key for attribute in SEAM] == ["g", "e", "b", "l"]


def test_the_default_colours_are_error_blue_break_green_length_red() -> None:
    def strongest(name: str) -> str:
        colour = SEAM[name].colour
        parts = {"red": colour[1:3], "green": colour[3:5], "blue": colour[5:7]}
        return max(parts, key=lambda part: int(parts[part], 16))

    assert [strongest(name) for name in ("error", "break", "length")] == ["blue", "green", "red"]


def test_an_attribute_is_found_by_its_name() -> None:
    assert SEAM["length"].false == "4 mm stitches"
    with pytest.raises(WorkspaceError, match="'lenght'"):
        SEAM["lenght"]


def test_good_with_an_error_is_worth_a_warning() -> None:
    assert SEAM.warnings({"good": True, "error": True, "break": True}) == [
        "“good” and “error” are both true",
        "“good” and “break” are both true",
    ]


@pytest.mark.parametrize("answers", [{}, {"good": True}, {"good": True, "error": False}, {"error": True}])
def test_other_combinations_are_not(answers: dict[str, bool]) -> None:
    assert SEAM.warnings(answers) == []


def test_seam_attributes_keep_their_meaning_in_another_set() -> None:
    chosen = named(["length", "pucker", "good", "break"])
    assert chosen["length"] == SEAM["length"]
    assert chosen.rules == (Rule("good", ("break",)),)


def test_classes_have_no_rules_and_no_seam_meaning() -> None:
    chosen = named(["good", "error"], exclusive=True)
    assert chosen.exclusive
    assert chosen.rules == ()
    assert chosen["error"].true == ""


def test_a_key_is_the_first_free_letter_of_the_name() -> None:
    assert [attribute.key for attribute in named(["open", "copper", "short", "pinhole"])] == [
        "o",
        "e",
        "h",
        "i",
    ]


def test_a_name_without_a_free_letter_gets_a_digit() -> None:
    assert named(["нить", "pc"])["нить"].key == "1"
    assert named(["нить", "pc"])["pc"].key == "2"


def test_twelve_attributes_have_twelve_keys_none_reserved() -> None:
    keys = {attribute.key for attribute in named([f"sn {i}" for i in range(MOST_ATTRIBUTES)])}
    assert len(keys) == MOST_ATTRIBUTES
    assert not keys & RESERVED_KEYS


def test_colours_of_a_set_differ() -> None:
    assert len({attribute.colour for attribute in named(["good", "a", "b", "error", "c", "length"])}) == 6


@pytest.mark.parametrize("names", [["a"], [f"a{i}" for i in range(12)], ["Naht offen", "fil-cassé", "x_1"]])
def test_sets_that_are_allowed(names: list[str]) -> None:
    assert named(names).names == tuple(names)


@pytest.mark.parametrize(
    ("names", "problem"),
    [
        ([], "not 0"),
        ([f"a{i}" for i in range(13)], "not 13"),
        (["a", "a"], "more than once"),
        (["name"], "'name'"),
        (["index"], "'index'"),
        (["a,b"], "'a,b'"),
        ([""], "''"),
    ],
)
def test_sets_that_are_not(names: list[str], problem: str) -> None:
    with pytest.raises(WorkspaceError, match=problem):
        named(names)


def test_a_clash_of_keys_names_both() -> None:
    with pytest.raises(WorkspaceError, match="key of both good and gap"):
        AttributeSet((Attribute("good", "g", "#000000"), Attribute("gap", "g", "#111111")))


@pytest.mark.parametrize("key", ["", "gg", "G", "ä", "?", " ", *sorted(RESERVED_KEYS)])
def test_a_key_that_cannot_be_one_is_refused(key: str) -> None:
    with pytest.raises(WorkspaceError, match="for good"):
        AttributeSet((Attribute("good", key, "#000000"),))


def test_a_rule_about_something_else_is_refused() -> None:
    with pytest.raises(WorkspaceError, match="'tear'"):
        AttributeSet(SEAM.attributes, rules=(Rule("good", ("tear",)),))


def test_one_class_sets_the_others_false() -> None:
    assert one_class(["apple", "orange"], "orange") == {"apple": False, "orange": True}


THEME = Path(__file__).parents[1] / ".streamlit" / "config.toml"

MACHADO = {
    "none": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "protanopia": [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]],
    "deuteranopia": [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]],
    "tritanopia": [[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]],
}
"""How colours (linear RGB) look to colour-blind people: Machado, Oliveira and Fernandes (2009), severity 1."""


def linear(colour: str) -> np.ndarray:
    values = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def light(colour: str) -> float:
    """Return the luminance from which contrasts are taken, as WCAG 2 defines them."""
    return float(linear(colour) @ [0.2126, 0.7152, 0.0722]) + 0.05


def lab(rgb: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(np.clip(rgb, 0, 1).astype(np.float32)[None, None, ::-1], cv2.COLOR_LBGR2LAB)[0, 0]


@pytest.mark.parametrize("sight", MACHADO)
@pytest.mark.parametrize("attributes", [SEAM, SEAM.coloured_by_meaning()])
def test_colours_are_told_apart_with_every_sight(attributes: AttributeSet, sight: str) -> None:
    seen = [lab(np.array(MACHADO[sight]) @ linear(attribute.colour)) for attribute in attributes]
    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)) > 20  # 2 is just visible


@pytest.mark.parametrize("ground", ["#fcfbf8", "#15191b"])  # of the two themes
def test_colours_by_meaning_stand_out_on_both_themes(ground: str) -> None:
    for attribute in SEAM.coloured_by_meaning():
        high, low = sorted((light(attribute.colour), light(ground)), reverse=True)
        assert high / low >= 2.99


def test_colours_by_meaning_are_good_green_defects_amber_and_magenta_a_property_grey_blue() -> None:
    own = AttributeSet(
        (Attribute("pucker", "u", "#111111"), Attribute("fine", "f", "#222222", all_clear=True),
         Attribute("width", "w", "#333333", "wide", "narrow"), Attribute("loop", "o", "#444444"))
    )  # fmt: skip
    assert [a.colour for a in own.coloured_by_meaning()] == ["#b87509", "#34a46f", "#546b7d", "#d626bd"]
    classes = named(["apple", "orange"], exclusive=True)
    assert classes.coloured_by_meaning() == classes


def test_a_set_takes_the_colours_of_another_for_the_names_that_both_have() -> None:
    few = AttributeSet((Attribute("error", "e", "#111111"), Attribute("old", "o", "#222222")))
    assert [a.colour for a in few.coloured_as(SEAM)] == [SEAM["error"].colour, "#222222"]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_states_have_colours_that_no_attribute_has_and_that_can_be_read(theme: str) -> None:
    settings = tomllib.loads(THEME.read_text(encoding="utf-8"))["theme"][theme]
    taken = [lab(linear(a.colour)) for a in (*SEAM, *SEAM.coloured_by_meaning())]
    for state in ("green", "orange", "yellow", "red"):
        for kind in ("Color", "TextColor"):
            own = linear(settings[f"{state}{kind}"])
            assert min(np.linalg.norm(lab(own) - other) for other in taken) > 15
        high, low = sorted(light(settings[f"{state}{kind}"]) for kind in ("TextColor", "BackgroundColor"))[
            ::-1
        ]
        assert high / low >= 4.5


def test_of_a_seam_one_of_good_and_its_opposites_should_be_true() -> None:
    assert SEAM.one_of == (("good", "error", "break"),)
    assert named(["apple", "orange"], exclusive=True).one_of == (("apple", "orange"),)
    assert named(["length", "pucker"]).one_of == ()


def test_none_of_them_true_is_worth_a_warning_once_all_are_answered() -> None:
    none = {"good": False, "error": False, "break": False}
    assert SEAM.warnings(none) == ["none of “good”, “error” and “break” is true"]
    assert SEAM.warnings(none | {"break": None}) == []
