"""What a test says in words: how much better than guessing a network is. Pages, report and command line read it from here.

Guessing is always giving the more frequent answer. Importing this does not import TensorFlow.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from core.runs.results import AttributeResult, ClassesResult, Interval, OriginResult, TestResult, Value
from core.splits.stratify import ENOUGH
from core.text import count, listed, percent

Gain = Literal["clearly", "somewhat", "hardly", "unknown"]
"""How much better than guessing; unknown where too few frames, or answers of one kind only, were tested."""

CLEAR, SOME = 0.5, 0.2
"""Shares of the mistakes of guessing that a network avoids: from which on it is clearly, and somewhat, better.

Points would not do: from 95 to 98 % is more than half of what can be learned, from 50 to 53 % is next to nothing."""

WORDS: Mapping[Gain, str] = {
    "clearly": "clearly better than guessing",
    "somewhat": "somewhat better than guessing",
    "hardly": "hardly better than guessing",
    "unknown": "cannot be said yet",
}
ALL = "all classes"
TITLES = {"own": "Your own videos", "rendered": "Practice videos", "": "All test videos"}


@dataclass(frozen=True)
class Verdict:
    """How much better than guessing a network is at one attribute, or at all classes together.

    Args:
        of: name of the attribute, or `ALL`.
        gain: how much.
        accuracy: of the tested frames.
        baseline: what guessing reaches on them.
        sentence: the same in words, as ``break: right in 98 of 100 frames, where guessing gets 60.``
    """

    of: str
    gain: Gain
    accuracy: Value
    baseline: Value
    sentence: str


@dataclass(frozen=True)
class Headline:
    """The verdicts on videos of one origin.

    Args:
        origin: ``own``, ``rendered``, or empty where the test does not tell them apart.
        frames: that were tested.
        videos: they come from.
        gain: of all attributes together: it is clear only where that of each is which can be judged.
        sentence: the same in words, as ``Clearly better than guessing: break. Hardly: good.``
        verdicts: one for each attribute, of classes one.
    """

    origin: str
    frames: int
    videos: int
    gain: Gain
    sentence: str
    verdicts: tuple[Verdict, ...]

    @property
    def accuracy(self) -> Value:
        """The mean over the attributes."""
        return _mean([verdict.accuracy for verdict in self.verdicts])

    @property
    def baseline(self) -> Value:
        """What guessing reaches, the mean over the attributes."""
        return _mean([verdict.baseline for verdict in self.verdicts])

    @property
    def title(self) -> str:
        """What these videos are called."""
        return TITLES[self.origin]


def _mean(values: Sequence[Value]) -> Value:
    there = [value for value in values if value is not None]
    return sum(there) / len(there) if there else None


def headlines(result: TestResult) -> list[Headline]:
    """Return a headline for each origin of the tested videos, one's own seams first: they are never pooled."""
    return [_headline(group) for group in result.groups]


def headline(result: TestResult) -> Headline:
    """Return the headline that stands for the test: that of one's own seams, where some were tested."""
    return headlines(result)[0]


def headlines_as_json(result: TestResult) -> list[dict[str, Any]]:
    """Return the headlines as plain values."""
    return [asdict(each) for each in headlines(result)]


def _headline(group: OriginResult) -> Headline:
    if group.classes:
        verdicts: tuple[Verdict, ...] = (of_classes(group.classes),)
    else:
        verdicts = tuple(of_attribute(name, row) for name, row in group.attributes.items())
    gain = together([verdict.gain for verdict in verdicts])
    return Headline(group.origin, group.frames, group.videos, gain, _sentence(verdicts), verdicts)


def together(gains: Sequence[Gain]) -> Gain:
    """Return the gain of several attributes: that of all where they are alike, else a middle one.

    >>> together(["clearly", "unknown"]), together(["clearly", "hardly"]), together(["hardly"]), together([])
    ('clearly', 'somewhat', 'hardly', 'unknown')
    """
    judged = [gain for gain in gains if gain != "unknown"]
    if not judged:
        return "unknown"
    return judged[0] if len(set(judged)) == 1 else "somewhat"


def _sentence(verdicts: Sequence[Verdict]) -> str:
    """Return which attributes are clearly, somewhat and hardly better than guessing, in that order."""
    if len(verdicts) == 1 and verdicts[0].gain != "unknown":
        words = WORDS[verdicts[0].gain]
        return f"{words[0].upper()}{words[1:]}."
    of_gain = {gain: [v.of for v in verdicts if v.gain == gain] for gain in WORDS}
    parts: list[str] = []
    for gain, names in of_gain.items():
        if names:
            words = WORDS[gain] if gain == "unknown" or not parts else gain
            parts.append(f"{words[0].upper()}{words[1:]}: {listed(names)}.")
    return " ".join(parts)


def of_attribute(name: str, row: AttributeResult) -> Verdict:
    """Judge one attribute."""
    if not row.frames or row.accuracy is None or row.baseline is None:
        return _unknown(name, row.accuracy, row.baseline, "no test frame is labelled")
    fewer, word = min((row.positives, "true"), (row.frames - row.positives, "false"))
    if not fewer:
        other = "false" if word == "true" else "true"
        return _unknown(name, row.accuracy, row.baseline, f"all {row.frames:,} test frames are {other}")
    if fewer < ENOUGH:
        why = f"only {fewer} of {count(row.frames, 'test frame')} {'is' if fewer == 1 else 'are'} {word}"
        return _unknown(name, row.accuracy, row.baseline, why)
    return _judged(name, row.accuracy, row.baseline, row.interval)


def of_classes(classes: ClassesResult) -> Verdict:
    """Judge all classes together."""
    accuracy, baseline = classes.metrics.get("accuracy"), classes.metrics.get("baseline")
    if not classes.frames or accuracy is None or baseline is None:
        return _unknown(ALL, accuracy, baseline, "no test frame has a class")
    others = classes.frames - max(sum(row.values()) for row in classes.confusion.values())
    if not others:
        return _unknown(
            ALL, accuracy, baseline, f"all {classes.frames:,} test frames are of “{classes.most_frequent}”"
        )
    if others < ENOUGH:
        why = f"only {others} of {count(classes.frames, 'test frame')} are of another class than “{classes.most_frequent}”"
        return _unknown(ALL, accuracy, baseline, why)
    return _judged(ALL, accuracy, baseline, classes.interval)


def _unknown(name: str, accuracy: Value, baseline: Value, why: str) -> Verdict:
    return Verdict(name, "unknown", accuracy, baseline, f"{name}: cannot be said yet, {why}.")


def _judged(name: str, accuracy: float, baseline: float, interval: Interval | None) -> Verdict:
    avoided = (accuracy - baseline) / (
        1 - baseline
    )  # both answers were given, so guessing is sometimes wrong
    both = f"{100 * accuracy:.1f} against {percent(baseline, 1)}"
    if avoided < SOME:
        much = "hardly" if accuracy > baseline else "no"
        return Verdict(name, "hardly", accuracy, baseline, f"{name}: {much} better than guessing ({both}).")
    if interval and interval.low <= baseline:
        return _unknown(name, accuracy, baseline, f"the videos differ too much ({both} for guessing)")
    if avoided < CLEAR:
        return Verdict(
            name, "somewhat", accuracy, baseline, f"{name}: somewhat better than guessing ({both})."
        )
    right = f"{name}: right in {_of_hundred(accuracy)}, where guessing gets {100 * baseline:.0f}."
    return Verdict(name, "clearly", accuracy, baseline, right)


def _of_hundred(share: float) -> str:
    """Return a share as frames of 100; of nearly all it does not say all."""
    if share == 1:
        return "100 of 100 frames"
    return "over 99 of 100 frames" if share > 0.99 else f"{100 * share:.0f} of 100 frames"
