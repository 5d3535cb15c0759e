"""What a training needs and what the labels give: what can be learned, what is missing in one sentence, and the ways on.

The Train page draws this record, and what a run is made of, or why it is refused, follows from the same one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import pandas as pd

from core.attributes import SEAM, Attribute, AttributeSet
from core.errors import RunError, SeamLensError, SplitError
from core.files import natural
from core.labels.label_table import LabelTable, labelled
from core.splits import split as splits
from core.splits import stored_split
from core.splits.extend_split import newer_than, way_anew
from core.splits.make_split import make_split, split_by_video
from core.splits.split import PARTS, Split
from core.text import count, listed
from core.workspace import Workspace

Z = 1.96
"""Of an interval of 95 %."""

NAMED = 3
"""Videos that a sentence names."""

WayKind = Literal["label", "second_video", "blocks", "split_again", "practice", "new_videos", "erase"]


@dataclass(frozen=True)
class Way:
    """Something that helps a training on, which a page offers as a button.

    Args:
        kind: what it is.
        words: of the button.
        command: that does the same on the command line; empty where none does.
        attribute: that it is about, if it is about one.
    """

    kind: WayKind
    words: str
    command: str = ""
    attribute: str = ""


@dataclass(frozen=True)
class Answers:
    """How many labelled frames of all videos have each answer of an attribute, and whether it will be learned."""

    name: str
    true: int
    false: int
    is_learned: bool = False


@dataclass(frozen=True)
class Readiness:
    """Whether a training can start, and what it would learn from.

    Args:
        labelled: frames that can teach.
        videos: keys of the videos that have such frames.
        answers: of each attribute of the workspace.
        split: the stored split, or the one that a training would make; none where none is possible without a choice.
        frames: ``name``, ``video``, ``part`` and the learned attributes: the frames of the run.
        attributes: that will be learned.
        left_out: a sentence for each attribute that will not be learned.
        notes: what else the run should say of its frames.
        doubts: why a test of this split cannot show that the network beats guessing; empty where it can.
        new_videos: labelled videos that are not in the stored split.
        new_frames: labelled frames of other videos that are not in it either.
        ways: what helps, the best first.
        missing: what keeps a training from starting, and what to do.
    """

    labelled: int
    videos: tuple[str, ...]
    answers: tuple[Answers, ...]
    split: Split | None = None
    frames: LabelTable = field(default_factory=pd.DataFrame)
    attributes: AttributeSet | None = None
    left_out: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    new_videos: tuple[str, ...] = ()
    new_frames: int = 0
    ways: tuple[Way, ...] = ()
    missing: SeamLensError | None = None

    @property
    def is_ready(self) -> bool:
        return self.missing is None

    @property
    def newer(self) -> str:
        """What was labelled since the split was made, such as "3 new videos (a, b and c)"; empty: nothing."""
        if self.new_videos:
            return f"{count(len(self.new_videos), 'new video')} ({listed(self.new_videos, most=NAMED)})"
        return count(self.new_frames, "new labelled picture") if self.new_frames else ""

    def learned(self) -> AttributeSet:
        """Return the attributes that will be learned.

        Raises:
            SplitError: no split is possible.
            RunError: something else is missing.
        """
        if self.missing:
            raise self.missing
        assert self.attributes
        return self.attributes

    @property
    def hints(self) -> tuple[str, ...]:
        """The commands that help on."""
        return tuple(way.command for way in self.ways if way.command)


def readiness(workspace: Workspace, labels: LabelTable, split: Split | None = None) -> Readiness:
    """Look at what a training would learn from now.

    Args:
        workspace: whose.
        labels: its consensus.
        split: instead of the stored one, or where there is none of the one by video that a training would make.

    Raises:
        SplitError: the stored split cannot be read.
    """
    attributes = workspace.attributes
    teaching = labelled(labels, attributes.names, attributes.exclusive)
    videos = tuple(sorted(teaching["video"].unique().tolist(), key=natural))
    empty = Readiness(len(teaching), videos, tuple(_answers(teaching, a) for a in attributes))
    if teaching.empty:
        return _without_labels(empty, len(labels))
    stored = split or stored_split.load(workspace)
    if stored is None and len(videos) < len(PARTS):
        return _with_few_videos(empty, workspace, labels, teaching)
    chosen = stored or split_by_video(teaching)
    ready = replace(empty, split=chosen)
    if stored is not None and split is None:
        ready = _with_newer(ready, teaching)
    return _divided(ready, workspace, teaching)


def divide(teaching: LabelTable, split: Split) -> tuple[LabelTable, list[str]]:
    """Give each labelled frame its part; frames labelled since the split follow their video.

    Returns:
        The frames that have one, with ``part``, and a note on the others.
    """
    part = teaching["name"].map(split.table.set_index("name")["part"])
    if split.by == "video":
        groups = split.table.drop_duplicates("video").set_index("video")["part"]
        part = part.fillna(teaching["video"].map(groups))
    absent = int(part.isna().sum())
    why = "they lie in its gaps or are newer" if split.by == "blocks" else "split again, or extend it"
    notes = [f"{absent} labelled frames are in no part of the split: {why}."] if absent else []
    return teaching.assign(part=part)[part.notna()].reset_index(drop=True), notes


def learnable_attributes(attributes: AttributeSet, frames: LabelTable) -> AttributeSet | None:
    """Return the attributes that have both answers in the training part of ``frames``, of classes at least two that are shown;
    none where there are none.
    """
    training = frames[frames["part"] == "train"]
    learned = tuple(a for a in attributes if training[a.name].nunique() > 1)
    if len(learned) < (2 if attributes.exclusive else 1):
        return None
    return (
        attributes if len(learned) == len(attributes) else replace(attributes, attributes=learned, rules=())
    )


def learnable_frames(frames: LabelTable, attributes: AttributeSet) -> LabelTable:
    """Return the frames that teach these attributes: with an answer, or of classes with one that is learned."""
    answers = frames[list(attributes.names)]
    teaches = answers.fillna(False) if attributes.exclusive else answers.notna()
    return frames[teaches.any(axis=1).to_numpy(bool)].reset_index(drop=True)


def cannot_beat_guessing(alike: int, frames: int) -> bool:
    """Return whether a test could not show that a network beats guessing, even if it made no mistake: the lower end of
    Wilson's interval (1927) for ``frames`` right answers of as many is no higher than what is reached by giving always the
    most frequent answer, which ``alike`` of them have.
    """
    return alike / frames >= frames / (frames + Z**2)


def answer_words(attribute: Attribute, value: bool) -> str:
    """Return an answer in words: its meaning where both have one of their own, else yes or no."""
    if attribute.true and attribute.false:
        return attribute.true if value else attribute.false
    return "yes" if value else "no"


def _answers(frames: LabelTable, attribute: Attribute) -> Answers:
    column = frames[attribute.name].dropna()
    return Answers(attribute.name, int(column.sum()), int((~column).sum()))


def _without_labels(ready: Readiness, frames: int) -> Readiness:
    what = f"None of the {frames:,} frames is labelled" if frames else "There are no frames yet"
    error = RunError(
        f"{what}, so there is nothing to learn from.", "Label some frames, or import a lookup table."
    )
    return replace(ready, missing=error, ways=(Way("label", "Label frames"),))


def _with_few_videos(
    ready: Readiness, workspace: Workspace, labels: LabelTable, teaching: LabelTable
) -> Readiness:
    """Say how many videos a test needs, and whether parts of the same ones can test."""
    problem = f"You have {count(len(ready.videos), 'labelled video')}; an honest test needs {len(PARTS)}."
    verb = "Label" if labels["video"].nunique() > len(ready.videos) else "Add"
    another = f"{verb} a {'second' if len(ready.videos) == 1 else 'third'} video"
    ways = [Way("second_video", another), *_practice(workspace)]
    try:
        make_split(workspace, teaching, "blocks")
        advice = f"{another}, or test on parts of the same video."
        ways.insert(0, Way("blocks", "Split by blocks", "split --by blocks"))
    except SplitError as error:
        lowered = error.problem[:1].lower() + error.problem[1:]
        advice = f"{another}. Parts of the same video cannot test yet: {lowered}"
    return replace(ready, missing=SplitError(problem, advice), ways=tuple(ways))


def _practice(workspace: Workspace) -> list[Way]:
    """Return the way of practice videos, which have the attributes of seams."""
    if set(workspace.attributes.names) != set(SEAM.names):
        return []
    return [Way("practice", "Add practice videos beside mine")]


def _with_newer(ready: Readiness, teaching: LabelTable) -> Readiness:
    """Note what was labelled since the split was made."""
    split = ready.split
    assert split
    videos, frames = newer_than(split, teaching)
    ready = replace(ready, new_videos=tuple(videos), new_frames=frames)
    if not ready.newer:
        return ready
    what = count(len(videos), "new video") if videos else count(frames, "new picture")
    words = f"Use the {what}" if (len(videos) or frames) > 1 else f"Use the {what[2:]}"
    by = way_anew(split, teaching)
    return replace(ready, ways=(Way("new_videos", words, f"split --by {by}" if by else "split --extend"),))


def _divided(ready: Readiness, workspace: Workspace, teaching: LabelTable) -> Readiness:
    """Say what the parts of the split teach, and what they test."""
    assert ready.split
    every = workspace.attributes
    frames, notes = divide(teaching, ready.split)
    learned = learnable_attributes(every, frames)
    if learned is None:
        return _nothing_to_learn(ready, every, frames)
    used = learnable_frames(frames, learned)
    if absent := [part for part in ("train", "valid") if not (used["part"] == part).any()]:
        return _empty_part(ready, absent[0])
    answers = tuple(replace(each, is_learned=each.name in learned.names) for each in ready.answers)
    left_out = [attribute for attribute in every if attribute not in tuple(learned)]
    return replace(
        ready,
        frames=used[["name", "video", "part", *learned.names]],
        attributes=learned,
        answers=answers,
        left_out=tuple(_left_out(a, teaching, frames, every.exclusive) for a in left_out),
        notes=tuple(notes),
        doubts=tuple(_doubts(used, learned)),
        ways=ready.ways + tuple(way for a in left_out for way in _erasing(a, teaching, every.exclusive)),
    )


def _left_out(attribute: Attribute, teaching: LabelTable, frames: LabelTable, exclusive: bool) -> str:
    """Say why an attribute is not learned."""
    everywhere, training = (
        table[attribute.name].dropna() for table in (teaching, frames[frames["part"] == "train"])
    )
    name = f"“{attribute.name}” is left out"
    if exclusive:
        return f"{name}: no picture in the training part shows it."
    if everywhere.empty:
        return f"{name}: nobody has answered it yet."
    if training.empty:
        return f"{name}: it has no answer in the training part."
    where = "" if everywhere.nunique() == 1 else " in the training part"
    return f"{name}: {_all_alike(attribute, training if where else everywhere, where)}."


def _all_alike(attribute: Attribute, answers: pd.Series, where: str = "") -> str:
    word = answer_words(attribute, bool(answers.iloc[0]))
    if len(answers) == 1:
        return f"its one answer{where} is “{word}”"
    return f"all {len(answers):,} answers{where} are “{word}”"


def _erasing(attribute: Attribute, teaching: LabelTable, exclusive: bool) -> list[Way]:
    """Return the way of erasing answers that are all alike: perhaps nobody meant them."""
    answers = teaching[attribute.name].dropna()
    if exclusive or answers.nunique() != 1:
        return []
    these = f"these {len(answers):,} answers" if len(answers) > 1 else "this answer"
    return [Way("erase", f"Erase {these} about “{attribute.name}”", attribute=attribute.name)]


def _nothing_to_learn(ready: Readiness, attributes: AttributeSet, frames: LabelTable) -> Readiness:
    """Say that no attribute has both answers, in the training part or at all."""
    training = frames[frames["part"] == "train"]
    could = [each.name for each in ready.answers if each.true and each.false]
    again = _again(ready)
    if training.empty and len(frames):
        return _empty_part(ready, "train")
    if could and (attributes.exclusive is False or len(could) > 1):
        problem = f"The training part has one answer only of {listed(could, quoted=True)}."
        error = RunError(problem, "Split again, or label more of each answer.")
        return replace(ready, missing=error, ways=(*ready.ways, again, Way("label", "Label frames")))
    if attributes.exclusive:
        shown = [each.name for each in ready.answers if each.true]
        problem = f"All {ready.labelled:,} labelled frames show {listed(shown, quoted=True)}, so there is nothing to learn."
        error = RunError(problem, "Label frames of another class.")
        return replace(ready, missing=error, ways=(Way("label", "Label frames of another class"),))
    answered = [a for a in attributes if len(frames[a.name].dropna())]
    facts = [f"“{a.name}”: {_all_alike(a, frames[a.name].dropna())}" for a in answered]
    first = answered[0]
    missing = answer_words(first, not frames[first.name].dropna().iloc[0])
    error = RunError(
        f"No attribute has both answers, so there is nothing to learn ({listed(facts, most=NAMED)}).",
        f"Label frames where “{first.name}” is “{missing}”.",
    )
    return replace(ready, missing=error, ways=(Way("label", f"Label frames: {first.name} {missing}"),))


def _empty_part(ready: Readiness, part: str) -> Readiness:
    problem = f"No labelled frame is in the {splits.PART_NAMES[part]} part."
    error = RunError(problem, "Label more videos and split again, or split by blocks.")
    return replace(ready, missing=error, ways=(*ready.ways, _again(ready), Way("label", "Label frames")))


def _again(ready: Readiness) -> Way:
    """Return the way of another split: by video, where there are enough."""
    if len(ready.videos) < len(PARTS):
        return Way("blocks", "Split by blocks", "split --by blocks")
    return Way("split_again", "Split again by video", "split --by video")


def _doubts(frames: LabelTable, attributes: AttributeSet) -> list[str]:
    """Say what the test cannot show however good the network is."""
    test = frames[frames["part"] == "test"]
    if test.empty:
        return ["No labelled frame is in the test part, so nothing can be tested."]
    if attributes.exclusive:
        alike = int(test[list(attributes.names)].sum().max())
        weak = [("the class", alike, len(test))] if cannot_beat_guessing(alike, len(test)) else []
    else:
        weak = [entry for name in attributes.names for entry in _weak(name, test[name].dropna())]
    if not weak:
        return []
    about = listed(f"{name} ({_few(alike, total)})" for name, alike, total in weak)
    if attributes.exclusive or len(weak) == len(attributes):
        return [f"This test cannot show that the network beats guessing: {about}."]
    return [f"For some attributes this test cannot show that the network beats guessing: {about}."]


def _weak(name: str, answers: "pd.Series[bool]") -> Sequence[tuple[str, int, int]]:
    alike = int(max(answers.sum(), len(answers) - answers.sum()))
    is_weak = answers.empty or cannot_beat_guessing(alike, len(answers))
    return [(name, alike, len(answers))] if is_weak else []


def _few(alike: int, total: int) -> str:
    if not total:
        return "no test frame"
    if alike == total:
        return f"all {total:,} test frames alike" if total > 1 else "1 test frame"
    return f"{alike:,} of {total:,} test frames alike"
