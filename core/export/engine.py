"""Runs a network in one of the formats, by the runtime of that format. Only that of Keras imports TensorFlow."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import ModelError, describe
from core.export.formats import FORMATS, require

PROBABILITIES, HEATMAPS, SIGNATURES = "probabilities", "heatmaps", "signatures"

Outputs = dict[str, np.ndarray]
"""By name: ``probabilities`` (N, A) float32, and as far as the network has them ``heatmaps`` (N, rows, columns, A) and
``signatures`` (N, D)."""

Engine = Callable[[np.ndarray], Outputs]
"""From frames (N, h, w, 3) uint8 BGR, prepared, to `Outputs`. One thread at a time."""

SMALL = 500_000_000
"""Multiply-adds of a picture up to which one thread is as fast as two, and faster beside other work (docs/benchmarks.md)."""


def load(path: Path, name: str, threads: int = 1) -> Engine:
    """Load the network in ``path``, of the format called ``name``, to be run by so many threads; takes up to seconds.

    Keras takes the threads of TensorFlow.

    Raises:
        ModelError: its runtime is not installed, or cannot read the file.
    """
    form = FORMATS[name]
    require(form.runs, f"Running {form.title}")
    try:
        return LOADERS[name](path, threads)
    except ModelError:
        raise
    except Exception as error:  # each runtime has errors of its own
        raise ModelError(
            f"{path.name} cannot be run by {form.title} ({describe(error)}).", "Export the run again."
        ) from error


def threads_for(multiply_adds: int) -> int:
    """Return how many threads run a network of so many multiplications with an addition per picture."""
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return 1 if multiply_adds <= SMALL else cores


def _keras(path: Path, threads: int) -> Engine:
    from core.networks.backend import keras, tf

    model = keras.models.load_model(path, compile=False)
    signature = [tf.TensorSpec(model.inputs[0].shape, tf.uint8)]
    run = tf.function(
        lambda frames: model(frames, training=False), input_signature=signature, autograph=False
    )
    return lambda frames: {name: each.numpy() for name, each in run(frames).items()}


def _onnx(path: Path, threads: int) -> Engine:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = threads, 3
    # Waiting for the next frame, its threads would otherwise take the processor from all else for a while.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    names, frames_name = [each.name for each in session.get_outputs()], session.get_inputs()[0].name
    return lambda frames: dict(zip(names, session.run(None, {frames_name: frames}), strict=True))


def _openvino(path: Path, threads: int) -> Engine:
    import openvino

    settings = {
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_PRECISION_HINT": "f32",
        "INFERENCE_NUM_THREADS": threads,
    }
    compiled = openvino.Core().compile_model(path, "CPU", settings)
    names, request = [each.get_any_name() for each in compiled.outputs], compiled.create_infer_request()
    # A copy: the results lie in memory that the next frame overwrites.
    return lambda frames: {
        name: np.array(each) for name, each in zip(names, request.infer([frames]).values(), strict=True)
    }


def _litert(path: Path, threads: int) -> Engine:
    from ai_edge_litert.interpreter import Interpreter

    runner: Any = Interpreter(model_path=str(path), num_threads=threads).get_signature_runner()
    return lambda frames: runner(frames=frames)


LOADERS: dict[str, Callable[[Path, int], Engine]] = {
    "keras": _keras, "onnx": _onnx, "openvino": _openvino, "litert": _litert,
}  # fmt: skip
