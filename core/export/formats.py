"""The formats that a network can be written in, and the packages that write and run them. Importing this imports none of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec

from core.errors import ModelError
from core.text import listed


@dataclass(frozen=True)
class Format:
    """One format.

    Args:
        name: as on the command line.
        title: as on screen.
        file: what the network is called in it.
        others: files beside it that belong to it.
        runs: packages that run it, as pip knows them, with the module that each brings.
        writes: packages that write it, beside those that run it and TensorFlow.
        has_int8: whether it can be written in whole numbers of eight bits.
    """

    name: str
    title: str
    file: str
    runs: dict[str, str]
    writes: dict[str, str]
    others: tuple[str, ...] = ()
    has_int8: bool = True

    @property
    def files(self) -> tuple[str, ...]:
        return (self.file, *self.others)

    @property
    def can_run(self) -> bool:
        """Whether its runtime is installed."""
        return not _missing(self.runs)

    @property
    def can_be_written(self) -> bool:
        """Whether all is installed that writes it, and its runtime, with which it is checked."""
        return not _missing(self.runs | self.writes)


ONNX = {"onnx": "onnx", "tf2onnx": "tf2onnx"}
FORMATS = {
    each.name: each
    for each in (
        Format("keras", "Keras", "model.keras", {"tensorflow": "tensorflow", "keras": "keras"}, {}, has_int8=False),
        Format("onnx", "ONNX", "model.onnx", {"onnxruntime": "onnxruntime"}, ONNX),
        Format("openvino", "OpenVINO", "model.xml", {"openvino": "openvino"}, {**ONNX, "onnxruntime": "onnxruntime"}, ("model.bin",)),
        Format("litert", "LiteRT (TensorFlow Lite)", "model.tflite", {"ai-edge-litert": "ai_edge_litert"}, {}),
    )
}  # fmt: skip


def get_format(name: str, int8: bool = False) -> Format:
    """Return the format called ``name``.

    Raises:
        ModelError: there is none, or none in whole numbers of eight bits.
    """
    if name not in FORMATS:
        raise ModelError(f"There is no format {name!r}.", f"Choose {listed(FORMATS, word='or')}.")
    if int8 and not FORMATS[name].has_int8:
        having = [each.name for each in FORMATS.values() if each.has_int8]
        raise ModelError(
            f"{FORMATS[name].title} has no convolutions in int8.",
            f"Choose {listed(having, word='or')} for int8.",
        )
    return FORMATS[name]


def require(packages: dict[str, str], what: str) -> None:
    """Refuse to go on without packages.

    Args:
        packages: as pip knows them, with the module that each brings.
        what: is to be done with them, such as “Writing ONNX”.

    Raises:
        ModelError: some are not installed.
    """
    if missing := _missing(packages):
        verb = "needs the package" if len(missing) == 1 else "needs the packages"
        raise ModelError(
            f"{what} {verb} {listed(missing)}, which {'is' if len(missing) == 1 else 'are'} not installed.",
            f"Install with: pip install {' '.join(missing)}",
        )


def _missing(packages: dict[str, str]) -> Sequence[str]:
    return [package for package, module in packages.items() if find_spec(module) is None]
