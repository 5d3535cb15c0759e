"""What a training needs and what the labels give: what can be learned, what is missing in one sentence, and the ways on.

The Train page draws this record, and what a run is made of, or why it is refused, follows from the same one.
"""

from dataclasses import dataclass, field, replace
from typing import Literal

import pandas as pd

from core.attributes import SEAM, Attribute, AttributeSet
from core.errors import RunError, SeamLensError, SplitError
from core.files import natural
from core.labels.label_table import LabelTable, labelled
from core.splits import stored_split
from core.splits.extend_split import newer_than, way_anew
from core.splits.make_split import make_split, split_by_video
from core.splits.split import PART_NAMES, PARTS, Split
from core.text import count, listed
from core.training.doubts import doubts
from core.training.learnable import divide, learnable_attributes, learnable_frames
from core.workspace import Workspace

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
        doubts=tuple(doubts(used, learned)),
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
    problem = f"No labelled frame is in the {PART_NAMES[part]} part."
    error = RunError(problem, "Label more videos and split again, or split by blocks.")
    return replace(ready, missing=error, ways=(*ready.ways, _again(ready), Way("label", "Label frames")))


def _again(ready: Readiness) -> Way:
    """Return the way of another split: by video, where there are enough."""
    if len(ready.videos) < len(PARTS):
        return Way("blocks", "Split by blocks", "split --by blocks")
    return Way("split_again", "Split again by video", "split --by video")
