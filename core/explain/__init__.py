"""Grad-CAM and its target layer, three checks of whether heatmaps are right, and out-of-distribution pictures."""
