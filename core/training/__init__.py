"""One training, from its first batch to its last checkpoint. `loop` reads from top to bottom; the other modules are its helpers."""
