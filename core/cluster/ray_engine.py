"""Ray, and nothing else of this package knows it: connecting, and processes of the cluster that answer questions."""

import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

import core
from core.cluster.address import unreachable
from core.cluster.remote import RemoteTraining
from core.errors import RunError
from core.workspace import Cluster

LOOK = 1.0
"""Seconds between two looks whether an answer is still wanted."""


class WorkerDiedError(Exception):
    """The process of the cluster, or its computer, is gone."""


class Worker(Protocol):
    """A `RemoteTraining` in a process of the cluster."""

    def ask(self, method: str, *args: Any, waiting: Callable[[], None] = lambda: None) -> Any:
        """Call a method there and return its answer; ``waiting`` is called about once a second meanwhile, and may raise.

        Raises:
            WorkerDiedError: it is gone.
        """

    def end(self) -> None:
        """End the process at once."""


Start = Callable[[str, dict[str, bytes]], Worker]
"""Starts a training of a run, with the content of its files, as soon as the cluster has room."""


class RayWorker:
    """See `Worker`.

    Args:
        id: of the run.
        files: content of its files.
        settings: what it takes of the cluster.
    """

    def __init__(self, id: str, files: dict[str, bytes], settings: Cluster) -> None:
        import ray

        made = ray.remote(num_cpus=settings.cpus, num_gpus=settings.gpus, max_restarts=0)(RemoteTraining)
        self._actor: Any = made.remote(id, files)

    def ask(self, method: str, *args: Any, waiting: Callable[[], None] = lambda: None) -> Any:
        """Call a method; see `Worker`."""
        import ray
        from ray import exceptions

        try:
            answer = getattr(self._actor, method).remote(*args)
            while not ray.wait([answer], timeout=LOOK)[0]:
                waiting()
            return ray.get(answer)
        except exceptions.RuntimeEnvSetupError as error:
            raise _failed(error) from error
        except exceptions.ActorDiedError as error:
            if "creation task" in str(error):  # its first step failed, as it would again
                raise _failed(error) from error
            raise WorkerDiedError from error
        except (exceptions.ActorUnavailableError, exceptions.WorkerCrashedError, exceptions.ObjectLostError,
                exceptions.NodeDiedError, exceptions.OutOfMemoryError) as error:  # fmt: skip
            raise WorkerDiedError from error
        except exceptions.RayTaskError as error:
            raise _failed(error) from error
        except ConnectionError as error:
            raise RunError(
                "The connection to the Ray cluster is lost.",
                "Resume the training when the cluster is back: it continues after its last finished epoch.",
            ) from error

    def end(self) -> None:
        """End it; see `Worker`."""
        import ray

        with suppress(Exception):  # it is gone, or the whole cluster
            ray.kill(self._actor)


@contextmanager
def connected(address: str, settings: Cluster) -> Iterator[Start]:
    """Be connected for the block, and give what starts trainings. Those that still run at its end are ended.

    Raises:
        RunError: nothing answers there.
    """
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    import ray

    # This very code goes along, so that only its packages must be installed there.
    threads = {"TF_NUM_INTRAOP_THREADS": str(settings.cpus)}
    environment = {
        "py_modules": [str(Path(core.__file__).resolve().parent)],
        "excludes": ["__pycache__"],
        "env_vars": threads,
    }
    try:
        ray.init(
            address,
            namespace="seamlens",
            runtime_env=environment,
            log_to_driver=False,
            logging_level=logging.ERROR,
        )
    except (ConnectionError, RuntimeError, TimeoutError, ValueError) as error:
        raise unreachable(address, _last_line(error)) from error
    try:
        yield lambda id, files: RayWorker(id, files, settings)
    finally:
        ray.shutdown()


def _failed(error: Exception) -> RunError:
    return RunError(
        f"The training could not begin on the cluster: {_last_line(error)}.",
        "Its computers need the packages of SeamLens, with this version of Python and Ray.",
    )


def _last_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1].rstrip(".") if lines else type(error).__name__


# As a process of its own it says, by its exit code, whether there is a cluster; see `core.cluster.address`.
if __name__ == "__main__":
    with connected(sys.argv[1], Cluster()):
        pass
