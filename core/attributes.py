"""The attribute set of a workspace: names, keys, colours, meanings, rules, exclusive or not.

Attributes are data. The names of the seam attributes stand in `SEAM`; elsewhere only where nothing but the seam is meant: its
demo class, its published accuracy, and what is said of scaling where stitch length is a label.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from core.errors import LabelError, WorkspaceError

Answer = bool | None
"""What is said of one attribute of one frame: true, false, or unset (not yet said)."""

MOST_ATTRIBUTES = 12
RESERVED_KEYS = frozenset("snpqzycr")
"""Letters that mean something on the labelling page or to Streamlit itself."""

RESERVED_NAMES = frozenset(("name", "group", "index", "part", "video", "path", "line"))
"""Columns of tables that stand beside the attributes."""

PALETTE = (
    "#f2a900", "#2f6fde", "#2ca05a", "#d7372f", "#8e5bd0", "#12a5b5",
    "#e377c2", "#8c6239", "#7f8c1d", "#e8743b", "#5b6b7a", "#b5459b",
)  # fmt: skip

FRUIT = {
    "apple": "#2ca05a", "apfel": "#2ca05a", "orange": "#2f6fde", "tomato": "#d7372f", "tomate": "#d7372f",
}  # fmt: skip
"""The published colours of the fruit classes, by name in small letters."""


@dataclass(frozen=True)
class Attribute:
    """One yes/no property of a frame.

    Args:
        name: how it is called in tables and on screen.
        key: the letter or digit that toggles it while labelling.
        colour: ``#rrggbb``, used for labels, charts and heatmaps.
        true: what true means.
        false: what false means, where false has a meaning of its own (4 mm instead of 2 mm); else empty.
        all_clear: true says that there is nothing to point at, so no heatmap is drawn for it unasked.
    """

    name: str
    key: str
    colour: str
    true: str = ""
    false: str = ""
    all_clear: bool = False


@dataclass(frozen=True)
class Rule:
    """``attribute`` true together with any of ``never_with`` true is worth a warning. It never refuses."""

    attribute: str
    never_with: tuple[str, ...]


@dataclass(frozen=True)
class AttributeSet:
    """The attributes of a workspace in their fixed order, 1 to 12 of them.

    Args:
        attributes: in the order of columns, network outputs and charts.
        exclusive: exactly one attribute of a frame is true (classes).
        rules: combinations that are worth a warning.
    """

    attributes: tuple[Attribute, ...]
    exclusive: bool = False
    rules: tuple[Rule, ...] = field(default=())

    def __post_init__(self) -> None:
        _check_names(self.names)
        _check_keys(self.attributes)
        _check_colours(self.attributes)
        _check_rules(self.rules, self.names)

    def __iter__(self) -> Iterator[Attribute]:
        return iter(self.attributes)

    def __len__(self) -> int:
        return len(self.attributes)

    def __getitem__(self, name: str) -> Attribute:
        """Return the attribute called ``name``.

        Raises:
            WorkspaceError: there is none of that name.
        """
        for attribute in self.attributes:
            if attribute.name == name:
                return attribute
        raise WorkspaceError(
            f"one of {', '.join(self.names)}", f"the attribute {name!r}", "Check its spelling."
        )

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(attribute.name for attribute in self.attributes)

    def without_rivals(self, answers: Mapping[str, Answer]) -> dict[str, Answer]:
        """Return ``answers``; where attributes exclude each other and one of them is true, with all others false.

        Raises:
            LabelError: more than one of them is true.
        """
        true = [name for name, value in answers.items() if value]
        if not self.exclusive or not true:
            return dict(answers)
        if len(true) > 1:
            raise LabelError(
                f"A frame has one class, not {' and '.join(true)} together.",
                "Choose one of them: classes exclude each other.",
            )
        return {name: name == true[0] for name in self.names}

    def warnings(self, answers: Mapping[str, Answer]) -> list[str]:
        """Return one sentence per rule that ``answers`` (attribute name to answer) breaks."""
        return [
            f"“{rule.attribute}” and “{other}” are both true"
            for rule in self.rules
            for other in rule.never_with
            if answers.get(rule.attribute) and answers.get(other)
        ]


def named(names: Sequence[str], exclusive: bool = False) -> AttributeSet:
    """Make an attribute set of bare names, with keys and colours chosen; known names keep meaning and colour."""
    known = {attribute.name: attribute for attribute in SEAM}
    fruit = FRUIT if exclusive else {}
    blank = [Attribute(name.strip(), "", fruit.get(name.strip().lower(), "")) for name in names]
    chosen = [known.get(a.name, a) if not exclusive else a for a in blank]
    rules = tuple(
        Rule(rule.attribute, kept)
        for rule in SEAM.rules
        if not exclusive
        and rule.attribute in names
        and (kept := tuple(n for n in rule.never_with if n in names))
    )
    return AttributeSet(completed(chosen), exclusive, rules)


def completed(attributes: Sequence[Attribute]) -> tuple[Attribute, ...]:
    """Give every attribute without a key or colour the first free one.

    Keys: letters of its name, digits, other letters. Colours: those of `PALETTE`.
    """
    keys = RESERVED_KEYS | {a.key for a in attributes if a.key}
    colours = {a.colour for a in attributes}
    done = []
    for attribute in attributes:
        if not attribute.key:
            wishes = attribute.name.lower() + "1234567890" + "abcdefghijklmnopqrstuvwxyz"
            key = next(c for c in wishes if c.isascii() and c.isalnum() and c not in keys)
            keys |= {key}
            attribute = replace(attribute, key=key)
        if not attribute.colour:
            colour = next((c for c in PALETTE if c not in colours), PALETTE[0])
            colours |= {colour}
            attribute = replace(attribute, colour=colour)
        done.append(attribute)
    return tuple(done)


def _check_names(names: Sequence[str]) -> None:
    if not 1 <= len(names) <= MOST_ATTRIBUTES:
        raise WorkspaceError(
            f"1 to {MOST_ATTRIBUTES} attributes", str(len(names)), "Change the attribute list."
        )
    for name in names:
        if not re.fullmatch(r"\w[\w -]*", name) or name in RESERVED_NAMES:
            raise WorkspaceError(
                f"attribute names of letters, digits, _, - and spaces, other than {', '.join(sorted(RESERVED_NAMES))}",
                repr(name),
                "Choose another name.",
            )
    if doubled := {name for name in names if names.count(name) > 1}:
        raise WorkspaceError("each attribute once", f"{sorted(doubled)} more than once", "Remove the copies.")


def _check_keys(attributes: Sequence[Attribute]) -> None:
    owner: dict[str, str] = {}
    for attribute in attributes:
        key = attribute.key
        if len(key) != 1 or not key.isascii() or not key.isalnum() or key != key.lower():
            raise WorkspaceError(
                "one small letter or digit as key",
                f"{key!r} for {attribute.name}",
                "Change it in workspace.toml.",
            )
        if key in RESERVED_KEYS:
            raise WorkspaceError(
                f"a key other than {' '.join(sorted(RESERVED_KEYS))}, which are commands of the labelling page",
                f"{key!r} for {attribute.name}",
                "Change it in workspace.toml.",
            )
        if key in owner:
            raise WorkspaceError(
                "a different key for each attribute",
                f"{key!r} for both {owner[key]} and {attribute.name}",
                "Change one of them in workspace.toml.",
            )
        owner[key] = attribute.name


def _check_colours(attributes: Sequence[Attribute]) -> None:
    for attribute in attributes:
        if not re.fullmatch("#[0-9a-f]{6}", attribute.colour.lower()):
            raise WorkspaceError(
                "a colour like #2f6fde",
                f"{attribute.colour!r} for {attribute.name}",
                "Change it in workspace.toml.",
            )


def _check_rules(rules: Sequence[Rule], names: Sequence[str]) -> None:
    for rule in rules:
        for name in (rule.attribute, *rule.never_with):
            if name not in names:
                raise WorkspaceError(
                    f"rules about {', '.join(names)}",
                    f"a rule about {name!r}",
                    "Change it in workspace.toml.",
                )


SEAM = AttributeSet(
    (
        Attribute("good", "g", "#f2a900", "the seam is as it should be", all_clear=True),
        Attribute("error", "e", "#2f6fde", "the thread is pulled wide into a loop"),
        Attribute("break", "b", "#2ca05a", "the thread is cut or stitches are missing"),
        Attribute("length", "l", "#d7372f", "2 mm stitches", "4 mm stitches"),
    ),
    rules=(Rule("good", ("error", "break")),),
)
"""The default set: the four attributes of the published class."""
