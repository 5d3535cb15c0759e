"""Writes the model of `core.export.graph` as a file of a format, in floats or calibrated in whole numbers of eight bits."""

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from core.export.formats import Format, require
from core.networks.backend import keras, tf
from core.process_settings import without_tensorflow_notes

OPSET = 18
CALIBRATION_BATCH = 16


def write(model: keras.Model, form: Format, folder: Path, calibration: np.ndarray | None = None) -> Path:
    """Write ``model`` in a format and return its file, in ``folder``.

    Args:
        model: from ``frames`` (N, h, w, 3) uint8 BGR to a dictionary of outputs.
        form: in which.
        folder: is there.
        calibration: training frames (N, h, w, 3) uint8 BGR: with them convolutions compute in whole numbers of eight bits.

    Raises:
        ModelError: a package is not installed.
    """
    require(form.runs | form.writes, f"Writing {form.title}")
    path = folder / form.file
    with without_tensorflow_notes(), warnings.catch_warnings(action="ignore"):
        WRITERS[form.name](model, path, calibration)
    return path


def _keras(model: keras.Model, path: Path, calibration: np.ndarray | None) -> None:
    model.save(path)


def _onnx(model: keras.Model, path: Path, calibration: np.ndarray | None) -> None:
    frames = keras.InputSpec(shape=model.input_shape, dtype="uint8", name="frames")
    model.export(path, format="onnx", verbose=False, opset_version=OPSET, input_signature=[frames])
    if calibration is not None:
        _quantise_onnx(path, calibration)


def _quantise_onnx(path: Path, calibration: np.ndarray) -> None:
    """Quantise the convolutions of the network, channel by channel; what adds up heatmaps stays in floats."""
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    class Frames(CalibrationDataReader):
        def __init__(self) -> None:
            starts = range(0, len(calibration), CALIBRATION_BATCH)
            self._batches = iter([calibration[first : first + CALIBRATION_BATCH] for first in starts])

        def get_next(self) -> dict[str, np.ndarray] | None:
            batch = next(self._batches, None)
            return None if batch is None else {"frames": batch}

    ready = path.with_name("ready.onnx")
    quant_pre_process(path, ready, skip_symbolic_shape=True)
    quantize_static(
        ready, path, Frames(), quant_format=QuantFormat.QDQ, op_types_to_quantize=["Conv"], per_channel=True,
        activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8, nodes_to_exclude=_without_bias(ready),
    )  # fmt: skip
    ready.unlink()


def _without_bias(path: Path) -> list[str]:
    """Return the names of the convolutions that only move cells of a heatmap: their kernel has nothing learned."""
    import onnx

    graph = onnx.load(path).graph
    kernels = {each.name: each.dims for each in graph.initializer}
    return [
        n.name for n in graph.node if n.op_type == "Conv" and list(kernels.get(n.input[1], ()))[:2] == [1, 9]
    ]


def _openvino(model: keras.Model, path: Path, calibration: np.ndarray | None) -> None:
    import openvino

    onnx_file = path.with_suffix(".onnx")
    _onnx(model, onnx_file, calibration)
    openvino.save_model(openvino.convert_model(onnx_file), path, compress_to_fp16=False)
    onnx_file.unlink()


def _litert(model: keras.Model, path: Path, calibration: np.ndarray | None) -> None:
    options: dict[str, Any] = {"target_spec": {"supported_ops": [tf.lite.OpsSet.TFLITE_BUILTINS]}}
    if calibration is not None:
        options |= {
            "optimizations": [tf.lite.Optimize.DEFAULT],
            "representative_dataset": lambda: _singly(calibration),
        }
    model.export(path, format="litert", verbose=False, **options)


def _singly(frames: np.ndarray) -> Iterator[list[np.ndarray]]:
    for frame in frames:
        yield [frame[None]]


WRITERS = {"keras": _keras, "onnx": _onnx, "openvino": _openvino, "litert": _litert}
