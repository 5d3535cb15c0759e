"""The files of the pages, as they stand in the folder."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
HOME = ROOT / "Home.py"

PAGES = ("", *sorted(page.name for page in (ROOT / "pages").glob("*.py")))
"""Home is the empty one."""
