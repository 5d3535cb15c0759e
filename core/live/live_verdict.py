"""What the page says of the picture before the viewer: its verdict in a few words, and a row for each attribute."""

from collections.abc import Collection
from dataclasses import dataclass, field

from core.inspection.inspector import InspectedFrame, Inspector
from core.inspection.panel import heatmap_notes
from core.inspection.verdict import NOTHING, Word, properties, verdict

NEW = "New to me"


@dataclass(frozen=True)
class ProbabilityRow:
    """An attribute on the page."""

    name: str
    probability: float
    decided: bool
    words: str  # what was decided
    note: str  # about its heatmap, or empty
    threshold: float
    colour: str


@dataclass(frozen=True)
class LiveVerdict:
    """What the page says of the picture: ``state`` is ``judged``, ``new`` (unfamiliar), ``waiting`` or ``trouble``."""

    state: str
    headline: str  # where there are no words
    words: list[Word] = field(default_factory=list)
    properties: list[Word] = field(default_factory=list)
    rows: list[ProbabilityRow] = field(default_factory=list)
    time: float = 0.0  # seconds from the start of the source
    is_frozen: bool = False
    note: str = ""  # about the source


def live_verdict(
    frame: InspectedFrame, inspector: Inspector, chosen: Collection[str] | None, is_frozen: bool, note: str
) -> LiveVerdict:
    """Return what is to be said of a frame that ``inspector`` has inspected.

    ``chosen`` names the attributes whose heatmaps are drawn; none is what the network decided.
    """
    inspection, attributes = frame.inspection, inspector.attributes
    if not inspection.is_familiar:
        return LiveVerdict("new", NEW, time=frame.time, is_frozen=is_frozen, note=note)
    notes, thresholds = heatmap_notes(inspection, attributes, chosen), inspector.thresholds
    rows = [
        ProbabilityRow(
            a.name, float(inspection.probabilities[a.name]), yes := bool(inspection.decisions[a.name]),
            (a.true if yes else a.false) if a.is_property else "yes" if yes else "no", notes.get(a.name, ""),
            thresholds[a.name], a.colour,
        )
        for a in attributes
    ]  # fmt: skip
    words = verdict(inspection, attributes), properties(inspection, attributes)
    return LiveVerdict("judged", NOTHING, *words, rows, frame.time, is_frozen, note)
