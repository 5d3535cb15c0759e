"""The report as HTML: one file, without a script, that needs nothing from outside."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from core import text
from core.access.rights import shown_name
from core.errors import WorkspaceError
from core.evaluation.metrics import metrics_of
from core.evaluation.verdict import TITLES
from core.files import Progress, part_of, replacing, writable
from core.labels.labels import called
from core.networks import published_accuracy as published
from core.report.contents import contents
from core.runs import decision_settings
from core.runs.run import Run

TEMPLATE = "report.html.j2"
SIGNS = {"clearly": "✓", "somewhat": "◐", "hardly": "≈", "unknown": "?", "doubtful": "!"}
"""Marks of verdicts: only what is clearly better than guessing has a tick."""
LISTED = 60
"""Videos that a table lists: each picture may be a group of its own, and nobody reads a thousand rows."""


def render(run: Run, progress: Progress | None = None) -> str:
    """Return the report about ``run`` as HTML; takes seconds where the network has to draw heatmaps.

    Raises:
        RunError: a file of the run cannot be read.
    """
    chapters = contents(run)
    pictures: list[dict[Any, Any]] = []
    shown: list[dict[str, Any]] = []
    if chapters["test"] and run.has_model:
        from core.inspection.inspector import Inspector  # brings TensorFlow
        from core.report.mistake_images import examples, worst

        inspector = Inspector.load(run)
        shown = examples(run, inspector, part_of(progress, 0, 2))
        pictures = worst(run, inspector, part_of(progress, 1, 2))
    words = {"published": published.WORDS, "changes": decision_settings.WORDS}
    fixed = {"listed": LISTED, "signs": SIGNS, "titles": TITLES, "metrics_of": metrics_of, **words}
    return environment().get_template(TEMPLATE).render(**chapters, **fixed, examples=shown, pictures=pictures)


def write_report(run: Run, path: Path, progress: Progress | None = None) -> None:
    """Write the report about ``run`` to ``path``.

    Raises:
        WorkspaceError: the file cannot be written, or is not called .html.
        RunError: a file of the run cannot be read. Nothing is written then.
    """
    if path.suffix.lower() not in (".html", ".htm"):
        problem = f"A report is a web page, and {path} does not end in .html."
        raise WorkspaceError(problem, "Name a file that does.")
    page = render(run, progress)
    with writable(path), replacing(path) as partial:
        partial.write_text(page, encoding="utf-8")


def environment() -> Environment:
    """Return the templates. Names of videos and annotators are what users wrote, so everything is escaped."""
    loader = FileSystemLoader(Path(__file__).parent)
    made = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
    made.trim_blocks = made.lstrip_blocks = True
    made.filters |= {
        "percent": _unbroken(text.percent),
        "between": _unbroken(text.between),
        "count": text.count,
        "unbroken": unbroken,
        "called": called,
        "shown_name": shown_name,
        "decimals": text.decimals,
    }
    return made


def _unbroken(write: Callable[..., str]) -> Callable[..., str]:
    return lambda *values, **options: unbroken(write(*values, **options))


def unbroken(words: str) -> str:
    """Keep a number and its sign on one line."""
    return words.replace(" %", "\u00a0%")
