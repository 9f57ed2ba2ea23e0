"""Say what comes back from the gateways: receipts, responses, offers' results (SEMANTICS G1)."""

from typing import Annotated, Literal

from msgspec import Meta

from schemas.events.parts import AmountMinor, Channel, EventData, Label, Token


ReceiptStatus = Literal[
    "accepted",
    "submitted",
    "delivered",
    "failed",
    "expired",
    "rejected",
    "cancelled",
    "too_late",
    "unknown",
    "duplicate_ignored",
    "blocked_optout",
]
"""What a gateway says of a trigger."""


class DeliveryReceipt(EventData, tag="delivery.receipt", frozen=True, kw_only=True):
    """What a gateway did with a trigger; echoes the trigger's id (SEMANTICS G1)."""

    receipt_id: Token
    trigger_id: Token
    channel: Channel
    status: ReceiptStatus
    attempt: Annotated[int, Meta(ge=0, le=1_000_000)] = 1
    raw_status: Label = ""
    gateway_msg_id: Label = ""
    segment_count: Annotated[int, Meta(ge=0, le=1_000)] = 0
    cost_minor: AmountMinor = 0


class ResponseRecorded(EventData, tag="response.recorded", frozen=True, kw_only=True):
    """What the customer did with a message; `optout` counts even where the trigger is unknown."""

    response_id: Token
    trigger_id: Token
    channel: Channel
    kind: Literal["click", "open", "reply", "call", "optout", "complaint", "accept", "reject"]


class OfferResult(EventData, tag="offer.result", frozen=True, kw_only=True):
    """What became of an offer that a trigger carried."""

    reservation_id: Token
    trigger_id: Token
    status: Literal["granted", "refused", "redeemed", "expired"]
    reason: Label = ""
