"""
Merge what a card has reached, and say from that which stage it is in.

Milestones merge by minimum whatever their age (SEMANTICS T6): late, repeated and out-of-order
events need no special case. What a card reached, the cards that continue it have reached.
"""

from collections.abc import Sequence
from typing import Final, Literal, TypeAlias

from lifecycle.cards import find, found_or_new, reach, way
from schemas.events import (
    CardActivated,
    CardDelivered,
    CardIssued,
    EventData,
    TxnAuthorised,
    TxnPosted,
    WalletBound,
)
from schemas.state import CardState, CustomerRow


Milestone: TypeAlias = Literal[
    "issued", "delivered", "activated", "bound", "authorised", "first_spend"
]

MILESTONE_BY_EVENT: Final[dict[type[EventData], Milestone]] = {
    CardIssued: "issued",
    CardDelivered: "delivered",
    CardActivated: "activated",
    WalletBound: "bound",
    TxnAuthorised: "authorised",
    TxnPosted: "first_spend",
}

MILESTONE_BY_TYPE: Final[dict[str, Milestone]] = {
    "card.issued": "issued",
    "card.delivered": "delivered",
    "card.activated": "activated",
    "wallet.bound": "bound",
    "txn.authorised": "authorised",
    "txn.posted": "first_spend",
}

COUNTED: Final = frozenset({"issued", "activated", "bound", "first_spend"})
"""Milestones that the funnel counts (docs/core.md 3.7)."""

NONE_NEW: Final = ()

_FIELDS: Final[dict[Milestone, str]] = {
    "issued": "issued_at_ms",
    "delivered": "delivered_at_ms",
    "activated": "activated_at_ms",
    "bound": "bound_at_ms",
    "authorised": "authorised_at_ms",
    "first_spend": "first_spend_at_ms",
}


def merge(
    row: CustomerRow, milestone: Milestone, card_token: str, occurred_at_ms: int
) -> Sequence[CardState] | None:
    """
    Move a card's milestone to the earlier time; return the cards that had not reached it before.

    An unknown card is created; the cards that continue it follow, and have all that it has. None:
    the customer has `CARDS_MAX` others, and nothing changed.
    """
    card = found_or_new(row, card_token)
    if card is None:
        return None
    name = _FIELDS[milestone]
    known_at_ms: int = getattr(card, name)
    if 0 < known_at_ms <= occurred_at_ms:
        return NONE_NEW  # nearly every purchase
    following = way(row, card)
    new = [one for one in following if not getattr(one, name)]
    for one in following:
        reach(one, name, occurred_at_ms)
    return new


def reached(row: CustomerRow, card_token: str, event_type: str) -> bool:
    """Return whether the card has the milestone that events of this type set."""
    return reached_at_ms(row, card_token, event_type) != 0


def reached_at_ms(row: CustomerRow, card_token: str, event_type: str) -> int:
    """Return when the card had the milestone that events of this type set, 0 if it has not."""
    milestone = MILESTONE_BY_TYPE.get(event_type)
    card = find(row, card_token)
    if milestone is None or card is None:
        return 0
    at_ms: int = getattr(card, _FIELDS[milestone])
    return at_ms


def stage(card: CardState) -> Milestone | None:
    """Return the furthest milestone of a card, None for a card of which nothing is known."""
    furthest: Milestone | None = None
    for milestone, name in _FIELDS.items():
        if getattr(card, name):
            furthest = milestone
    return furthest
