"""Agreement: how far annotators label the same frames alike, beyond what chance would give.

It is measured on what they labelled on their own (`core.labels.annotator_labels`), on frames with at least two labels.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from core.access.rights import Right, needs
from core.labels.annotator_labels import AnnotatorLabels, annotator_labels, check_attribute
from core.review import bootstrap, coefficients
from core.review.disputes import at_edges, disputed, most_met
from core.text import lowered, percent
from core.workspace import Workspace

RELIABLE, TENTATIVE = 0.8, 0.667
"""From which alpha on labels are reliable, and from which on they bear tentative conclusions (Krippendorff, Content
Analysis, 2nd edition 2004, p. 241)."""
ONE_SIDED = 0.9
"""Share of the answers from which on nearly all are the same. By chance they are then nearly always equal, and alpha and
kappa are low even of annotators who hardly ever differ (A. R. Feinstein and D. V. Cicchetti, High agreement but low kappa I,
Journal of Clinical Epidemiology 43 (1990) 543-549)."""


@dataclass(frozen=True)
class Coefficient:
    """A coefficient of agreement: 1 is always the same, 0 what chance would give."""

    value: float | None  # None where it is not defined
    interval: tuple[float, float] | None  # 95 % bootstrap interval; None where there is none
    reason: str  # why the value or the interval is None, in words; else empty


@dataclass(frozen=True)
class AnnotatorPair:
    """Two annotators: on how many ``frames`` both answered, and their Cohen's kappa; None where not defined."""

    first: str
    second: str
    frames: int
    kappa: float | None


@dataclass(frozen=True)
class AttributeAgreement:
    """How far annotators agree about one attribute.

    Args:
        items: frames with at least two answers.
        annotators: who answered some of them, in alphabetical order.
        equal: share of the pairs of answers to the same frame that are equal; None without items.
        true: share of the answers that are true; None without items.
        positive: positive agreement: where one annotator answers true, the share of the other answers to the frame that
            are true as well (D. V. Cicchetti and A. R. Feinstein, High agreement but low kappa II, 1990). None where nobody
            does.
        negative: the same of false.
        alpha: Krippendorff's alpha, nominal; takes any number of answers per frame.
        kappa: Cohen's kappa; of more than two annotators the mean over the pairs where it is defined, each weighted
            by its common frames: a kappa of few frames means little. Of many people only those of `most_met` are compared.
        fleiss: Fleiss' kappa of the frames with ``raters`` answers.
        raters: the number of answers that most items have, the larger of two as frequent; 0 without items.
        fleiss_items: how many items have so many answers.
        pairs: every two annotators who answered a frame both.
        disputed: the items with different answers: ``name``, ``video`` (key), ``index`` (int) and ``edge`` (bool),
            true where they lie only at the start or end of a stretch (`core.review.disputes.at_edges`).
        resampled: what the bootstrap draws, ``videos`` or ``blocks``; empty without items.
        units: how many of these there are.
    """

    items: int
    annotators: tuple[str, ...]
    equal: float | None
    true: float | None
    positive: float | None
    negative: float | None
    alpha: Coefficient
    kappa: Coefficient
    fleiss: Coefficient
    raters: int
    fleiss_items: int
    pairs: tuple[AnnotatorPair, ...]
    disputed: pd.DataFrame
    resampled: str
    units: int

    @property
    def edges(self) -> int:
        """How many of the disputed frames lie only at an edge."""
        return int(self.disputed["edge"].sum())

    @property
    def meaning(self) -> str:
        """``reliable``, ``tentative``, ``not reliable``, or ``not known`` where alpha is not defined."""
        if self.alpha.value is None:
            return "not known"
        if self.alpha.value >= RELIABLE:
            return "reliable"
        return "tentative" if self.alpha.value >= TENTATIVE else "not reliable"

    @property
    def is_degenerate(self) -> bool:
        """Whether alpha and kappa say little, as one answer makes up nearly all (`ONE_SIDED`): the prevalence paradox."""
        return (
            self.true is not None
            and max(self.true, 1 - self.true) >= ONE_SIDED
            and self.meaning != "reliable"
        )

    @property
    def instead(self) -> str:
        """What to look at where `is_degenerate`, in words; else empty."""
        if not self.is_degenerate or self.true is None:
            return ""
        often, rare = ("true", "false") if self.true > 0.5 else ("false", "true")
        share = self.positive if rare == "true" else self.negative
        same = f"Two annotators give the same answer in {percent(self.equal, 1)} of the cases"
        if share is None:
            return f"Every answer is {often}, so alpha and kappa are not defined. {same}."
        return (
            f"{percent(max(self.true, 1 - self.true), 1)} of the answers are {often}. Alpha and kappa are then low even if "
            f"annotators hardly ever differ. Look at these instead: {lowered(same)}; where one of them says {rare}, "
            f"another says {rare} too in {percent(share, 1)}."
        )

    @property
    def missing(self) -> dict[str, list[str]]:
        """Why a number or an interval is missing, with the coefficients of which it is."""
        reasons: dict[str, list[str]] = {}
        for name, measured in (("alpha", self.alpha), ("kappa", self.kappa), ("Fleiss", self.fleiss)):
            if measured.reason:
                reasons.setdefault(measured.reason, []).append(name)
        return reasons

    @property
    def with_others(self) -> dict[str, float | None]:
        """Cohen's kappa of each annotator with the others, the lowest first, weighted as in ``kappa``; None comes last."""
        kappas: dict[str, float | None] = {}
        for name in self.annotators:
            defined = [p for p in self.pairs if name in (p.first, p.second) and p.kappa is not None]
            frames = sum(pair.frames for pair in defined)
            kappas[name] = sum((p.kappa or 0.0) * p.frames for p in defined) / frames if frames else None
        return dict(sorted(kappas.items(), key=lambda entry: (entry[1] is None, entry[1] or 0.0)))

    def to_json(self) -> dict[str, Any]:
        """Return what ``agreement --json`` prints of an attribute; ``interval`` is that of alpha."""
        return {
            "alpha": self.alpha.value,
            "kappa": self.kappa.value,
            "interval": self.alpha.interval,
            "items": self.items,
            "annotators": len(self.annotators),
            "names": self.annotators,
            "meaning": self.meaning,
            "equal": self.equal,
            "true": self.true,
            "positive": self.positive,
            "negative": self.negative,
            "degenerate": self.is_degenerate,
            "fleiss": self.fleiss.value,
            "fleiss_items": self.fleiss_items,
            "raters": self.raters,
            "kappa_interval": self.kappa.interval,
            "fleiss_interval": self.fleiss.interval,
            "reasons": {name: getattr(self, name).reason for name in ("alpha", "kappa", "fleiss")},
            "pairs": [vars(pair) for pair in self.pairs],
            "with_others": self.with_others,
            "disputed": len(self.disputed),
            "edges": self.edges,
            "resampled": self.resampled,
            "units": self.units,
        }


@needs(Right.SEE_OTHERS)
def agreement(
    workspace: Workspace, attribute: str | None = None, *, seed: int = 0
) -> dict[str, AttributeAgreement]:
    """Measure per attribute, or of this one, how far annotators agree, with 95 % bootstrap intervals.

    Neighbouring frames are nearly the same picture, so single frames are no independent evidence. The bootstrap draws
    whole videos where at least 5 have frames with two answers, else blocks of a second of neighbouring frames.

    Raises:
        LabelError: there is no such attribute.
    """
    return measured_agreement(workspace, attribute, seed=seed)


def measured_agreement(
    workspace: Workspace, attribute: str | None = None, *, seed: int = 0
) -> dict[str, AttributeAgreement]:
    """Return what `agreement` returns; whoever calls shows nobody's name to those who may see their own only."""
    names = check_attribute(workspace, attribute)
    own = annotator_labels(workspace)
    return {name: agreement_of(own, name, seed=seed) for name in names}


def worst_first(found: Mapping[str, AttributeAgreement]) -> dict[str, AttributeAgreement]:
    """Return the attributes with the lowest alpha first; those without one come last."""

    def rank(entry: tuple[str, AttributeAgreement]) -> tuple[bool, bool, float]:
        measured = entry[1]
        alpha = measured.alpha.value
        return not measured.items, alpha is None, alpha or 0.0

    return dict(sorted(found.items(), key=rank))


def agreement_of(
    own: AnnotatorLabels, attribute: str, *, seed: int = 0, intervals: bool = True
) -> AttributeAgreement:
    """Measure how far annotators agree about one attribute; see `agreement`. Without ``intervals`` it is quick."""
    places, labels = own.sheet(attribute, least=2)
    if not len(places):
        return _nothing(own, attribute)
    people = [own.annotators[i] for i in np.flatnonzero((labels >= 0).any(axis=0))]
    labels = labels[:, (labels >= 0).any(axis=0)]
    items = own.frames.iloc[places]
    videos = pd.factorize(items["video"])[0].astype(np.int64)
    units, resampled = bootstrap.units(videos, items["index"].to_numpy(np.int64))
    counts = np.column_stack([(labels == 0).sum(axis=1), (labels == 1).sum(axis=1)])
    number = counts.sum(axis=1)
    values, times = np.unique(number, return_counts=True)
    raters = int(values[times == times.max()].max())
    equal = float((counts * (counts - 1)).sum() / (number * (number - 1)).sum())
    met, tables = _tables(labels, units)
    alpha_parts, fleiss_parts = coefficients.alpha_parts(counts), coefficients.fleiss_parts(counts, raters)
    parts = np.hstack([*(bootstrap.per_unit(part, units) for part in (alpha_parts, fleiss_parts)), tables])
    alpha, kappa, fleiss = _measured(parts, counts, raters, resampled, seed if intervals else None)
    negative, positive = _specific(counts)
    return AttributeAgreement(
        items=len(items),
        annotators=tuple(people),
        equal=equal,
        true=float(counts[:, 1].sum() / counts.sum()),
        positive=positive,
        negative=negative,
        alpha=alpha,
        kappa=kappa,
        fleiss=fleiss,
        raters=raters,
        fleiss_items=int((number == raters).sum()),
        pairs=_pairs(people, met, tables),
        disputed=items.assign(edge=at_edges(places, videos, labels))[disputed(labels)].reset_index(drop=True),
        resampled=resampled,
        units=len(parts),
    )


def _measured(
    parts: np.ndarray, counts: np.ndarray, raters: int, resampled: str, seed: int | None
) -> list[Coefficient]:
    """Return alpha, kappa and Fleiss' kappa, of what each unit adds and of the answers of each frame; without a seed, they
    have no intervals.
    """
    values = _coefficients(parts.sum(axis=0), raters)
    if seed is None:
        intervals: list[bootstrap.BootstrapInterval] = [(None, "Not drawn.")] * len(values)
    else:
        intervals = bootstrap.intervals(parts, lambda sums: _coefficients(sums, raters), seed)
    no_kappa = "Every two annotators gave one and the same answer to all their common frames: there is nothing to tell apart."
    why = _why_not(counts), no_kappa, _why_not(counts[counts.sum(axis=1) == raters])
    return [
        Coefficient(None, None, why_not)
        if np.isnan(value)
        else Coefficient(float(value), ends, reason.format(units=resampled))
        for value, (ends, reason), why_not in zip(values, intervals, why, strict=True)
    ]


def _coefficients(sums: np.ndarray, raters: int) -> np.ndarray:
    """Return alpha, kappa and Fleiss' kappa (..., 3) of sums (..., 3 + 3 + 4 per pair)."""
    tables = sums[..., 6:].reshape(*sums.shape[:-1], -1, 2, 2)
    kappa = coefficients.weighted_mean(coefficients.cohen(tables), weights=tables.sum(axis=(-1, -2)))
    found = [coefficients.alpha(sums[..., :3]), kappa, coefficients.fleiss(sums[..., 3:6], raters)]
    return np.stack(found, axis=-1)


def _specific(counts: np.ndarray) -> list[float | None]:
    """Return of each answer how often the other answers to the same frame are the same one; ``counts`` (frames, answers) int."""
    pairs = counts * (counts.sum(axis=1, keepdims=True) - 1)
    same, every = (counts * (counts - 1)).sum(axis=0), pairs.sum(axis=0)
    return [float(a / b) if b else None for a, b in zip(same, every, strict=True)]


def _tables(labels: np.ndarray, units: np.ndarray) -> tuple[list[tuple[int, int]], np.ndarray]:
    """Return the pairs of annotators with common frames, and how often, (units, 4 per pair) float64, both said false, only
    the second true, only the first true, both true.
    """
    number = int(units[-1]) + 1
    columns = [np.empty((number, 0))]
    met = most_met(labels >= 0)
    for a, b in met:
        both = (labels[:, a] >= 0) & (labels[:, b] >= 0)
        cells = units[both] * 4 + labels[both, a] * 2 + labels[both, b]
        columns.append(np.bincount(cells, minlength=number * 4).reshape(number, 4).astype(np.float64))
    return met, np.hstack(columns)


def _pairs(
    people: Sequence[str], met: Sequence[tuple[int, int]], tables: np.ndarray
) -> tuple[AnnotatorPair, ...]:
    whole = tables.sum(axis=0).reshape(-1, 2, 2)
    kappas = coefficients.cohen(whole)
    return tuple(
        AnnotatorPair(people[a], people[b], int(table.sum()), None if np.isnan(kappa) else float(kappa))
        for (a, b), table, kappa in zip(met, whole, kappas, strict=True)
    )


def _why_not(counts: np.ndarray) -> str:
    """Say why nothing is known of (frames, answers) int, false before true; empty where something is."""
    false, true = counts.sum(axis=0) > 0
    if true and false:
        return ""
    return f"Every answer is {'true' if true else 'false'}: where nothing else occurs, there is nothing to tell apart."


def _nothing(own: AnnotatorLabels, attribute: str) -> AttributeAgreement:
    """Return the agreement about an attribute without a frame that two annotators answered."""
    people = tuple(own.annotators[i] for i in np.unique(own.rows[attribute][:, 1]))
    if not people:
        reason = f"Nobody has labelled “{attribute}” yet."
    elif len(people) == 1:
        reason = f"Only {people[0]} has labelled “{attribute}”: somebody else has to label the same frames."
    else:
        reason = f"No frame has two answers about “{attribute}”: the annotators labelled different frames."
    none = Coefficient(None, None, reason)
    empty = own.frames.iloc[:0].assign(edge=np.empty(0, bool))
    return AttributeAgreement(0, people, None, None, None, None, none, none, none, 0, 0, (), empty, "", 0)
