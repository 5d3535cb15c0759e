"""What survives power cuts, killed processes and damaged files."""
