"""How well a network does after so many minutes on pictures with lookup tables, one group held back.

python -m benchmarks.quality --data FOLDER [--minutes 10] [--test GROUP] [--valid GROUP] [--networks A,B] [--json]

Every network learns from the same frames, with its own recipe, one after the other in a process of its own: the minutes are
from the command to the last saved network, with start, preparation of the pictures and validation. Epochs and thresholds are
chosen on the group `valid`, accuracy is that of the group `test`, which nothing else has seen. The baseline always says
the more frequent answer of the test part.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

from core.labels.consensus import consensus
from core.splits import split
from core.workspace import open_workspace


def measure(choice: argparse.Namespace) -> dict[str, Any]:
    """Return per network ``accuracy`` (per attribute, and ``mean``), ``baseline`` (mean) and ``seconds``."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        folder = Path(scratch) / "class"
        seamlens(folder, "add", choice.data)
        divide(folder, choice.test, choice.valid)
        return {name: learn(folder, name, choice) for name in choice.networks.split(",")}


def divide(folder: Path, test: str | None, valid: str | None) -> None:
    """Hold back one group for the test and one for validation: those that are named, else the smallest above 5 %."""
    workspace = open_workspace(folder)
    said = consensus(workspace)
    sizes = said["video"].value_counts(normalize=True)
    spare = [group for group in sizes[sizes > 0.05].index[::-1] if group not in (test, valid)]
    valid = valid or spare.pop(0)
    test = test or spare.pop(0)
    part = said["video"].map({valid: "valid", test: "test"}).fillna("train")
    file = folder / "held_back.csv"
    said[["name", "video"]].assign(part=part).to_csv(file, index=False)
    split.store(workspace, split.split_from_table(said, file))
    print(f"test: {test}, validation: {valid}, training: the other {len(sizes) - 2} groups", file=sys.stderr)


def learn(workspace: Path, network: str, choice: argparse.Namespace) -> dict[str, Any]:
    """Train and test ``network``."""
    start = perf_counter()
    seamlens(
        workspace,
        "train",
        "--network",
        network,
        "--minutes",
        choice.minutes,
        "--seed",
        choice.seed,
        "--leaking",
    )
    seconds = perf_counter() - start
    found = json.loads(seamlens(workspace, "test", "latest", "--json"))
    accuracy = {name: row["accuracy"] for name, row in found["attributes"].items()}
    baseline = [row["baseline"] for row in found["attributes"].values()]
    return {
        "accuracy": accuracy | {"mean": sum(accuracy.values()) / len(accuracy)},
        "baseline": sum(baseline) / len(baseline),
        "seconds": seconds,
    }


def seamlens(workspace: Path, *arguments: object) -> str:
    """Run a command as a user would; what it says of its progress goes through."""
    command = [sys.executable, "-m", "core", "--workspace", str(workspace), *map(str, arguments)]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--data", type=Path, required=True, help="pictures with lookup tables that have a group"
    )
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--test", metavar="GROUP", help="held back for the test")
    parser.add_argument("--valid", metavar="GROUP", help="to choose the epoch on")
    parser.add_argument("--networks", default="seam_lite,seam_resnet", help="default: %(default)s")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    choice = parser.parse_args()
    found = measure(choice)
    if choice.json:
        print(json.dumps(found))
        return
    for network, row in found.items():
        print(
            f"{network}: {row['accuracy']['mean']:.4f} in {row['seconds']:.0f} s, baseline {row['baseline']:.4f}"
        )
        for name, value in row["accuracy"].items():
            print(f"  {name:16} {value:8.4f}")


if __name__ == "__main__":
    main()
