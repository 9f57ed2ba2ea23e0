"""The insight fold: what campaigns caused, where cards stand, what holds (docs/insight.md)."""
