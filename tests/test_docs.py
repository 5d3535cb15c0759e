"""The pages for users: their links, pictures and commands exist, and a how-to page takes two minutes."""

import re
import shlex
from pathlib import Path

import pytest

from core.__main__ import main

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = [*sorted(ROOT.glob("*.md")), *sorted(DOCS.rglob("*.md"))]
NO_HOW_TO = {
    "architecture.md",
    "benchmarks.md",
    "command-line.md",
    "decisions.md",
    "formats.md",
    "scale.md",
    "security.md",
}
HOW_TO = [page for page in sorted(DOCS.glob("*.md")) if page.name not in NO_HOW_TO]
LONGEST = 650  # words

FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)|(?:src|srcset)=\"([^\"]+)\"")
COMMAND = re.compile(r"python -m core ([^\n`]+)")
BENCHMARK = re.compile(r"python -m benchmarks\.(\w+)")

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def links(page: Path) -> set[str]:
    """Return where the links and pictures of ``page`` lead, without those that leave the project."""
    targets = {link or picture for link, picture in LINK.findall(FENCE.sub("", page.read_text("utf-8")))}
    return {target for target in targets if not re.match(r"[a-z]+://", target)}


def anchors(page: Path) -> set[str]:
    """Return the anchors of the headings of ``page``, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", page.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def is_there(page: Path, target: str) -> bool:
    path, _, anchor = target.partition("#")
    file = (page.parent / path).resolve() if path else page
    return file.exists() and (not anchor or anchor in anchors(file))


def commands(page: Path) -> list[list[str]]:
    """Return the words of every ``python -m core`` of ``page`` that names a command."""
    found = [shlex.split(line, comments=True) for line in COMMAND.findall(page.read_text("utf-8"))]
    return [words for words in found if words and re.fullmatch("[a-z]+", words[0])]


def help_of(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """Return the help of the command that ``words`` call; empty if there is none."""
    options = [word.startswith("--") for word in words]
    called = words[: options.index(True)] if True in options else words
    try:
        code = main([*called, "--help"])
    except SystemExit as end:
        code = end.code
    printed = capsys.readouterr().out
    return "" if code else printed


@every_page
def test_links_and_pictures_are_there(page):
    assert {target for target in links(page) if not is_there(page, target)} == set()


@every_page
def test_commands_and_their_options_exist(page, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")  # so that no option is broken over two lines
    unknown = []
    for words in commands(page):
        text = help_of(words, capsys)
        options = [word.partition("=")[0] for word in words if re.fullmatch(r"--[a-z].*", word)]
        unknown += [words] if not text or any(option not in text for option in options) else []
    assert unknown == []


@every_page
def test_benchmarks_exist(page):
    names = set(BENCHMARK.findall(page.read_text("utf-8"))) - {"NAME"}
    assert {name for name in names if not (ROOT / "benchmarks" / f"{name}.py").is_file()} == set()


@pytest.mark.parametrize("page", HOW_TO, ids=lambda page: page.stem)
def test_a_how_to_page_takes_two_minutes(page):
    assert len(page.read_text("utf-8").split()) <= LONGEST


def test_readme_leads_to_every_page():
    named = {(ROOT / target.partition("#")[0]).resolve() for target in links(ROOT / "README.md")}
    assert {page.name for page in DOCS.rglob("*.md") if page.resolve() not in named} == set()


def packages() -> list[str]:
    folders = [folder for top in ("core", "ui") for folder in sorted((ROOT / top).iterdir())]
    return [".".join(f.relative_to(ROOT).parts) for f in folders if (f / "__init__.py").exists()]


@pytest.mark.parametrize("package", packages())
def test_every_package_is_in_the_architecture_and_its_picture(package):
    assert f"`{package}`" in (DOCS / "architecture.md").read_text("utf-8")
    assert f">{package}<" in (DOCS / "pictures" / "packages.svg").read_text("utf-8")
