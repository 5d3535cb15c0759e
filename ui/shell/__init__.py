"""What frames every page, and what several pages show of a workspace: its caches, jobs, steps, frames, runs. Sections of one page
belong in that page's package; what needs no workspace, in `ui.elements`.
"""
