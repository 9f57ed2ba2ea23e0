"""Doors: the `cardcue` command line, one file a command."""
