"""
Know a customer's cards: which may be used, and under which token a card goes on.

Nothing here asks for the order of arrival (docs/core.md 3.8): what is kept is the greatest of
what was said, of two successors the lesser token.
"""

from typing import Final

from schemas.events import (
    CardBlocked,
    CardClosed,
    CardLost,
    CardReplaced,
    CardUnblocked,
    EventData,
)
from schemas.state import CARDS_MAX, CardState, CustomerRow


STATUS_BY_EVENT: Final[dict[type[EventData], str]] = {
    CardBlocked: "blocked",
    CardUnblocked: "",
    CardLost: "lost",
    CardClosed: "closed",
}
"""What a card's status is after an event; "" is a card in use."""

UNUSABLE: Final = frozenset({"blocked", "lost", "closed"})

MILESTONE_FIELDS: Final = (
    "issued_at_ms",
    "delivered_at_ms",
    "activated_at_ms",
    "bound_at_ms",
    "authorised_at_ms",
    "first_spend_at_ms",
)
"""What merges by minimum, in the order of a card's life."""

REPLACED_COUNT_MAX: Final = 16
"""How often a card is followed to its successor: banks' mistakes may go round in a circle."""


def find(row: CustomerRow, card_token: str) -> CardState | None:
    """Return the customer's card with this token."""
    for card in row.cards:
        if card.card_token == card_token:
            return card
    return None


def current(row: CustomerRow, card_token: str) -> str:
    """Return the token of a card as it is now, its own where nothing has replaced it."""
    for _ in range(REPLACED_COUNT_MAX):
        card = find(row, card_token)
        if card is None or not card.replaced_by:
            break
        card_token = card.replaced_by
    return card_token


def unusable(row: CustomerRow, card_token: str) -> bool:
    """Return whether a card as it is now is known, and blocked, lost or closed."""
    card = find(row, current(row, card_token))
    return card is not None and card.status in UNUSABLE


def found_or_new(row: CustomerRow, card_token: str) -> CardState | None:
    """Return the customer's card, a new one for a new token; None: there are `CARDS_MAX` others."""
    card = find(row, card_token)
    if card is None and len(row.cards) < CARDS_MAX:
        card = CardState(card_token)
        row.cards.append(card)
    return card


def way(row: CustomerRow, card: CardState) -> list[CardState]:
    """Return a card and those that continue it, each once."""
    cards = [card]
    while card.replaced_by:
        following = find(row, card.replaced_by)
        if following is None or following in cards:
            break
        cards.append(following)
        card = following
    return cards


def take(row: CustomerRow, event: EventData, occurred_at_ms: int) -> bool:
    """Take what an event says of a card's status; return False where no card fits."""
    status = STATUS_BY_EVENT.get(type(event))
    if status is not None:
        return take_status(row, getattr(event, "card_token", ""), status, occurred_at_ms)
    return replace(row, event) if isinstance(event, CardReplaced) else True


def take_status(row: CustomerRow, card_token: str, status: str, occurred_at_ms: int) -> bool:
    """Keep the greatest (time, status) of a card; return False where no card fits."""
    card = found_or_new(row, card_token)
    if card is None:
        return False
    card.status_at_ms, card.status = max((card.status_at_ms, card.status), (occurred_at_ms, status))
    return True


def replace(row: CustomerRow, event: CardReplaced) -> bool:
    """Let a card go on under another token, with all it has reached; False: no room for both."""
    tokens = {event.card_token, event.new_card_token}
    if len(row.cards) + sum(find(row, token) is None for token in tokens) > CARDS_MAX:
        return False
    old, new = found_or_new(row, event.card_token), found_or_new(row, event.new_card_token)
    if old is None or new is None:  # counted above; the type checker cannot know
        return False
    if not old.replaced_by or new.card_token < old.replaced_by:
        old.replaced_by = new.card_token
    for following in way(row, new):
        for name in MILESTONE_FIELDS:
            reach(following, name, getattr(old, name))
    return True


def reach(card: CardState, name: str, at_ms: int) -> None:
    """Move one milestone of one card to the earlier time; 0 is not known."""
    known_at_ms: int = getattr(card, name)
    if at_ms and (known_at_ms == 0 or at_ms < known_at_ms):
        setattr(card, name, at_ms)
