"""The sections of the Live page."""
