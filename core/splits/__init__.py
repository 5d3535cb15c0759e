"""Which frames train, validate and test, and what leaks between these parts."""
