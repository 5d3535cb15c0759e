"""From frames on disk to batches: cache, augmentation, prefetch."""
