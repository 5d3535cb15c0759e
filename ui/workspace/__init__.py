"""The sections of the Workspace page."""
