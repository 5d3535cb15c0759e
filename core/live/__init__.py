"""From a live frame to probabilities, heatmaps and an overlay."""
