"""Tell learning how customers spend, and keep the segments that it makes of that (core.md 3.20)."""

from lifecycle import profiles
from lifecycle.entries import Sighting
from lifecycle.features.context import Context
from lifecycle.features.habits import shares_ppm
from lifecycle.features.spend import amount_30d_minor
from lifecycle.ids import derived_id
from schemas.codec import encode_row
from schemas.events import StatementIssued
from schemas.records import Row
from schemas.rejects import IgnoreReason
from schemas.segments import CustomerObserved, SegmentsPublished
from schemas.state import CustomerRow, StatementState


class Segments:
    """The newest segments of a tenant in one journal partition, None before there are any."""

    __slots__ = ("_changed", "in_force")

    def __init__(self) -> None:
        """Begin without any."""
        self.in_force: SegmentsPublished | None = None
        self._changed = False

    def adopt(self, published: SegmentsPublished) -> IgnoreReason | None:
        """Let segments hold from now on; return why they do not (SEMANTICS L1)."""
        if self.in_force is not None and published.sequence <= self.in_force.sequence:
            return "STALE_VERSION"
        self.in_force = published
        self._changed = True
        return None

    def drain(self, where: str, rows: list[Row]) -> None:
        """Append what has changed since the last time; `where` is `partition|tenant`."""
        if self._changed:
            rows.append(Row(f"#segments|{where}".encode(), encode_row(self.in_force)))
            self._changed = False


def observed(tenant: str, now_ms: int, row: CustomerRow, seen: Sighting) -> CustomerObserved | None:
    """Return how a customer spends as of a bill; None where nothing is known, or not to be used."""
    event = seen.event
    if not isinstance(event, StatementIssued) or not row.recent_spend:
        return None
    if seen.repeatable:  # told before, perhaps, of what was known then
        return None
    if profiles.personalisation_off(row):
        return None
    customer_token = seen.envelope.customer_token
    bill = StatementState(event.statement_id, event.card_token, currency=event.currency)
    context = Context(row, now_ms, "", event.card_token, bill, None)
    return CustomerObserved(
        observed_id=derived_id("observed", tenant, customer_token, f"{seen.identity:016x}"),
        tenant=tenant,
        customer_token=customer_token,
        currency=event.currency,
        spend_minor=max(0, amount_30d_minor(context)),
        scene_share_ppm=shares_ppm(row.recent_spend),
        observed_at_ms=now_ms,
    )
