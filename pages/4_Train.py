"""Split the labelled frames, choose a network, train it, watch it, compare it with others."""

from ui.shell import cache
from ui.shell.page import empty, has_tensorflow, page
from ui.train import augmentation_preview, ready, runs, split, start, training_progress

with page("Train", "Let a network learn from your labels.") as workspace:
    can_train = has_tensorflow()
    labelled = cache.balance(workspace).labelled
    if not labelled:
        empty("label", "No labels to train on yet", "Label some frames first, or create the practice videos.",
              "pages/2_Label.py", "Label frames")  # fmt: skip
    else:
        readiness = ready.section(workspace)
        settings = start.start_section(workspace, readiness) if can_train else None
        split.section(workspace)
        if settings:
            augmentation_preview.section(workspace, settings)
        training_progress.section(workspace)
        runs.section(workspace)
