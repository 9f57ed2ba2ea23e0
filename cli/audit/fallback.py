"""Derive that a fallback is one: the next channel of a contact that was not made (SEMANTICS C2)."""

from collections.abc import Iterator
from typing import Final, get_args

from lifecycle.ids import derived_id
from schemas.channels import Channel
from schemas.decisions import Considered, Decision


NOT_ASKED: Final = frozenset({"spacing", "offer", "worth", "arbitration"})
"""The gates that the contact has passed for good."""

SLOTS: Final = len(get_args(Channel))
"""No channel comes twice in an order of channels."""


def slot_id(record: Decision, one: Considered, slot: int) -> str:
    """Return the id of the trigger of a candidate in one of its channels (SEMANTICS B1)."""
    about = one.campaign_id, one.occurrence_key, one.step, str(slot)
    return derived_id(record.tenant, record.customer_token, *about)


def fallback_faults(record: Decision, one: Considered) -> Iterator[str]:
    """Yield where a candidate is no fallback though it says so, or is one and does not."""
    if not 0 <= one.slot < SLOTS:
        yield f"slot: wanted one of {SLOTS} channels, found {one.slot}"
        return
    if bool(one.follows) != bool(one.reserved_at_ms):
        yield "fallback: wanted what it follows and since when, or neither"
    if one.follows:
        yield from _following(record, one)


def _following(record: Decision, one: Considered) -> Iterator[str]:
    """Yield what a fallback cannot be."""
    if one.follows not in {slot_id(record, one, slot) for slot in range(one.slot)}:
        yield "fallback: it follows no earlier channel of its contact"
    if not 0 < one.reserved_at_ms <= record.decided_at_ms:
        yield "fallback: its contact was not decided before it"
    if record.cause.event_type != "delivery.receipt" or len(record.candidates) != 1:
        yield "fallback: wanted it by itself, at a receipt"
    if record.shadow:
        yield "fallback: nothing was sent in shadow that could have failed"
    if any(cap.scope != "channel" for cap in one.caps):
        yield "caps: a fallback has its place in all but those of its channel"
