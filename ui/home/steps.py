"""Where a class stands between its first video and the live view, as Home shows it."""

from dataclasses import dataclass

import streamlit as st

from core.media.library import Video
from core.review.balance import Balance
from core.runs.registry import list_runs
from core.runs.run import ACTIVE
from core.text import percent
from core.workspace import Workspace
from ui.shell import cache
from ui.shell.frames import thumbnail

ENOUGH_LABELLED = 0.05
"""Share of frames with a label from which training is the next sensible step."""
GLIMPSED = 8
"""Videos that Home shows a picture of."""


@dataclass(frozen=True)
class Standing:
    """What is there so far."""

    videos: int
    frames: int
    seconds: float
    labelled: int
    attributes: dict[str, dict[str, int]]
    runs: int
    training: bool
    ready: int  # runs that have a model
    accuracy: float | None  # of the newest tested run
    newest: str  # that run


@dataclass(frozen=True)
class Step:
    """One step of the way, and whether it is done."""

    title: str
    words: str
    page: str
    button: str
    icon: str
    done: bool


def standing(workspace: Workspace, videos: list[Video], balance: Balance) -> Standing:
    """Collect where the class stands."""
    runs = list_runs(workspace)
    ready = [run for run in runs if run.has_model]
    newest, test = next(((run.id, found) for run in ready if (found := run.test)), ("", None))
    return Standing(
        len(videos), sum(v.frames for v in videos), sum(v.seconds or 0 for v in videos), balance.labelled,
        balance.attributes, len(runs), any(run.state in ACTIVE for run in runs), len(ready), test.accuracy if test else None,
        newest,
    )  # fmt: skip


def steps(standing: Standing) -> list[Step]:
    """Return the way from videos to the live view, in order."""
    both = [name for name, count in standing.attributes.items() if count["true"] and count["false"]]
    share = standing.labelled / max(1, standing.frames)
    return [
        Step("Videos", f"{standing.videos} in the workspace, {standing.frames:,} frames.",
             "pages/1_Videos.py", "Bring in videos", "movie", standing.videos > 0),
        Step("Label", f"{percent(share)} of the frames have a label.",
             "pages/2_Label.py", "Label frames", "label", share >= ENOUGH_LABELLED),
        Step("Balance", f"{len(both)} of {len(standing.attributes)} attributes have both answers.",
             "pages/3_Balance.py", "See the balance", "balance", len(both) == len(standing.attributes)),
        Step("Train", "A network is learning now." if standing.training else _count(standing.ready, "trained run"),
             "pages/4_Train.py", "Train a network", "model_training", standing.ready > 0),
        Step("Test", f"Run {standing.newest} is tested." if standing.newest else "Accuracy on videos never seen.",
             "pages/5_Test.py", "Test the run", "fact_check", bool(standing.newest)),
        Step("Live", "Hold a seam under the camera.",
             "pages/6_Live.py", "Open the live view", "videocam", False),
    ]  # fmt: skip


def next_step(standing: Standing) -> None:
    """Write the next sensible step and the one button that leads there."""
    step, words = _next(standing)
    with st.container(border=True, key="next", horizontal=True, vertical_alignment="center"):
        with st.container():
            st.markdown(f"#### :material/{step.icon}: Next: {step.button.lower()}")
            st.markdown(words)
        if st.button(step.button, type="primary", icon=":material/arrow_forward:"):
            st.switch_page(step.page)


def figures(standing: Standing) -> None:
    """Write the four figures of a class: videos, labels, runs, accuracy."""
    share = standing.labelled / max(1, standing.frames)
    minutes, seconds = divmod(round(standing.seconds), 60)
    accuracy = standing.accuracy
    columns = st.columns(4)
    columns[0].metric("Videos", standing.videos, border=True, help=f"{minutes}:{seconds:02} minutes in all")
    columns[1].metric(
        "Labelled frames", percent(share), border=True, help=f"{standing.labelled:,} of {standing.frames:,}"
    )
    columns[2].metric("Runs", standing.runs, border=True, help=f"{standing.ready} have a trained network")
    columns[3].metric(
        "Accuracy, all attributes",
        percent(accuracy, 1),
        border=True,
        help="Of the newest run that was tested: the mean over the attributes, or the share of right classes",
    )


def _next(standing: Standing) -> tuple[Step, str]:
    """Return the next sensible step and why it is."""
    videos, label, _, train, test, live = steps(standing)
    one_sided = [
        name for name, count in standing.attributes.items() if not (count["true"] and count["false"])
    ]
    if not standing.labelled:
        return label, "No frame has a label yet. Say of some frames what is true and what is false."
    if one_sided:
        return label, f"A network learns from both answers, and {_listed(one_sided)} only one so far."
    if standing.videos < 3:
        return (
            videos,
            "With three videos or more, SeamLens can test a network on videos that it has never seen.",
        )
    if standing.training:
        return train, "A network is learning now. Watch its curves, or go on labelling meanwhile."
    if not standing.ready:
        return (
            train,
            f"{standing.labelled:,} frames have a label, with both answers for every attribute. Time to train.",
        )
    if not standing.newest:
        return test, "A network is trained. See how well it does on videos that it has never seen."
    return live, f"Run {standing.newest} is tested. Hold a seam under the camera, or play a video past it."


def _listed(names: list[str]) -> str:
    """Return names in a sentence, with the verb: ``“good”, “error” and “break” have``."""
    quoted = [f"“{name}”" for name in names]
    if len(names) == 1:
        return f"{quoted[0]} has"
    return f"{', '.join(quoted[:-1])} and {quoted[-1]} have"


def _count(number: int, word: str) -> str:
    return f"{number or 'No'} {word}{'' if number == 1 else 's'}{'' if number else ' yet'}."


def way(standing: Standing) -> None:
    """Write all steps with what is done and what is open."""
    st.subheader("The way", anchor=False)
    columns = st.columns(3) + st.columns(3)
    for number, (column, step) in enumerate(zip(columns, steps(standing), strict=True), 1):
        with column.container(border=True, height="stretch", gap="xsmall"):
            mark = ":green[:material/check_circle:]" if step.done else f":gray[:material/{step.icon}:]"
            st.page_link(step.page, label=f"{mark} **{number}. {step.title}**")
            st.caption(step.words)


def glimpse(workspace: Workspace, videos: list[Video]) -> None:
    """Write a row of pictures: one frame from the middle of each of some videos."""
    st.subheader("From the videos", anchor=False)
    chosen = [video for video in videos if video.frames][:: max(1, len(videos) // GLIMPSED)][:GLIMPSED]
    for column, video in zip(st.columns(GLIMPSED, gap="small"), chosen, strict=False):
        frames = cache.frame_table(workspace, video)
        column.image(thumbnail(cache.picture_path(workspace, frames["file"].iloc[len(frames) // 2]), 240))
        column.caption(video.key)
