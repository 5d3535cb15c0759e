"""A network that learns, with its optimiser: all that changes with a step of a training."""

import sys
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from core.attributes import AttributeSet
from core.inputs.batches import Part
from core.networks.architectures import logits_model
from core.networks.backend import keras, tf
from core.networks.recipe import Recipe
from core.training import losses

TOGETHER = 64
"""Pictures that are answered at once in a validation."""


class ModelState:
    """A network that learns, with its optimiser.

    Args:
        network: from pictures (N, h, w, 3) uint8 to probabilities (N, A), of attributes or classes.
        recipe: how it learns.
        attributes: A of them.
        targets: (M, A) float32 of the whole training part; the weights of the loss follow from them.
    """

    def __init__(
        self, network: keras.Model, recipe: Recipe, attributes: AttributeSet, targets: np.ndarray
    ) -> None:
        self.network, self._logits, self.attributes = network, logits_model(network), attributes
        self._optimizer = _optimizer(recipe)
        self._optimizer.build(self._logits.trainable_variables)
        self._weights = losses.weights_of(targets, recipe.balance, attributes.exclusive)
        self._counted = tf.Variable(tf.zeros((losses.MEASURES, 2, len(attributes))))
        self._loss = tf.Variable([0.0, 0.0])  # sum over the batches, number of batches
        # Compiled where Keras would compile it: with XLA on a GPU, not on a processor alone.
        with_xla = sys.platform != "darwin" and bool(tf.config.list_physical_devices("GPU"))
        self._step = tf.function(self._take_step, reduce_retracing=True, jit_compile=with_xla)
        self.predict = tf.function(
            lambda pictures: self._logits(pictures, training=False), reduce_retracing=True
        )

    def learn(self, pictures: np.ndarray, targets: np.ndarray, learning_rate: float) -> None:
        """Take a step: change the network a little so that it answers this batch better.

        Args:
            pictures: (n, h, w, 3) uint8, BGR.
            targets: (n, A) float32.
            learning_rate: of this step.
        """
        self._optimizer.learning_rate.assign(learning_rate)
        self._step(tf.constant(pictures), tf.constant(targets))

    def _take_step(self, pictures: tf.Tensor, targets: tf.Tensor) -> None:
        exclusive, weights = self.attributes.exclusive, self._logits.trainable_variables
        with tf.GradientTape() as tape:
            logits = self._logits(pictures, training=True)
            loss = losses.mean_loss(targets, logits, exclusive, self._weights)
        self._optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))
        self._count(loss, targets, logits)

    def measure(self, pictures: np.ndarray, targets: np.ndarray) -> None:
        """Answer a batch, as of :meth:`learn`, and count how right that is; nothing is learned."""
        logits = self.predict(tf.constant(pictures))
        loss = losses.mean_loss(tf.constant(targets), logits, self.attributes.exclusive, self._weights)
        self._count(loss, tf.constant(targets), logits)

    def _count(self, loss: tf.Tensor, targets: tf.Tensor, logits: tf.Tensor) -> None:
        self._loss.assign_add(tf.stack([loss, 1.0]))
        self._counted.assign_add(losses.loss_counts(targets, logits, self.attributes.exclusive))

    def validate(self, part: Part) -> tuple[dict[str, float], pd.DataFrame]:
        """End an epoch: return how it went, and the `losses.worst` answers of ``part``.

        The loss and each of `losses.means` come twice: of the batches of the epoch, each answered before its step, and
        as ``val_...`` of the frames of ``part``, answered now.
        """
        logits, exclusive = logits_of(part, self.predict), self.attributes.exclusive
        loss = float(losses.mean_loss(part.targets, logits, exclusive, self._weights))
        counted = losses.loss_counts(part.targets, logits, exclusive).numpy()
        reached = {"loss": loss, **losses.means(counted, self.attributes)}
        total, batches = self._loss.numpy()
        learned = {"loss": float(total / batches), **losses.means(self._counted.numpy(), self.attributes)}
        self._loss.assign(tf.zeros_like(self._loss))
        self._counted.assign(tf.zeros_like(self._counted))
        measures = {
            key: v for name in learned for key, v in ((name, learned[name]), (f"val_{name}", reached[name]))
        }
        measures["learning_rate"] = float(self._optimizer.learning_rate.numpy())  # of the last step
        return measures, losses.worst(part, logits, self.attributes)

    def arrays(self) -> dict[str, np.ndarray]:
        """Return all variables as they are now: weights, statistics, random states and the optimiser's."""
        return {name: np.array(variable) for name, variable in self._variables().items()}

    def fits(self, arrays: Mapping[str, np.ndarray]) -> bool:
        """Return whether ``arrays`` are those of such a network."""
        shapes = {name: tuple(variable.shape) for name, variable in self._variables().items()}
        return shapes == {name: array.shape for name, array in arrays.items()}

    def restore(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Put what `arrays` returned into the variables."""
        for name, variable in self._variables().items():
            variable.assign(arrays[name])

    def _variables(self) -> dict[str, keras.Variable]:
        """Return the variables by side and number: Keras' own names count what was built before in the same process."""
        sides = {"model": self.network.variables, "optimizer": self._optimizer.variables}
        return {f"{side}/{number:04d}": v for side, found in sides.items() for number, v in enumerate(found)}


def logits_of(part: Part, predict: Callable[[Any], Any]) -> np.ndarray:
    """Return the logits (N, A) float32 of all frames of ``part``, as ``predict`` makes them of pictures (n, h, w, 3) uint8."""
    numbers = np.array_split(np.arange(len(part)), range(TOGETHER, len(part), TOGETHER))
    return np.concatenate([predict(tf.constant(part.pictures[chosen])) for chosen in numbers])


def _optimizer(recipe: Recipe) -> keras.optimizers.Optimizer:
    if recipe.optimiser == "adamw":
        chosen = keras.optimizers.AdamW(recipe.learning_rate, weight_decay=recipe.weight_decay)
        chosen.exclude_from_weight_decay(var_names=["gamma", "beta", "bias"])
        return chosen
    return keras.optimizers.Adam(recipe.learning_rate)
