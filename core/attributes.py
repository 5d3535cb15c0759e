"""The attribute set of a workspace: names, keys, colours, meanings, rules, exclusive or not.

Attributes are data. The names of the seam's attributes stand in `SEAM`, and elsewhere only where nothing but the seam is
meant: the demo class, the published accuracy, and scaling where stitch length is a label.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from core.errors import LabelError, WorkspaceError
from core.names import attribute as attribute_name
from core.names import quoted
from core.text import listed

Answer = bool | None
"""What somebody answered for one attribute of one frame: true, false, or unset (no answer yet)."""

MOST_ATTRIBUTES = 12
RESERVED_KEYS = frozenset("snpqzycr")
"""Letters that mean something on the labelling page or to Streamlit itself."""

TEXT_COLUMNS = ("group", "boxes")
"""Columns of a lookup table that are read as text, beside the names and the labels; no new attribute is called so."""

RESERVED_NAMES = frozenset(("name", "group", "index", "part", "video", "path", "line"))
"""Columns of tables that stand beside the attributes."""

_MEANT = RESERVED_NAMES | {
    *TEXT_COLUMNS,
    "file",
    "value",
    "attribute",
    "annotator",
    "source",
    "seq",
    "time",
    "action",
    "frame",
}


def is_reserved(name: str) -> bool:
    """Return whether a new attribute cannot be called so: tables and results have columns of that name."""
    return name.casefold() in _MEANT


_NAME = re.compile(r"[^\s=+@#./,;:\"<>|*\\`'&%!?$~^_-][^=,;:\"<>|*\\`\t\r\n]*|_[\w -]*")
"""Brackets, slashes and emoji are fine; what separates answers, boxes and cells, or begins a formula, is not."""

_IN_SETTINGS = "in workspace.toml."

PALETTE = (
    "#f2a900", "#2f6fde", "#2ca05a", "#d7372f", "#8e5bd0", "#12a5b5",
    "#e377c2", "#8c6239", "#7f8c1d", "#e8743b", "#5b6b7a", "#b5459b",
)  # fmt: skip

ALL_CLEAR_COLOUR, PROPERTY_COLOUR = "#34a46f", "#546b7d"
DEFECT_COLOURS = (
    "#b87509", "#d626bd", "#8e5bd0", "#12a5b5", "#8c6239", "#7f8c1d",
    "#2f6fde", "#d7372f", "#e8743b", "#b5459b", "#5b6b7a", "#e377c2",
)  # fmt: skip
"""The colours by meaning: green for all clear, grey-blue for a property such as a length, amber, magenta and more for
defects. The first four are told apart with any colour blindness, and on both themes."""

FRUIT = {
    "apple": "#2ca05a", "apfel": "#2ca05a", "orange": "#2f6fde", "tomato": "#d7372f", "tomate": "#d7372f",
}  # fmt: skip
"""The published colours of the fruit classes, by name in small letters."""


@dataclass(frozen=True)
class Attribute:
    """One yes/no property of a frame."""

    name: str  # how it is called in tables and on screen
    key: str  # the letter or digit that toggles it while labelling
    colour: str  # ``#rrggbb``, used for labels, charts and heatmaps
    true: str = ""  # what true means
    false: str = ""  # what false means, where it has a meaning of its own (4 mm instead of 2 mm); else empty
    all_clear: bool = False  # true says that there is nothing to point at: no heatmap is drawn unasked

    @property
    def is_property(self) -> bool:
        """Whether both answers are normal, such as 2 mm and 4 mm: neither is a defect."""
        return bool(self.false)


@dataclass(frozen=True)
class Rule:
    """``attribute`` true together with any of ``never_with`` true is worth a warning. It never refuses."""

    attribute: str
    never_with: tuple[str, ...]


@dataclass(frozen=True)
class AttributeSet:
    """The attributes of a workspace in their fixed order, 1 to 12 of them."""

    attributes: tuple[Attribute, ...]  # in the order of columns, network outputs and charts
    exclusive: bool = False  # exactly one attribute of a frame is true (classes)
    rules: tuple[Rule, ...] = field(default=())  # combinations that are worth a warning

    def __post_init__(self) -> None:
        _check_names(self.names)
        _check_keys(self.attributes)
        for attribute in self.attributes:
            if not re.fullmatch("#[0-9a-f]{6}", attribute.colour.lower()):
                problem = f"{attribute.colour!r} for {attribute.name} is not a colour."
                raise WorkspaceError(problem, f"Write it like #2f6fde {_IN_SETTINGS}")
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
            f"There is no attribute {name!r} in this workspace.", f"Use one of {', '.join(self.names)}."
        )

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(attribute.name for attribute in self.attributes)

    def coloured_as(self, other: "AttributeSet") -> "AttributeSet":
        """Return the same attributes in the colours that ``other`` has for those of their names."""
        colours = {attribute.name: attribute.colour for attribute in other}
        return replace(
            self, attributes=tuple(replace(a, colour=colours.get(a.name, a.colour)) for a in self.attributes)
        )

    def coloured_by_meaning(self) -> "AttributeSet":
        """Return the same attributes in colours that say good, defect or property; classes keep theirs."""
        if self.exclusive:
            return self
        defects = iter(DEFECT_COLOURS)

        def colour(attribute: Attribute) -> str:
            if attribute.all_clear:
                return ALL_CLEAR_COLOUR
            return PROPERTY_COLOUR if attribute.is_property else next(defects)

        return replace(self, attributes=tuple(replace(a, colour=colour(a)) for a in self.attributes))

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
        return one_class(self.names, true[0])

    def implied(self, name: str, value: bool) -> dict[str, Answer]:
        """Return an answer and what follows from it: what ``name`` excludes, as a class or by a rule, is false where it is true.

        Raises:
            WorkspaceError: there is no attribute of that name.
        """
        answers: dict[str, Answer] = {self[name].name: value}
        if not value:
            return answers
        others = set(self.names) if self.exclusive else self._never_with(name)
        return answers | {other: False for other in self.names if other in others and other != name}

    def _never_with(self, name: str) -> set[str]:
        pairs = [(rule.attribute, other) for rule in self.rules for other in rule.never_with]
        return {b if a == name else a for a, b in pairs if name in (a, b)}

    @property
    def one_of(self) -> tuple[tuple[str, ...], ...]:
        """Groups of attributes of which each frame should have one true: all classes, or what says that all is well and its
        opposites (good, error and break)."""
        if self.exclusive:
            return (self.names,)
        return tuple(
            (rule.attribute, *rule.never_with) for rule in self.rules if self[rule.attribute].all_clear
        )

    def warnings(self, answers: Mapping[str, Answer]) -> list[str]:
        """Return one sentence per rule that ``answers`` (attribute name to answer) breaks."""
        both = [
            f"“{rule.attribute}” and “{other}” are both true"
            for rule in self.rules
            for other in rule.never_with
            if answers.get(rule.attribute) and answers.get(other)
        ]
        groups = () if self.exclusive else self.one_of
        none = [names for names in groups if all(answers.get(name) is False for name in names)]
        return both + [f"none of {listed(names, quoted=True)} is true" for names in none]


def named(names: Sequence[str], exclusive: bool = False) -> AttributeSet:
    """Make an attribute set of bare names, with keys and colours chosen.

    The seam's attributes keep their meaning, colour and rules; classes get the colours of `FRUIT` where they are fruit.
    """
    names = [attribute_name(name) for name in names]
    if exclusive:
        classes = [Attribute(name, "", FRUIT.get(name.lower(), "")) for name in names]
        return AttributeSet(completed(classes), True)
    seam = {attribute.name: attribute for attribute in SEAM}
    chosen = [seam.get(name, Attribute(name, "", "")) for name in names]
    rules = [replace(r, never_with=tuple(n for n in r.never_with if n in names)) for r in SEAM.rules]
    rules = [rule for rule in rules if rule.attribute in names and rule.never_with]
    return AttributeSet(completed(chosen), False, tuple(rules))


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


def one_class(classes: Iterable[str], chosen: str) -> dict[str, Answer]:
    """Return the answers for a frame of the class ``chosen``: that one is true, the others are false."""
    return {name: name == chosen for name in classes}


def _check_names(names: Sequence[str]) -> None:
    if not 1 <= len(names) <= MOST_ATTRIBUTES:
        raise WorkspaceError(
            f"A workspace has 1 to {MOST_ATTRIBUTES} attributes, not {len(names)}.",
            "Change the list of attributes.",
        )
    for name in names:
        if not _NAME.fullmatch(name) or name in RESERVED_NAMES:
            raise WorkspaceError(
                f"An attribute cannot be called {quoted(name)}.",
                f'Begin with a letter, a digit, a bracket or an emoji, use none of , ; : = < > | * " ` and \\, and none of the words '
                f"{', '.join(sorted(RESERVED_NAMES))}.",
            )
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise WorkspaceError(f"{listed(repeated)} stands there more than once.", "Name each attribute once.")


def check_new_names(names: Sequence[str]) -> None:
    """Refuse what only earlier workspaces may have: names of columns in any case, and names that differ in capitals.

    Raises:
        WorkspaceError: a name is taken.
    """
    for name in names:
        if is_reserved(name):
            raise WorkspaceError(f"An attribute cannot be called {quoted(name)}: tables have a column of that name.",
                                 "Choose another name.")  # fmt: skip
    folded = [name.casefold() for name in names]
    if alike := [name for name in names if folded.count(name.casefold()) > 1]:
        raise WorkspaceError(f"{listed(dict.fromkeys(alike))} stand there more than once, but for capitals."
                             if len(set(alike)) > 1 else f"{alike[0]} stands there more than once.",
                             "Name each attribute once.")  # fmt: skip


def _check_keys(attributes: Sequence[Attribute]) -> None:
    owner: dict[str, str] = {}
    for attribute in attributes:
        key, name = attribute.key, attribute.name
        if len(key) != 1 or not key.isascii() or not key.isalnum() or key != key.lower():
            raise WorkspaceError(
                f"{key!r} cannot be the key for {name}.", f"Choose one small letter or digit {_IN_SETTINGS}"
            )
        if key in RESERVED_KEYS:
            raise WorkspaceError(
                f"{key!r} cannot be the key for {name}: {', '.join(sorted(RESERVED_KEYS))} are commands of the Label page.",
                f"Choose another one {_IN_SETTINGS}",
            )
        if key in owner:
            problem = f"{key!r} is the key of both {owner[key]} and {name}."
            raise WorkspaceError(problem, f"Change one of them {_IN_SETTINGS}")
        owner[key] = name


def _check_rules(rules: Sequence[Rule], names: Sequence[str]) -> None:
    for name in (name for rule in rules for name in (rule.attribute, *rule.never_with)):
        if name not in names:
            problem = f"A rule speaks of {name!r}, which is not an attribute."
            raise WorkspaceError(problem, f"Use one of {', '.join(names)} {_IN_SETTINGS}")


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
