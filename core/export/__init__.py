"""A network outside SeamLens: one graph of probabilities and heatmaps, written in several formats, run by their runtimes and checked."""
