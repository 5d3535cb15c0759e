"""What leaks from test to training in the current split, on the Balance page."""

from collections.abc import Sequence

import streamlit as st

from core.files import files_version
from core.jobs.background import Task
from core.media.near_duplicates import ALIKE
from core.splits import stored_split
from core.splits.leaks import SECONDS, LeakingPair, Leaks, current_leaks
from core.splits.split import PART_NAMES
from core.videos.duplicate_videos import SameVideos
from core.workspace import Workspace
from ui.elements import widgets
from ui.elements.markdown import md
from ui.shell import background_jobs, frames
from ui.shell.page import empty, fragment

MOST_NAMED = 5  # pairs of videos that look like one
HOW = {"video": "By video", "random": "Random frames", "blocks": "By blocks", "file": "From a table"}


@fragment
def section(workspace: Workspace) -> None:
    """Write the leak meter of the current split, its near-duplicates side by side, and videos that look like one."""
    split = stored_split.load(workspace)
    found = compared(workspace)
    if split is None:
        _same(found.same_videos if found else ())
        empty("call_split", "There is no split yet", "Leaks can be measured once frames are split into training, validation and test.",
              "pages/4_Train.py", "Make a split")  # fmt: skip
        return
    if found is None:
        st.caption("The leak meter comes when all test frames are compared with training frames.")
        return
    _meter(found, HOW.get(split.by, HOW["file"]))
    _same(found.same_videos)
    if found.pairs:
        _near_duplicates(workspace, found.pairs)
    st.caption(f"Near-duplicates are frames of one video at most {SECONDS} s apart, and pictures that look the same: a correlation "
               f"of at least {ALIKE} after the best shift.")  # fmt: skip


def compared(workspace: Workspace) -> Leaks | None:
    """Return the leaks of the current split, none while a job looks for them; without a split, which videos look the same.

    Raises:
        SplitError: split.csv is no split.
    """
    # Labels change while a class works, and frames do not: what is slow here waits for frames and the split alone.
    version = frames.frames_version(workspace), files_version(workspace.split_file)
    title, given = "Looking for near-duplicates", (workspace,)
    task = Task("leaks", title, ("Balance",), current_leaks, given, lambda _: [], version=version)
    found: Leaks | None = background_jobs.result(workspace, task, "Look for leaks")
    return found


def _meter(found: Leaks, how: str) -> None:
    columns = st.columns(3)
    columns[0].metric("Leak meter", f"{found.meter:.1f} %", border=True)
    columns[1].metric("Test pictures with a near-duplicate in training", f"{found.leaking_test_frames:,} of {found.test_frames:,}",
                      border=True)  # fmt: skip
    columns[2].metric("The split", how, border=True)
    if found.is_leaking:
        st.error(md(found.sentence), icon=":material/water_drop:")
        st.page_link("pages/4_Train.py", label="Make another split", icon=":material/call_split:")
    else:
        st.success(md(found.sentence), icon=":material/verified:")


def _same(found: Sequence[SameVideos]) -> None:
    if not found:
        return
    sentences = [pair.sentence() for pair in found[:MOST_NAMED]]
    if more := len(found) - len(sentences):
        sentences.append(f"{more:,} more pairs of videos look like one.")
    st.warning("  \n".join(sentences), icon=":material/content_copy:")
    st.page_link("pages/1_Videos.py", label="Remove a video", icon=":material/movie:")


def _near_duplicates(workspace: Workspace, pairs: tuple[LeakingPair, ...]) -> None:
    st.header("Near-duplicates", anchor=False)
    by_parts: dict[str, list[LeakingPair]] = {}
    for pair in pairs:
        by_parts.setdefault(f"{PART_NAMES[pair.part]} and {PART_NAMES[pair.twin_part]}", []).append(pair)
    kinds = {kind: f"{kind} ({len(of):,})" for kind, of in by_parts.items()}
    kind = widgets.choice(st, "Parts", list(kinds), f"near_duplicates_of_{kinds}", kinds.__getitem__)
    chosen = by_parts[kind]
    for place, column in frames.cards(len(chosen), f"near_duplicates_page_{kind}", across=2):
        with column.container(border=True):
            _pair(workspace, chosen[place])


def _pair(workspace: Workspace, pair: LeakingPair) -> None:
    sides = ((pair.frame, pair.part), (pair.twin, pair.twin_part))
    for column, (name, part) in zip(st.columns(2, gap="small"), sides, strict=True):
        column.image(frames.card(workspace, name), width="stretch", alt=name)
        column.caption(f"{PART_NAMES[part]}: {md(name)}")
    if pair.why == "time":
        st.markdown(f":material/schedule: {pair.seconds:.3f} s apart in one video")
    else:
        st.markdown(f":material/visibility: look the same: correlation {pair.correlation:.3f}")
