"""
Name whom the worked examples are about: one customer of one bank, one card, one campaign.

A card is applied for in February, issued on 2 March, not activated for 72 hours, nudged, then
activated, bound and used; a bill is paid, another one late; in June the card is lost and goes on
under another token. The events themselves are in `schemas.story_card`, `schemas.story_customer`.
"""

from datetime import timedelta, timezone
from typing import Final

from msgspec import Struct

from schemas import campaign, events


TENANT: Final = "demo"
CUSTOMER: Final = "c-1"
CARD: Final = "k-1"
NEXT_CARD: Final = "k-2"
"""The token under which the card goes on after it was lost."""

OTHER_CUSTOMER: Final = "c-9"
"""The same person, as another system of the bank knew them."""

MERCHANT: Final = "m-1"
COUPON: Final = "cp-1"
UNUSED_COUPON: Final = "cp-2"

TRIGGER_ID: Final = "dcccd924-13be-86d0-9207-a6436914fecf"
DECISION_ID: Final = "923f2c26-3f66-8dbe-9dd8-7e083d9e01d0"
POLICY_HASH: Final = "9a9350032cf7f9ddd379fdf844b7da2fa945b20098b6abf9cce2c2da56f6a74c"

LOCAL: Final = timezone(timedelta(hours=8))
"""The bank's own offset, China Standard Time."""


class WorkedEvent(Struct, frozen=True):
    """An event's id, its time as upstream writes it and as we keep it, and its own fields."""

    event_id: str
    occurred_at: str
    occurred_at_ms: int
    content: events.AnyEvent


CAMPAIGN: Final = campaign.Campaign(
    id="activation_nudge",
    version=1,
    tenant=TENANT,
    title="Activate your new card",
    owner="card-lifecycle",
    stage="activate",
    trigger_type="activation_nudge",
    message_class="marketing",
    purpose="marketing",
    entry=campaign.AbsenceEntry(after="card.issued", without="card.activated"),
    occurrence="card",
    steps=(
        campaign.Step(id="first", delay_ms=259_200_000),
        campaign.Step(id="second", delay_ms=604_800_000),
    ),
    treatment=campaign.Treatment(channel="sms", template_id="activation-nudge", template_version=1),
    exit_on=("card.activated",),
    caps=(
        campaign.Cap(scope="campaign", count=2, window_ms=2_592_000_000),
        campaign.Cap(scope="all", count=3, window_ms=604_800_000),
    ),
    priority=60,
)
