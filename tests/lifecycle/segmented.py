"""Publish segments as learning does, and let a customer buy in a scene."""

from lifecycle.records import Effect
from schemas.events import TxnPosted
from schemas.journal import JournalEnvelope, SourceCoordinates
from schemas.segments import SegmentsPublished
from tests.lifecycle.builders import T0, TENANT, Bank


def adopt(bank: Bank, published: SegmentsPublished) -> list[Effect]:
    """Fold segments as learning puts them into every journal partition."""
    envelope = JournalEnvelope(
        tenant=TENANT,
        customer_token="",
        journal_at_ms=T0,
        occurred_at_ms=T0,
        event_id=f"segments-{published.sequence}",
        event_source="cardcue/learning",
        source=SourceCoordinates("lifecycle.outcomes.v1", 0, published.sequence),
        record=published,
    )
    return bank.fold(envelope)


def bought(scene: str, amount_minor: int) -> TxnPosted:
    """Return a purchase of a scene."""
    return TxnPosted(
        txn_id="t", card_token="k1", amount_minor=amount_minor, currency="CNY", scene=scene
    )
