"""Nouns: every shape that is ever bytes, and the one codec that reads and prints them."""
