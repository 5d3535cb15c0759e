"""The sections of the Videos page."""
