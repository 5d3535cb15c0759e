"""Whether a workspace is whole, how it is repaired, and how it is backed up and restored. Nothing here makes or changes labels."""
