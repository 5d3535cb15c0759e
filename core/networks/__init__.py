"""The networks and their recipes, how a picture is prepared for them, and the one door to TensorFlow."""
