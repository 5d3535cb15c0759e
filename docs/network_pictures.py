"""Draw the blocks of each network, from the layers of the model itself: ``python -m docs.network_pictures``.

The pictures stand in docs/pictures/network_NAME.svg; docs/reference/networks.md shows them.
"""

import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from core.networks.backend import keras
from core.networks.registry import NETWORKS, Network

FOLDER = Path(__file__).parent / "pictures"
WIDTH, ROW, TOP = 820, 46, 18
HEAD = {"coarse", "coarse_cut", "features", "mean", "mean_norm", "peak", "peak_norm", "pool", "flatten", "hidden", "logits", "probabilities"}  # fmt: skip
COLOURS = {"input": "#8a949b", "stem": "#b8860b", "head": "#8e5bd0"}
STAGES = ("#1b8088", "#2f6fde", "#b5459b", "#d7372f")

WORDS = {
    "BatchNormalization": "BatchNorm", "ReLU": "ReLU", "Add": "add", "Flatten": "flatten",
    "GlobalAveragePooling2D": "mean of each channel", "GlobalMaxPooling2D": "peak of each channel",
    "LayerNormalization": "standardise", "Concatenate": "lightness and two colour contrasts",
}  # fmt: skip
"""What layers without sizes do."""

# A card of its own colours, so that it can be read on a light and on a dark page.
STYLE = (
    ".card{fill:#fcfbf8;stroke:#d9d4c8}.name{font:600 13px sans-serif;fill:#fff}"
    ".steps{font:12.5px sans-serif;fill:#23292b}.shape{font:12px sans-serif;fill:#5b6469;text-anchor:end}"
    ".skip{fill:none;stroke:#5b6469;stroke-width:1.6}"
)


def main() -> None:
    """Write one picture per network."""
    for network in NETWORKS.values():
        path = FOLDER / f"network_{network.name}.svg"
        path.write_text(drawn(network), encoding="utf-8")
        print(path)


def drawn(network: Network) -> str:
    """Return the SVG of a network at its own input size."""
    model = network.build(network.outputs, network.exclusive)
    blocks = [(name, list(layers)) for name, layers in groupby(model.layers, lambda layer: block(layer.name))]
    height = 2 * TOP + ROW * len(blocks)
    rows = [_row(number, name, layers) for number, (name, layers) in enumerate(blocks)]
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">'
    card = f'<rect class="card" x="1" y="1" width="{WIDTH - 2}" height="{height - 2}" rx="10"/>'
    title = f"<title>{network.name}, block by block</title>"
    return "\n".join([head, title, f"<style>{STYLE}</style>", card, *rows, "</svg>", ""])


def block(layer: str) -> str:
    """Return the block that a layer of that name belongs to.

    >>> block("stage2_block1_a_conv"), block("norm3"), block("logits"), block("standardise")
    ('stage2 block1', 'block3', 'head', 'input')
    """
    if found := re.match(r"stage\d+_block\d+|stage\d+|stem", layer):
        return found[0].replace("_", " ")
    if found := re.match(r"block\d+(?=_)", layer):
        return found[0]
    if found := re.fullmatch(r"(conv|norm|pool)(\d)", layer):
        return f"block{found[2]}"
    return "head" if layer in HEAD else "input"


def steps(layer: keras.layers.Layer) -> Iterator[str]:
    """Say what a layer does in a word or two; nothing for those that only prepare."""
    layers = keras.layers
    match layer:
        case layers.DepthwiseConv2D(kernel_size=(side, _), strides=(stride, _)):
            yield f"filter {side}×{side}{' by 2' if stride > 1 else ''}"
        case layers.UpSampling2D():
            yield "repeated"
        case layers.Concatenate(name="features"):
            yield "beside block 5"
        case layers.Conv2D(kernel_size=(side, _), strides=(stride, _), filters=filters):
            yield f"conv {side}×{side}, {filters}{f' by {stride}' if stride > 1 else ''}"
        case layers.Dense(units=units):
            yield f"dense {units}"
        case layers.MaxPooling2D(pool_size=(side, _)):
            yield f"max pool {side}"
        case layers.AveragePooling2D(pool_size=(side, _)):
            yield f"average pool {side}"
        case _:
            yield from filter(None, [WORDS.get(type(layer).__name__)])
    activation = getattr(getattr(layer, "activation", None), "__name__", "linear")
    if not isinstance(layer, layers.ReLU) and activation != "linear":
        yield {"relu": "ReLU"}.get(activation, activation)


def _row(number: int, name: str, layers: list[keras.layers.Layer]) -> str:
    y = TOP + ROW * number
    words, shortcut = (
        " → ".join(word for layer in layers if _is_around(layer) == around for word in steps(layer))
        for around in (False, True)
    )
    shape = " × ".join(str(side) for side in layers[-1].output.shape[1:])
    parts = [
        f'<rect x="16" y="{y + 5}" width="118" height="{ROW - 12}" rx="6" fill="{_colour(name)}"/>',
        f'<text class="name" x="28" y="{y + 27}">{name}</text>',
        f'<text class="steps" x="158" y="{y + (20 if shortcut else 27)}">{words}</text>',
        f'<text class="shape" x="{WIDTH - 18}" y="{y + 27}">{shape}</text>',
    ]
    if any(isinstance(layer, keras.layers.Add) for layer in layers):  # the way around the block
        parts.append(f'<path class="skip" d="M134 {y + 9} h10 v{ROW - 20} h-10"/>')
    if shortcut:
        parts.append(f'<text class="steps" x="158" y="{y + 36}">on the way around: {shortcut}</text>')
    return "\n".join(parts)


def _is_around(layer: keras.layers.Layer) -> bool:
    """Return whether a layer projects the shortcut of a residual block of stages."""
    return layer.name.startswith("stage") and layer.name.endswith("_project")


def _colour(name: str) -> str:
    found = re.match(r"(?:stage|block)(\d+)", name)
    return STAGES[(int(found[1]) - 1) % len(STAGES)] if found else COLOURS[name]


if __name__ == "__main__":
    main()
