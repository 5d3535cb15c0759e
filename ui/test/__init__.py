"""The sections of the Test page."""
