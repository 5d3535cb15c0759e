"""Videos, pictures, frames, labels, lookup tables, balance and splits."""
