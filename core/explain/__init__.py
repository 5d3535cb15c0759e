"""Grad-CAM, its target layer, and checks whether a heatmap is right; pictures that are out of distribution."""
