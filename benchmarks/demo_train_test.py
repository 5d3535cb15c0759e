"""How long a class waits for its first result: demo, training and test of the default network, one after the other."""

from benchmarks.harness import SEED, main, scratch_folder, seconds
from core.demo.make import make_demo
from core.evaluation import evaluate
from core.jobs import worker
from core.runs.settings import TrainSettings
from core.training.create_run import create_run
from core.workspace import open_workspace


def measure(seed: int) -> dict[str, dict[str, float]]:
    """Return the seconds of each stage, and accuracy and baseline per attribute on the test videos."""
    with scratch_folder() as folder:
        times = {"demo and add": seconds(lambda: make_demo(folder / "class", seed))}
        run = create_run(open_workspace(folder / "class"), TrainSettings())
        times["train"] = seconds(lambda: worker.train(run))  # with the start of TensorFlow
        times["test"] = seconds(lambda: evaluate.test(run))
        tested = evaluate.measure(run).attributes
    times["all"] = sum(times.values())
    return {
        "seconds": times,
        "accuracy": {name: row.accuracy for name, row in tested.items()},
        "baseline": {name: row.baseline for name, row in tested.items()},
    }


if __name__ == "__main__":
    main(__doc__, measure, {"--seed": {"default": SEED, "help": "of the demo class"}})
