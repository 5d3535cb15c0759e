"""How networks help people: label suggestions, rare frames, label issues, and the split gap."""
