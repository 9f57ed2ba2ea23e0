"""Say what is paid with a card, from authorisation to reversal."""

from typing import Literal

from schemas.events.parts import AmountMinor, CalendarDate, Currency, EventData, Label, Token


class TxnAuthorised(EventData, tag="txn.authorised", frozen=True, kw_only=True):
    """A purchase was authorised: the first sign of use, and not yet a purchase."""

    auth_id: Token
    card_token: Token
    amount_minor: AmountMinor
    currency: Currency
    mcc: Label = ""
    scene: Label = ""
    mode: Literal["", "pos", "online", "qr"] = ""
    merchant_token: Label = ""


class TxnDeclined(EventData, tag="txn.declined", frozen=True, kw_only=True):
    """A purchase was refused; only `insufficient_limit` is a reason to speak of limits."""

    auth_id: Token
    card_token: Token
    amount_minor: AmountMinor
    currency: Currency
    decline_class: Literal["insufficient_limit", "risk", "card_status", "technical"]


class TxnPosted(EventData, tag="txn.posted", frozen=True, kw_only=True):
    """A purchase was posted; zero amounts occur (fully discounted) and count as purchases."""

    txn_id: Token
    card_token: Token
    amount_minor: AmountMinor
    currency: Currency
    mcc: Label = ""
    customer_initiated: bool = True
    auth_id: Label = ""
    posted_date: CalendarDate | None = None
    scene: Label = ""
    mode: Literal["", "pos", "online", "qr"] = ""
    merchant_token: Label = ""


class TxnReversed(EventData, tag="txn.reversed", frozen=True, kw_only=True):
    """A posted purchase was taken back, wholly or in part, by reference to its `txn_id`."""

    txn_id: Token
    card_token: Token
    amount_minor: AmountMinor
    currency: Currency
    reason: Literal["refund", "reversal", "dispute"] = "reversal"
