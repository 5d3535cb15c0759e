"""Split the labelled frames, choose a network, train it, watch it, compare it with others."""

from ui.shell import cache
from ui.shell.page import empty, page
from ui.train import augmentation_preview, runs, split, start, training_progress

with page("Train", "Choose which frames train and which test, then train a network.") as workspace:
    labelled = cache.balance(workspace).labelled
    if not labelled:
        empty("label", "No labels to train on yet", "Label some frames first, or create the practice videos.",
              "pages/2_Label.py", "Label frames")  # fmt: skip
    else:
        split.section(workspace)
        augmentation_preview.section(workspace, start.start_section(workspace))
        training_progress.section(workspace)
        runs.section(workspace)
