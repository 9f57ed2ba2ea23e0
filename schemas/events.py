"""
Define what upstream systems, gateways and the control plane say: the data of every event.

One struct an event, past tense in meaning, additive in evolution: a new field has a default, an
unknown field is skipped. Attributes that every event has (id, source, time, customer) live in
`schemas.journal.JournalEnvelope`; where an event travels is `schemas.routing`.
Source: event catalogue after CloudEvents 1.0; money is integer minor units + ISO 4217.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from schemas.campaign import Campaign


Token = Annotated[str, Meta(min_length=1, max_length=128)]
"""An opaque identifier; never a phone number, a name or a card number."""

Currency = Annotated[str, Meta(min_length=3, max_length=3)]
"""ISO 4217 alphabetic code."""

AmountMinor = Annotated[int, Meta(ge=0, le=10**15)]
"""Money in minor units of its currency, never negative."""

Channel = Literal["sms", "push", "email", "voice", "wechat", "in_app"]
"""How a customer can be reached."""


class EventData(Struct, frozen=True, kw_only=True, tag_field="event_type"):
    """The part of an event that is its own; the subclass's tag is its type."""


class CardIssued(EventData, tag="card.issued", frozen=True, kw_only=True):
    """A card was issued; starts the activation clock. A renewal is not an acquisition."""

    card_token: Token
    product_code: Token = "unknown"
    issue_type: Literal["new", "renewal", "replacement"] = "new"


class CardActivated(EventData, tag="card.activated", frozen=True, kw_only=True):
    """The holder activated the card."""

    card_token: Token
    entry_channel: str = ""


class WalletBound(EventData, tag="wallet.bound", frozen=True, kw_only=True):
    """The card was bound to a wallet."""

    card_token: Token
    wallet: Literal["alipay", "wechat", "unionpay", "own_app", "other"] = "other"


class TxnPosted(EventData, tag="txn.posted", frozen=True, kw_only=True):
    """A purchase was posted; zero amounts occur (fully discounted) and count as purchases."""

    txn_id: Token
    card_token: Token
    amount_minor: AmountMinor
    currency: Currency
    mcc: str = ""
    customer_initiated: bool = True


class TxnReversed(EventData, tag="txn.reversed", frozen=True, kw_only=True):
    """A posted purchase was taken back, wholly or in part, by reference to its `txn_id`."""

    txn_id: Token
    card_token: Token
    amount_minor: AmountMinor
    currency: Currency
    reason: Literal["refund", "reversal", "dispute"] = "reversal"


class StatementIssued(EventData, tag="statement.issued", frozen=True, kw_only=True):
    """A bill was issued; `due_date` is an ISO 8601 calendar date."""

    statement_id: Token
    card_token: Token
    total_due_minor: AmountMinor
    min_due_minor: AmountMinor
    currency: Currency
    due_date: Annotated[str, Meta(min_length=10, max_length=10)]
    instalment_eligible: bool = False


class RepaymentReceived(EventData, tag="repayment.received", frozen=True, kw_only=True):
    """Money came in on a card, for a statement where the bank knows which."""

    repayment_id: Token
    card_token: Token
    amount_minor: AmountMinor
    currency: Currency
    statement_id: str = ""


class ConsentChanged(EventData, tag="consent.changed", frozen=True, kw_only=True):
    """The customer allowed or refused contact for a purpose on a channel; the newest counts."""

    purpose: Token
    channel: Channel
    status: Literal["granted", "denied", "revoked"]
    evidence_ref: str = ""


class DeliveryReceipt(EventData, tag="delivery.receipt", frozen=True, kw_only=True):
    """What a gateway did with a trigger; echoes the trigger's id (SEMANTICS G1)."""

    receipt_id: Token
    trigger_id: Token
    channel: Channel
    status: Literal[
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
    attempt: Annotated[int, Meta(ge=0, le=1_000_000)] = 1
    raw_status: str = ""


class HistoryEnded(EventData, tag="history.ended", frozen=True, kw_only=True):
    """A backfilled source partition is complete up to this event's time (SEMANTICS T7)."""


class PolicyPublished(EventData, tag="policy.published", frozen=True, kw_only=True):
    """A campaign version takes effect for its tenant; unsigned only in development settings."""

    campaign: Campaign
    policy_hash: Token
    author: str = ""
    signatures: tuple[str, ...] = ()


class KillSwitchSet(EventData, tag="kill_switch.set", frozen=True, kw_only=True):
    """Contacts stop (`engaged`) or resume; `campaign_id` "" means the whole tenant."""

    engaged: bool
    campaign_id: Annotated[str, Meta(max_length=64)] = ""
    reason: str = ""


class TenantConfigured(EventData, tag="tenant.configured", frozen=True, kw_only=True):
    """
    Facts about a tenant that decisions depend on.

    Decisions before `live_from_ms` (epoch milliseconds UTC, on the tenant's own clock) are
    shadow: recorded, without trigger, cap or reservation (SEMANTICS T7).
    """

    live_from_ms: Annotated[int, Meta(ge=0, le=2**53)]


AnyEvent = (
    CardIssued
    | CardActivated
    | WalletBound
    | TxnPosted
    | TxnReversed
    | StatementIssued
    | RepaymentReceived
    | ConsentChanged
    | DeliveryReceipt
    | HistoryEnded
    | PolicyPublished
    | KillSwitchSet
    | TenantConfigured
)
