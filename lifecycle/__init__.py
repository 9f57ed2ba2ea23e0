"""Verbs: the pure folds and rules of the card lifecycle, without clock, I/O or randomness."""
