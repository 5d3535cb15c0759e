"""Small files of the kinds that phones, cameras and file managers make."""

from pathlib import Path

CASES = Path(__file__).parents[1] / "fixtures" / "cases"
