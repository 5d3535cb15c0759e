"""One frame in; probabilities, decisions and heatmaps out, and the picture that shows them."""
