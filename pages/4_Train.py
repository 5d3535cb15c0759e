"""Split the labelled frames, choose a network, train it, watch it, compare it with others."""

from ui.shell import cache
from ui.shell.page import empty, page
from ui.train import augmentation, progress, runs, split, start

with page("Train", "Decide which frames train and which test, then let a network learn.") as workspace:
    labelled = cache.balance(workspace).labelled
    if not labelled:
        empty("label", "There is nothing to learn from yet", "Label some frames first, or make the demo class.",
              "pages/2_Label.py", "Label frames")  # fmt: skip
    else:
        split.section(workspace)
        augmentation.section(workspace, start.start_section(workspace))
        progress.section(workspace)
        runs.section(workspace)
