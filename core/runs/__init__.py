"""A run is a folder: its settings, status, predictions, decisions. Importing this package does not import TensorFlow."""
