"""Say what a policy makes of customers on file: core.md §3.3 (walks)."""

from collections.abc import Iterator
from typing import Any

from tests.checker.identity import Facts, occurrence_key
from tests.checker.oracle_cards import MILESTONES, as_now
from tests.checker.oracle_customer import (
    DUE_MS_MAX,
    JOURNEYS_MAX,
    at_hour,
    silence_steps,
)
from tests.checker.oracle_entry import is_within_dates
from tests.checker.oracle_statements import is_repaid, statement_of


WALKED_PER_TICK = 1_000
NOBODY_SAW = "cardcue/existing"
Steps = list[list[Any]]
"""Step id, due time, whether deferred."""


def begin_walk(walks: list[Facts], record: Facts) -> None:
    """Note that a policy which has just become active asks for a walk."""
    name = record["campaign"]["id"]
    enters = record.get("applies_to", "new") == "existing"
    moves = record.get("reschedule", False)
    walks[:] = [walk for walk in walks if walk["campaign_id"] != name]
    if enters or moves:
        walks.append({"campaign_id": name, "enters": enters, "moves": moves, "cursor": ""})


def walk_slice(tenant: Facts, customers: dict[str, Facts]) -> tuple[list[str], int]:
    """
    Take the slice of one tick.

    Args:
        tenant: with clocks, policies and `walks`, which are changed.
        customers: all of the partition by `tenant|token`; their journeys are changed.

    Returns:
        Whose journeys may have changed, and how many found no room.
    """
    if not tenant["walks"]:
        return [], 0
    walk = tenant["walks"][0]
    policy = tenant["policies"][walk["campaign_id"]]
    mine = {key.partition("|")[2]: key for key in customers if key.startswith(f"{tenant['name']}|")}
    tokens = sorted(token for token in mine if token > walk["cursor"])[:WALKED_PER_TICK]
    full_count = 0
    for token in tokens:
        customer = customers[mine[token]]
        arrival = {
            "journal_at_ms": tenant["now"],
            "lateness_ms": tenant["lateness"],
            "zone": tenant["time_zone"],
        }
        if walk["moves"]:
            _move(customer, policy, arrival)
        if walk["enters"] and is_within_dates(policy, tenant["now"]):
            full_count += _enter(customer, policy, arrival)
        walk["cursor"] = token
    if len(tokens) < WALKED_PER_TICK:
        del tenant["walks"][0]
    return [mine[token] for token in tokens], full_count


def _enter(customer: Facts, policy: Facts, arrival: Facts) -> int:
    """Begin every journey that the row gives cause for; return how many found no room."""
    found = KINDS.get(policy["entry"]["kind"], _nobody)
    full_count = 0
    for journey in list(found(customer, policy, arrival)):
        if len(customer["journeys"]) < JOURNEYS_MAX:
            customer["journeys"].append(journey)
        else:
            full_count += 1
    return full_count


def _absences(customer: Facts, policy: Facts, arrival: Facts) -> Iterator[Facts]:
    after, without = (MILESTONES.get(policy["entry"][name]) for name in ("after", "without"))
    if after is None or without is None or policy["entry"].get("if") is not None:
        return
    begun = {as_now(customer, one["card_token"]) for one in _ways(customer, policy)}
    for token, card in sorted(customer["cards"].items()):
        if card["replaced_by"] or not card[after] or card[without] or token in begun:
            continue
        due = _after(customer, policy, card[after], arrival)
        yield _journey(policy, (token, token), card[after], due)


def _silences(customer: Facts, policy: Facts, arrival: Facts) -> Iterator[Facts]:
    key = occurrence_key(customer["last_card"], *customer["last_event"])
    mine = [one for one in customer["journeys"] if one["campaign_id"] == policy["id"]]
    if not customer["spends"] or mine:
        return
    if any(one["occurrence_key"] == key for one in _ways(customer, policy)):
        return
    due = silence_steps(customer, arrival, policy, arrival["zone"])
    journey = _journey(policy, ("", customer["last_card"]), customer["last"], due)
    yield journey | {"occurrence_key": key, "entry_event_id": customer["last_event"][1]}


def _bills(customer: Facts, policy: Facts, arrival: Facts) -> Iterator[Facts]:
    begun = {statement_of(one) for one in _ways(customer, policy)}
    least = policy["entry"].get("total_due_minor_min", 1)
    for name, bill in sorted(customer["statements"].items()):
        if name in begun or not bill["issued_at"] or bill["total"] < least:
            continue
        due = _before(policy, bill["due_at"], arrival)
        if due and not is_repaid(customer, name):
            yield _journey(policy, (name, bill["card_token"]), bill["issued_at"], due)


def _nobody(*_: Facts) -> Iterator[Facts]:
    yield from ()


KINDS = {"absence": _absences, "silence": _silences, "due_date": _bills}


def _ways(customer: Facts, policy: Facts) -> list[Facts]:
    """Return the journeys and the contacts of a campaign."""
    both = (*customer["journeys"], *customer["contacts"])
    return [one for one in both if one["campaign_id"] == policy["id"]]


def _journey(policy: Facts, about: tuple[str, str], since: int, due: Steps) -> Facts:
    """Return a journey about a card or a bill, as if by an event of that time."""
    name, card = about
    return {
        "campaign_id": policy["id"],
        "policy_version": policy["version"],
        "occurrence_key": occurrence_key(name, NOBODY_SAW, str(since)),
        "card_token": card,
        "fired": False,
        "entry_event_id": "",
        "entered_at_ms": since,
        "waits_on": "watermark",
        "due": due,
        "amount_minor": 0,
        "currency": "",
    }


def _move(customer: Facts, policy: Facts, arrival: Facts) -> None:
    """Give waiting steps of the same id the times of this version."""
    ids = {step["id"] for step in policy["steps"]}
    for journey in customer["journeys"]:
        waiting = [step for step, _, is_deferred in journey["due"] if not is_deferred]
        if journey["campaign_id"] != policy["id"] or ids.isdisjoint(waiting):
            continue
        times = _times(customer, policy, journey, arrival)
        if times is not None:
            journey["due"] = [
                [step, due_at if is_deferred else times.get(step, due_at), is_deferred]
                for step, due_at, is_deferred in journey["due"]
                if is_deferred or step not in ids or step in times
            ]


def _times(customer: Facts, policy: Facts, journey: Facts, arrival: Facts) -> dict[str, int] | None:
    """Return when each step of this version is due in a journey, None where nobody knows."""
    kind, entered_at = policy["entry"]["kind"], journey["entered_at_ms"]
    if kind == "due_date":
        bill = customer["statements"].get(statement_of(journey))
        if bill is None or not bill["issued_at"]:
            return None
        due = _before(policy, bill["due_at"], arrival)
    elif kind == "silence":
        due = silence_steps(customer, arrival, policy, arrival["zone"])
    elif kind == "absence":
        due = _after(customer, policy, entered_at, arrival)
    else:
        return _plain(customer, policy, entered_at, arrival)
    return {step: due_at for step, due_at, _ in due}


def _after(customer: Facts, policy: Facts, since: int, arrival: Facts) -> Steps:
    plain = _plain(customer, policy, since, arrival)
    return [[step, _read(due_at, arrival), False] for step, due_at in plain.items()]


def _plain(customer: Facts, policy: Facts, since: int, arrival: Facts) -> dict[str, int]:
    """Return when each step is due by its delay and its local hour."""
    dues = [(step, since + step.get("delay_ms", 0)) for step in policy["steps"]]
    return {
        step["id"]: at_hour(customer, step, due_at, arrival["zone"])
        for step, due_at in dues
        if due_at <= DUE_MS_MAX
    }


def _before(policy: Facts, end: int, arrival: Facts) -> Steps:
    dues = [
        [step["id"], _read(end - step.get("lead_ms", 0), arrival), False]
        for step in policy["steps"]
    ]
    return [due for due in dues if due[1] < end]


def _read(due_at: int, arrival: Facts) -> int:
    """Return when all that was before a time has been read: not before now, and L later."""
    at: int = max(due_at, arrival["journal_at_ms"]) + arrival["lateness_ms"]
    return at
