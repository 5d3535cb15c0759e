"""The sections of Home."""
