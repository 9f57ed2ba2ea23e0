"""
Say what one event makes of one customer: core.md §3.2, on plain dicts and sorted lists.

A customer is a dict; nothing here knows of other customers, topics or bytes.
"""

from bisect import insort
from typing import Any

from tests.checker.identity import Facts, content_check, event_hash
from tests.checker.oracle_cards import is_same_card
from tests.checker.oracle_habits import learn_habit, new_habits
from tests.checker.oracle_hours import next_local, zone_of
from tests.checker.oracle_recent import keep_recent
from tests.checker.oracle_rules import Asking, is_met
from tests.checker.oracle_statements import is_repaid, statement_of
from tests.checker.oracle_subject import DAY_MS, HALF_LIVES_DAYS
from tests.checker.rhythm import silence_ms


RING_MAX = 32
CURRENCIES_MAX = 4
SUM_MINOR_MAX = 10**18
JOURNEYS_MAX = 32
DUE_MS_MAX = 2**53
COUNTING_AGE_MS_MAX = 90 * 86_400_000
RELEASING = {"failed", "expired", "rejected", "cancelled", "blocked_optout"}


def new_customer() -> Facts:
    """Return a customer of whom nothing is known."""
    return {
        "cards": {},
        "consents": {},
        "journeys": [],
        "contacts": [],
        "amounts": {},
        "spends": 0,
        "first": 0,
        "last": 0,
        "last_event": ("", ""),
        "last_card": "",
        "ring": [],
        "floor": 0,
        "words": {},
        "statements": {},
        "preference": None,
        "profile": None,
        "recent": [],
        "habits": new_habits(),
        "memories": {},
        "forgotten": 0,
        "kept_back": [],
        "exposures": [],
        "experiments": [],
    }


def remember(customer: Facts, envelope: Facts) -> str:
    """
    Put the event into the ring and return "DUPLICATE", "ID_CONFLICT", "young" or "old".

    Old means not younger than the floor: perhaps a repeat that the ring has forgotten.
    """
    name = event_hash(envelope["event_source"], envelope["event_id"])
    entry = (envelope["occurred_at_ms"], name, content_check(envelope["record"]))
    ring = customer["ring"]
    for _, known, content in ring:
        if known == name:
            return "DUPLICATE" if content == entry[2] else "ID_CONFLICT"
    if entry[0] <= customer["floor"]:
        return "old"
    insort(ring, entry)
    if len(ring) > RING_MAX:
        customer["floor"] = max(customer["floor"], ring.pop(0)[0])
    return "young"


def has_room_for_currency(customer: Facts, event: Facts) -> bool:
    """Return whether the event's money can be counted."""
    amounts = customer["amounts"]
    return event["currency"] in amounts or len(amounts) < CURRENCIES_MAX


def count_money(customer: Facts, event: Facts, at: int, named: tuple[str, str]) -> None:
    """Take a purchase or a reversal, `named` (source, id), into the sums and the rhythm."""
    fresh = {
        "n": 0,
        "sum": 0,
        "reversed_n": 0,
        "reversed_sum": 0,
        "as_of": at,
        "decayed": [0.0] * 3,
    }
    money = customer["amounts"].setdefault(event["currency"], fresh)
    amount = event["amount_minor"]
    sign = 1
    if event["event_type"] == "txn.posted":
        money["n"] += 1
        money["sum"] = min(money["sum"] + amount, SUM_MINOR_MAX)
        _count_rhythm(customer, event, at, named)
        for scene in keep_recent(customer["recent"], event, at):
            learn_habit(customer["habits"], scene)
    else:
        money["reversed_n"] += 1
        money["reversed_sum"] = min(money["reversed_sum"] + amount, SUM_MINOR_MAX)
        sign = -1
    newest = max(money["as_of"], at)
    for place, days in enumerate(HALF_LIVES_DAYS):
        old = money["decayed"][place] * 2.0 ** ((money["as_of"] - newest) / DAY_MS / days)
        money["decayed"][place] = old + sign * amount * 2.0 ** ((at - newest) / DAY_MS / days)
    money["as_of"] = newest


def _count_rhythm(customer: Facts, event: Facts, at: int, named: tuple[str, str]) -> None:
    customer["spends"] += 1
    customer["first"] = min(customer["first"], at) if customer["first"] else at
    newest = (customer["last"], event_hash(*customer["last_event"]))
    if customer["spends"] == 1 or (at, event_hash(*named)) > newest:
        customer["last"], customer["last_event"] = at, named
        customer["last_card"] = event["card_token"]


def hear_receipt(customer: Facts, event: Facts) -> tuple[Facts | None, bool]:
    """Return the contact that a receipt speaks of, and whether it overran the caps."""
    for contact in customer["contacts"]:
        if contact["trigger_id"] == event["trigger_id"]:
            delivered = event["status"] == "delivered"
            overrun = delivered and contact["released"]
            if delivered:
                contact["delivered"], contact["released"] = True, False
            elif event["status"] in RELEASING and not contact["delivered"]:
                contact["released"] = True
            return contact, overrun
    return None, False


def contacts_proved_wrong(
    customer: Facts, event: Facts, at: int, policies: dict[str, Facts]
) -> list[Facts]:
    """Mark and return the contacts that would not have been made, had this event come in time."""
    wrong = []
    for contact in customer["contacts"]:
        policy = policies.get(contact["campaign_id"])
        if policy is None or contact["invalidated"] or at >= contact["decided_at_ms"]:
            continue
        if proves_wrong(customer, event, at, contact, policy["entry"]):
            contact["invalidated"] = True
            wrong.append(contact)
    return wrong


def proves_wrong(customer: Facts, event: Facts, at: int, contact: Facts, entry: Facts) -> bool:
    """Return whether an event from before the decision shows that it should not have been made."""
    kind = event["event_type"]
    if entry["kind"] == "absence":
        # an event without a card speaks of contacts without one, such as those about applications
        both = not event.get("card_token") and not contact["card_token"]
        same = both or is_same_card(customer, event, contact["card_token"])
        return entry["without"] == kind and same
    if entry["kind"] == "silence":
        return kind == "txn.posted" and bool(contact["entered_at_ms"] < at)
    if entry["kind"] == "due_date" and kind == "repayment.received":
        statement = statement_of(contact)
        return event.get("statement_id") == statement and is_repaid(customer, statement)
    return False


def leave_journeys(customer: Facts, event: Facts, policies: dict[str, Facts], by: Asking) -> None:
    """Drop the journeys that this event ends."""
    customer["journeys"] = [
        journey
        for journey in customer["journeys"]
        if not ends(customer, journey, event, policies.get(journey["campaign_id"]), by)
    ]


def ends(customer: Facts, journey: Facts, event: Facts, policy: Facts | None, by: Asking) -> bool:
    """Return whether the event ends a journey with this occurrence and card."""
    if policy is None:
        return False
    kind, entry = event["event_type"], policy["entry"]
    if entry["kind"] == "due_date" and kind == "repayment.received":  # noqa: SIM102
        if is_repaid(customer, statement_of(journey)):
            return True
    if entry["kind"] == "silence" and kind == "txn.posted":
        return False  # its next purchase replaces it
    if not _is_about(customer, journey, event, policy):
        return False
    if kind == entry.get("without") or kind in policy["exit_on"]:
        return True
    conditions = [one for one in policy["exit_on"] if not isinstance(one, str)]
    return any(
        one["on"] == kind and is_met(policy, one.get("if"), customer, event, by)
        for one in conditions
    )


def _is_about(customer: Facts, journey: Facts, event: Facts, policy: Facts) -> bool:
    occurrence = occurrence_of(policy)
    if occurrence == "statement" and event.get("statement_id"):
        return bool(event["statement_id"] == statement_of(journey))
    return occurrence == "txn" or is_same_card(customer, event, journey["card_token"])


def occurrence_of(policy: Facts) -> str:
    """Return what sets journeys of the campaign apart: for a due date always the statement."""
    return "statement" if policy["entry"]["kind"] == "due_date" else str(policy["occurrence"])


def at_hour(customer: Facts, step: Facts, due_at: int, tenant_zone: str) -> int:
    """Return when the customer's clock next shows the step's minute; else the time itself."""
    zone = zone_of(customer, tenant_zone)
    if step.get("at_minute") is None or zone is None:
        return due_at
    return next_local(zone, due_at, step["at_minute"])


def silence_steps(
    customer: Facts, envelope: Facts, policy: Facts, tenant_zone: str
) -> list[list[Any]]:
    """Return the steps of a silence journey with due times as the rhythm is now."""
    entry = policy["entry"]
    repeats = customer["spends"] - 1
    if repeats < entry["repeat_count_min"]:
        return []
    wait = silence_ms(entry, repeats, customer["last"] - customer["first"])
    if wait is None:
        return []
    begun = customer["first"] + wait
    arrived, late = envelope["journal_at_ms"], envelope["lateness_ms"]
    begins = [
        (step, begun + step.get("delay_ms", 0))
        for step in policy["steps"]
        if begun + step.get("delay_ms", 0) <= DUE_MS_MAX
    ]
    return [
        [step["id"], max(at_hour(customer, step, due_at, tenant_zone), arrived) + late, False]
        for step, due_at in begins
    ]
