"""How long a class waits for its first result: demo, training and test of the default network, one after the other.

python -m benchmarks.loop [--json] [--seed N]
"""

import argparse
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

from core.demo.make import make_demo
from core.runs.settings import TrainSettings
from core.training.create_run import create_run


def timed(seconds: dict[str, float], stage: str, work: Callable[[], Any]) -> Any:
    """Do ``work`` and note how long it took."""
    start = perf_counter()
    result = work()
    seconds[stage] = perf_counter() - start
    return result


def measure(seed: int) -> dict[str, dict[str, float]]:
    """Return the seconds of each stage, and accuracy and baseline per attribute on the test videos."""
    seconds: dict[str, float] = {}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        demo = timed(seconds, "demo and add", lambda: make_demo(Path(scratch) / "class", seed))
        from core.evaluation import evaluate
        from core.jobs import worker  # TensorFlow's start belongs to the training

        run = create_run(demo.workspace, TrainSettings())
        timed(seconds, "train", lambda: worker.train(run))
        tested = timed(seconds, "test", lambda: evaluate.test(run)).attributes
    seconds["all"] = sum(seconds.values())
    return {
        "seconds": seconds,
        "accuracy": {name: found.accuracy for name, found in tested.items()},
        "baseline": {name: found.baseline for name, found in tested.items()},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--seed", type=int, default=1, help="of the demo class")
    choice = parser.parse_args()
    found = measure(choice.seed)
    if choice.json:
        print(json.dumps(found))
        return
    for name, value in found["seconds"].items():
        print(f"{name:24} {value:8.1f} s")
    for name, value in found["accuracy"].items():
        print(f"{name:24} {100 * value:8.1f} % (baseline {100 * found['baseline'][name]:.1f} %)")


if __name__ == "__main__":
    main()
