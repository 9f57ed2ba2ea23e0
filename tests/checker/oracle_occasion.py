"""Decide one occasion: gates, worth, arbitration, experiment, caps (core.md §3.4)."""

from tests.checker import oracle_records as records
from tests.checker.identity import Facts, bucket, decision_id, event_hash, trigger_id
from tests.checker.oracle_cards import as_now
from tests.checker.oracle_entry import Candidates
from tests.checker.oracle_gates import add_reading, ask_gates, caps
from tests.checker.oracle_ledger import add_contact, keep_back
from tests.checker.oracle_models import UNSEEN, unlearnt
from tests.checker.oracle_moment import Moment
from tests.checker.oracle_offers import grant, reserve
from tests.checker.oracle_options import Way, chosen, ranked, slots_of, ways_of
from tests.checker.oracle_outcomes import open_exposures, open_own
from tests.checker.oracle_output import Output
from tests.checker.oracle_treatments import arm_of, bucket_range


def decide(
    customer: Facts, candidates: Candidates, moment: Moment
) -> tuple[list[Output], list[str]]:
    """
    Return one occasion's outputs in order, and under which name each thing of it is counted.

    The customer's contacts are changed.
    """
    for journey, _step, _place in candidates:
        journey["fired"] = True
    asked = [one for one in candidates if one[0]["campaign_id"] in moment.policies]
    if not asked:
        return [], []
    outputs, counts = _measured(customer, asked, moment)
    judged = [_judge(customer, candidate, moment) for candidate in asked]
    for verdict in _going_order(judged):
        _let_go(customer, verdict, moment)
    for verdict in judged:
        _defer(verdict)
    judged.sort(key=lambda one: one["decision_order"])
    name = decision_id(str(moment.now_ms), *(one["trigger_id"] for one in judged))
    outputs += [
        records.trigger(customer, verdict, moment, name)
        for verdict in judged
        if verdict["verdict"] == "sent"
    ]
    outputs += [
        grant(verdict, moment)
        for verdict in judged
        if verdict["reserved"] is not None and verdict["reserved"]["offer_id"]
    ]
    considered = [records.considered(one, moment) for one in judged]
    outputs.append(records.decision(name, considered, moment))
    counts += [f"decision|{_named(moment, one)}" for one in judged]
    seen = [one["seen"] for one in judged]
    for output, count in open_exposures(customer, considered, seen, name, moment, counts):
        outputs.append(output)
        counts.append(count)
    return outputs, [f"occasion|{moment.tenant}", *counts]


def _measured(
    customer: Facts, candidates: Candidates, moment: Moment
) -> tuple[list[Output], list[str]]:
    """Expose to the tenant's holdout whom something is to be advertised to; no gate is asked."""
    classes = {moment.policies[one[0]["campaign_id"]]["message_class"] for one in candidates}
    outputs: list[Output] = []
    counts: list[str] = []
    for output, count in open_own(customer, moment, counts) if "marketing" in classes else ():
        outputs.append(output)
        counts.append(count)
    return outputs, counts


def _named(moment: Moment, one: Facts) -> str:
    return f"{moment.tenant}|{one['policy']['id']}|{one['verdict']}|{one['reason']}"


def correct(
    contact: Facts, verdict: str, reason: str, event: Facts, moment: Moment
) -> tuple[Output, str]:
    """Return the decision record that takes back a contact, and its count."""
    cause = event_hash(event["event_source"], event["event_id"])
    name = decision_id(contact["trigger_id"], f"{cause:016x}")
    reading = {"gate": "truth", "reason_code": reason, "clause": "", "saw": {}}
    about = contact | {"entry_event_id": event["event_id"]}
    told = records.candidate_facts(about, moment) | {
        "trigger_id": contact["trigger_id"],
        "policy_version": contact["policy_version"],
        "step": contact["step"],
        "channel": contact["channel"],
        "slot": contact["slot"],
        "verdict": verdict,
        "reason_code": reason,
        "gates": [reading],
    }
    is_live = moment._replace(is_shadow=False, calendar=None, contact_policy=None)
    return records.decision(name, [told], is_live), f"{contact['campaign_id']}|{verdict}|{reason}"


def _judge(customer: Facts, candidate: tuple[Facts, str, int], moment: Moment) -> Facts:
    """Take one candidate through the gates, and weigh it."""
    ways = ways_of(customer, candidate[0], moment)
    verdicts = [verdict_on(customer, candidate, way, moment) for way in ways]
    for one in verdicts:
        ask_gates(customer, one, moment)
        if one["policy"]["message_class"] == "marketing" and not one["reason"]:
            _weigh(customer, one, moment)
    (verdict, *others), priority = verdicts, verdicts[0]["policy"]["priority"]
    if verdict["drawn"]["option"]:
        verdict = chosen(customer, [verdict, *others], moment)
    verdict["going_order"] = (-verdict["worth"], -priority, *verdict["decision_order"])
    return verdict


def _weigh(customer: Facts, verdict: Facts, moment: Moment) -> None:
    """Ask what a candidate is worth by itself."""
    policy, option = verdict["policy"], verdict["drawn"]["option"]
    found = ranked(customer, verdict["journey"], policy, option, moment)
    verdict["ranked"], verdict["seen"] = found
    weighed = verdict["ranked"]["propensity_ppm"] * policy.get("value_minor", 0)
    worth = weighed * policy.get("lever_percent", 100) // 100
    worth -= policy.get("contact_cost_minor", 0) * 1_000_000
    verdict["worth"] = worth
    add_reading(verdict, "worth", "NOT_WORTH" if worth < 0 else "", saw={"worth_micro": worth})


def verdict_on(
    customer: Facts, candidate: tuple[Facts, str, int], way: Way, moment: Moment
) -> Facts:
    """Return a candidate (journey, step, place) before any gate, by the way that was chosen."""
    journey, step, place = candidate
    policy, drawn, (slot, treatment) = way
    occurrence = journey["occurrence_key"]
    key = f"{moment.tenant}|{moment.customer_token}"
    whole = moment.policies[policy["id"]]  # with the treatments that an option stands in place of
    return {
        "journey": journey,
        "step": step,
        "policy": policy,
        "slot": slot,
        "treatment": treatment,
        "drawn": drawn,
        "arm": "",
        "arm_ppm": 0,
        "card_token": as_now(customer, journey["card_token"]),
        "trigger_id": trigger_id(key, policy["id"], occurrence, step, slot),
        "features": records.features(customer, journey, whole, moment),
        "variables": {},
        "consent_ref": "",
        "gates": [],
        "caps": [],
        "ranked": unlearnt(policy),
        "seen": UNSEEN,
        "worth": 0,
        "verdict": "suppressed",
        "reason": "",
        "clause": "",
        "follows": None,
        "reserved": None,
        "decision_order": (policy["id"], occurrence, place),
    }


def _going_order(judged: list[Facts]) -> list[Facts]:
    """Return who goes, in which order; marketing's losers are marked."""
    passed = sorted(
        (one for one in judged if not one["reason"]), key=lambda one: one["going_order"]
    )
    marketing = [one for one in passed if one["policy"]["message_class"] == "marketing"]
    saw = {"competing_count": len(marketing)}
    for place, one in enumerate(marketing):
        add_reading(one, "arbitration", "LOST_ARBITRATION" if place else "", saw=saw)
    beside = [one for one in passed if one["policy"]["message_class"] != "marketing"]
    return marketing[:1] + beside


def _let_go(customer: Facts, verdict: Facts, moment: Moment) -> None:
    """Make the contact, unless an experiment or a cap filled just before forbids, or in shadow."""
    policy = verdict["policy"]
    if policy["message_class"] == "marketing" and _is_kept_back(customer, verdict, moment):
        return
    if policy["message_class"] != "mandatory":
        reason, clause, saw = caps(customer, verdict, moment)
        if reason:
            add_reading(verdict, "caps", reason, clause, saw)
            return
    verdict["verdict"] = "shadow" if moment.is_shadow else "sent"
    if moment.is_shadow:
        return
    for cap in verdict["caps"]:
        cap["count_after"] = cap["count_before"] + 1
    verdict["reserved"] = reserve(verdict, moment)
    add_contact(customer, contact_of(customer, verdict, moment))


def contact_of(customer: Facts, verdict: Facts, moment: Moment) -> Facts:
    """Return what is kept of a candidate that goes, in the order of a row."""
    policy, journey = verdict["policy"], verdict["journey"]
    option = verdict["drawn"]["option"]
    has_more = verdict["slot"] + 1 < len(slots_of(policy, option, moment))
    names = ("entry_event_id", "amount_minor", "currency")
    return {
        "trigger_id": verdict["trigger_id"],
        "campaign_id": policy["id"],
        "channel": verdict["treatment"]["channel"],
        "card_token": verdict["card_token"],
        "occurrence_key": journey["occurrence_key"],
        "step": verdict["step"],
        "policy_version": policy["version"],
        "entered_at_ms": journey["entered_at_ms"],
        "decided_at_ms": moment.now_ms,
        "released": False,
        "invalidated": False,
        "delivered": False,
        "message_class": policy["message_class"],
        "purpose": policy["purpose"],
        "expires_at_ms": records.expires_at_ms(customer, verdict, moment),
        "cancelled": False,
        "slot": verdict["slot"],
        "untried": {name: journey[name] for name in names} if has_more else None,
        "reserved": verdict["reserved"],
        "option": option,
    }


def _defer(verdict: Facts) -> None:
    """Let whom only the hour forbids wait for the next open moment (O5)."""
    open_at = verdict["gates"][-1]["saw"].get("open_at_ms")
    if verdict["reason"] == "QUIET_HOURS" and open_at is not None:
        verdict["verdict"] = "deferred"
        verdict["journey"]["due"].append([verdict["step"], open_at, True])


def _is_kept_back(customer: Facts, verdict: Facts, moment: Moment) -> bool:
    """Return whether the winner is in the holdout or in its campaign's control group."""
    ask_experiment(verdict, moment)
    if not verdict["reason"]:
        return False
    verdict["verdict"] = "held_out" if verdict["arm"] == "holdout" else "control"
    if not moment.is_shadow:
        occurrence = verdict["journey"]["occurrence_key"]
        keep_back(customer, verdict["policy"]["id"], occurrence, moment.now_ms)
    return True


def ask_experiment(verdict: Facts, moment: Moment) -> None:
    """Say in which arm the customer is."""
    holdout_bp, salt = moment.holdout
    arm, _, saw = arm_of(verdict["policy"], moment)
    place = bucket(moment.tenant, salt, moment.customer_token)
    if place < holdout_bp:
        arm, saw = "holdout", bucket_range(place, 0, holdout_bp)
    verdict["arm"] = arm
    verdict["arm_ppm"] = (saw["end_bucket"] - saw["first_bucket"]) * 100
    reason = {"holdout": "HOLDOUT", "control": "CONTROL"}.get(arm, "")
    add_reading(verdict, "experiment", reason, saw=saw)
