"""What may befall a card or a bill, each as one event."""

from schemas.events import (
    CardBlocked,
    CardClosed,
    CardDelivered,
    CardLost,
    CardReplaced,
    CardUnblocked,
    RepaymentCured,
    RepaymentOverdue,
    TxnAuthorised,
)


def delivered(card: str = "k1") -> CardDelivered:
    """Return that a card reached its holder."""
    return CardDelivered(card_token=card)


def tried(card: str = "k1") -> TxnAuthorised:
    """Return that a purchase was authorised."""
    return TxnAuthorised(auth_id="a", card_token=card, amount_minor=1, currency="CNY")


def blocked(card: str = "k1") -> CardBlocked:
    """Return that a card cannot be used for now."""
    return CardBlocked(card_token=card)


def unblocked(card: str = "k1") -> CardUnblocked:
    """Return that a card can be used again."""
    return CardUnblocked(card_token=card)


def lost(card: str = "k1") -> CardLost:
    """Return that a card was lost."""
    return CardLost(card_token=card)


def closed(card: str = "k1") -> CardClosed:
    """Return that a card is at its end."""
    return CardClosed(card_token=card)


def replaced(old: str = "k1", new: str = "k2") -> CardReplaced:
    """Return that a card goes on under another token."""
    return CardReplaced(card_token=old, new_card_token=new)


def overdue(statement: str = "s0", card: str = "k0") -> RepaymentOverdue:
    """Return that a bill was not paid in time."""
    return RepaymentOverdue(statement_id=statement, card_token=card, days_past_due=1)


def cured(statement: str = "s0", card: str = "k0") -> RepaymentCured:
    """Return that a bill is in order again."""
    return RepaymentCured(statement_id=statement, card_token=card)
