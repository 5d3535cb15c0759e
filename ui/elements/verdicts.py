"""Marks of verdicts: a network has the colour of what it does better than guessing, never of having been tested."""

from collections.abc import Mapping

from core.evaluation.verdict import Verdict
from core.report.trust import Mark, State, Trust
from ui.elements.markdown import Markdown, md

MARKS: Mapping[Mark, str] = {
    "clearly": ":green[:material/check_circle:]",
    "somewhat": ":orange[:material/incomplete_circle:]",
    "hardly": ":red[:material/casino:]",
    "unknown": ":gray[:material/help:]",
    "doubtful": ":orange[:material/warning:]",
}
TRUST: Mapping[State, str] = {
    "good": ":green[:material/verified:]",
    "partly": ":orange[:material/error:]",
    "bad": ":red[:material/cancel:]",
    "unknown": ":gray[:material/help:]",
}
"""Marks of how far numbers can be trusted, and of each reason."""


def line(verdict: Verdict, trust: Trust) -> str:
    """Return a verdict with its mark and what limits it, as Markdown."""
    name, words = verdict.sentence.split(": ", 1)
    limited = Markdown(f"  \n:orange[{md(said)}]" if (said := trust.limited(verdict.of)) else "")
    return Markdown(f"{MARKS[trust.mark(verdict)]} **{md(name)}**: {md(words)}{md(limited)}")


def trusted(trust: Trust) -> str:
    """Return how far numbers can be trusted, as Markdown."""
    return Markdown(f"{TRUST[trust.state]} {md(trust.sentence)}")
