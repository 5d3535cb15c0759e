"""A network that learns, with its optimiser: all that changes with a step of the training."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from core.inputs.batches import Part
from core.networks.architectures import logits_model
from core.networks.backend import keras
from core.networks.recipe import Recipe
from core.runs.run import Run
from core.training import checkpoint
from core.training.losses import loss_for, metrics_for, weights_of
from core.training.validation import AttributeLoss


def optimizer(recipe: Recipe) -> keras.optimizers.Optimizer:
    """Return the optimiser of a recipe; the monitor sets its learning rate."""
    average = {"use_ema": True, "ema_momentum": recipe.average} if recipe.average else {}
    if recipe.optimiser == "adamw":
        chosen = keras.optimizers.AdamW(recipe.learning_rate, weight_decay=recipe.weight_decay, **average)
        chosen.exclude_from_weight_decay(var_names=["gamma", "beta", "bias"])
        return chosen
    return keras.optimizers.Adam(recipe.learning_rate, **average)


class Lesson:
    """A network that learns, with its optimiser.

    Args:
        run: whose network it is.
        training: what it learns from; the weights of the loss follow from it.

    Attributes:
        whole: the network, ending in probabilities; this one is kept.
        logits: the same up to its logits, compiled.
        loss: what is minimised.
        variables: of the network and the optimiser, numbered.
        counters: what the metrics have counted in the epoch so far, numbered.
    """

    def __init__(self, run: Run, training: Part) -> None:
        self._recipe, names = run.recipe, run.attributes
        self.whole = run.network.build(len(names), names.exclusive, run.size)
        self.logits = logits_model(self.whole)
        self.loss = loss_for(names, weights_of(training.targets, self._recipe, names.exclusive))
        self._optimizer = optimizer(self._recipe)
        self._optimizer.build(self.logits.trainable_variables)
        losses = [AttributeLoss(number, names.exclusive) for number in range(len(names))]
        metrics = [*metrics_for(names), *losses]
        self.logits.compile(self._optimizer, self.loss, metrics=metrics)
        # What counts in an epoch; Keras' own metric of the loss comes first among all.
        counting = [self.logits.metrics[0], *metrics]
        self.counters = checkpoint.variables(counter=[v for metric in counting for v in metric.variables])
        self.variables = checkpoint.variables(model=self.whole.variables, optimizer=self._optimizer.variables)

    def arrays(self) -> dict[str, np.ndarray]:
        """Return the variables as they are now."""
        return checkpoint.values_of(self.variables)

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """Put the running average of the weights into the network for the block, where the recipe wants it."""
        if not self._recipe.average:
            yield
            return
        # Read where keras.callbacks.SwapEMAWeights reads them; that one swaps by sums, which loses the last bits.
        averages = self._optimizer._model_variables_moving_average
        weights = self.logits.trainable_variables
        before = [np.array(weight) for weight in weights]
        for weight, average in zip(weights, averages, strict=True):
            weight.assign(average)
        try:
            yield
        finally:
            for weight, value in zip(weights, before, strict=True):
                weight.assign(value)
