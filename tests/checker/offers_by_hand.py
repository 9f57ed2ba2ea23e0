"""Gifts, budgets and what is heard of them by hand, for the tests of the oracle."""

from tests.checker.identity import Facts
from tests.checker.journal_by_hand import happened
from tests.checker.oracle import PartitionOracle
from tests.checker.tiny_world import DECIDED, by_hand_uuid, envelope
from tests.checker.treatments_by_hand import FALLEN, defined, nudged, slot_id


NUDGE = "activation_nudge"
GIFT = FALLEN | {"offer": "gift", "contact_cost_minor": 3}
BOUGHT = GIFT | {"budget_minor": 100}
"""The contact costs 3, of at most 100; with a gift of 7 it costs 10."""

WORTH = BOUGHT | {"base_rate_ppm": 1_000_000, "value_minor": 9}
"""It is worth more than it costs."""

DEAR = defined(unit_cost_minor=7)


def gifted(
    *after: Facts, policy: Facts = BOUGHT, offer: Facts = DEAR, place: tuple[int, int] = (0, 1)
) -> PartitionOracle:
    """Return c0 after the nudge with a gift and these records."""
    oracle = PartitionOracle(zones={"acme": "UTC"}, place=place)
    for one in (*nudged(policy, offer), *after):
        oracle.see(one)
    return oracle


def kept(oracle: PartitionOracle) -> tuple[int, int]:
    """Return the units taken of the gift, and what the nudge has spent."""
    taken = oracle.published.get(("offer", "acme", "gift"), [None, 0])[1]
    return taken, oracle.spent.get(("acme", NUDGE), 0)


def reservation(slot: int = 0) -> str:
    """Return the id of what the nudge has reserved, first in this slot."""
    return by_hand_uuid("reservation", slot_id(slot))


def result(
    status: str,
    at: int = DECIDED + 1_000,
    slot: int = 0,
    reserved: str = "",
    **other: str,
) -> Facts:
    """Return what the offer system says of the nudge's gift."""
    said = {"reservation_id": reserved or reservation(), "trigger_id": slot_id(slot)} | other
    return happened(at, f"{status}-{at}", "offer.result", status=status, **said)


def second_step() -> Facts:
    """Return the tick at which the second step is due."""
    at = DECIDED + 7 * 86_400_000
    clocks = {"now_at_ms": at, "watermark_at_ms": at, "backfill": False}
    return envelope(DECIDED, "", "cardcue/clock t9", {"event_type": "tick"} | clocks)
