"""How far the numbers of a tested run can be trusted: one sentence for every page, the report and the command line.

It weighs whether the split is honest, how many videos were tested, whether the labels are right, and the gain over guessing.
Nothing is measured anew but what may have changed since the test: the labels, and who agrees about them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from core.evaluation import evaluate, thresholds, verdict
from core.evaluation.intervals import FEWEST
from core.evaluation.label_changes import changed_labels
from core.evaluation.verdict import ALL, Gain, Headline, Verdict
from core.labels import provenance
from core.labels.annotator_labels import AnnotatorLabels, annotator_labels
from core.review.agreement import AttributeAgreement, agreement_of, worst_first
from core.review.bootstrap import BLOCK
from core.runs import run_names, run_parts
from core.runs.results import OriginResult, TestResult
from core.runs.run import Run
from core.runs.run_store import list_runs
from core.text import count, listed, lowered
from core.workspace import Workspace

State = Literal["good", "partly", "bad", "unknown"]
"""Whether something is as it should be; unknown before it was measured."""
WORST: tuple[State, ...] = ("bad", "partly", "unknown", "good")
Mark = Literal["clearly", "somewhat", "hardly", "unknown", "doubtful"]
"""How a verdict is marked: by its gain, but doubtful where the network is clearly better by numbers that say little."""

SAYS: Mapping[State, str] = {
    "good": "can be trusted",
    "partly": "hold only roughly",
    "bad": "say little yet",
    "unknown": "say little yet",
}
NAMED = 3
"""Reasons that the sentence names."""


@dataclass(frozen=True)
class Reason:
    """Something for the numbers, or against them.

    Args:
        state: good where it is for them.
        sentence: that says it; its lower case goes on in another sentence.
        short: the same in two or three words, which stand beside a verdict; empty where it is good or the verdict says it.
        of: attributes that it is about; empty: all.
    """

    state: State
    sentence: str
    short: str = ""
    of: tuple[str, ...] = ()


@dataclass(frozen=True)
class Trust:
    """How far the numbers on videos of one origin can be trusted.

    Args:
        origin: as in `core.evaluation.verdict.Headline`.
        state: that of the worst reason.
        sentence: the same in words, with the worst reasons.
        reasons: for and against, the worst first.
    """

    origin: str
    state: State
    sentence: str
    reasons: tuple[Reason, ...]

    def limits(self, name: str) -> list[Reason]:
        """Return what limits the verdict on an attribute, or on `ALL` classes, the worst first."""
        return [
            reason
            for reason in self.reasons
            if reason.state != "good" and (name == ALL or not reason.of or name in reason.of)
        ]

    def limited(self, name: str) -> str:
        """Return the same in a few words, such as ``Limited: few test videos, labels not checked.``; empty where nothing does."""
        words = [reason.short for reason in self.limits(name) if reason.short]
        return f"Limited: {', '.join(words)}." if words else ""

    def mark(self, of: Verdict) -> Mark:
        """Return how a verdict is marked."""
        is_doubtful = any(reason.state == "bad" for reason in self.limits(of.of))
        return "doubtful" if is_doubtful and of.gain == "clearly" else of.gain

    def mark_of(self, gain: Gain) -> Mark:
        """Return how the gain of all attributes together is marked."""
        return "doubtful" if self.state == "bad" and gain == "clearly" else gain

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)


def trust(run: Run, result: TestResult) -> Trust:
    """Return how far the test of ``run`` can be trusted: that on one's own videos, where some were tested."""
    return by_origin(run, result)[0]


def by_origin(
    run: Run, result: TestResult, found: Mapping[str, AttributeAgreement] | None = None
) -> list[Trust]:
    """Return how far the numbers can be trusted, in the order of `core.evaluation.verdict.headlines`.

    ``found`` is what `agreements` returned of the workspace, if at hand.
    """
    found = agreements(run.workspace) if found is None else found
    agreed = {name: row for name, row in found.items() if name in run.attributes.names}
    always = [*_split(run), *_origins_of_labels(run), *_changes(run)]
    pairs = zip(verdict.headlines(result), result.groups, strict=True)
    return [_of_group(run, headline, group, agreed, always) for headline, group in pairs]


def agreements(workspace: Workspace, own: AnnotatorLabels | None = None) -> dict[str, AttributeAgreement]:
    """Return how far annotators agree, without intervals, the attribute with the lowest alpha first."""
    own = own or annotator_labels(workspace)
    names = workspace.attributes.names
    return worst_first({name: agreement_of(own, name, intervals=False) for name in names})


def newest_tested(workspace: Workspace) -> tuple[Run, TestResult] | None:
    """Return the newest tested run that is in no series, and its test; none where there is none."""
    runs = (run for run in list_runs(workspace) if not run.series)
    return next(((run, test) for run in runs if (test := evaluate.listed_result(run))), None)


def _of_group(
    run: Run,
    headline: Headline,
    group: OriginResult,
    found: Mapping[str, AttributeAgreement],
    always: Sequence[Reason],
) -> Trust:
    is_drawn = group.origin == "rendered"
    reasons = [*always, *_videos(run, group), *_gain(headline), *labels(found, is_drawn)]
    if is_drawn:
        reasons.append(
            Reason(
                "partly",
                "These videos were drawn by SeamLens, so your own seams may be harder",
                "practice videos",
            )
        )
    reasons.sort(key=lambda reason: WORST.index(reason.state))
    state = reasons[0].state
    where = run_parts.groups(run, group.videos, "practice " if is_drawn else "test ")
    measured = f"Measured on {count(group.frames, 'frame')} of {where}"
    why = [lowered(reason.sentence) for reason in reasons if reason.state == state]
    says = f"the numbers of {run_names.short(run)} {SAYS[state]}"
    missing = [name for name in run.workspace.attributes.names if name not in run.attributes.names]
    lacks = f" It has not learned {_quoted(missing)}." if missing else ""
    return Trust(group.origin, state, f"{measured}, {says}: {'; '.join(why[:NAMED])}.{lacks}", tuple(reasons))


def _split(run: Run) -> list[Reason]:
    """Weigh whether the network can have learned from the like of the test frames."""
    if leak := run.leak:
        words = f"{leak['meter']:.1f} % of the test frames have a near-duplicate in training"
        return [Reason("bad", words, "leaking split")]
    if not run_parts.is_unseen(run, "test"):
        what = run_parts.kind(run)
        return [
            Reason("partly", f"It trained on other frames of the test {what}s", f"{what}s seen in training")
        ]
    mark = run.config.leak
    alike = int(mark["leaking_test_frames"]) if mark else 0
    resembles = (
        count(alike, "test frame resembles", "test frames resemble") if alike else "no test frame resembles"
    )
    more = f", and {resembles} a training picture" if mark else ""
    return [Reason("good", f"It has never seen the test {run_parts.kind(run)}s{more}")]


def _videos(run: Run, group: OriginResult) -> list[Reason]:
    """Weigh whether enough videos were tested."""
    few = f"few test {run_parts.kind(run)}s"
    if group.videos < FEWEST:
        verb = "is" if group.videos == 1 else "are"
        words = f"{run_parts.groups(run, group.videos)} {verb} too few to say how exact the numbers are (it takes {FEWEST})"
        return [Reason("partly", words, few)]
    reasons = [Reason("good", f"{run_parts.groups(run, group.videos)} were tested")]
    rows = group.attributes.items() if not group.classes else ()
    for name, row in rows:
        if 0 < row.videos < FEWEST:
            words = f"“{name}” is labelled in only {row.videos} of the {run_parts.groups(run, group.videos, 'test ')}"
            reasons.append(Reason("partly", words, few, (name,)))
    return reasons


def _gain(headline: Headline) -> list[Reason]:
    """Weigh whether the network is better than guessing: of one that guesses the numbers say nothing more."""
    if headline.gain == "hardly":
        return [Reason("bad", "It is hardly better than guessing")]
    if headline.gain == "unknown":
        return [Reason("bad", "It cannot be said yet whether it is better than guessing")]
    of = {gain: tuple(each.of for each in headline.verdicts if each.gain == gain) for gain in verdict.WORDS}
    reasons = [Reason("good", "It is better than guessing", of=of["clearly"] + of["somewhat"])]
    if hardly := of["hardly"]:
        reasons.append(Reason("partly", f"It is hardly better than guessing at {_quoted(hardly)}", of=hardly))
    if unknown := of["unknown"]:
        reasons.append(Reason("partly", f"{_quoted(unknown)} cannot be judged yet", of=unknown))
    return reasons


def labels(found: Mapping[str, AttributeAgreement], is_drawn: bool = False) -> list[Reason]:
    """Weigh whether the labels are right, by how far annotators agree.

    ``is_drawn``: the videos were drawn with their labels, which nobody has to check.
    """
    of_kind: dict[str, list[str]] = {
        "unchecked": [],
        "one-sided": [],
        "reliable": [],
        "tentative": [],
        "bad": [],
    }
    for name, row in found.items():
        of_kind[_kind_of_agreement(row)].append(name)
    alpha = {
        name: f"“{name}” (alpha {row.alpha.value or 0:.2f})".replace("-", "−") for name, row in found.items()
    }
    unchecked = [] if is_drawn else of_kind["unchecked"]
    reasons = []
    if names := of_kind["bad"]:
        words = f"Annotators do not agree about {listed(alpha[name] for name in names)}"
        reasons.append(Reason("bad", words, "labels in dispute", tuple(names)))
    if unchecked and not any(row.items for row in found.values()):
        words = "No frame was labelled by two people, so nobody knows whether the labels are right"
        reasons.append(Reason("partly", words, "labels not checked"))
    elif unchecked:
        words = (
            f"Too few frames were labelled by two people to say whether they agree about {_quoted(unchecked)}"
        )
        reasons.append(Reason("partly", words, "labels hardly checked", tuple(unchecked)))
    if names := of_kind["tentative"]:
        words = f"Annotators agree only roughly about {listed(alpha[name] for name in names)}"
        reasons.append(Reason("partly", words, "labels agree roughly", tuple(names)))
    if names := of_kind["one-sided"]:
        words = (
            f"Nearly all answers about {_quoted(names)} are the same, which hides whether annotators agree"
        )
        reasons.append(Reason("partly", words, "one-sided labels", tuple(names)))
    if names := of_kind["reliable"]:
        reasons.append(Reason("good", f"Annotators agree about {_quoted(names)}", of=tuple(names)))
    return reasons


def _kind_of_agreement(row: AttributeAgreement) -> str:
    if row.items < BLOCK:
        return "unchecked"
    if row.is_degenerate or row.meaning == "not known":
        return "one-sided"
    return {"reliable": "reliable", "tentative": "tentative"}.get(row.meaning, "bad")


def _origins_of_labels(run: Run) -> list[Reason]:
    """Weigh whether a network suggested the labels that networks are tested on."""
    tested = run.frames.loc[run.frames["part"] == "test", "name"]
    counted = provenance.suggested(run.workspace, tested)
    begun = bool(counted["suggested"].any())
    words = provenance.sentence(counted).rstrip(".")
    return [Reason("partly", words, "suggested labels") if begun else Reason("good", words)]


def _changes(run: Run) -> list[Reason]:
    """Weigh what was changed by people who could know the result."""
    changed, times = changed_labels(run), run.tuning.changed_after_test
    relabelled = changed.relabelled_sentence().rstrip(".")
    unchanged = "No test frame was relabelled after a network's mistakes could be seen"
    labels_changed = (
        Reason("partly", relabelled, "relabelled after a test") if relabelled else Reason("good", unchanged)
    )
    if run.attributes.exclusive:
        return [labels_changed]
    words = thresholds.sentence(times).rstrip(".")
    moved = Reason("partly", words, "thresholds changed after a test") if times else Reason("good", words)
    return [labels_changed, moved]


def _quoted(names: Sequence[str]) -> str:
    return listed(names, most=4, quoted=True)
