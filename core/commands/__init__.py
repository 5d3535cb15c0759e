"""What each command does: read its options, call core, print the outcome."""
