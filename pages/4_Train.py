"""Split the labelled frames, choose a network, train it, watch it, compare it with others."""

from ui import loaders, runs, splitting, training, varying, watching
from ui.page import empty, page

with page("Train", "Decide which frames train and which test, then let a network learn.") as workspace:
    labelled = loaders.balance(workspace).labelled
    if not labelled:
        empty("label", "There is nothing to learn from yet", "Label some frames first, or make the demo class.",
              "pages/2_Label.py", "Label frames")  # fmt: skip
    else:
        splitting.section(workspace)
        varying.section(workspace, training.start_section(workspace))
        watching.section(workspace)
        runs.section(workspace)
