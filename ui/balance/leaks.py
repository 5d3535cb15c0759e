"""What leaks from test to training in the current split, on the Balance page."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.media import duplicate_videos
from core.media.duplicate_videos import SameVideos
from core.media.near_duplicates import ALIKE
from core.splits import leaks
from core.splits import split as splits
from core.splits.leaks import SECONDS, Leaks, Pair
from core.workspace import Workspace
from ui.shell import cache, frames, widgets
from ui.shell.page import empty, errors_shown

PER_PAGE = 6
MOST_NAMED = 5  # pairs of videos that look like one
PARTS = {"train": "training", "valid": "validation", "test": "test"}
HOW = {"video": "By video", "random": "Random frames", "blocks": "By blocks", "file": "From a table"}


@st.fragment
@errors_shown()
def section(workspace: Workspace) -> None:
    """Write the leak meter of the current split, its near-duplicates side by side, and videos that look like one."""
    split = splits.load(workspace)
    if split is None:
        _same(doubled(workspace))
        empty("call_split", "There is no split yet", "Leaks can be measured once frames are split into training, validation and test.",
              "pages/4_Train.py", "Make a split")  # fmt: skip
        return
    found = leak(workspace)
    _meter(found, HOW.get(split.by, HOW["file"]))
    _same(found.same_videos)
    if found.pairs:
        _near_duplicates(workspace, found.pairs)
    st.caption(f"Near-duplicates are frames of one video at most {SECONDS} s apart, and pictures that look the same: a correlation "
               f"of at least {ALIKE} after the best shift.")  # fmt: skip


def leak(workspace: Workspace) -> Leaks:
    """Return what leaks in the current split; there is one."""
    return _leak(
        workspace,
        (str(workspace.path), frames.frames_version(workspace), cache.changed(workspace.split_file)),
    )


def doubled(workspace: Workspace) -> list[SameVideos]:
    """Return the videos that look like one."""
    return _doubled(workspace, (str(workspace.path), frames.frames_version(workspace)))


def sentence(found: Leaks) -> str:
    """Return what a test on the split is worth, in a sentence."""
    if not found.test_frames:
        return "The split has no test frames."
    if not found.leaking_test_frames:
        return f"Honest split: none of the {found.test_frames:,} test pictures resembles a training picture."
    many = f"{found.leaking_test_frames:,} of {found.test_frames:,} test pictures resemble a training picture"
    if found.is_leaking:
        return f"{many}, so a test on this split looks better than the network is. Split by video to know how good it is on a new seam."
    return f"{many}: too few to raise the accuracy by more than {leaks.BOUND:.0f} %."


def _meter(found: Leaks, how: str) -> None:
    columns = st.columns(3)
    columns[0].metric("Leak meter", f"{found.meter:.1f} %", border=True)
    columns[1].metric("Test pictures with a near-duplicate in training", f"{found.leaking_test_frames:,} of {found.test_frames:,}",
                      border=True)  # fmt: skip
    columns[2].metric("The split", how, border=True)
    if found.is_leaking:
        st.error(sentence(found), icon=":material/water_drop:")
        st.page_link("pages/4_Train.py", label="Make another split", icon=":material/call_split:")
    else:
        st.success(sentence(found), icon=":material/verified:")


def _same(found: Sequence[SameVideos]) -> None:
    """Write which videos look like one, the surest first, and what to do."""
    if not found:
        return
    sentences = [pair.sentence() for pair in found[:MOST_NAMED]]
    if more := len(found) - len(sentences):
        sentences.append(f"{more:,} more pairs of videos look like one.")
    st.warning("  \n".join(sentences), icon=":material/content_copy:")
    st.page_link("pages/1_Videos.py", label="Remove a video", icon=":material/movie:")


def _near_duplicates(workspace: Workspace, pairs: tuple[Pair, ...]) -> None:
    """Write the near-duplicates of two parts, a page at a time."""
    st.subheader("Near-duplicates", anchor=False)
    by_parts: dict[str, list[Pair]] = {}
    for pair in pairs:
        by_parts.setdefault(f"{PARTS[pair.part]} and {PARTS[pair.twin_part]}", []).append(pair)
    kinds = {kind: f"{kind} ({len(of):,})" for kind, of in by_parts.items()}
    kind = widgets.choice(st, "Parts", list(kinds), f"twins_of_{kinds}", kinds.__getitem__)
    chosen = by_parts[kind]
    places = frames.turned(len(chosen), PER_PAGE, f"twins_page_{kind}")
    columns = st.columns(2, gap="medium")
    for place in places:
        with columns[place % 2], st.container(border=True):
            _pair(workspace, chosen[place])


def _pair(workspace: Workspace, pair: Pair) -> None:
    sides = ((pair.frame, pair.part), (pair.twin, pair.twin_part))
    for column, (name, part) in zip(st.columns(2, gap="small"), sides, strict=True):
        column.image(frames.card(workspace, name), width="stretch")
        column.caption(f"{PARTS[part]}: {name}")
    if pair.why == "time":
        st.markdown(f":material/schedule: {pair.seconds:.3f} s apart in one video")
    else:
        st.markdown(f":material/visibility: look the same: correlation {pair.correlation:.3f}")


# Labels change while a class works, and frames do not: what is slow here waits for frames and the split alone.
@st.cache_data(max_entries=4, show_spinner="Looking for test frames that resemble training frames …")
def _leak(_workspace: Workspace, key: tuple[Any, ...]) -> Leaks:
    split = splits.load(_workspace)
    assert split is not None
    return leaks.leaks(_workspace, split)


@st.cache_data(max_entries=4, show_spinner="Looking for videos that were added twice …")
def _doubled(_workspace: Workspace, key: tuple[Any, ...]) -> list[SameVideos]:
    return duplicate_videos.same_videos(_workspace)
