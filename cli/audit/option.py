"""Derive whether an option can have been drawn as the record says (docs/core.md 3.19)."""

from collections.abc import Iterator
from typing import Final

from lifecycle.features.context import PPM
from lifecycle.options import OWN_WORTH
from schemas.decisions import Considered, GateReading


AFTER_DRAWING: Final = frozenset({"arbitration", "experiment"})
"""Every gate before these may leave no option; the record then tells of one that was refused."""


def option_faults(one: Considered) -> Iterator[str]:
    """Yield where an option is not among those it was drawn from, or their chances are none."""
    if not one.options_ppm:
        refused = one.reason_code and one.gates and one.gates[-1].gate not in AFTER_DRAWING
        if one.option_ppm or (one.option and not one.follows and not refused):
            yield "option: told, and drawn from none"
        return
    if not any(reading.gate == "worth" and not reading.reason_code for reading in one.gates):
        yield "option: drawn, and not let through by every gate"
    if one.follows:
        yield "option: drawn anew for a fallback, which keeps that of its contact"
    if one.options_ppm.get(one.option) != one.option_ppm:
        yield "option: its probability is not the one among those it was drawn from"
    if min(one.options_ppm.values()) < 1 or sum(one.options_ppm.values()) != PPM:
        yield "options: wanted probabilities of 1 ppm or more, 10^6 together"


def worth_faults(one: Considered, reading: GateReading, own_micro: int) -> Iterator[str]:
    """
    Yield where the worth is not the mean over the draw of what each option is worth.

    `own_micro` is what the option that was drawn is worth by its factors.
    """
    worths = {name: reading.saw.get(name + OWN_WORTH, -1) for name in one.options_ppm}
    if min(worths.values()) < 0:
        yield "worth: wanted that of every option that may be drawn, none below 0"
    if worths.get(one.option) != own_micro:
        yield f"worth: the factors give {own_micro}, the gate saw {worths.get(one.option)}"
    expected = sum(one.options_ppm[name] * worth for name, worth in worths.items()) // PPM
    saw = {"worth_micro": expected} | {name + OWN_WORTH: worth for name, worth in worths.items()}
    if one.worth_micro != expected or reading.saw != saw:
        yield f"worth: the options give {expected}, the record says {one.worth_micro}"
