"""Lookup tables, both ways: labels come in from CSV files and go out to them."""

from core.data.lookup import LookupTable, read_table

__all__ = ["LookupTable", "read_table"]
