"""
Merge what a card has reached, and say from that which stage it is in.

Milestones merge by minimum whatever their age (SEMANTICS T6): late, repeated and out-of-order
events need no special case.
"""

from typing import Final, Literal, TypeAlias

from schemas.events import CardActivated, CardIssued, EventData, TxnPosted, WalletBound
from schemas.state import CARDS_MAX, CardState, CustomerRow


Milestone: TypeAlias = Literal["issued", "activated", "bound", "first_spend"]

MILESTONE_BY_EVENT: Final[dict[type[EventData], Milestone]] = {
    CardIssued: "issued",
    CardActivated: "activated",
    WalletBound: "bound",
    TxnPosted: "first_spend",
}

MILESTONE_BY_TYPE: Final[dict[str, Milestone]] = {
    "card.issued": "issued",
    "card.activated": "activated",
    "wallet.bound": "bound",
    "txn.posted": "first_spend",
}

_FIELDS: Final[dict[Milestone, str]] = {
    "issued": "issued_at_ms",
    "activated": "activated_at_ms",
    "bound": "bound_at_ms",
    "first_spend": "first_spend_at_ms",
}


def merge(
    row: CustomerRow, milestone: Milestone, card_token: str, occurred_at_ms: int
) -> bool | None:
    """
    Move a card's milestone to the earlier time; return whether the card had not reached it before.

    An unknown card is created. None: the customer has `CARDS_MAX` others, and nothing changed.
    """
    card = find(row, card_token)
    if card is None:
        if len(row.cards) >= CARDS_MAX:
            return None
        card = CardState(card_token)
        row.cards.append(card)
    name = _FIELDS[milestone]
    known_at_ms: int = getattr(card, name)
    if known_at_ms == 0 or occurred_at_ms < known_at_ms:
        setattr(card, name, occurred_at_ms)
    return known_at_ms == 0


def find(row: CustomerRow, card_token: str) -> CardState | None:
    """Return the customer's card with this token."""
    for card in row.cards:
        if card.card_token == card_token:
            return card
    return None


def reached(row: CustomerRow, card_token: str, event_type: str) -> bool:
    """Return whether the card has the milestone that events of this type set."""
    milestone = MILESTONE_BY_TYPE.get(event_type)
    card = find(row, card_token)
    return milestone is not None and card is not None and getattr(card, _FIELDS[milestone]) != 0


def stage(card: CardState) -> Milestone | None:
    """Return the furthest milestone of a card, None for a card of which nothing is known."""
    if card.first_spend_at_ms:
        return "first_spend"
    if card.bound_at_ms:
        return "bound"
    if card.activated_at_ms:
        return "activated"
    return "issued" if card.issued_at_ms else None
