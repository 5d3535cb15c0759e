"""Data in texts of pages is shown as it is: no mark, picture, link or icon comes of a name."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ui.elements.markdown import Markdown, md, md_lines

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "Home.py", *(ROOT / "pages").glob("*.py"), *(ROOT / "ui").rglob("*.py")])
PAGES.remove(ROOT / "ui" / "elements" / "markdown.py")
TAKES_MARKDOWN = {
    "Markdown", "badge", "button", "caption", "checkbox", "dialog", "download_button", "download_link", "error", "expander", "flash",
    "form_submit_button", "header", "image", "info", "link_button", "markdown", "metric", "multiselect", "number_input", "page_link",
    "pills", "popover", "progress", "radio", "segmented_control", "selectbox", "slider", "spinner", "status", "subheader", "success",
    "text_area", "text_input", "title", "toast", "toggle", "warning", "write",
}  # fmt: skip
"""Functions of Streamlit, and of pages, whose texts are markdown."""
NO_TEXT = {"key", "icon", "args", "kwargs", "on_click", "on_change", "file_name", "mime"}
FIRST_IS_NO_TEXT = {"image", "progress", "page_link"}
HARMLESS = {"md", "md_lines", "Markdown", "count", "percent", "number", "decimals", "duration", "size", "len", "ordinal", "min", "max", "sum",
            "round", "int", "code", "shown", "between"}  # fmt: skip
"""Functions that return no data of people: numbers with words of ours, or what is escaped."""


def data_in(expression: ast.expr) -> Iterator[ast.expr]:
    """Yield what of an expression may be data that is not escaped."""
    match expression:
        case ast.Constant() | ast.Compare():
            return
        case ast.JoinedStr():
            for part in expression.values:
                if isinstance(part, ast.FormattedValue) and part.format_spec is None:
                    yield from data_in(part.value)
        case ast.IfExp():
            yield from data_in(expression.body)
            yield from data_in(expression.orelse)
        case ast.BoolOp():
            for value in expression.values:
                yield from data_in(value)
        case ast.BinOp():
            yield from data_in(expression.left)
            yield from data_in(expression.right)
        case ast.Name(id=name) if name.isupper():
            return
        case ast.Attribute(attr=name) if name.isupper():
            return
        case ast.Subscript(value=ast.Name(id=name)) if name.isupper():
            return
        case ast.Subscript(value=ast.Attribute(attr=name)) if name.isupper():
            return
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if name in HARMLESS:
            return
        case _:
            yield expression


def unescaped(tree: ast.AST) -> Iterator[ast.expr]:
    """Yield the data of f-strings, and the attributes of data, that a page writes as markdown."""
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call):
            continue
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if name not in TAKES_MARKDOWN:
            continue
        given = [*call.args, *(k.value for k in call.keywords if k.arg not in NO_TEXT)]
        for argument in given:
            inner = [node for node in ast.walk(argument) if isinstance(node, ast.JoinedStr)]
            for text in inner:
                yield from data_in(text)
        if call.args and isinstance(call.args[0], ast.Attribute) and name not in FIRST_IS_NO_TEXT:
            yield from data_in(call.args[0])


@pytest.mark.parametrize("file", PAGES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_no_page_writes_data_as_markdown(file: Path) -> None:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    found = [f"line {node.lineno}: {ast.unparse(node)}" for node in unescaped(tree)]
    assert not found, "put md(…) around it, or say with Markdown(…) that it is markdown on purpose"


def test_sentences_of_core_have_no_marks() -> None:
    strings = (
        (file.relative_to(ROOT).as_posix(), node.value)
        for file in (ROOT / "core").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
    marked = {
        (file, text) for file, text in strings if re.search(r"^\*\*$|\*\*\w[^*/]*\*\*|:material/", text)
    }
    assert not marked, "pages show them as they are, and the command line prints them"


@pytest.mark.parametrize(
    "line",
    [
        'st.markdown(f"**{name}**")',
        "st.caption(video.key)",
        'st.radio("x", help=f"{note}")',
        'st.toast(f"{a or b}")',
    ],
)
def test_the_rule_finds_data(line: str) -> None:
    assert list(unescaped(ast.parse(line)))


@pytest.mark.parametrize(
    "line", ['st.markdown(f"**{md(name)}**, {n:,}")', "st.caption(f'{count(n, 1)} {WORDS[a]}')"]
)
def test_the_rule_passes_what_is_escaped(line: str) -> None:
    assert not list(unescaped(ast.parse(line)))


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("![x](http://evil.example/a.png)", r"!\[x\](http:⁠//evil.example/a.png)"),
        ("*Ann*", r"\*Ann\*"),
        ("_Ann_", r"\_Ann\_"),
        ("seam_1_0.png", "seam_1_0.png"),
        ("<img src=x>", r"\<img src=x\>"),
        ("&lt;b&gt;", r"\&lt;b\&gt;"),
        ("`code` $x$", r"\`code\` \$x\$"),
        (":red[x] :material/face: :smile:", ":⁠red\\[x\\] :⁠material/face: :⁠smile:"),
        ("www.evil.example", "www⁠.evil.example"),
        ("# 1", r"\# 1"),
        ("1. Ann", r"1\. Ann"),
        ("- a\n- b", r"\- a - b"),
        ("10:30, 5 % (a.b)", "10:30, 5 % (a.b)"),
        ("-5", "-5"),
    ],
)
def test_a_name_is_shown_as_it_is(name: str, shown: str) -> None:
    assert md(name) == shown


def test_what_is_markdown_already_stays() -> None:
    assert md(md("*")) == r"\*" and md(Markdown("**a**")) == "**a**"


def test_lines_stay_lines() -> None:
    assert md_lines("*a\nb") == "\\*a  \nb"
