"""How well a network does after so many minutes on pictures with lookup tables, one group held back.

Every network learns from the same frames, with its own recipe, one after the other in a process of its own: the minutes
are from the command to the last saved network, with start, preparation of the pictures and validation. Epochs and
thresholds are chosen on the group `valid`, accuracy is that of the group `test`, which nothing else has seen. The
baseline always gives the more frequent answer of the test part.
"""

import json
import subprocess
import sys
from pathlib import Path
from statistics import mean
from typing import Any

from benchmarks.harness import main, scratch_folder, seconds
from core.labels.consensus import consensus
from core.splits import stored_split
from core.splits.make_split import split_from_table
from core.workspace import open_workspace


def measure(
    data: Path,
    attributes: str | None,
    minutes: float,
    test: str | None,
    valid: str | None,
    networks: str,
    seed: int,
) -> dict[str, Any]:
    """Return per network ``accuracy`` (per attribute, and ``mean``), ``baseline`` (mean) and ``seconds``."""
    with scratch_folder() as scratch:
        folder = scratch / "class"
        seamlens(folder, "add", data, *(("--attributes", attributes) if attributes else ()))
        divide(folder, test, valid)
        return {name: train_and_test(folder, name, minutes, seed) for name in networks.split(",")}


def divide(folder: Path, test: str | None, valid: str | None) -> None:
    """Hold back one group for the test and one for validation: those that are named, else the smallest above 5 %."""
    workspace = open_workspace(folder)
    table = consensus(workspace)
    sizes = table["video"].value_counts(normalize=True)
    spare = [group for group in sizes[sizes > 0.05].index[::-1] if group not in (test, valid)]
    valid = valid or spare.pop(0)
    test = test or spare.pop(0)
    part = table["video"].map({valid: "valid", test: "test"}).fillna("train")
    file = folder / "held_back.csv"
    table[["name", "video"]].assign(part=part).to_csv(file, index=False)
    stored_split.store(workspace, split_from_table(table, file))
    print(f"test: {test}, validation: {valid}, training: the other {len(sizes) - 2} groups", file=sys.stderr)


def train_and_test(workspace: Path, network: str, minutes: float, seed: int) -> dict[str, Any]:
    options = ("--network", network, "--minutes", minutes, "--seed", seed, "--leaking")
    taken = seconds(lambda: seamlens(workspace, "train", *options))
    attributes = json.loads(seamlens(workspace, "test", "latest", "--json"))["attributes"]
    accuracy = {name: row["accuracy"] for name, row in attributes.items()}
    return {
        "accuracy": accuracy | {"mean": mean(accuracy.values())},
        "baseline": mean(row["baseline"] for row in attributes.values()),
        "seconds": taken,
    }


def seamlens(workspace: Path, *arguments: object) -> str:
    """Run a command as a user would, and return its output; its progress is shown."""
    command = [sys.executable, "-m", "core", "--workspace", str(workspace), *map(str, arguments)]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


OPTIONS = {
    "--data": {"type": Path, "required": True, "help": "pictures with lookup tables that have a group"},
    "--attributes": {
        "metavar": "NAMES",
        "help": "columns of the tables, with commas; without, those that surely are",
    },
    "--minutes": {"default": 10.0, "help": "of each training"},
    "--test": {"metavar": "GROUP", "help": "held back for the test"},
    "--valid": {"metavar": "GROUP", "help": "to choose the epoch on"},
    "--networks": {"default": "seam_lite,seam_resnet", "help": "one after the other"},
    "--seed": {"default": 0, "help": "of the trainings"},
}

if __name__ == "__main__":
    main(__doc__, measure, OPTIONS)
