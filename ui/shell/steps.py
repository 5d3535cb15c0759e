"""What a class has so far, its six steps, and the next one: Home shows all of it, the foot of every other page what comes next."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property

import streamlit as st

from core.assist.guidance import guidance
from core.errors import SeamLensError
from core.evaluation import verdict
from core.evaluation.verdict import Gain
from core.labels.labels import annotators
from core.labels.progress import untouched
from core.media import library
from core.media.library import Video
from core.report import trust
from core.report.trust import Trust
from core.review.balance import COUNTED, Balance
from core.runs import run_names
from core.runs.run import ACTIVE
from core.runs.run_store import list_runs
from core.text import count, duration, lowered, percent
from core.workspace import Workspace
from ui.elements import verdicts
from ui.elements.markdown import Markdown, md
from ui.shell import cache, navigation
from ui.shell.frames import thumbnail
from ui.shell.page import is_instructor

ENOUGH_LABELLED = 0.05  # share of labelled frames above which training is the next sensible step
REVIEW = "review"  # key of the tabs of Balance
ADDED = "added"  # in the session: the video (key) that was added last
SHOWN = 8  # videos of which Home shows a picture
OF_NEWEST = "Train and test a network to see how often it is right"


class State:
    """What the class has so far."""

    def __init__(self, workspace: Workspace, videos: list[Video], balance: Balance) -> None:
        runs, answers = list_runs(workspace), balance.attributes
        self.training = next((run.status for run in runs if run.state in ACTIVE), None)
        self.videos, self.attributes = len(videos), len(answers)
        self.frames, self.labelled = sum(video.frames for video in videos), balance.labelled
        self.counted = balance.sentence
        self.seconds = sum(video.seconds or 0 for video in videos)
        self.share = self.labelled / max(1, self.frames)  # of labelled frames
        self.guidance = guidance(balance, workspace.attributes)
        self.one_sided = [name for name, of in answers.items() if not (of["true"] and of["false"])]
        trained = [run for run in runs if run.has_model]
        self.trained = len(trained)
        newest = next((run for run in trained if not run.series and run.state not in ACTIVE), None)
        self.untested = run_names.short(newest) if newest and newest.test is None else ""
        self._run, test = trust.newest_tested(workspace) or (None, None)
        self.tested = run_names.short(self._run) if self._run else ""
        self.verdict = verdict.headline(test) if test else None

    @cached_property
    def trust(self) -> Trust | None:
        """How far the numbers of the newest test can be trusted; only Home asks, as it takes longer than the rest."""
        return cache.trusts(self._run)[0] if self._run else None


@dataclass(frozen=True)
class Step:
    """One of the six steps."""

    title: str
    words: str
    page: str
    button: str
    icon: str
    is_done: bool
    gain: Gain | None = None
    """How much better than guessing the network is that it is about."""

    @property
    def mark(self) -> str:
        """A tick where it is done; of a network the mark of its verdict."""
        if self.gain:
            return Markdown(verdicts.MARKS[self.gain])
        return Markdown(
            ":green[:material/check_circle:]" if self.is_done else f":gray[:material/{md(self.icon)}:]"
        )


def steps(state: State) -> list[Step]:
    """Return the steps from videos to the live view, in order."""
    total, both = state.attributes, state.attributes - len(state.one_sided)
    trained = f"{count(state.trained, 'trained network')}." if state.trained else "No trained network yet."
    gain = state.verdict.gain if state.verdict else None
    tested = f"{state.tested}: {lowered(state.verdict.sentence)}" if state.verdict else ""
    return [
        Step("Videos", f"{count(state.videos, 'video')}, {count(state.frames, 'frame')}.",
             "pages/1_Videos.py", "Add videos", "movie", state.videos > 0),
        Step("Label", state.counted,
             "pages/2_Label.py", "Label frames", "label", state.share >= ENOUGH_LABELLED),
        Step("Balance", f"{both} of {count(total, 'attribute')} {'has' if both == 1 else 'have'} both answers.",
             "pages/3_Balance.py", "See the balance", "balance", both == total),
        Step("Train", "A network is training now." if state.training else trained,
             "pages/4_Train.py", "Train a network", "model_training", state.trained > 0, gain if gain == "hardly" else None),
        Step("Test", tested or "How good is it on videos it has never seen?",
             "pages/5_Test.py", "Test the network", "fact_check", bool(tested), gain),
        Step("Live", "Hold a seam under the camera.",
             "pages/6_Live.py", "Test a seam live", "videocam", False),
    ]  # fmt: skip


def class_figures(state: State) -> None:
    """Write the four figures of a class: videos, labels, networks, accuracy."""
    is_practice = state.verdict is not None and state.verdict.origin == "rendered"
    minutes, seconds = divmod(round(state.seconds), 60)
    values = {
        "Videos": (state.videos, f"{minutes}:{seconds:02} minutes in all"),
        "Labelled frames": (percent(state.share), f"{state.counted} {COUNTED}"),
        "Trained networks": (state.trained, "Networks that can be tested and used live"),
        "Accuracy on practice videos" if is_practice else "Accuracy": _accuracy(state),
    }
    columns = st.container(key="figures").columns(4)
    for column, (label, (value, help)) in zip(columns, values.items(), strict=True):
        column.metric(label, value, border=True, help=help)


def _accuracy(state: State) -> tuple[str, str]:
    """Return the accuracy of the newest tested network, and what it is of: never without what guessing gets."""
    if not state.verdict or state.verdict.accuracy is None:
        return "not tested yet", OF_NEWEST
    guessed = percent(state.verdict.baseline, 1)
    of = f"{state.tested}, {lowered(state.verdict.title)}: the mean over all attributes, or the share of correct classes. "
    trusted = state.trust.sentence if state.trust else ""
    return percent(
        state.verdict.accuracy, 1
    ), f"{of}Guessing would get {guessed}. {state.verdict.sentence} {trusted}"


def next_step(state: State, here: str = "", added: str = "") -> None:
    """Write the next sensible step and the one button that leads there.

    Args:
        state: what the class has.
        here: title of the page; the button is left out where the next step is done on it.
        added: a video (key) that was just added and has no label yet.
    """
    step, words = _coming(state, added)
    with st.container(border=True, key="next", horizontal=True, vertical_alignment="center"):
        with st.container():
            is_here = step.title == here
            st.markdown(
                f"## :material/{md(step.icon)}: {'Now' if is_here else 'Next'}: {md(step.button.lower())}"
            )
            st.markdown(md(words))
        if not is_here and st.button(
            md(step.button), type="primary", icon=":material/arrow_forward:", key="next_go"
        ):
            navigation.go(step.page, {"video": added, "frame": "0"} if added else None)


def foot(workspace: Workspace, here: str) -> None:
    """Write what comes next at the foot of the page called ``here``; it stays fresh while people label or a network is training."""
    if not library.videos(workspace):
        return
    busy = any(run.state in ACTIVE for run in list_runs(workspace))
    every = 5 if busy else 20 if here == "Label" else None  # seconds
    with st.container():  # keeps the place of the fragment
        st.fragment(_foot, run_every=every)(workspace, here)


def _foot(workspace: Workspace, here: str) -> None:
    with suppress(SeamLensError):  # the page says already what is wrong
        there = library.videos(workspace)
        state = State(workspace, there, cache.balance(workspace))
        added = str(st.session_state.get(ADDED, "")) if here == "Videos" else ""
        new = untouched(workspace) if added else set()
        next_step(state, here, added if any(v.key == added and v.id in new for v in there) else "")
        # A grey tick praises nothing; a network that guesses has none.
        titles = [f":gray[:material/check:] {step.title}" if step.is_done and step.gain != "hardly" else step.title
                  for step in steps(state)]  # fmt: skip
        st.caption(" · ".join(titles))


def _coming(state: State, added: str) -> tuple[Step, str]:
    """Return the next step: what has just ended or is going on comes before what the class lacks."""
    step = {each.title: each for each in steps(state)}
    if added:
        return replace(step["Label"], button="Label it now"), f"{added} is ready."
    if state.training:
        left = state.training.remaining
        how_long = f", about {duration(left, roughly=True)} left" if left else ""
        return replace(step["Train"], button="Watch the training"), (
            f"A network is training: {percent(state.training.done)} done{how_long}. Label more frames meanwhile."
        )
    return _next(state, step)


def _next(state: State, step: Mapping[str, Step]) -> tuple[Step, str]:
    little = state.guidance
    if little.is_needed and not state.trained:
        at = step["Videos" if little.page == "videos" else "Label"]
        words = f"{little.reason} {little.works}".strip()
        return replace(at, button=little.step), words
    if not state.trained:
        more = f" It would help most to {lowered(little.step)}." if little.step else ""
        return step["Train"], f"{count(state.labelled, 'frame')} labelled. Time to train.{more}"
    if state.untested or not state.tested:
        name = state.untested or "A network"
        return step["Test"], f"{name} is trained. See how well it does on videos that it has never seen."
    if state.verdict and state.verdict.gain == "hardly":
        both = f"{percent(state.verdict.accuracy, 1)} right, where guessing gets {percent(state.verdict.baseline, 1)}"
        return (
            step["Label"],
            f"{state.tested} is hardly better than guessing ({both}). Label more videos, then train again.",
        )
    return step["Live"], f"{state.tested} is tested. Hold a seam under the camera, or play a video."


def six_steps(state: State) -> None:
    """Write all steps: what is done and what is open."""
    st.header("Your six steps", anchor=False)
    rows = st.container(key="six_steps")
    all_steps = steps(state)
    columns = [column for _ in all_steps[::3] for column in rows.columns(3)]
    for place, (column, step) in enumerate(zip(columns, all_steps, strict=False), 1):
        with column.container(border=True, height="stretch", gap="xsmall"):
            mark, words = _with_trust(state, step)
            st.page_link(step.page, label=f"{md(mark)} **{md(place)}. {md(step.title)}**")
            st.caption(md(words))


def _with_trust(state: State, step: Step) -> tuple[str, str]:
    """Return mark and words of a step; of a test never without how far its numbers can be trusted."""
    if step.title != "Test" or not state.trust or not state.verdict:
        return step.mark, step.words
    return Markdown(
        verdicts.MARKS[state.trust.mark_of(state.verdict.gain)]
    ), f"{step.words} {state.trust.sentence}"


def class_link(workspace: Workspace) -> None:
    """Write the way to the overview of a class, for whoever sees it, once several people have labelled."""
    if not is_instructor(workspace) or len(annotators(workspace)) < 2:
        return
    words = "The class at a glance: who labelled how much, and whom to talk to"
    if st.button(words, icon=":material/school:", key="class_link"):
        st.session_state[REVIEW] = "Class"
        navigation.go("pages/3_Balance.py")


def pictures(workspace: Workspace, videos: list[Video]) -> None:
    """Write a row of pictures: the middle frame of each of some videos."""
    st.header("From your videos", anchor=False)
    chosen = [video for video in videos if video.frames][:: max(1, len(videos) // SHOWN)][:SHOWN]
    for column, video in zip(st.columns(SHOWN, gap="small"), chosen, strict=False):
        frames = cache.frame_table(workspace, video)
        column.image(
            thumbnail(workspace.path / frames["file"].iloc[len(frames) // 2], 240),
            alt=f"A frame of {md(video.key)}",
        )
        column.caption(md(video.key))
