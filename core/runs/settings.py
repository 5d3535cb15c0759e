"""What the user chose for a run."""

from dataclasses import dataclass, replace
from typing import Any

from core.networks.preprocessing import Region, Size
from core.networks.recipe import Recipe
from core.networks.registry import DEFAULT_NETWORK


@dataclass(frozen=True)
class TrainSettings:
    """What the user chose for a run.

    Args:
        network: name of the network.
        epochs: passes over the training part; none is the network's own number, or what fits into the minutes.
        minutes: budget of time, start and validation included; none is no limit.
        seed: of weights, order and augmentation.
        size: width and height of the input in pixels; none is the network's own.
        region: what of each picture the network sees, in fractions; none is all of it.
        recipe: instead of the network's own.
        balance: instead of the recipe's.
        patience: instead of the recipe's.
        head_only: of a pretrained network only the head is learned, within seconds.
        leaking: whether the user insists on a split that leaks; the run keeps the mark for ever.
    """

    network: str = DEFAULT_NETWORK
    epochs: int | None = None
    minutes: float | None = None
    seed: int = 0
    size: Size | None = None
    region: Region | None = None
    recipe: Recipe | None = None
    balance: float | None = None
    patience: int | None = None
    leaking: bool = False
    head_only: bool = False

    def on(self, recipe: Recipe) -> Recipe:
        """Return ``recipe`` with what the user chose of it."""
        chosen = {"balance": self.balance, "patience": self.patience, "epochs": self.epochs}
        changes: dict[str, Any] = {name: value for name, value in chosen.items() if value is not None}
        if self.head_only:
            changes |= {"epochs": 1, "head_only": True}
        elif self.epochs or self.minutes:  # whoever says how long wants all of it learned
            changes["head_only"] = False
        return replace(recipe, **{"epochs": recipe.epochs_within(self.minutes), **changes})
