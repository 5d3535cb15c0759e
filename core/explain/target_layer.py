"""Where a network is cut for Grad-CAM: the backbone up to a target layer, and the head from there to the logits.

The target is the last layer at or after a convolution whose output is a grid of more than one cell and through which
everything passes on its way to the output; poolings and dropout do not count. Nested models are followed: a classifier is
often put on top of a whole other model.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from core.errors import ModelError
from core.networks.backend import keras
from core.networks.keras_file import check_network, is_nested

layers = keras.layers

Tensor = Any
"""A symbolic batch of a functional model."""

CONVOLUTIONS = (layers.Conv2D, layers.DepthwiseConv2D, layers.SeparableConv2D, layers.Conv2DTranspose)
PASSED_OVER = (
    *(layers.AveragePooling2D, layers.MaxPooling2D, layers.GlobalAveragePooling2D, layers.GlobalMaxPooling2D),
    *(layers.Dropout, layers.SpatialDropout2D, layers.Reshape),
)
POOLINGS_AND_COPIES = (*PASSED_OVER[:-1], layers.Flatten, layers.Concatenate, layers.Add)
ACTIVATIONS = (layers.Activation, layers.Softmax)
_NAMED = 8  # layers that an error lists
WHAT_FITS = "more than one cell through which everything passes"


@dataclass(frozen=True)
class LayerCall:
    """One layer where it is used: what goes in (positional), how it is called, and what comes out."""

    operation: Any
    inputs: tuple[Any, ...]
    options: dict[str, Any]
    output: Tensor


@dataclass
class Graph:
    """A network without nesting.

    Args:
        picture: its input, (N, h, w, 3).
        logits: before the last activation, (N, A).
        activation: of the logits, the probabilities.
        is_assumed: whether the network ends in logits, so that the activation is assumed.
        steps: its layers in the order in which they run, up to the logits.
    """

    picture: Tensor
    logits: Tensor
    activation: Callable[[Any], Any]
    is_assumed: bool
    steps: list[LayerCall] = field(default_factory=list)


@dataclass(frozen=True)
class Cut:
    """A network in two.

    Args:
        target: name of the layer between the two.
        backbone: from pictures (N, H, W, 3) to features (N, h, w, C).
        head: from features to logits (N, A).
        activation: from logits to probabilities.
        is_assumed: whether the network ends in logits, so that the activation is assumed.
        is_linear: whether the pooled gradients of the head are constants of the network, see :func:`is_linear`.
        takes_peaks: whether the logits are linear in the peak of each channel.
    """

    target: str
    backbone: keras.Model
    head: keras.Model
    activation: Callable[[Any], Any]
    is_assumed: bool
    is_linear: bool
    takes_peaks: bool


def cut(model: keras.Model, target: str | None = None, exclusive: bool = False) -> Cut:
    """Cut ``model`` at the layer called ``target``, or by the rule of this module.

    A network that ends in logits is read as sigmoids, or where it is ``exclusive`` as a softmax.

    Raises:
        ModelError: it has no such layer, or none that fits, or does not end in sigmoid, softmax or logits; or it is
            exclusive and ends in sigmoid.
    """
    graph = unfold(model, exclusive)
    step = graph.steps[_place(graph, target)]
    backbone = keras.Model(graph.picture, step.output, name="backbone")
    head = keras.Model(step.output, graph.logits, name="head")
    behind = _behind(graph.steps, step.output)
    linear = is_linear(behind)
    peaks = linear and takes_peaks(behind, step.output)
    return Cut(step.operation.name, backbone, head, graph.activation, graph.is_assumed, linear, peaks)


def unfold(model: keras.Model, exclusive: bool = False) -> Graph:
    """Run ``model`` symbolically, layer by layer, into nested models too; the layers are shared, not copied.

    Raises:
        ModelError: it does not take one picture of a fixed size and give one row of outputs.
    """
    check_network(model)
    steps: list[LayerCall] = []
    picture = keras.Input(model.input_shape[1:], dtype=model.inputs[0].dtype, name="picture")
    output = _follow(model, picture, steps)
    logits, activation = _logits(steps, output)
    assumed = keras.activations.softmax if exclusive else keras.activations.sigmoid
    if exclusive and activation is keras.activations.sigmoid:
        raise ModelError(
            "The outputs of a network that ends in sigmoid do not exclude each other.",
            "Read each of them as an attribute of its own, not as classes.",
        )
    return Graph(picture, logits, activation or assumed, activation is None, steps)


def _follow(model: keras.Model, x: Tensor, steps: list[LayerCall]) -> Tensor:
    def call(operation: Any, *inputs: Any, **options: Any) -> Tensor:
        if is_nested(operation):
            return _follow(operation, inputs[0], steps)
        output = operation(*inputs, **options)
        steps.append(LayerCall(operation, inputs, options, output))
        return output

    if isinstance(model, keras.Sequential):
        for layer in model.layers:
            x = call(layer, x)
        return x
    # The clone of a nested model starts at an input of its own: what counts is what was called.
    keras.models.clone_model(model, input_tensors=x, clone_function=lambda layer: layer, call_function=call)
    return steps[-1].output


def _logits(steps: list[LayerCall], output: Tensor) -> tuple[Tensor, Callable[[Any], Any] | None]:
    """Return the input of the last activation, and that activation or none; a last step that is an activation is removed."""
    last = steps[-1]
    if isinstance(last.operation, ACTIVATIONS):
        steps.pop()
        activation = getattr(last.operation, "activation", keras.activations.softmax)
        return last.inputs[0], _checked(activation, last.operation.name)
    activation = getattr(last.operation, "activation", None)
    if not isinstance(last.operation, layers.Dense) or activation is None:
        raise _no_end(last.operation.name)
    if activation is keras.activations.linear:  # trained “from logits”
        return output, None
    linear = layers.Dense.from_config(last.operation.get_config() | {"activation": "linear"})
    logits = linear(last.inputs[0])
    linear.set_weights(last.operation.get_weights())
    steps[-1] = LayerCall(linear, last.inputs, {}, logits)
    return logits, _checked(activation, last.operation.name)


def _checked(activation: Any, name: str) -> Callable[[Any], Any]:
    if activation not in (keras.activations.sigmoid, keras.activations.softmax):
        raise _no_end(name)
    return activation


def _no_end(name: str) -> ModelError:
    return ModelError(
        f"The network ends in the layer {name}, not in a dense layer with sigmoid or softmax.",
        "Add such a layer at its end and train it.",
    )


def _place(graph: Graph, target: str | None) -> int:
    """Return the place of the target among the steps."""
    if target is not None:
        return _named(graph, target)
    for at in reversed(range(len(graph.steps))):
        step = graph.steps[at]
        if _is_grid(step.output) and not isinstance(step.operation, PASSED_OVER):
            if not any(isinstance(s.operation, CONVOLUTIONS) for s in graph.steps[: at + 1]):
                break
            if _separates(graph, step.output):
                return at
    problem = "This network has no convolution."
    if any(isinstance(step.operation, CONVOLUTIONS) for step in graph.steps):
        problem = f"No convolution of this network has an output of {WHAT_FITS}."
    raise ModelError(problem, "A heatmap shows the cells of such an output: use a network that has one.")


def _named(graph: Graph, target: str) -> int:
    places = [at for at, step in enumerate(graph.steps) if step.operation.name == target]
    if places and _can_be_target(graph, graph.steps[places[-1]]):
        return places[-1]
    not_fitting = f"The output of the layer {target} is not a grid of {WHAT_FITS}."
    fitting = (step.operation.name for step in reversed(graph.steps) if _can_be_target(graph, step))
    raise ModelError(
        not_fitting if places else f"This network has no layer {target}.",
        f"Choose one of: {', '.join(islice(fitting, _NAMED)) or 'none'}.",
    )


def _can_be_target(graph: Graph, step: LayerCall) -> bool:
    return _is_grid(step.output) and _separates(graph, step.output)


def _is_grid(output: Tensor) -> bool:
    shape = tuple(getattr(output, "shape", ()))
    return len(shape) == 4 and None not in shape[1:] and shape[1] * shape[2] > 1


def _separates(graph: Graph, features: Tensor) -> bool:
    """Return whether the logits can be computed from ``features`` alone."""
    made_by = {id(step.output): step for step in graph.steps}
    waiting, visited = [graph.logits], set()
    while waiting:
        tensor = waiting.pop()
        if tensor is features or id(tensor) in visited:
            continue
        visited.add(id(tensor))
        if id(tensor) not in made_by:
            return False  # the picture itself, past the features
        waiting += tensors(made_by[id(tensor)])
    return True


def tensors(step: LayerCall) -> list[Tensor]:
    """Return the symbolic tensors that go into ``step``, those in lists too."""
    return [t for t in keras.tree.flatten((step.inputs, step.options)) if isinstance(t, keras.KerasTensor)]


def _behind(steps: list[LayerCall], features: Tensor) -> list[LayerCall]:
    """Return the steps that depend on ``features``."""
    reached, behind = {id(features)}, []
    for step in steps:
        if any(id(tensor) in reached for tensor in tensors(step)):
            reached.add(id(step.output))
            behind.append(step)
    return behind


def is_linear(head: list[LayerCall]) -> bool:
    """Return whether the pooled gradients of a head are the same for every picture.

    What is pooled is the sum of the gradients over the positions, channel by channel. Where every step is linear,
    the gradients themselves are constants. But the sum is one also behind a maximum: a pooled cell hands its whole
    gradient to the position that was greatest (in equal parts to several), so that the sum over the positions that
    go in is the sum over the cells that come out, wherever the maximum was. The same holds for an average. By
    induction from the logits backwards, poolings of both kinds, normalisation at inference, copying, adding and
    dense layers without activation leave it a constant, as long as channels and positions are not mixed before a
    maximum is taken: flattening does so, and no two-dimensional pooling can follow it.
    """
    return all(_keeps_the_sum(step) for step in head)


def takes_peaks(head: list[LayerCall], features: Tensor) -> bool:
    """Return whether a linear head takes nothing from ``features`` but the peak of each channel."""
    readers = [step for step in head if any(tensor is features for tensor in tensors(step))]
    return all(isinstance(step.operation, layers.GlobalMaxPooling2D) for step in readers)


def _keeps_the_sum(step: LayerCall) -> bool:
    operation = step.operation
    if isinstance(operation, layers.BatchNormalization):
        return operation.axis in (-1, len(step.output.shape) - 1) and not step.options.get("training")
    if isinstance(operation, layers.Dense | layers.Activation):
        return operation.activation is keras.activations.linear
    if isinstance(operation, layers.Reshape):
        return len(step.output.shape) == 2
    return isinstance(operation, POOLINGS_AND_COPIES)
