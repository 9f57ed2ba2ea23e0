"""Say which journeys an event begins: core.md §3.2 (10)."""

from collections.abc import Iterable
from typing import Any

from tests.checker.identity import Facts, occurrence_key
from tests.checker.oracle_cards import MILESTONES, as_now
from tests.checker.oracle_customer import JOURNEYS_MAX, at_hour, occurrence_of, silence_steps
from tests.checker.oracle_features import values
from tests.checker.oracle_hours import zone_of
from tests.checker.oracle_memory import is_count_complete, is_sequence_complete
from tests.checker.oracle_rules import Asking, is_met, subject_of_event
from tests.checker.oracle_statements import end_of_day_ms, is_repaid


DRIFTS = {
    "frequency": ["frequency_drift_ppm"],
    "amount": ["amount_drift_ppm"],
    "either": ["frequency_drift_ppm", "amount_drift_ppm"],
}
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
            `n` and `sum` of the currency; `is_old`, whether it may be a forgotten repeat; and
            `by`, how the tenant asks rules.

    Returns:
        The candidates of this record's own occasion, and how many journeys found no room.
    """
    candidates: Candidates = []
    full_count = 0
    for campaign in sorted(policies):
        policy = policies[campaign]
        kind = policy["entry"]["kind"]
        if not is_within_dates(policy, before["by"].now):
            _drop_silence(customer, envelope, policy)
            continue
        if kind == "silence":
            full_count += _enter_silence(customer, envelope, policy, before["by"].zone)
            continue
        if not BEGINS[kind](customer, envelope, policy, before):
            continue
        if _has_been(customer, policy, _occurrence(envelope, policy)):
            continue
        journey, now_steps = _journey(customer, envelope, policy, before["by"].zone)
        if not journey["due"] and not now_steps:
            continue  # a bill that came too late for every step
        is_full = len(customer["journeys"]) >= JOURNEYS_MAX
        full_count += is_full
        customer["journeys"] += [] if is_full else [journey]
        goes = not is_full or policy["message_class"] == "mandatory"
        candidates += [(journey, step, place) for step, place in now_steps if goes]
    return candidates, full_count


def is_within_dates(policy: Facts, now: int) -> bool:
    """Return whether journeys are entered now."""
    end = policy.get("end_at_ms", 0)
    return bool(policy.get("start_at_ms", 0) <= now and not 0 < end <= now)


def _drop_silence(customer: Facts, envelope: Facts, policy: Facts) -> None:
    """Let a counted purchase end a silence that it may not begin anew."""
    if policy["entry"]["kind"] == "silence" and envelope["record"]["event_type"] == "txn.posted":
        journeys = customer["journeys"]
        customer["journeys"] = [one for one in journeys if one["campaign_id"] != policy["id"]]


def _begins_absence(customer: Facts, envelope: Facts, policy: Facts, before: Facts) -> bool:
    event, entry = envelope["record"], policy["entry"]
    if event["event_type"] != entry["after"] or event.get("issue_type", "new") != "new":
        return False
    sets_milestone = event["event_type"] in MILESTONES
    is_spent = before["milestone_at"] if sets_milestone else before["is_old"]
    if is_spent:
        return False
    card = customer["cards"].get(as_now(customer, event.get("card_token", "")), {})
    if card.get(MILESTONES.get(entry["without"]), 0):
        return False
    return is_met(policy, entry.get("if"), customer, event, before["by"])


def _begins_due_date(customer: Facts, envelope: Facts, policy: Facts, before: Facts) -> bool:
    event, entry = envelope["record"], policy["entry"]
    return (
        not before["is_old"]
        and event["event_type"] == "statement.issued"
        and event["total_due_minor"] >= entry.get("total_due_minor_min", 1)
        and not is_repaid(customer, event["statement_id"])
    )


def _begins_event(customer: Facts, envelope: Facts, policy: Facts, before: Facts) -> bool:
    event, entry = envelope["record"], policy["entry"]
    if before["is_old"]:
        return False
    house = any(_is_as_wanted(event, one, before) for one in entry.get("any_of", ()))
    return house or bool(_places(policy, entry.get("when", ()), customer, event, before["by"]))


def _is_as_wanted(event: Facts, condition: Facts, before: Facts) -> bool:
    if condition["on"] != event["event_type"]:
        return False
    if condition["on"] == "statement.issued":
        eligible = event["instalment_eligible"] or not condition["instalment_eligible"]
        return bool(eligible and event["total_due_minor"] >= condition["total_due_minor_min"])
    return bool(
        event["amount_minor"] >= condition["amount_minor_min"]
        and before["n"] >= condition["spend_count_min"]
        and event["amount_minor"] * 100 * before["n"]
        >= condition["own_mean_percent_min"] * before["sum"]
    )


def _places(
    policy: Facts, conditions: Iterable[Facts], customer: Facts, event: Facts, by: Asking
) -> list[int]:
    """Return the numbers of the conditions that the event meets."""
    return [
        place
        for place, one in enumerate(conditions)
        if one["on"] == event["event_type"] and is_met(policy, one.get("if"), customer, event, by)
    ]


def _begins_count(customer: Facts, envelope: Facts, policy: Facts, before: Facts) -> bool:
    event, entry = envelope["record"], policy["entry"]
    if before["is_old"] or not _places(policy, [entry], customer, event, before["by"]):
        return False
    return is_count_complete(customer, policy, envelope["occurred_at_ms"])


def _begins_sequence(customer: Facts, envelope: Facts, policy: Facts, before: Facts) -> bool:
    if before["is_old"]:
        return False
    event, of = envelope["record"], policy["entry"]["of"]
    places = _places(policy, of, customer, event, before["by"])
    return bool(places) and is_sequence_complete(
        customer, policy, places, envelope["occurred_at_ms"]
    )


def _begins_drift(customer: Facts, envelope: Facts, policy: Facts, before: Facts) -> bool:
    event, entry = envelope["record"], policy["entry"]
    if event["event_type"] != "txn.posted":
        return False
    if any(journey["campaign_id"] == policy["id"] for journey in customer["journeys"]):
        return False
    subject = subject_of_event(customer, event, before["by"])
    declined_ppm = max(values(subject, DRIFTS[entry["of"]]).values())
    has_declined = declined_ppm >= entry["decline_ppm_min"]
    return has_declined and is_met(policy, entry.get("if"), customer, event, before["by"])


ON_NOW = {
    "event": _begins_event,
    "count": _begins_count,
    "sequence": _begins_sequence,
    "drift": _begins_drift,
}
BEGINS = {"absence": _begins_absence, "due_date": _begins_due_date, **ON_NOW}


def _occurrence(envelope: Facts, policy: Facts) -> str:
    event = envelope["record"]
    wanted = {"card": "card_token", "statement": "statement_id", "txn": "txn_id"}
    named = event.get(wanted[occurrence_of(policy)]) or event.get("card_token", "")
    return occurrence_key(named, envelope["event_source"], envelope["event_id"])


def _journey(
    customer: Facts, envelope: Facts, policy: Facts, tenant_zone: str
) -> tuple[Facts, list[tuple[str, int]]]:
    """Return the new journey and the steps that belong to this very record."""
    event, is_on_now = envelope["record"], policy["entry"]["kind"] in ON_NOW
    amount = event.get("total_due_minor", event.get("amount_minor", 0))
    journey = _journey_facts(policy, _occurrence(envelope, policy), event.get("card_token", ""))
    waiting, at_once = _steps(customer, envelope, policy, tenant_zone)
    journey |= {
        "entry_event_id": envelope["event_id"],
        "entered_at_ms": envelope["occurred_at_ms"],
        "waits_on": "now" if is_on_now else "watermark",
        "due": waiting,
        "amount_minor": amount if is_on_now else 0,
        "currency": event.get("currency", "") if is_on_now else "",
    }
    return journey, at_once


def _steps(
    customer: Facts, envelope: Facts, policy: Facts, tenant_zone: str
) -> tuple[list[list[Any]], list[tuple[str, int]]]:
    """Return the steps that wait (id, due time, whether deferred), and those that do not."""
    event, kind, steps = envelope["record"], policy["entry"]["kind"], enumerate(policy["steps"])
    entered_at = envelope["occurred_at_ms"]
    arrived, late = envelope["journal_at_ms"], envelope["lateness_ms"]
    if kind == "due_date":
        end = end_of_day_ms(event["due_date"])
        dues = [
            [step["id"], max(end - step.get("lead_ms", 0), arrived) + late, False]
            for _, step in steps
        ]
        return [due for due in dues if due[1] < end], []
    waiting: list[list[Any]] = []
    at_once: list[tuple[str, int]] = []
    has_clock = zone_of(customer, tenant_zone) is not None
    for place, step in steps:
        due_at = at_hour(customer, step, entered_at + step.get("delay_ms", 0), tenant_zone)
        has_hour = step.get("at_minute") is not None and has_clock
        if kind == "absence":
            waiting.append([step["id"], max(due_at, arrived) + late, False])
        elif step.get("delay_ms", 0) or has_hour:
            waiting.append([step["id"], due_at, False])
        else:
            at_once.append((step["id"], place))
    return waiting, at_once


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


def _enter_silence(customer: Facts, envelope: Facts, policy: Facts, tenant_zone: str) -> int:
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
        "due": silence_steps(customer, envelope, policy, tenant_zone),
        "amount_minor": 0,
        "currency": "",
    }
    customer["journeys"].append(journey)
    return 0


def known_before(customer: Facts, event: Facts) -> Facts:
    """Return what entry conditions ask about the time before the event."""
    card: Facts = customer["cards"].get(event.get("card_token"), {})
    money = customer["amounts"].get(event.get("currency"), {})
    return {
        "milestone_at": card.get(MILESTONES.get(event["event_type"], ""), 0),
        "n": money.get("n", 0),
        "sum": money.get("sum", 0),
    }


def ripe_steps(tenant: Facts, customer: Facts) -> list[tuple[Facts, int, list[Any]]]:
    """Return the journeys' due steps that the tenant's clocks have reached, with their places."""
    return [
        (journey, place, step)
        for journey in customer["journeys"]
        for place, step in enumerate(journey["due"])
        if step[1] <= tenant["now" if step[2] else journey["waits_on"]]
    ]
