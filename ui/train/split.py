"""The split of the Train page: which frames train, validate and test."""

import hashlib

import pandas as pd
import streamlit as st

from core.files import natural
from core.jobs.background import Task
from core.labels.label_table import attributes_of
from core.splits import split as splits
from core.splits import stored_split
from core.splits.leaks import Leaks, leak_of
from core.splits.shortages import shortages
from core.training import create_run
from core.workspace import Workspace
from ui.elements.markdown import Markdown, md
from ui.shell import background_jobs, cache
from ui.shell import frames as stretches
from ui.shell.page import errors_shown, rerun_with

WAYS = {"video": "By video", "blocks": "By blocks", "random": "Random frames"}
WORDS = {
    "video": "Each video is used for training, validation or test as a whole. The network is tested on seams it has never seen.",
    "blocks": "Each video is cut into stretches for training, validation and test, with gaps between them. For fewer than three videos.",
    "random": "Frames are shuffled, whichever video they come from.",
}
WARNING = (
    "Neighbouring frames of a video are near-duplicates. A random split trains on one and tests on the other, so the "
    "accuracy looks better than it will be on a new seam. Use it for comparisons only."
)
SPLIT, LEAK = "split", "leak of the next run"
"""Keys of jobs."""
OUTDATED = 60.0
"""Seconds between two long searches for leaks: while a class labels, every label may change what a run would learn from."""
NOTES = {
    "blocks": ":orange[:material/warning: By blocks: the network is tested on videos that it also trains on.]",
    "random": ":orange[:material/warning: Random split: the network is tested on pictures like those it trains on.]",
}


def section(workspace: Workspace) -> None:
    """Write the split with what is in each part, and the way to make another; folded."""
    split = stored_split.load(workspace)
    words = (
        f"Which frames train and test: {WAYS.get(split.by, 'from a file').lower()}"
        if split
        else "Which frames train and test"
    )
    with st.expander(words, icon=":material/call_split:"):
        _content(workspace, split)


def _content(workspace: Workspace, split: splits.Split | None) -> None:
    labels = cache.consensus(workspace)
    left, right = st.columns([2, 3], gap="large")
    with left, errors_shown():
        _choose(workspace, labels, split)
    with right:
        if split is None:
            st.info("There is no split yet. If you start without one, the frames are split **by video**, which is the honest way.",
                    icon=":material/call_split:")  # fmt: skip
        else:
            _parts(split, labels, workspace.attributes.names)
            _meter(leak(workspace, "Look for leaks"))
    background_jobs.show_begun(workspace, "Train")


def leak(workspace: Workspace, again: str = "") -> Leaks | None:
    """Return what leaks from test to training if a run were made now; none where there is no split, or a job is still looking.

    Where the job has failed, or was cancelled, a button called ``again`` begins it.
    """
    parts = create_run.parts(workspace, cache.consensus(workspace))
    if parts is None:
        return None
    # Labels change while a class works: what is slow here waits for frames, and for the part of one of them.
    frames = hashlib.sha256(pd.util.hash_pandas_object(parts).to_numpy().tobytes()).hexdigest()
    title, version = (
        "Comparing test frames with training frames",
        (stretches.frames_version(workspace), frames),
    )
    task = Task(LEAK, title, ("Train",), leak_of, (workspace, parts), lambda _: [], version=version)
    found: Leaks | None = background_jobs.result(workspace, task, again, OUTDATED, is_press_safe=True)
    return found


def _meter(leaks: Leaks | None) -> None:
    if leaks is None:
        return
    if not leaks.leaking_test_frames:
        words = f"Honest split: none of the {leaks.test_frames:,} test pictures resembles a training picture."
    else:
        many = f"{leaks.leaking_test_frames:,} of {leaks.test_frames:,} test pictures resemble a training picture"
        words = f"Leak meter **{leaks.meter:.1f} %**: {many}."
    icon = ":material/water_drop: " if leaks.leaking_test_frames else ":material/verified: "
    words = Markdown(icon + words)
    st.caption(f":red[{md(words)}]" if leaks.is_leaking else words)


def _choose(workspace: Workspace, labels: pd.DataFrame, split: splits.Split | None) -> None:
    way = st.segmented_control(
        "Way", list(WAYS), key="split_way", format_func=WAYS.__getitem__, required=True, label_visibility="collapsed",
        default=split.by if split and split.by in WAYS else "video",
    )  # fmt: skip
    st.caption(WORDS[way])
    if way == "random":
        st.warning(WARNING, icon=":material/warning:")
    row = st.container(horizontal=True, vertical_alignment="bottom")
    seed = row.number_input("Seed", 0, 9999, split.seed or 0 if split else 0, width=130,
                            help="The same seed and labels give the same split.")  # fmt: skip
    words = "Make another split" if split else "Make the split"
    if row.button(words, icon=":material/call_split:", disabled=background_jobs.is_running(workspace, SPLIT)):
        renew(workspace, way, int(seed))
    if split and split.by == "video":
        _extend(workspace, labels, split)


def renew(workspace: Workspace, by: splits.By | None, seed: int = 0) -> None:
    """Make another split, or take what was labelled since into this one (None), and write the page anew."""
    given, title = (workspace, by, seed), "Looking for the most balanced split"
    task = Task(SPLIT, title, ("Train",), stored_split.renew, given, lambda words: [words])
    rerun_with(background_jobs.begin_unless_quick(workspace, task))


def _extend(workspace: Workspace, labels: pd.DataFrame, split: splits.Split) -> None:
    labelled = labels[labels[attributes_of(labels)].notna().any(axis=1)]
    new = sorted(set(labelled["video"]) - set(split.table["video"]), key=natural)
    if not new:
        return
    st.caption(f"Labelled since the split was made: {md(', '.join(new))}.")
    tip = "Adds the new videos. The others keep their parts."
    if st.button(
        "Extend the split",
        icon=":material/add:",
        help=tip,
        disabled=background_jobs.is_running(workspace, SPLIT),
    ):
        renew(workspace, None)


def _parts(split: splits.Split, labels: pd.DataFrame, names: tuple[str, ...]) -> None:
    counts = split.counts(labels)
    rows = pd.DataFrame(
        {"Part": splits.PART_NAMES[part], "Frames": counts[part]["frames"], "Videos": counts[part]["videos"]}
        | {f"{name} true": _share(counts[part]["attributes"][name]) for name in names}
        for part in splits.PARTS
    )
    percent = st.column_config.NumberColumn(format="%.0f %%")
    st.dataframe(rows, hide_index=True, column_config={f"{name} true": percent for name in names})
    for note in (*split.notes, *shortages(split, labels)):
        st.caption(md(note))
    st.caption(NOTES.get(split.by, "How often each attribute is true. The three rows should look alike."))


def _share(count: dict[str, int]) -> float | None:
    answers = count["true"] + count["false"]
    return 100 * count["true"] / answers if answers else None
