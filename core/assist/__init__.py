"""How networks help people: label suggestions, the instant network and the starter, rare frames, label issues, and the split gap."""
