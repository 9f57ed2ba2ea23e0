"""
Count what a customer spends: rhythm over all cards, sums and decayed sums by currency.

A counter takes an event only while a repeat of it would be known for one (SEMANTICS T6), so that
nothing is ever counted twice.
"""

from typing import Final

from lifecycle.entries import Sighting
from lifecycle.features import recent, scene_habits
from lifecycle.instants import DAY_MS
from schemas.events import TxnPosted, TxnReversed
from schemas.rejects import IgnoreReason
from schemas.state import CURRENCIES_MAX, AmountState, CustomerRow


AGE_MAX_MS: Final = 90 * 86_400_000
"""Between event time and journal time; older events reach milestones only."""

SUM_MINOR_MAX: Final = 10**18
"""Where a sum stops: a row holds 64 bits, and a sum that it could not hold would stop the task."""


def late(seen: Sighting) -> bool:
    """Return whether an event is too old to be counted: a repeat of it might not be known."""
    envelope = seen.envelope
    return seen.repeatable or envelope.journal_at_ms - envelope.occurred_at_ms > AGE_MAX_MS


def take(row: CustomerRow, event: TxnPosted | TxnReversed, seen: Sighting) -> IgnoreReason | None:
    """Count a purchase or what was taken back of one; STATE_FULL: a fifth currency, not counted."""
    occurred_at_ms = seen.envelope.occurred_at_ms
    amount = row.amounts.get(event.currency)
    if amount is None:
        if len(row.amounts) >= CURRENCIES_MAX:
            return "STATE_FULL"
        amount = row.amounts[event.currency] = AmountState()
    if isinstance(event, TxnPosted):
        _move_rhythm(row, event.card_token, seen)
        fallen = recent.add(row, event, occurred_at_ms)
        if fallen is not None:
            row.scene_habits = scene_habits.learnt(row.scene_habits, fallen)
        amount.spend_count += 1
        amount.spend_sum_minor = min(amount.spend_sum_minor + event.amount_minor, SUM_MINOR_MAX)
        _add_decayed(amount, event.amount_minor, occurred_at_ms)
    else:  # the rhythm stays: the customer did use the card
        amount.reversed_count += 1
        reversed_minor = amount.reversed_sum_minor + event.amount_minor
        amount.reversed_sum_minor = min(reversed_minor, SUM_MINOR_MAX)
        _add_decayed(amount, -event.amount_minor, occurred_at_ms)
    return None


def _move_rhythm(row: CustomerRow, card_token: str, seen: Sighting) -> None:
    """Count a purchase in the customer's own rhythm; the last is the greatest (time, identity)."""
    occurred_at_ms = seen.envelope.occurred_at_ms
    if row.spend_count == 0 or occurred_at_ms < row.first_spend_at_ms:
        row.first_spend_at_ms = occurred_at_ms
    newest = (row.last_spend_at_ms, row.last_spend_hash)
    if row.spend_count == 0 or (occurred_at_ms, seen.identity) > newest:
        row.last_spend_at_ms = occurred_at_ms
        row.last_spend_hash = seen.identity
        row.last_spend_event_id = seen.envelope.event_id
        row.last_spend_card_token = card_token
    row.spend_count += 1


def _add_decayed(amount: AmountState, amount_minor: int, occurred_at_ms: int) -> None:
    """Add to the sums that halve every 7, 30 and 90 days, all as of the newest event."""
    later_days = (occurred_at_ms - amount.decayed_as_of_ms) / DAY_MS
    if later_days > 0:
        amount.decayed_as_of_ms = occurred_at_ms
        amount.decayed_7d_minor *= 2.0 ** (-later_days / 7)
        amount.decayed_30d_minor *= 2.0 ** (-later_days / 30)
        amount.decayed_90d_minor *= 2.0 ** (-later_days / 90)
        later_days = 0.0
    amount.decayed_7d_minor += amount_minor * 2.0 ** (later_days / 7)
    amount.decayed_30d_minor += amount_minor * 2.0 ** (later_days / 30)
    amount.decayed_90d_minor += amount_minor * 2.0 ** (later_days / 90)
