"""What a test found: the record that ``test.json`` of a run holds. Importing this does not import TensorFlow."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, NamedTuple

from core.json_files import checked
from core.splits.leaks import LeakRecord

Value = float | None
"""Of a metric; none where it is not defined."""


class Interval(NamedTuple):
    """The two ends of a 95 % interval."""

    low: float
    high: float


def _interval(ends: tuple[float, float] | None) -> Interval | None:
    return Interval(*ends) if ends else None


def _rest(entry: Mapping[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if key not in keys}


@dataclass(frozen=True)
class AttributeResult:
    """How good a run is at one attribute, on the test frames where it is labelled.

    Args:
        metrics: by the names in `core.evaluation.metrics`.
        frames: how many are labelled.
        positives: how many of them are labelled true.
        videos: how many videos or groups they come from.
        interval: 95 % interval of the accuracy over videos; none of too few.
        threshold: the probability from which it counts as true; none of classes.
        decided: labelled answer (``true``, ``false``) to decided answer to frames; none where nothing is labelled.
    """

    metrics: Mapping[str, Value] = field(default_factory=dict)
    frames: int = 0
    positives: int = 0
    videos: int = 0
    interval: Interval | None = None
    threshold: float | None = None
    decided: Mapping[str, Mapping[str, int]] | None = None

    @property
    def accuracy(self) -> Value:
        return self.metrics.get("accuracy")

    @property
    def baseline(self) -> Value:
        """The accuracy of always giving the more frequent answer of these frames."""
        return self.metrics.get("baseline")

    def to_json(self) -> dict[str, Any]:
        """Return plain values, metrics beside the counts."""
        plain = {"accuracy": self.accuracy, "baseline": self.baseline}
        plain |= {key: getattr(self, key) for key in ("frames", "positives", "videos", "interval")}
        return plain | {**self.metrics, "threshold": self.threshold, "decided": self.decided}

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> "AttributeResult":
        """Read what `to_json` returned; tests of earlier versions lack some of it."""
        names = ("frames", "positives", "videos", "threshold", "decided")
        own = {key: entry[key] for key in names if key in entry}
        metrics = _rest(entry, (*names, "interval"))
        return cls(metrics, interval=_interval(entry.get("interval")), **own)


@dataclass(frozen=True)
class ClassesResult:
    """How well a run tells classes apart, on the test frames whose class is labelled.

    Args:
        metrics: over all classes, by the names in `core.evaluation.metrics`.
        per_class: metric to class to value.
        confusion: labelled class to decided class to frames.
        most_frequent: the class that most of these frames are labelled with.
        videos: how many videos or groups they come from.
        interval: 95 % interval of the accuracy over videos; none of too few.
    """

    metrics: Mapping[str, Value]
    per_class: Mapping[str, Mapping[str, Value]]
    confusion: Mapping[str, Mapping[str, int]]
    most_frequent: str
    videos: int
    interval: Interval | None = None

    @property
    def frames(self) -> int:
        return sum(sum(row.values()) for row in self.confusion.values())

    def to_json(self) -> dict[str, Any]:
        """Return plain values, metrics over all classes and of each beside the counts."""
        plain: dict[str, Any] = {key: self.metrics[key] for key in ("accuracy", "baseline")}
        plain |= {"most_frequent": self.most_frequent, **self.metrics, "labelled_videos": self.videos}
        return plain | {**self.per_class, "confusion": self.confusion, "interval": self.interval}

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> "ClassesResult":
        """Read what `to_json` returned."""
        values = _rest(entry, ("most_frequent", "labelled_videos", "confusion", "interval"))
        per_class = {name: value for name, value in values.items() if isinstance(value, Mapping)}
        return cls(
            _rest(values, tuple(per_class)), per_class, entry["confusion"], entry["most_frequent"],
            entry.get("labelled_videos", 0), _interval(entry.get("interval")),
        )  # fmt: skip


@dataclass(frozen=True)
class VideoResult:
    """One video of the test part.

    Args:
        video: its name.
        frames: of it that were tested.
        exact_match: share of its fully labelled frames with every decision right; none without such frames.
        attributes: accuracy by attribute, none where it is not labelled.
    """

    video: str
    frames: int
    exact_match: Value = None
    attributes: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class LabelAgreement:
    """The share of ``labels`` (a count) with which the decisions agree."""

    agreement: float
    labels: int


@dataclass(frozen=True)
class AnnotatorResult:
    """How often the decisions are what one annotator answered, on ``frames`` of ``videos``.

    Args:
        agreement: share of the ``labels``.
        labels: answers of the annotator.
        frames: that they are about.
        videos: of these frames.
        attributes: the same by attribute.
    """

    agreement: float
    labels: int
    frames: int
    videos: int
    attributes: Mapping[str, LabelAgreement]

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> "AnnotatorResult":
        """Read what ``dataclasses.asdict`` returned."""
        return cls(
            **{**entry, "attributes": {n: LabelAgreement(**row) for n, row in entry["attributes"].items()}}
        )


Origin = Literal["own", "rendered", ""]
"""Where videos come from: filmed, or drawn by SeamLens to practise; empty where that is not told apart."""


@dataclass(frozen=True)
class OriginResult:
    """The part of a test on videos of one origin: what is right on drawn seams says little of real ones.

    Args:
        origin: of these videos.
        frames: how many were tested.
        videos: how many videos or groups they come from.
        attributes: by name.
        classes: only where attributes exclude each other.
    """

    origin: Origin
    frames: int
    videos: int
    attributes: Mapping[str, AttributeResult]
    classes: ClassesResult | None = None

    @property
    def accuracy(self) -> Value:
        """Of classes the share of frames decided right, else the mean of the attributes' accuracies."""
        return _accuracy(self.attributes, self.classes)

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        plain: dict[str, Any] = {key: getattr(self, key) for key in ("origin", "frames", "videos")}
        plain["attributes"] = {name: row.to_json() for name, row in self.attributes.items()}
        return plain | {"classes": self.classes.to_json() if self.classes else None}

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> "OriginResult":
        """Read what `to_json` returned."""
        classes = entry.get("classes")
        return cls(
            entry["origin"], entry["frames"], entry["videos"],
            {n: AttributeResult.from_json(row) for n, row in entry["attributes"].items()},
            ClassesResult.from_json(classes) if classes else None,
        )  # fmt: skip


def _accuracy(attributes: Mapping[str, AttributeResult], classes: ClassesResult | None) -> Value:
    if classes:
        return classes.metrics.get("accuracy")
    values = [row.accuracy for row in attributes.values() if row.accuracy is not None]
    return sum(values) / len(values) if values else None


@dataclass(frozen=True)
class TestResult:
    """The test of a run.

    Args:
        run: its id.
        split: how its frames were divided: ``video``, ``blocks``, ``random`` or ``file``.
        frames: how many were tested.
        videos: how many videos or groups they come from.
        attributes: by name.
        exact_match: share of the fully labelled frames with every decision right; none without such frames.
        exact_match_frames: on which every attribute is labelled.
        per_video: one entry per video.
        annotators: by name.
        labels: ``run`` where it is measured against the labels of the run, ``current`` against those of now.
        changed_labels: labels of the tested frames that have changed since the run was made.
        relabelled_since: tested frames that were relabelled after a run of the workspace was first tested on them.
        threshold_changes: how often thresholds were changed after the test part was seen.
        leak: the mark of the run, see `core.runs.run.Run.leak`; none where its split does not leak.
        classes: only where attributes exclude each other.
        origins: the same by where the videos come from, one's own seams first; none of earlier versions.
    """

    __test__ = False  # pytest takes every class called Test… for one of its own

    run: str
    split: str
    frames: int
    videos: int
    attributes: Mapping[str, AttributeResult]
    exact_match: Value = None
    exact_match_frames: int = 0
    per_video: tuple[VideoResult, ...] = ()
    annotators: Mapping[str, AnnotatorResult] = field(default_factory=dict)
    labels: str = "run"
    changed_labels: int = 0
    relabelled_since: int = 0
    threshold_changes: int = 0
    leak: LeakRecord | None = None
    classes: ClassesResult | None = None
    origins: tuple[OriginResult, ...] = ()

    @property
    def groups(self) -> tuple[OriginResult, ...]:
        """The parts of the test that are never pooled; all of it where it does not tell origins apart."""
        whole = OriginResult("", self.frames, self.videos, self.attributes, self.classes)
        return self.origins or (whole,)

    @property
    def accuracy(self) -> Value:
        """The one number that stands for the test, of one's own seams where some were tested: of classes the share of frames
        decided right, else the mean of the attributes' accuracies; none where nothing is labelled.
        """
        return self.groups[0].accuracy

    @property
    def gain(self) -> Value:
        """How far `accuracy` lies above always giving the most frequent answer; none where nothing is labelled."""
        rows = [self.classes.metrics] if self.classes else [row.metrics for row in self.attributes.values()]
        pairs = [(row.get("accuracy"), row.get("baseline")) for row in rows]
        gains = [accuracy - base for accuracy, base in pairs if accuracy is not None and base is not None]
        return sum(gains) / len(gains) if gains else None

    def to_json(self) -> dict[str, Any]:
        """Return plain values: ``leak`` only where the split leaks, what `ClassesResult` has only of classes."""
        plain: dict[str, Any] = {key: getattr(self, key) for key in ("run", "split", "frames", "videos")}
        plain["attributes"] = {name: row.to_json() for name, row in self.attributes.items()}
        plain |= {key: getattr(self, key) for key in ("exact_match", "exact_match_frames")}
        plain["per_video"] = [asdict(row) for row in self.per_video]
        plain["annotators"] = {name: asdict(row) for name, row in self.annotators.items()}
        plain |= {key: getattr(self, key) for key in LABELS}
        plain["origins"] = [group.to_json() for group in self.origins]
        if self.classes:
            plain |= self.classes.to_json()
        return plain | ({"leak": self.leak} if self.leak else {})

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> "TestResult":
        """Read what `to_json` returned; tests of earlier versions lack some of it."""
        simple = ("run", "split", "frames", "videos", "exact_match", "exact_match_frames", *LABELS, "leak")
        nested = ("attributes", "per_video", "annotators", "origins")
        return checked(cls, cls(
            **{key: entry[key] for key in simple if key in entry},
            attributes={n: AttributeResult.from_json(row) for n, row in entry["attributes"].items()},
            per_video=tuple(VideoResult(**row) for row in entry.get("per_video", ())),
            annotators={n: AnnotatorResult.from_json(row) for n, row in entry.get("annotators", {}).items()},
            classes=ClassesResult.from_json(_rest(entry, (*simple, *nested))) if "confusion" in entry else None,
            origins=tuple(OriginResult.from_json(row) for row in entry.get("origins", ())),
        ))  # fmt: skip


LABELS = ("labels", "changed_labels", "relabelled_since", "threshold_changes")
