"""How the networks are built, layer by layer.

All are flat functional models of built-in layers, so that a saved one opens anywhere, and Grad-CAM finds its
target layer by name. Whatever normalises is a layer of the model and has no parameters of its own, except for the
BatchNorm with which the published seam network begins.
"""

from collections.abc import Callable
from typing import Any

from core.networks.backend import keras
from core.networks.preprocessing import Size
from core.networks.pretrained.trunk import build_trunk

layers = keras.layers

Tensor = Any
"""A symbolic batch on its way through a model, (N, h, w, channels) float32."""


def build(name: str, outputs: int, exclusive: bool, size: Size) -> keras.Model:
    """Make a new model with random weights; see :meth:`core.networks.registry.Network.build`."""
    width, height = size
    picture = keras.Input((height, width, 3), dtype="uint8", name="picture")
    logits = layers.Dense(outputs, name="logits")(BODIES[name](picture))
    activation = "softmax" if exclusive else "sigmoid"
    probabilities = layers.Activation(activation, name="probabilities", dtype="float32")(logits)
    return keras.Model(picture, probabilities, name=name)


def logits_model(model: keras.Model) -> keras.Model:
    """Return the part of ``model`` up to its logits, sharing its weights: (N, h, w, 3) uint8 -> (N, A) float32."""
    return keras.Model(model.input, model.get_layer("logits").output, name=f"{model.name}_logits")


def multiply_adds(model: keras.Model) -> int:
    """Count the multiplications with an addition that one picture takes in the convolutions and dense layers.

    What normalises, pools and adds takes some hundredths of that, and is not counted; nor are biases.
    """
    return sum(_multiply_adds(layer) for layer in model.layers)


def _multiply_adds(layer: keras.layers.Layer) -> int:
    if isinstance(layer, layers.DepthwiseConv2D):
        _, height, width, channels = layer.output.shape
        down, across, *_ = layer.kernel.shape
        return int(height * width * channels * down * across)
    if isinstance(layer, layers.Conv2D):
        _, height, width, filters = layer.output.shape
        down, across, channels, _ = layer.kernel.shape  # channels of a group: each filter sees no others
        return int(height * width * filters * down * across * channels)
    if isinstance(layer, layers.Dense):
        return int(layer.kernel.shape[0] * layer.kernel.shape[1])
    return 0


# seam_lite ---------------------------------------------------------------------------------------------------


def _seam_lite(picture: Tensor) -> Tensor:
    """Small residual network: a stem at 1/2 of the input, stages at 1/4 and 1/8, the peak of each channel.

    Blocks as in He et al., "Deep Residual Learning for Image Recognition" (2015), ReLU before the target so that
    a channel of it says how much of something there is, never how little.
    """
    x = _lite_conv(_contrasts(picture), 16, 5, "stem", strides=2)
    for stage, (filters, blocks) in enumerate(((32, 2), (64, 1)), start=1):
        # “same” pads right and below only: each halving would move what is seen to the left and up, in the end by half a
        # cell of the heatmap. Padded on all sides the last one moves it back.
        x = _lite_conv(x, filters, 3, f"stage{stage}_down", strides=2, centred=stage == 2)
        for block in range(1, blocks + 1):
            x = _lite_block(x, filters, f"stage{stage}_block{block}")
    x = layers.Activation("linear", name="features")(x)
    # A defect covers a few hundredths of the picture: next to nothing in a mean, everything in a peak. One pooling only:
    # with mean and peak joined, the gradients that Grad-CAM averages belong to two answers and cancel each other.
    x = layers.GlobalMaxPooling2D(name="peak")(x)
    # Brought to one scale, all peaks are learned equally fast; what follows the features stays linear in them.
    return layers.BatchNormalization(momentum=0.9, center=False, scale=False, name="peak_norm")(x)


def _contrasts(picture: Tensor) -> Tensor:
    """Turn BGR into lightness and two colour contrasts, each standardised by its own mean and deviation.

    A coloured thread on a fabric of strong texture is lost in each of blue, green and red, but stands alone in
    the difference of two of them, once that is brought to the scale of the lightness. Fabric, light and white
    balance, which differ by video, leave through mean and deviation. The epsilon is a variance in grey levels
    squared: a deviation below some 40 grey levels is not blown up, so that a line is as strong in an empty picture
    as in a full one.
    """
    x = layers.Rescaling(1.0, name="as_float")(picture)
    blue, green, red = x[..., 0:1], x[..., 1:2], x[..., 2:3]
    x = layers.Concatenate(name="contrasts")(
        [
            layers.Average(name="lightness")([blue, green, red]),
            layers.Subtract(name="red_blue")([red, blue]),
            layers.Subtract(name="green_purple")([green, layers.Average(name="purple")([blue, red])]),
        ]
    )
    return layers.LayerNormalization(
        axis=[1, 2], center=False, scale=False, epsilon=1600.0, name="standardise"
    )(x)


def _lite_conv(
    x: Tensor, filters: int, kernel: int, name: str, strides: int = 1, centred: bool = False
) -> Tensor:
    if centred:
        x = layers.ZeroPadding2D(kernel // 2, name=f"{name}_pad")(x)
    padding = "valid" if centred else "same"
    x = layers.Conv2D(filters, kernel, strides, padding=padding, use_bias=False, name=f"{name}_conv")(x)
    x = layers.BatchNormalization(momentum=0.9, name=f"{name}_norm")(x)
    return layers.ReLU(name=f"{name}_relu")(x)


def _lite_block(x: Tensor, filters: int, name: str) -> Tensor:
    y = _lite_conv(x, filters, 3, f"{name}_a")
    y = layers.Conv2D(filters, 3, padding="same", use_bias=False, name=f"{name}_b_conv")(y)
    # Starting at zero, each block begins as the identity (Goyal et al. 2017).
    y = layers.BatchNormalization(momentum=0.9, gamma_initializer="zeros", name=f"{name}_b_norm")(y)
    return layers.ReLU(name=f"{name}_relu")(layers.Add(name=f"{name}_add")([x, y]))


# seam_pretrained ---------------------------------------------------------------------------------------------


def _seam_pretrained(picture: Tensor) -> Tensor:
    """The pretrained trunk and the peak of each of its channels; what follows is linear, as in ``seam_lite``."""
    return layers.GlobalMaxPooling2D(name="peak")(build_trunk(picture))


# seam_resnet -------------------------------------------------------------------------------------------------


def _seam_resnet(picture: Tensor) -> Tensor:
    """The class's network, as published.

    Source: "Recognizing Seam Errors and Breaks with a residual neural network", University of Applied Science
    Albstadt-Sigmaringen, 2021; its residual blocks follow He et al. (2015) with ReLU before BatchNorm.
    """
    x = layers.BatchNormalization(name="input_norm")(layers.Rescaling(1.0, name="as_float")(picture))
    x = layers.Conv2D(64, 3, padding="same", name="stem_conv")(x)
    x = _relu_norm(x, "stem")
    for stage, (filters, blocks) in enumerate(((64, 2), (128, 4), (256, 2)), start=1):
        for block in range(1, blocks + 1):
            shrink = stage > 1 and block == 1
            x = _resnet_block(x, filters, shrink, f"stage{stage}_block{block}")
    x = layers.AveragePooling2D(4, name="pool")(x)
    return layers.Flatten(name="flatten")(x)


def _resnet_block(x: Tensor, filters: int, shrink: bool, name: str) -> Tensor:
    """conv, ReLU, BatchNorm, conv, add, ReLU, BatchNorm; ``shrink`` halves the grid and projects the shortcut."""
    strides = 2 if shrink else 1
    y = layers.Conv2D(filters, 3, strides, padding="same", name=f"{name}_a_conv")(x)
    y = _relu_norm(y, f"{name}_a")
    y = layers.Conv2D(filters, 3, padding="same", name=f"{name}_b_conv")(y)
    if shrink:
        x = layers.Conv2D(filters, 1, strides, padding="same", name=f"{name}_project")(x)
    return _relu_norm(layers.Add(name=f"{name}_add")([x, y]), name)


def _relu_norm(x: Tensor, name: str) -> Tensor:
    return layers.BatchNormalization(name=f"{name}_norm")(layers.ReLU(name=f"{name}_relu")(x))


# fruit_convnet -----------------------------------------------------------------------------------------------


def _fruit_convnet(picture: Tensor) -> Tensor:
    """The fruit class's network, as published: four times convolution, BatchNorm, pooling; one hidden layer."""
    # LayerNormalization without parameters is the standardisation by the picture's own mean and deviation;
    # its epsilon is a variance in grey levels squared and only matters where the picture is constant.
    x = layers.Rescaling(1.0, name="as_float")(picture)
    x = layers.LayerNormalization(
        axis=[1, 2, 3], center=False, scale=False, epsilon=1e-3, name="standardise"
    )(x)
    for number, filters in enumerate((32, 32, 64, 128), start=1):
        x = layers.Conv2D(
            filters,
            3,
            padding="same",
            activation="relu",
            kernel_initializer="he_uniform",
            name=f"conv{number}",
        )(x)
        x = layers.BatchNormalization(name=f"norm{number}")(x)
        x = layers.MaxPooling2D(2, name=f"pool{number}")(x)
    x = layers.Flatten(name="flatten")(x)
    return layers.Dense(128, activation="relu", kernel_initializer="he_uniform", name="hidden")(x)


BODIES: dict[str, Callable[[Tensor], Tensor]] = {
    "seam_lite": _seam_lite,
    "seam_pretrained": _seam_pretrained,
    "seam_resnet": _seam_resnet,
    "fruit_convnet": _fruit_convnet,
}
"""From the raw picture to the flattened or pooled features, by the network's name."""
