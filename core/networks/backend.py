"""TensorFlow and Keras, imported in one place and quietly.

Import them from here: ``from core.networks.backend import keras, tf``. Its start-up notes (no CUDA, oneDNN in use)
are written by C++ before any log level counts, and would bury the one line that a command line error should be.
"""

import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# Each process takes the memory of a GPU that it needs, not all of it: pages test and watch while another one trains.
os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")

_NOTE = re.compile(rb"^(I0000 |WARNING: All log messages before absl|To enable the following instructions)")


@contextmanager
def _without_notes() -> Iterator[None]:
    """Hold back standard error of the whole process; at the end write out all of it but TensorFlow's notes."""
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


with _without_notes():
    import keras
    import tensorflow as tf

tf.get_logger().setLevel("ERROR")

__all__ = ["keras", "tf"]
