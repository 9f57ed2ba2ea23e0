"""Derive whether an option can have been drawn as the record says (docs/core.md 3.19)."""

from collections.abc import Iterator

from lifecycle.features.context import PPM
from schemas.decisions import Considered


def option_faults(one: Considered) -> Iterator[str]:
    """Yield where an option is not among those it was drawn from, or their chances are none."""
    if not one.options_ppm:
        if one.option_ppm or (one.option and not one.follows):
            yield "option: told, and drawn from none"
        return
    if one.follows:
        yield "option: drawn anew for a fallback, which keeps that of its contact"
    if one.options_ppm.get(one.option) != one.option_ppm:
        yield "option: its probability is not the one among those it was drawn from"
    if min(one.options_ppm.values()) < 1 or sum(one.options_ppm.values()) != PPM:
        yield "options: wanted probabilities of 1 ppm or more, 10^6 together"
