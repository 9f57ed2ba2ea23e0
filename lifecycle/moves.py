"""
Tell the funnel that a card is counted elsewhere from now on (docs/core.md 3.18).

Added up, the moves of a card end where its row has it, whatever the order of arrival was; those of
an erased customer lead out of the funnel again.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from lifecycle import cards
from lifecycle.ids import derived_id, event_hash
from lifecycle.milestones import Milestone
from lifecycle.partition import TenantState
from schemas.events import CardReplaced, EventData
from schemas.journal import JournalEnvelope
from schemas.outcomes import CardMoved
from schemas.state import CardState, CustomerRow


FIELDS: Final[dict[Milestone, str]] = {
    "issued": "issued_at_ms",
    "activated": "activated_at_ms",
    "bound": "bound_at_ms",
    "first_spend": "first_spend_at_ms",
}
"""Milestones that the funnel counts, in the order in which they are named."""

WAITED_FROM: Final = {
    "activated": "issued_at_ms",
    "bound": "activated_at_ms",
    "first_spend": "activated_at_ms",
}
"""Since when a card has waited for a milestone."""

GONE: Final = frozenset({"lost", "closed"})
WAITED_UNKNOWN_MS: Final = -1
NEW_CARDS: Final = ["", ""]
"""Where those were that an event creates, at most two; they come last in a row."""
MOVES_STATUS: Final = frozenset({*cards.STATUS_BY_EVENT, CardReplaced})
"""Events without a milestone that may move a card."""


class Reach(NamedTuple):
    """What an event does to cards: whether a milestone is new to its own, and which ones move."""

    is_first: bool
    moved: Sequence[CardMoved] = ()


NO_REACH: Final = Reach(is_first=False)
"""Nearly every event's: the second purchase with a card moves nothing."""


class Mover(NamedTuple):
    """A tenant's event that may move cards."""

    tenant: TenantState
    envelope: JournalEnvelope

    def reached(self, row: CustomerRow, milestone: Milestone, new: Sequence[CardState]) -> Reach:
        """Return who moves by a milestone that is new to some cards, the event's own the first."""
        if milestone not in FIELDS:
            return Reach(is_first=True)
        own = new[0]
        moved = [
            self._moved(card, before, after, milestone if card is own else None)
            for card in row.cards
            if card in new
            and (before := counted_as(card, but=milestone)) != (after := counted_as(card))
        ]
        return Reach(is_first=True, moved=moved)

    def taken(self, row: CustomerRow, event: EventData) -> Reach | None:
        """Take what the event says of a card's status; None where no card fits."""
        was = [counted_as(card) for card in row.cards]
        if not cards.take(row, event, self.envelope.occurred_at_ms):
            return None
        moved = [
            self._moved(card, before, after)
            for card, before in zip(row.cards, was + NEW_CARDS, strict=False)
            if before != (after := counted_as(card))
        ]
        return Reach(is_first=False, moved=moved)

    def erased(self) -> list[CardMoved]:
        """Return that the cards of the customer, who is still known, are counted no more."""
        return [
            self._moved(card, before, "")
            for card in self.tenant.customer(self.envelope.customer_token).cards
            if (before := counted_as(card))
        ]

    def _moved(
        self, card: CardState, before: str, after: str, reached: Milestone | None = None
    ) -> CardMoved:
        """Return the record of one card's move."""
        envelope = self.envelope
        identity = event_hash(envelope.event_source, envelope.event_id)
        whose = self.tenant.name, envelope.customer_token
        since_ms = getattr(card, WAITED_FROM[reached]) if reached in WAITED_FROM else 0
        return CardMoved(
            moved_id=derived_id("moved", *whose, f"{identity:016x}", card.card_token, after),
            tenant=self.tenant.name,
            customer_token=envelope.customer_token,
            before=before,
            after=after,
            reached=reached or "",
            waited_ms=max(0, envelope.occurred_at_ms - since_ms) if since_ms else WAITED_UNKNOWN_MS,
            occurred_at_ms=envelope.occurred_at_ms,
            moved_at_ms=self.tenant.row.now_at_ms,
        )


def counted_as(card: CardState, *, but: Milestone | None = None) -> str:
    """Return where the funnel counts a card, "" for nowhere; as if it had not reached `but`."""
    if card.replaced_by:
        return ""
    names = (name for name, field in FIELDS.items() if name != but and getattr(card, field))
    return "+".join(names) + ("|gone" if card.status in GONE else "")
