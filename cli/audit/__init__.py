"""Derive verdicts again from what their records say, offline."""
