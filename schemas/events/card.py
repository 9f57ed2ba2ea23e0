"""Say what happens to a card: issue, delivery, activation, wallets, status, limits."""

from typing import Literal

from schemas.events.parts import AmountMinor, Currency, EventData, Instant, Label, Token


class CardIssued(EventData, tag="card.issued", frozen=True, kw_only=True):
    """A card was issued; starts the activation clock. A renewal is not an acquisition."""

    card_token: Token
    product_code: Label = "unknown"
    issue_type: Literal["new", "renewal", "replacement"] = "new"
    activate_by: Instant | None = None


class CardDelivered(EventData, tag="card.delivered", frozen=True, kw_only=True):
    """The card reached its holder: the better start of the activation clock."""

    card_token: Token
    method: Label = ""


class CardActivated(EventData, tag="card.activated", frozen=True, kw_only=True):
    """The holder activated the card."""

    card_token: Token
    entry_channel: Label = ""


class WalletBound(EventData, tag="wallet.bound", frozen=True, kw_only=True):
    """The card was bound to a wallet."""

    card_token: Token
    wallet: Literal["alipay", "wechat", "unionpay", "own_app", "other"] = "other"


class WalletUnbound(EventData, tag="wallet.unbound", frozen=True, kw_only=True):
    """The card was taken out of a wallet; that it was once bound stays true."""

    card_token: Token
    wallet: Literal["alipay", "wechat", "unionpay", "own_app", "other"] = "other"


class CardBlocked(EventData, tag="card.blocked", frozen=True, kw_only=True):
    """The card cannot be used for now."""

    card_token: Token
    reason: Label = ""


class CardUnblocked(EventData, tag="card.unblocked", frozen=True, kw_only=True):
    """The card can be used again."""

    card_token: Token


class CardLost(EventData, tag="card.lost", frozen=True, kw_only=True):
    """The holder reported the card lost or stolen."""

    card_token: Token


class CardClosed(EventData, tag="card.closed", frozen=True, kw_only=True):
    """The card is at its end."""

    card_token: Token
    reason: Label = ""


class CardReplaced(EventData, tag="card.replaced", frozen=True, kw_only=True):
    """The card goes on under another token, with all that it has reached."""

    card_token: Token
    new_card_token: Token


class LimitPrechecked(EventData, tag="limit.prechecked", frozen=True, kw_only=True):
    """The risk system would allow a temporary limit; Cardcue never decides credit."""

    precheck_id: Token
    card_token: Token
    max_temp_limit_minor: AmountMinor
    currency: Currency
    valid_until: Instant


class LimitChanged(EventData, tag="limit.changed", frozen=True, kw_only=True):
    """A card's limit is another one, for a time or for good."""

    card_token: Token
    new_limit_minor: AmountMinor
    currency: Currency
    kind: Literal["temp", "perm"] = "perm"
    valid_until: Instant | None = None
