"""What the labels are worth: their balance, the class at a glance, how far annotators agree, what is in dispute, contradicts or leaks."""

from core.labels.labels import has_labels
from core.media.library import videos
from core.text import count
from ui.balance import (
    agreement,
    class_overview,
    contradictions,
    counts,
    disputes,
    label_issues,
    leaks,
    over_time,
    stitch_lengths,
)
from ui.elements.widgets import tabs
from ui.shell.page import empty, page

TABS = {
    "Balance": counts.section,
    "Class": class_overview.section,
    "Over time": over_time.section,
    "Agreement": agreement.section,
    "Disputes": disputes.section,
    "Contradictions": contradictions.section,
    "Leaks": leaks.section,
    "Stitches": stitch_lengths.section,
    "Label issues": label_issues.section,
}

with page("Balance", "Are there enough labels of each kind, and can you trust them?") as workspace:
    there = videos(workspace)
    frames = sum(video.frames for video in there)
    if not frames:
        empty("balance", "No labels to count yet", "Add videos first, then label some of their frames.",
              "pages/1_Videos.py", "Add videos")  # fmt: skip
    elif not has_labels(workspace):
        empty("label", "No frame has a label yet", f"{count(frames, 'frame')} of {count(len(there), 'video')} are waiting.",
              "pages/2_Label.py", "Label frames")  # fmt: skip
    else:
        tabs(TABS, "review", workspace)
