"""Marks of verdicts: a network has the colour of what it does better than guessing, never of having been tested."""

from collections.abc import Mapping

from core.evaluation.verdict import Gain, Verdict

MARKS: Mapping[Gain, str] = {
    "clearly": ":green[:material/check_circle:]",
    "somewhat": ":orange[:material/incomplete_circle:]",
    "hardly": ":red[:material/casino:]",
    "unknown": ":gray[:material/help:]",
}


def line(verdict: Verdict) -> str:
    """Return a verdict with its mark, as Markdown."""
    name, words = verdict.sentence.split(": ", 1)
    return f"{MARKS[verdict.gain]} **{name}**: {words}"
