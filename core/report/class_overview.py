"""The overview of a class: who labelled how much, and whether the balance, the split and the numbers are right.

It computes nothing anew: balance, agreement, disputes, leaks and verdicts come from where they are made. No network is loaded.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import numpy as np

from core.access.rights import Right, needs
from core.attributes import AttributeSet
from core.errors import SplitError
from core.evaluation import evaluate, verdict
from core.evaluation.verdict import ALL, Gain
from core.labels import assignments, progress
from core.labels.annotator_labels import AnnotatorLabels, annotator_labels
from core.labels.labels import DRAWN
from core.report.trust import Mark, State, Trust, agreements, by_origin, labels
from core.review import advice, differences, gold
from core.review import balance as balances
from core.review.agreement import AttributeAgreement
from core.review.balance import Balance
from core.review.confounders import confounders
from core.review.differences import AnnotatorDifference
from core.review.disputes import adjudications, annotator_columns, disputes_of
from core.runs import run_names
from core.runs.run import Run
from core.runs.run_store import STATES, list_runs
from core.splits import stored_split
from core.splits.leaks import Leaks, leak_of
from core.splits.split import Split
from core.text import count, listed
from core.training.readiness import answer_words
from core.workspace import Workspace

NEWEST = 10
"""Runs that are listed."""

WORDS: Mapping[State, str] = {"good": "Yes", "partly": "Not quite", "bad": "No", "unknown": "Not known yet"}


@dataclass(frozen=True)
class Lamp:
    """The answer to a question, and the sentence that gives the reason."""

    state: State
    sentence: str

    @property
    def word(self) -> str:
        return WORDS[self.state]


COMPARING = Lamp("unknown", "The test frames are being compared with the training frames.")
"""The answer while somebody looks for leaks."""

FindLeaks = Callable[[Workspace, Split], Leaks | None]


@dataclass(frozen=True)
class AnnotatorFigures:
    """What one annotator has done.

    Args:
        name: of the annotator.
        frames: with an answer of this one, imported ones too.
        minutes: of labelling on the Label page; see `core.labels.progress.paces`.
        per_minute: frames in such a minute; None of less than one minute.
        compared: answers to which most of the others gave an answer as well.
        same: how many of these are the same.
        assigned: videos.
        finished: how many of these have all answers.
        gold: answers to gold frames.
        right: how many of these are right.
        talk: the largest difference from the others; None where there is nothing to talk about.
    """

    name: str
    frames: int
    minutes: float
    per_minute: float | None
    compared: int
    same: int
    assigned: int
    finished: int
    gold: int
    right: int
    talk: AnnotatorDifference | None


@dataclass(frozen=True)
class RunLine:
    """A run: its folder, what it is called, who wanted it, when it was made, and its verdict in words.

    ``gain``, ``trust`` (see `core.report.trust`) and ``mark`` are None before its test; ``limited`` is what limits the verdict.
    """

    id: str
    called: str
    user: str
    created: str
    gain: Gain | None
    sentence: str
    is_leaking: bool
    trust: Trust | None = None
    mark: Mark | None = None
    limited: str = ""


@dataclass(frozen=True)
class ClassOverview:
    """What an instructor asks about a class.

    Args:
        people: who labelled or is assigned, those with most frames first; programs come last.
        talk: the one thing to talk about with each, the largest first; see `core.review.differences`. What two have with each
            other is in it once.
        talk_missing: why nothing can be compared; empty where something can.
        balance: whether the labels are balanced.
        split: whether the split is honest.
        trust: whether the numbers of labels and tests can be trusted.
        disputes: open ones, without those at an edge.
        edges: open disputes only about where a stretch begins or ends.
        assigned: videos that are assigned, each time an annotator has one.
        finished: how many of these have all answers.
        gold_frames: how many there are.
        runs: the newest first, without those of a series, at most `NEWEST`.
    """

    people: tuple[AnnotatorFigures, ...]
    talk: tuple[AnnotatorDifference, ...]
    talk_missing: str
    balance: Lamp
    split: Lamp
    trust: Lamp
    disputes: int
    edges: int
    assigned: int
    finished: int
    gold_frames: int
    runs: tuple[RunLine, ...]

    def to_json(self) -> dict[str, Any]:
        """Return what ``class --json`` prints."""
        return asdict(self)


@needs(Right.SEE_OTHERS)
def class_overview(
    workspace: Workspace,
    find_leaks: FindLeaks | None = None,
    programs: Collection[str] = (),
) -> ClassOverview:
    """Gather what an instructor asks about a class.

    Args:
        workspace: of the class.
        find_leaks: looks for leaks of the current split, which takes seconds in a large workspace: it may return what it
            found before, or none while it looks. By default `core.splits.leaks.leak_of` looks anew.
        programs: annotators to whom nobody can talk.
    """
    own = annotator_labels(workspace)
    names = workspace.attributes.names
    found = agreements(workspace, own)
    open_ones = disputes_of(own, adjudications(workspace), names)
    columns = dict(zip(annotator_columns(open_ones), own.annotators, strict=True))
    talk: dict[str, AnnotatorDifference] = {}
    for each in differences.differences(open_ones):  # the largest comes first
        if (name := columns[each.annotator]) not in programs:
            talk.setdefault(name, each)
    right, given = gold.gold(workspace), assignments.assigned(workspace)
    runs = tuple(_run_line(run, found) for run in _runs(workspace)[:NEWEST])
    split = split_lamp(workspace, find_leaks or (lambda workspace, split: leak_of(workspace, split.table)))
    edges = int(open_ones["edge"].sum())
    return ClassOverview(
        people=tuple(_people(workspace, own, talk, given, programs)),
        talk=tuple(differences.without_mirrors(list(talk.values()))),
        talk_missing=_not_compared(own, found, programs),
        balance=balance_lamp(balances.balance(workspace)),
        split=split,
        trust=trust_lamp(found, runs),
        disputes=len(open_ones) - edges,
        edges=edges,
        assigned=len(given),
        finished=int(given["finished"].sum()),
        gold_frames=len(right.drop_duplicates(["video", "index"])),
        runs=runs,
    )


def talk_sentence(talk: AnnotatorDifference, attributes: AttributeSet, name: str = "") -> str:
    """Return what to talk about: ``Cem says 4 mm stitches where Ann and Ben say 2 mm stitches: 60 frames of seam_02.``

    ``name`` stands before it; empty: that of the annotator.
    """
    if attributes.exclusive:
        words = {True: f"“{talk.attribute}”", False: "another class"}
        mine, theirs = words[talk.answer], words[not talk.answer]
    else:
        attribute = attributes[talk.attribute]
        mine, theirs = answer_words(attribute, talk.answer), answer_words(attribute, not talk.answer)
        mine += "" if attribute.is_property and attribute.true else f" to “{talk.attribute}”"
    verb = "says" if len(talk.others) == 1 else "say"
    where = talk.videos[0] if len(talk.videos) == 1 else count(len(talk.videos), "video")
    who = listed(("SeamLens" if other == DRAWN else other for other in talk.others), most=4)
    return f"{name or talk.annotator} says {mine} where {who} {verb} {theirs}: {count(talk.frames, 'frame')} of {where}."


def balance_lamp(found: Balance) -> Lamp:
    """Return whether the labels are balanced: every attribute needs both answers, enough of each, and not one per video."""
    if not found.labelled:
        return Lamp("unknown", "No frame has a label yet.")
    if any(not counts["true"] or not counts["false"] for counts in found.attributes.values()):
        state: State = "bad"
    elif any(map(advice.missing, found.attributes.values())) or any(
        confounder.warns for confounder in confounders(found).values()
    ):
        state = "partly"
    else:
        return Lamp("good", "Every attribute has enough frames of both answers.")
    return Lamp(state, advice.advice(found)[0])


def split_lamp(workspace: Workspace, find_leaks: FindLeaks) -> Lamp:
    """Return whether a test on the current split is honest."""
    try:
        split = stored_split.load(workspace)
    except SplitError as error:
        return Lamp("bad", str(error))
    if split is None:
        return Lamp("unknown", "There is no split yet: the first training makes one.")
    found = find_leaks(workspace, split)
    if found is None:
        return COMPARING
    if found.is_leaking or not found.test_frames:
        return Lamp("bad", found.sentence)
    if split.divides_videos:
        return Lamp("partly", "The test frames are from videos that also train: expect less on a new seam.")
    return Lamp("good", found.sentence)


def trust_lamp(found: Mapping[str, AttributeAgreement], runs: Sequence[RunLine]) -> Lamp:
    """Return whether the numbers can be trusted: those of the newest test, else the labels, as far as that can be said."""
    if trusted := next((run.trust for run in runs if run.trust), None):
        return Lamp(trusted.state, trusted.sentence)
    doubts = [reason for reason in labels(found) if reason.state != "good"]
    if bad := [reason.sentence for reason in doubts if reason.state == "bad"]:
        return Lamp("bad", f"{bad[0]}. Settle that first: a test is only as right as its labels.")
    return Lamp(
        "unknown", " ".join(["No network was tested yet.", *(f"{doubt.sentence}." for doubt in doubts[:1])])
    )


def _not_compared(
    own: AnnotatorLabels, found: Mapping[str, AttributeAgreement], programs: Collection[str]
) -> str:
    if any(row.items for row in found.values()):
        return ""
    if not own.annotators:
        return "Nobody has labelled yet."
    if len(own.annotators) == 1 and own.annotators[0] in programs:
        return "All labels were drawn by SeamLens. Have two people label some of the same videos."
    if len(own.annotators) == 1:
        return (
            f"Only {own.annotators[0]} has labelled so far. Have somebody else label some of the same videos."
        )
    return "No frame was labelled by two people: have some videos labelled by two."


def _people(
    workspace: Workspace,
    own: AnnotatorLabels,
    talk: Mapping[str, AnnotatorDifference],
    given: Any,
    programs: Collection[str],
) -> list[AnnotatorFigures]:
    frames, alike = _frames(own), differences.likeness(own)
    paces = progress.paces(workspace, datetime.min.replace(tzinfo=UTC)).set_index("annotator")
    videos = given.groupby("annotator")["finished"].agg(["size", "sum"])
    scores = gold.gold_scores(workspace).scores
    people = []
    for name in dict.fromkeys([*own.annotators, *videos.index]):
        minutes, pace = paces.loc[name, ["minutes", "per_minute"]] if name in paces.index else (0.0, np.nan)
        assigned, finished = videos.loc[name] if name in videos.index else (0, 0)
        mine = [score for score in scores if score.annotator == name]
        people.append(
            AnnotatorFigures(
                name=name,
                frames=frames.get(name, 0),
                minutes=float(minutes),
                per_minute=None if np.isnan(pace) else float(pace),
                compared=alike.get(name, (0, 0))[0],
                same=alike.get(name, (0, 0))[1],
                assigned=int(assigned),
                finished=int(finished),
                gold=sum(score.answered for score in mine),
                right=sum(score.right for score in mine),
                talk=talk.get(name),
            )
        )
    return sorted(people, key=lambda person: (person.name in programs, -person.frames))


def _frames(own: AnnotatorLabels) -> dict[str, int]:
    """Count the frames of which each annotator answered anything."""
    people = len(own.annotators)
    both = np.concatenate([rows[:, 0] * people + rows[:, 1] for rows in own.rows.values()])
    counts = np.bincount(np.unique(both) % max(1, people), minlength=people)
    return dict(zip(own.annotators, counts.tolist(), strict=True))


def _runs(workspace: Workspace) -> list[Run]:
    return [run for run in list_runs(workspace) if not run.series]


def _run_line(run: Run, found: Mapping[str, AttributeAgreement]) -> RunLine:
    test, called, config = evaluate.listed_result(run), run_names.short(run), run.config
    line = partial(RunLine, run.id, called, config.user, config.created, is_leaking=run.leak is not None)
    if test is None:
        return line(gain=None, sentence=_untested(run.state))
    headline, trusted = verdict.headline(test), by_origin(run, test, found)[0]
    return line(
        gain=headline.gain,
        sentence=headline.sentence,
        trust=trusted,
        mark=trusted.mark_of(headline.gain),
        limited=trusted.limited(ALL),
    )


def _untested(state: str) -> str:
    if state in STATES:
        return f"{STATES[state].capitalize()}."
    return "Not tested yet." if state in ("done", "stopped") else f"{state.capitalize()}."
