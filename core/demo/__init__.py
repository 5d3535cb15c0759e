"""The demo class: rendered seam videos with a known truth, to try everything at once. Nothing else may depend on it.

From plan to frame: `sample_plan` -> `plan` -> `seam_strip` (`fabric`, `seam`, `thread`, `defects`) -> `camera` -> `render`.
`truth` says from the plan alone what is true of every frame; `make` adds the class to a workspace.
"""
