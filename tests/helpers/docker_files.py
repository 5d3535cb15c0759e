"""What the Dockerfile says."""

import json
from pathlib import Path
from typing import Any

from dockerfile_parse import DockerfileParser


def stages(file: Path) -> list[list[tuple[str, str]]]:
    """Return the instructions of each stage with their words, as they stand in the file."""
    found: list[list[tuple[str, str]]] = []
    with file.open("rb") as content:
        for line in DockerfileParser(fileobj=content).structure:
            if line["instruction"] == "FROM":
                found.append([])
            if line["instruction"] != "COMMENT":
                found[-1].append((line["instruction"], line["value"]))
    return found


def instructions(file: Path) -> dict[str, Any]:
    """Return the last instruction of each kind of the last stage; lists where they are written as lists."""
    return {name: json.loads(words) if words.startswith("[") else words for name, words in stages(file)[-1]}
