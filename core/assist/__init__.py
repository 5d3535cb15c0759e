"""How a network helps people: suggestions, rare frames, label issues, the split gap."""
