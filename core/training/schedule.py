"""How far a training is, when it must end, and how fast it learns on the way."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from core.networks.recipe import Recipe
from core.runs.records import Limits
from core.training.checkpoint import Position

WARM_UP = 0.06
"""Share of the training over which a cosine schedule rises to its learning rate."""

FLOOR = 0.01
"""Share of the learning rate that is left at its end."""

SAVING = 7.0
"""Seconds kept back for starting the program, making the run and writing the last network."""


def learning_rate(recipe: Recipe, progress: float) -> float:
    """Return the learning rate at ``progress`` (0 to 1): constant, or a warm-up and then half a cosine."""
    if recipe.schedule == "constant":
        return recipe.learning_rate
    if progress < WARM_UP:
        return recipe.learning_rate * max(FLOOR, progress / WARM_UP)
    angle = math.pi * min(1.0, (progress - WARM_UP) / (1 - WARM_UP))
    return recipe.learning_rate * (FLOOR + (1 - FLOOR) * (1 + math.cos(angle)) / 2)


def is_over(position: Position, limits: Limits, patience: int, budget: "Budget") -> bool:
    """Return whether there is nothing to train after ``position``: by epochs, time or patience."""
    if position.epoch >= limits.epochs:
        return True
    if position.epoch > limits.after and budget.is_spent:
        return True
    return bool(
        patience and position.best and position.epoch - max(position.best.epoch, limits.after) >= patience
    )


@dataclass
class Budget:
    """The time a training may take, and the progress it has made towards the end of it or of its steps.

    Args:
        steps: how many batches there are at most.
        minutes: of time from ``begun``, start and last validation included; none is no limit.
        validation: seconds that a validation is thought to take.
        clock: seconds that only grow.
        begun: when the training was asked for; of a resumed one, as if it had never been away.
        step: how many batches were counted.
        first: when the first batch began, on the clock; none before.
        step_seconds: how long a step takes; none before two were counted.
        validation_batches: how long a validation is, while nothing but the steps tells how long it takes; then 0.
    """

    steps: int
    minutes: float | None = None
    validation: float = 0.0
    clock: Callable[[], float] = time.monotonic
    begun: float = math.nan
    step: int = 0
    first: float | None = None
    step_seconds: float | None = None
    validation_batches: float = 0.0
    _has_traced: bool = False
    _seen: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        if math.isnan(self.begun):
            self.begun = self.clock()

    @classmethod
    def of_run(
        cls, limits: Limits, position: Position, steps: int, begun: float, validation_batches: float
    ) -> "Budget":
        """Return the budget of a run at ``position``, with so many steps per epoch; this process ``begun`` at that time."""
        budget = cls(
            steps * limits.epochs, limits.minutes, position.validation, begun=begun - position.seconds
        )
        if position.epoch:
            budget.step, budget.first = steps * position.epoch, budget.begun + position.first
        else:
            budget.validation_batches = validation_batches
        return budget

    def count(self, seconds: float) -> None:
        """Count one batch, which took so many seconds; the first one, which is traced, tells nothing of the others."""
        self.step += 1
        if self._has_traced:
            before = self.step_seconds
            self.step_seconds = seconds if before is None else 0.9 * before + 0.1 * seconds
            if self.validation_batches:
                # A forward pass is a third of a step; nearly two thirds are allowed, and its tracing.
                self.validation = 2.0 + 0.6 * self.validation_batches * self.step_seconds
        self._has_traced = True

    def count_validation(self, seconds: float) -> None:
        """Note how long a validation took: the next one is allowed a little more."""
        self.validation, self.validation_batches = 1.2 * seconds, 0.0

    @property
    def progress(self) -> float:
        """0 to 1: the share of the steps or of the time for them, whichever is further."""
        now = self.clock()
        if self.first is None:
            self.first = now
        done = min(1.0, self.step / self.steps)
        if self.minutes is not None:
            span = self.deadline - self.first
            done = min(1.0, max(done, (now - self.first) / span if span > 0 else 1.0))
        if self._seen is None:
            self._seen = now, done
        return done

    @property
    def before_first(self) -> float:
        """Seconds until the first batch began."""
        return (self.first or self.begun) - self.begun

    @property
    def deadline(self) -> float:
        """When the last step must have ended, so that a validation and saving still fit."""
        if self.minutes is None:
            return math.inf
        return self.begun + 60 * self.minutes - self.validation - SAVING

    @property
    def is_spent(self) -> bool:
        """Whether the time for steps is over."""
        return self.clock() >= self.deadline

    @property
    def remaining(self) -> float | None:
        """Seconds until the end, as far as the progress since the first look tells; none before there is any."""
        if self._seen is None:
            return None
        (since, before), done, now = self._seen, self.progress, self.clock()
        if done <= before:
            return None
        left = (now - since) / (done - before) * (1 - done)
        return min(left, self.begun + 60 * self.minutes - now) if self.minutes else left
