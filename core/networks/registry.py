"""The networks, by name: what they are for, what goes in, how they are trained.

Importing this module does not import TensorFlow; building a network does.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from core.errors import RunError
from core.networks.preprocessing import Size
from core.networks.recipe import (
    HEAD_ONLY,
    PUBLISHED,
    PUBLISHED_FRUIT,
    SEAM_LITE,
    SEAM_PRETRAINED,
    Recipe,
    steps_for,
)
from core.text import count

if TYPE_CHECKING:
    from core.networks.backend import keras


@dataclass(frozen=True)
class Network:
    """One kind of network.

    Args:
        name: how runs and the command line call it.
        description: one sentence for the page.
        size: width and height of its input in pixels, unless a run says otherwise.
        target: name of the layer that Grad-CAM looks at.
        recipe: how it is trained, unless a run says otherwise.
        parameters: how many weights it has.
        multiply_adds: how many multiplications with an addition a picture of that size takes.
        outputs: how many attributes or classes both are counted with.
        exclusive: whether they are counted with classes.
        is_pretrained: whether it starts from weights that a file of SeamLens holds, instead of random ones.
    """

    name: str
    description: str
    size: Size
    target: str
    recipe: Recipe
    # Known without TensorFlow, for a page shall not wait for it; a test counts them.
    parameters: int = 0
    multiply_adds: int = 0
    outputs: int = 4
    exclusive: bool = False
    is_pretrained: bool = False

    def build(self, outputs: int, exclusive: bool = False, size: Size | None = None) -> "keras.Model":
        """Make a new model with random weights; `core.training.head_first` gives a pretrained one its own.

        It ends in the layers ``logits`` (dense) and ``probabilities`` (activation).

        Args:
            outputs: number of attributes (sigmoid) or, if ``exclusive``, of classes (softmax).
            exclusive: exactly one is true.
            size: width and height of the input in pixels.

        Returns:
            A model from (N, h, w, 3) uint8 BGR, 0 to 255, to (N, outputs) float32 probabilities.
        """
        from core.networks import architectures

        return architectures.build(self.name, outputs, exclusive, size or self.size)

    @property
    def costs(self) -> str:
        """Return in a sentence how large it is, and what a picture costs."""
        return (
            f"Input {self.size[0]} × {self.size[1]} pixels, {self.parameters:,} parameters, "
            f"{self.multiply_adds / 1e6:,.0f} million multiply-adds per picture."
        )

    def recipe_for(
        self, exclusive: bool, continuous: bool = True, square: bool = False, frames: int = 0
    ) -> Recipe:
        """Return how it is trained by default.

        Args:
            exclusive: classes keep their colours, for these may be all that differs.
            continuous: whether the pictures show a continuous material, see `core.inputs.material`. Separate things are
                not cut and appended, recoloured or overlaid with another fabric; instead they have no upright.
            square: whether frames are as wide as high, so that things of them may lie on their side without being stretched.
            frames: how many of them train; a pretrained network takes its steps by that.
        """
        own, kind = self.recipe, self.recipe.augmentation
        if self.is_pretrained:
            own = replace(own, least_steps=steps_for(frames), most_steps=steps_for(frames))
            if 0 < frames <= HEAD_ONLY:
                own = replace(own, epochs=1, head_only=True)
        if exclusive:
            kind = replace(kind, colour=0.0)
        if not continuous:
            kind = replace(kind, roll=False, colour=0.0, weave=0.0, quarter=kind.flip and square)
        return replace(own, augmentation=kind)


def get_network(name: str) -> Network:
    """Return the network called ``name``.

    Raises:
        RunError: there is none.
    """
    if name not in NETWORKS:
        raise RunError(f"There is no network {name!r}.", f"Choose one of {', '.join(NETWORKS)}.")
    return NETWORKS[name]


FEW = 400
"""Labelled frames up to which a pretrained network is recommended. From 100 frames of five practice videos it was right in 98
to 99 % of the answers about good, error and break; from 2,000 `seam_lite` is as right (docs/benchmarks.md)."""


def recommendation(chosen: str, labelled: int, exclusive: bool) -> str:
    """Return a sentence about a network that suits so few labelled frames better than the ``chosen`` one; empty: none does."""
    if exclusive or labelled > FEW or NETWORKS[chosen].is_pretrained:
        return ""
    return (
        f"You have {count(labelled, 'labelled frame')}. From so few, seam_pretrained learns more: it has seen a million "
        "photos before."
    )


def default_network(labelled: int, exclusive: bool) -> tuple[str, str]:
    """Return which network is trained where nobody chooses one, for so many labelled frames, and why, in a sentence."""
    if reason := recommendation(DEFAULT_NETWORK, labelled, exclusive):
        return "seam_pretrained", reason
    return DEFAULT_NETWORK, f"{DEFAULT_NETWORK} is small, and learns all of it from your labelled frames."


def published(exclusive: bool) -> tuple[str, str]:
    """Return which network was published, for attributes or for classes, and what it is."""
    name = "fruit_convnet" if exclusive else "seam_resnet"
    return name, f"{name}, with the recipe of the published class, to compare with it."


def summary() -> dict[str, dict[str, Any]]:
    """Return what each network takes, for 4 attributes (3 classes) at 100x100.

    Returns:
        By name: ``parameters``, ``input`` (height, width, channels), ``multiply_adds`` of one picture, and
        ``weights_mb`` (10^6 bytes of float32).
    """
    from core.networks import architectures

    models = (n.build(n.outputs, n.exclusive, (100, 100)) for n in NETWORKS.values())
    return {
        model.name: {
            "parameters": model.count_params(),
            "input": [100, 100, 3],
            "multiply_adds": architectures.multiply_adds(model),
            "weights_mb": round(4 * model.count_params() / 1e6, 3),
        }
        for model in models
    }


NETWORKS: dict[str, Network] = {
    network.name: network
    for network in (
        Network(
            name="seam_lite",
            description="Small residual network, trained within minutes on a laptop.",
            size=(128, 128),
            target="features",
            recipe=SEAM_LITE,
            parameters=136_692,
            multiply_adds=70_975_744,
        ),
        Network(
            name="seam_pretrained",
            description="Half of a network that knows a million photos: learns from few labels.",
            size=(128, 128),
            target="features",
            recipe=SEAM_PRETRAINED,
            parameters=772_276,
            multiply_adds=84_255_296,
            is_pretrained=True,
        ),
        Network(
            name="seam_resnet",
            description="The residual network of the published seam class.",
            size=(100, 100),
            target="stage3_block2_norm",
            recipe=PUBLISHED,
            parameters=3_409_552,
            multiply_adds=5_587_876_864,
        ),
        Network(
            name="fruit_convnet",
            description="The convolutional network of the published fruit class: one class per picture.",
            size=(100, 100),
            target="norm4",
            recipe=PUBLISHED_FRUIT,
            parameters=693_859,
            multiply_adds=54_407_040,
            outputs=3,
            exclusive=True,
        ),
    )
}
DEFAULT_NETWORK = "seam_lite"
