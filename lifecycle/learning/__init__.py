"""The learning fold: exposures and outcomes in, snapshots of models out (docs/learning.md)."""
