"""How a network is trained: optimiser, learning rate, batches, epochs; which augmentation is on."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from core.networks.augmentation_settings import Augmentation

LONGEST = 5
"""So many times its epochs a recipe goes on at most where a time is given instead: a small class is learned by then."""


@dataclass(frozen=True)
class Recipe:
    """Everything that decides how a run learns, apart from the pictures and the seed.

    Args:
        optimiser: ``adam`` or ``adamw``.
        learning_rate: the greatest.
        schedule: ``constant``, or ``cosine`` with a short warm-up.
        weight_decay: of ``adamw``.
        batch: pictures per step.
        epochs: passes over the training part.
        least_steps: an epoch takes at least so many steps; a small set is passed several times.
        most_steps: an epoch takes at most so many, of frames chosen anew each time. 0: no limit.
        balance: 0 to 1: how far rare answers are made up for in the loss, see `core.training.losses.weights_of`.
        augmentation: of the training part only.
        patience: epochs without a smaller validation loss after which the training ends. 0: it never does.
        head_only: of a pretrained network only the head is learned, before the first epoch; all other layers stay.
    """

    optimiser: str
    learning_rate: float
    schedule: str
    batch: int
    epochs: int
    weight_decay: float = 0.0
    least_steps: int = 1
    most_steps: int = 0
    balance: float = 0.0
    augmentation: Augmentation = field(default_factory=Augmentation)
    patience: int = 0
    head_only: bool = False

    def epochs_within(self, minutes: float | None) -> int:
        """Return how many passes there are at most where a user names no number, or a time instead of it.

        A cosine falls with the time as well as with the steps, so that the whole time is of use; see `LONGEST`.
        """
        return self.epochs * LONGEST if minutes and self.schedule == "cosine" else self.epochs

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> "Recipe":
        """Read back what `dataclasses.asdict` returned, as JSON or as it is."""
        known = {f.name for f in fields(Augmentation)}
        varied: dict[str, Any] = {
            k: tuple(v) if isinstance(v, list) else v for k, v in entry["augmentation"].items() if k in known
        }
        plain = {f.name: entry[f.name] for f in fields(cls) if f.name in entry and f.name != "augmentation"}
        return cls(**plain, augmentation=Augmentation(**varied))


PUBLISHED = Recipe(
    "adam", 1e-5, "constant", batch=20, epochs=10, augmentation=Augmentation(light=0.7, twins=True)
)
"""The seam class's recipe."""

PUBLISHED_FRUIT = Recipe("adam", 1e-5, "constant", batch=20, epochs=10)
"""The fruit class's recipe."""


def published(exclusive: bool) -> Recipe:
    """Return the recipe that the seam class published, or for classes that of the fruit class; for any network."""
    return PUBLISHED_FRUIT if exclusive else PUBLISHED


SEAM_LITE = Recipe(
    "adamw",
    1e-2,
    "cosine",
    batch=32,
    epochs=16,
    weight_decay=0.02,
    least_steps=30,
    augmentation=Augmentation(
        light=0.7,
        contrast=(0.6, 1.4),
        brightness=(-40, 40),
        roll=True,
        flip=True,
        colour=0.7,
        shift=0.1,
        weave=30.0,
        noise=4.0,
        blur=0.1,
    ),
)
"""Found on rendered seams and on circuit boards, by what was right on videos and boards it had not seen (docs/decisions.md)."""

SEAM_PRETRAINED = replace(SEAM_LITE, learning_rate=1e-3, epochs=5)
"""The head first, then everything, a tenth as fast as a network that begins with random weights; see `steps_for`."""

HEAD_ONLY = 60
"""Training frames up to which the head of a pretrained network is all that is learned: more would be learned by heart."""

HEAD_VIEWS = 8
"""Times that each frame is looked at to learn the head: as it is, and varied as the recipe says."""

HEAD_MOST = 4000
"""Pictures after which frames are looked at fewer times; each once at least."""

STEPS = ((100, 30), (2500, 60))
"""Steps of an epoch of a pretrained network, up to so many training frames; more than these take twice the last number."""


def steps_for(frames: int) -> int:
    """Return how many steps an epoch of a pretrained network takes: it needs few, however many frames there are."""
    return next((steps for most, steps in STEPS if frames <= most), 2 * STEPS[-1][1])
