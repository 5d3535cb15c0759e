"""What the benchmarks share: their options, and a small table or JSON on standard output."""

import argparse
import json
from collections.abc import Callable, Mapping


def report(description: str | None, measure: Callable[[int], Mapping[str, float]]) -> None:
    """Run ``measure(rounds)`` and print what it found: one line a figure, or one JSON object."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--rounds", type=int, default=5, help="of which medians are taken (default: 5)")
    choice = parser.parse_args()
    found = measure(choice.rounds)
    if choice.json:
        print(json.dumps(found))
        return
    for name, value in found.items():
        print(f"{name:28} {value:12.6g}")
