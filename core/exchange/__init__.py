"""Lookup tables, class folders and other formats, in and out of a workspace."""
