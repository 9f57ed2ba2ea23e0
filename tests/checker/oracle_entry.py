"""Say which journeys an event begins: core.md §3.2 (10)."""

from typing import Any

from tests.checker.identity import Facts, occurrence_key
from tests.checker.oracle_cards import MILESTONES, as_now
from tests.checker.oracle_customer import JOURNEYS_MAX, occurrence_of, silence_steps
from tests.checker.oracle_statements import end_of_day_ms, is_repaid


Candidates = list[tuple[Facts, str, int]]
"""Journey, step id, place of the step in its journey."""


def enter_journeys(
    customer: Facts, envelope: Facts, policies: dict[str, Facts], before: Facts
) -> tuple[Candidates, int]:
    """
    Begin what this event begins.

    Args:
        customer: as this event has left them; its journeys are changed.
        envelope: the event.
        policies: the tenant's active policies by campaign id.
        before: what held before the event: `milestone_at` of the card for this event's type,
            `n` and `sum` of the currency; and `is_old`, whether it may be a forgotten repeat.

    Returns:
        The candidates of this record's own occasion, and how many journeys found no room.
    """
    candidates: Candidates = []
    full_count = 0
    for campaign in sorted(policies):
        policy = policies[campaign]
        kind = policy["entry"]["kind"]
        if kind == "silence":
            full_count += _enter_silence(customer, envelope, policy)
            continue
        if not BEGINS[kind](customer, envelope["record"], policy["entry"], before):
            continue
        if _has_been(customer, policy, _occurrence(envelope, policy)):
            continue
        journey, now_steps = _journey(envelope, policy)
        if not journey["due"] and not now_steps:
            continue  # a bill that came too late for every step
        if len(customer["journeys"]) >= JOURNEYS_MAX:
            full_count += 1
            continue
        customer["journeys"].append(journey)
        candidates += [(journey, step, place) for step, place in now_steps]
    return candidates, full_count


def _begins_absence(customer: Facts, event: Facts, entry: Facts, before: Facts) -> bool:
    if event["event_type"] != entry["after"] or event.get("issue_type", "new") != "new":
        return False
    sets_milestone = event["event_type"] in MILESTONES
    is_spent = before["milestone_at"] if sets_milestone else before["is_old"]
    if is_spent:
        return False
    card = customer["cards"].get(as_now(customer, event.get("card_token", "")), {})
    return not card.get(MILESTONES.get(entry["without"]), 0)


def _begins_due_date(customer: Facts, event: Facts, entry: Facts, before: Facts) -> bool:
    return (
        not before["is_old"]
        and event["event_type"] == "statement.issued"
        and event["total_due_minor"] >= entry.get("total_due_minor_min", 1)
        and not is_repaid(customer, event["statement_id"])
    )


def _begins_event(_: Facts, event: Facts, entry: Facts, before: Facts) -> bool:
    if before["is_old"]:
        return False
    for condition in entry["any_of"]:
        if condition["on"] != event["event_type"]:
            continue
        if condition["on"] == "statement.issued":
            eligible = event["instalment_eligible"] or not condition["instalment_eligible"]
            return bool(eligible and event["total_due_minor"] >= condition["total_due_minor_min"])
        return bool(
            event["amount_minor"] >= condition["amount_minor_min"]
            and before["n"] >= condition["spend_count_min"]
            and event["amount_minor"] * 100 * before["n"]
            >= condition["own_mean_percent_min"] * before["sum"]
        )
    return False


BEGINS = {"absence": _begins_absence, "event": _begins_event, "due_date": _begins_due_date}


def _occurrence(envelope: Facts, policy: Facts) -> str:
    event = envelope["record"]
    wanted = {"card": "card_token", "statement": "statement_id", "txn": "txn_id"}
    named = event.get(wanted[occurrence_of(policy)]) or event.get("card_token", "")
    return occurrence_key(named, envelope["event_source"], envelope["event_id"])


def _journey(envelope: Facts, policy: Facts) -> tuple[Facts, list[tuple[str, int]]]:
    """Return the new journey and the steps that belong to this very record."""
    event, kind = envelope["record"], policy["entry"]["kind"]
    is_event = kind == "event"
    amount = event.get("total_due_minor", event.get("amount_minor", 0))
    journey = _journey_facts(policy, _occurrence(envelope, policy), event.get("card_token", ""))
    journey |= {
        "entry_event_id": envelope["event_id"],
        "entered_at_ms": envelope["occurred_at_ms"],
        "waits_on": "now" if is_event else "watermark",
        "due": _due_steps(envelope, policy),
        "amount_minor": amount if is_event else 0,
        "currency": event["currency"] if is_event else "",
    }
    at_once = [
        (step["id"], place)
        for place, step in enumerate(policy["steps"])
        if is_event and not step.get("delay_ms", 0)
    ]
    return journey, at_once


def _due_steps(envelope: Facts, policy: Facts) -> list[list[Any]]:
    """Return the steps that wait: id, due time, whether quiet hours have deferred it."""
    event, kind, steps = envelope["record"], policy["entry"]["kind"], policy["steps"]
    entered_at = envelope["occurred_at_ms"]
    arrived, late = envelope["journal_at_ms"], envelope["lateness_ms"]
    if kind == "event":
        delays = [(step["id"], step.get("delay_ms", 0)) for step in steps]
        return [[step, entered_at + delay, False] for step, delay in delays if delay]
    if kind == "absence":
        return [
            [step["id"], max(entered_at + step.get("delay_ms", 0), arrived) + late, False]
            for step in steps
        ]
    end = end_of_day_ms(event["due_date"])
    dues = [(step["id"], max(end - step.get("lead_ms", 0), arrived) + late) for step in steps]
    return [[step, due_at, False] for step, due_at in dues if due_at < end]


def _journey_facts(policy: Facts, occurrence: str, card: str) -> Facts:
    return {
        "campaign_id": policy["id"],
        "policy_version": policy["version"],
        "occurrence_key": occurrence,
        "card_token": card,
        "fired": False,
    }


def _has_been(customer: Facts, policy: Facts, occurrence: str) -> bool:
    """Return whether the customer's way through the campaign for this occurrence has begun."""
    return any(
        one["campaign_id"] == policy["id"] and one["occurrence_key"] == occurrence
        for one in (*customer["journeys"], *customer["contacts"])
    )


def _enter_silence(customer: Facts, envelope: Facts, policy: Facts) -> int:
    """Let a counted purchase begin the silence anew; return 1 when there was no room."""
    if envelope["record"]["event_type"] != "txn.posted":
        return 0
    key = occurrence_key(customer["last_card"], *customer["last_event"])
    this = (envelope["event_source"], envelope["event_id"])
    journeys = customer["journeys"]
    mine = [journey for journey in journeys if journey["campaign_id"] == policy["id"]]
    if any(journey["occurrence_key"] == key and journey["fired"] for journey in mine):
        return 0
    if not mine and this != customer["last_event"]:
        return 0
    if not mine and _has_been(customer, policy, key):
        return 0
    if not mine and len(journeys) >= JOURNEYS_MAX:
        return 1
    customer["journeys"] = [journey for journey in journeys if journey not in mine]
    journey = _journey_facts(policy, key, customer["last_card"])
    journey |= {
        "entry_event_id": customer["last_event"][1],
        "entered_at_ms": customer["last"],
        "waits_on": "watermark",
        "due": silence_steps(customer, envelope, policy),
        "amount_minor": 0,
        "currency": "",
    }
    customer["journeys"].append(journey)
    return 0
