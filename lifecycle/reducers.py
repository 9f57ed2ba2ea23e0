"""
Say what every event teaches: the one table event -> what it does to the customer's row.

A reducer returns why the event taught nothing, None where it did. What an event's card reaches
is taken before (`lifecycle.milestones`, `lifecycle.cards`), journeys after. An event that is a
word only needs its line in `lifecycle.word_table`.
"""

from collections.abc import Callable
from typing import Any, Final, TypeAlias

from lifecycle import consents, counters, late_truth, offers, profiles, statements, words
from lifecycle.entries import Sighting
from lifecycle.partition import TenantState
from lifecycle.records import Effect
from schemas import events
from schemas.rejects import IgnoreReason
from schemas.state import CustomerRow


Reducer: TypeAlias = Callable[
    [TenantState, CustomerRow, Sighting, Any, list[Effect]], IgnoreReason | None
]


def learn(
    tenant: TenantState, row: CustomerRow, seen: Sighting, effects: list[Effect]
) -> IgnoreReason | None:
    """Take from the event what its type teaches; return why it taught nothing."""
    event = seen.event
    reducer = _REDUCER_BY_EVENT.get(type(event))
    return None if reducer is None else reducer(tenant, row, seen, event, effects)


def _word(
    tenant: TenantState,
    row: CustomerRow,
    seen: Sighting,
    event: events.EventData,
    _effects: list[Effect],
) -> IgnoreReason | None:
    said = words.WORD_BY_EVENT[type(event)](event, seen.envelope.occurred_at_ms)
    return words.take(row, said, tenant.row.now_at_ms)


def _spend(
    _tenant: TenantState,
    row: CustomerRow,
    seen: Sighting,
    event: events.TxnPosted | events.TxnReversed,
    _effects: list[Effect],
) -> IgnoreReason | None:
    return "LATE_FOR_COUNTERS" if counters.late(seen) else counters.take(row, event, seen)


def _repayment(
    tenant: TenantState,
    row: CustomerRow,
    seen: Sighting,
    event: events.RepaymentReceived,
    effects: list[Effect],
) -> IgnoreReason | None:
    if not event.statement_id:
        return _word(tenant, row, seen, event, effects)
    if counters.late(seen):
        return "LATE_FOR_COUNTERS"
    statements.pay(row, event)
    return None


def _statement(
    _tenant: TenantState,
    row: CustomerRow,
    seen: Sighting,
    event: events.StatementIssued,
    _effects: list[Effect],
) -> None:
    statements.issue(row, event, seen.envelope.occurred_at_ms)


def _consent(
    _tenant: TenantState,
    row: CustomerRow,
    seen: Sighting,
    event: events.ConsentChanged,
    _effects: list[Effect],
) -> IgnoreReason | None:
    return consents.take(row, event, seen.envelope.occurred_at_ms, seen.envelope.event_id)


def _preference(
    _tenant: TenantState,
    row: CustomerRow,
    seen: Sighting,
    event: events.PreferenceChanged,
    _effects: list[Effect],
) -> None:
    profiles.take_preference(row, event, seen.envelope.occurred_at_ms)


def _profile(
    _tenant: TenantState,
    row: CustomerRow,
    seen: Sighting,
    event: events.ProfileChanged,
    _effects: list[Effect],
) -> None:
    profiles.take_profile(row, event, seen.envelope.occurred_at_ms)


def _receipt(
    tenant: TenantState,
    row: CustomerRow,
    seen: Sighting,
    event: events.DeliveryReceipt,
    effects: list[Effect],
) -> IgnoreReason | None:
    """Take a receipt; one that says `blocked_optout` counts for an unknown trigger, too (G1)."""
    if event.status != "blocked_optout":
        return late_truth.take_receipt(tenant, row, seen, event, effects)
    full = _opt_out(row, seen, event.channel)
    if full is None:
        late_truth.take_receipt(tenant, row, seen, event, effects)
    return full


def _response(
    tenant: TenantState,
    row: CustomerRow,
    seen: Sighting,
    event: events.ResponseRecorded,
    effects: list[Effect],
) -> IgnoreReason | None:
    """Take a response; `optout` counts for an unknown trigger, too (SEMANTICS G1)."""
    opted_out = event.kind == "optout"
    if opted_out and (full := _opt_out(row, seen, event.channel)) is not None:
        return full
    if late_truth.find(row, event.trigger_id) is None:
        return None if opted_out else "UNKNOWN_TRIGGER"
    return _word(tenant, row, seen, event, effects)


def _offer(
    tenant: TenantState,
    row: CustomerRow,
    seen: Sighting,
    event: events.OfferResult,
    effects: list[Effect],
) -> IgnoreReason | None:
    if late_truth.find(row, event.trigger_id) is None:
        return "UNKNOWN_TRIGGER"
    ignored = _word(tenant, row, seen, event, effects)
    if ignored is None:
        offers.heed(tenant, row, event)
    return ignored


def _opt_out(row: CustomerRow, seen: Sighting, channel: str) -> IgnoreReason | None:
    envelope = seen.envelope
    return consents.opt_out(row, channel, envelope.occurred_at_ms, envelope.event_id)


def _unsupported(*_: object) -> IgnoreReason:
    return "NOT_SUPPORTED"


_REDUCER_BY_EVENT: Final[dict[type[events.EventData], Reducer]] = {
    **dict.fromkeys(words.WORD_BY_EVENT, _word),
    events.TxnPosted: _spend,
    events.TxnReversed: _spend,
    events.StatementIssued: _statement,
    events.RepaymentReceived: _repayment,
    events.ConsentChanged: _consent,
    events.PreferenceChanged: _preference,
    events.ProfileChanged: _profile,
    events.DeliveryReceipt: _receipt,
    events.ResponseRecorded: _response,
    events.OfferResult: _offer,
    events.IdentityMerged: _unsupported,
}
