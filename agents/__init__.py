"""Hands: one Faust agent per fold, wired in the composition root `agents.worker`."""
