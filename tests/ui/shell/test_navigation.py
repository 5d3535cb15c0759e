"""The one way to another page."""

from pathlib import Path

ROOT = Path(__file__).parents[3]
ALLOWED = "navigation.py"


def test_pages_are_opened_in_one_way():
    files = [file for folder in ("ui", "pages") for file in (ROOT / folder).rglob("*.py")]
    users = {file.name for file in [*files, ROOT / "Home.py"] if "st.switch_page" in file.read_text("utf-8")}
    assert users == {ALLOWED}
