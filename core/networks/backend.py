"""TensorFlow and Keras, imported in one place and quietly: ``from core.networks.backend import keras, tf``.

Where they are not installed, importing this raises a `ModelError` that says what to install.
"""

from core.networks import installed
from core.process_settings import set_tensorflow_environment, without_tensorflow_notes

installed.require()
set_tensorflow_environment()
with without_tensorflow_notes():
    import keras
    import tensorflow as tf

tf.get_logger().setLevel("ERROR")

__all__ = ["keras", "tf"]
