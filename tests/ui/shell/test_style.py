"""The style of the pages: what it names is there."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
STYLE = ROOT / "ui" / "shell" / "assets" / "style.css"


def literals(source: Path) -> list[str]:
    """Return the strings that a file writes, as patterns; of f-strings, what is filled in may be anything."""
    found = []
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.append(re.escape(node.value))
        elif isinstance(node, ast.JoinedStr):
            parts = [
                re.escape(part.value) if isinstance(part, ast.Constant) else ".*" for part in node.values
            ]
            found.append("".join(parts))
    return [pattern for pattern in found if re.search(r"\w{3}", pattern)]


def test_each_key_that_it_names_is_one_of_a_page() -> None:
    sources = [ROOT / "Home.py", *ROOT.glob("pages/*.py"), *ROOT.glob("ui/**/*.py")]
    patterns = {pattern for source in sources for pattern in literals(source)}
    named = set(re.findall(r"st-key-(\w+)", STYLE.read_text(encoding="utf-8")))
    assert {key for key in named if not any(re.fullmatch(pattern, key) for pattern in patterns)} == set()
    assert {"figures", "train_card", "live_picture", "teach_rows"} <= named
