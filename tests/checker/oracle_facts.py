"""Take what one event says into its customer: core.md §3.2 (5) to (7) and §3.8."""

from typing import Any, NamedTuple

from tests.checker import oracle_consents as consents
from tests.checker import oracle_customer as customers
from tests.checker.identity import Facts
from tests.checker.oracle_statements import take_bill, take_repayment
from tests.checker.oracle_words import RULES, forget_partners, hear_word


COUNTING_AGE_MS_MAX = 90 * 86_400_000
PREFERENCE = {
    "personalisation_opt_out": False,
    "channel_order": (),
    "quiet_hours": "",
    "language": "",
}
PROFILE = {
    "time_zone": "",
    "region_code": "",
    "segment_codes": (),
    "staff": False,
    "attributes": {},
}
ATTRIBUTES = ("city_code", "wealth_band", "age_band", "occupation_band")


class Taken(NamedTuple):
    """
    What became of an event so far.

    Attributes:
        ignored: why, "" where it is not.
        ends: whether no later step is taken.
        overrun: the contact whose release a receipt proved wrong.
    """

    ignored: str = ""
    ends: bool = False
    overrun: Facts | None = None


FULL = Taken("STATE_FULL", ends=True)
UNKNOWN = Taken("UNKNOWN_TRIGGER", ends=True)


def take_facts(customer: Facts, envelope: Facts, *, now: int, is_young: bool) -> Taken:
    """Take all but milestones and cards; `is_young`: above the ring's floor before this event."""
    event, at = envelope["record"], envelope["occurred_at_ms"]
    kind = event["event_type"]
    if kind in ("txn.posted", "txn.reversed") or (
        kind == "repayment.received" and event.get("statement_id")
    ):
        is_late = envelope["journal_at_ms"] - at > COUNTING_AGE_MS_MAX
        return _count(customer, envelope, is_late=is_late or not is_young)
    if kind == "statement.issued":
        take_bill(customer, event, at)
    elif kind in ("preference.changed", "profile.changed"):
        _keep_greatest(customer, event, at)
    elif kind in TAKE:
        return TAKE[kind](customer, envelope, now)
    elif kind in RULES and not hear_word(customer, event, at, now):
        return FULL
    return Taken()


def _count(customer: Facts, envelope: Facts, *, is_late: bool) -> Taken:
    event, at = envelope["record"], envelope["occurred_at_ms"]
    if is_late:
        return Taken("LATE_FOR_COUNTERS")
    if event["event_type"] == "repayment.received":
        take_repayment(customer, event)
        return Taken()
    if not customers.has_room_for_currency(customer, event):
        return Taken("STATE_FULL")
    customers.count_money(customer, event, at, (envelope["event_source"], envelope["event_id"]))
    return Taken()


def _consent(customer: Facts, envelope: Facts, _: int) -> Taken:
    event = envelope["record"]
    at, event_id = envelope["occurred_at_ms"], envelope["event_id"]
    if not consents.hear_consent(customer, event, at, event_id):
        return FULL
    if event["channel"] == "data":
        withdrawn = consents.withdrawn_at(customer, event["purpose"]) or 0
        forget_partners(customer, event["purpose"], withdrawn)
    return Taken()


def _receipt(customer: Facts, envelope: Facts, _: int) -> Taken:
    event = envelope["record"]
    is_opt_out = event["status"] == "blocked_optout"
    if is_opt_out and not _opt_out(customer, envelope):
        return FULL
    contact, overrun = customers.hear_receipt(customer, event)
    if contact is None:
        return Taken() if is_opt_out else UNKNOWN
    return Taken(overrun=contact if overrun else None)


def _reply(customer: Facts, envelope: Facts, now: int) -> Taken:
    """Take a response or an offer's result: a word for triggers that are known."""
    event = envelope["record"]
    is_opt_out = event.get("kind") == "optout"
    if is_opt_out and not _opt_out(customer, envelope):
        return FULL
    known = {contact["trigger_id"] for contact in customer["contacts"]}
    if event["trigger_id"] not in known:
        return Taken() if is_opt_out else UNKNOWN
    is_kept = hear_word(customer, event, envelope["occurred_at_ms"], now)
    return Taken() if is_kept else FULL


def _partner(customer: Facts, envelope: Facts, now: int) -> Taken:
    event, at = envelope["record"], envelope["occurred_at_ms"]
    withdrawn = consents.withdrawn_at(customer, event["purpose"])
    if withdrawn is not None and withdrawn >= at:
        return Taken("NO_CONSENT", ends=True)
    return Taken() if hear_word(customer, event, at, now) else FULL


TAKE = {
    "consent.changed": _consent,
    "delivery.receipt": _receipt,
    "response.recorded": _reply,
    "offer.result": _reply,
    "partner.observed": _partner,
    "survey.answered": _partner,
}


def _opt_out(customer: Facts, envelope: Facts) -> bool:
    at, event_id = envelope["occurred_at_ms"], envelope["event_id"]
    return consents.opt_out(customer, envelope["record"]["channel"], at, event_id)


def _keep_greatest(customer: Facts, event: Facts, at: int) -> None:
    """Keep the whole of the greatest (time, fields in the order of their declaration)."""
    name = event["event_type"].split(".")[0]
    fields = PREFERENCE if name == "preference" else PROFILE
    said = (at, *(_comparable(event.get(field, default)) for field, default in fields.items()))
    kept = customer[name]
    customer[name] = said if kept is None else max(kept, said)


def _comparable(value: Any) -> Any:  # noqa: ANN401 (any field)
    """Return lists and the profile's attributes as tuples, attributes in declared order."""
    if isinstance(value, dict):
        return tuple(value.get(name, "") for name in ATTRIBUTES)
    return tuple(value) if isinstance(value, list) else value
