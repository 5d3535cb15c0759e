"""Settings of the whole process that a call changes for everybody in it, each with its reason.

Nothing here happens by itself: who needs one of them calls it, where a reader sees it.
"""

import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache, partialmethod
from typing import Any, BinaryIO

import cv2

_NOTE = re.compile(
    rb"^(I0000 |WARNING: All log messages before absl|To enable the following instructions|fully_quantize: )"
)


def set_tensorflow_environment() -> None:
    """Choose the backend of Keras, TensorFlow's log level, and how it takes the memory of a GPU, before it is imported."""
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # Each process takes the memory of a GPU that it needs, not all of it: pages test and watch while another one trains.
    os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")


@contextmanager
def without_tensorflow_notes() -> Iterator[None]:
    """Hold back standard error of the whole process for the block; at its end write out all of it but TensorFlow's notes.

    Those of its start (no CUDA, oneDNN in use) are written by C++ before any log level counts, and would bury the one
    line that an error on the command line should be.
    """
    sys.stderr.flush()
    with tempfile.TemporaryFile() as held:
        original = os.dup(2)
        os.dup2(held.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(original, 2)
            held.seek(0)
            for line in held:
                if not _NOTE.match(line):
                    os.write(original, line)
            os.close(original)


def take_standard_output() -> BinaryIO:
    """Return standard output, for answers alone: what libraries print goes to standard error from now on."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return answers


def end_server_within(seconds: int) -> None:
    """Let a web server that is told to end wait for browsers for so long, not for ever; Streamlit has no option for it.

    A phone that sleeps, or has left the network, does not answer when its connection is closed, and uvicorn waits for that.
    """
    import uvicorn

    config: Any = uvicorn.Config
    config.__init__ = partialmethod(config.__init__, timeout_graceful_shutdown=seconds)


def keep_keras_session() -> None:
    """Let Streamlit leave Keras alone, if it is imported.

    Streamlit clears Keras' session after every run of a page, for networks that are built anew each time. Ours are kept
    for all visitors; clearing took a quarter of a second per run, and the picture after it 80 ms instead of 6.
    """
    # Another thread may be in the middle of importing it.
    backend = getattr(sys.modules.get("keras"), "backend", None)
    if backend is not None:
        backend.clear_session = _leave_alone


def _leave_alone(free_memory: bool = True) -> None:
    """Stand for ``keras.backend.clear_session``."""


def leave_opencv_one_thread() -> None:
    """Let OpenCV work in the thread that calls it, from now on.

    On small pictures its threads mostly wait for each other, spinning on the cores that the network or another process
    needs.
    """
    cv2.setNumThreads(1)


def quieten_opencv() -> None:
    """Let OpenCV write errors only: that a camera is missing is said once, in our words."""
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)


def one_thread_for_matrices() -> AbstractContextManager[Any]:
    """Leave NumPy one thread for products of matrices, in the whole process and for the block.

    Products as small as those of one picture gain nothing from a second thread; where other processes work too, its
    waiting makes them ten times as slow.
    """
    return _thread_pools().limit(limits=1, user_api="blas")


@cache
def _thread_pools() -> Any:
    from threadpoolctl import ThreadpoolController  # of scikit-learn

    return ThreadpoolController()
