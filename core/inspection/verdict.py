"""An inspection in a few words: the defects or the class that was decided, and normal properties such as a length."""

from dataclasses import dataclass

from core.attributes import Attribute, AttributeSet
from core.inspection.inspector import Inspection

NOTHING = "No defect"
"""Where no attribute was decided true."""


@dataclass(frozen=True)
class Word:
    """A decision: its ``words``, the ``probability`` of it, and the ``colour`` of its attribute."""

    words: str
    probability: float
    colour: str


def verdict(inspection: Inspection, attributes: AttributeSet) -> list[Word]:
    """Return the defects decided true, most probable first; without any what says that all is clear, or nothing."""
    decided = [a for a in attributes if inspection.decisions[a.name] and not a.is_property]
    defects = [a for a in decided if not a.all_clear]
    words = [Word(a.name, inspection.probabilities[a.name], a.colour) for a in defects or decided]
    return sorted(words, key=lambda word: -word.probability)


def properties(inspection: Inspection, attributes: AttributeSet) -> list[Word]:
    """Return what is normal either way, such as 2 mm or 4 mm, with the probability of what was decided."""
    return [_property(inspection, each) for each in attributes if each.is_property]


def _property(inspection: Inspection, attribute: Attribute) -> Word:
    yes, probability = inspection.decisions[attribute.name], inspection.probabilities[attribute.name]
    return Word(
        (attribute.true or attribute.name) if yes else attribute.false,
        probability if yes else 1 - probability,
        attribute.colour,
    )
