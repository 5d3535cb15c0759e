"""TensorFlow and Keras, imported in one place and quietly: ``from core.networks.backend import keras, tf``."""

from core.process_settings import set_tensorflow_environment, without_tensorflow_notes

set_tensorflow_environment()
with without_tensorflow_notes():
    import keras
    import tensorflow as tf

tf.get_logger().setLevel("ERROR")

__all__ = ["keras", "tf"]
