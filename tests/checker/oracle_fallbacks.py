"""Try another channel where a contact was not made: core.md §3.14 (C2)."""

from tests.checker import oracle_records as records
from tests.checker.identity import Facts, decision_id
from tests.checker.oracle_customer import RELEASING
from tests.checker.oracle_gates import ask_gates
from tests.checker.oracle_ledger import add_contact
from tests.checker.oracle_moment import Moment
from tests.checker.oracle_occasion import ask_experiment, contact_of, verdict_on
from tests.checker.oracle_offers import spend
from tests.checker.oracle_options import Way, slots_of, with_option
from tests.checker.oracle_output import Output
from tests.checker.oracle_treatments import first_open, leads_on


WITHOUT = {"spacing", "offer", "worth", "arbitration"}
"""Gates that the contact has passed once and for all."""


def try_next(customer: Facts, moment: Moment) -> tuple[list[Output], list[str]]:
    """
    Return what the receipt that is the moment's cause leads to, and how it is counted.

    The customer's contacts and the tenant's stock are changed.
    """
    receipt = moment.cause["record"]
    contact = next(
        (one for one in customer["contacts"] if one["trigger_id"] == receipt["trigger_id"]), None
    )
    if contact is None or contact["untried"] is None or receipt["status"] not in RELEASING:
        return [], []
    untried, contact["untried"] = contact["untried"], None
    policy = moment.policies.get(contact["campaign_id"])
    if policy is None or moment.is_shadow or not _may_go_on(contact, moment):
        return [], []
    if policy["entry"]["kind"] == "silence" and customer["last"] > contact["entered_at_ms"]:
        return [], []  # a purchase has ended the silence
    tried = _slots_after(contact, policy, receipt["status"], moment)
    if not tried:
        return [], []
    verdict = _judge(customer, contact, untried, tried, moment)
    outputs = []
    name = decision_id(str(moment.now_ms), verdict["trigger_id"])
    if not verdict["reason"]:
        verdict["verdict"] = "sent"
        _take_over(customer, contact, verdict, moment)
        outputs.append(records.trigger(customer, verdict, moment, name))
    outputs.append(records.decision(name, [records.considered(verdict, moment)], moment))
    about = f"{policy['id']}|{verdict['verdict']}|{verdict['reason']}"
    return outputs, [f"occasion|{moment.tenant}", f"decision|{moment.tenant}|{about}"]


def _may_go_on(contact: Facts, moment: Moment) -> bool:
    """Return whether the contact was not made, and may still be."""
    is_returned = contact["reserved"] is not None and contact["reserved"]["returned"]
    is_over = contact["delivered"] or contact["cancelled"] or contact["invalidated"] or is_returned
    in_time: bool = moment.now_ms < contact["expires_at_ms"]
    return contact["released"] and not is_over and in_time


def _slots_after(
    contact: Facts, policy: Facts, status: str, moment: Moment
) -> list[tuple[int, Facts]]:
    """Return the later slots that are for this status, as the policy is now."""
    return [
        (slot, treatment)
        for slot, treatment in enumerate(slots_of(policy, contact["option"], moment))
        if slot > contact["slot"] and leads_on(treatment, status)
    ]


def _judge(
    customer: Facts,
    contact: Facts,
    untried: Facts,
    tried: list[tuple[int, Facts]],
    moment: Moment,
) -> Facts:
    """Take the contact's journey through the gates once more, in a later slot."""
    policy = with_option(moment.policies[contact["campaign_id"]], contact["option"])
    names = ("campaign_id", "occurrence_key", "card_token", "entered_at_ms")
    journey = {name: contact[name] for name in names} | untried
    drawn = records.NOT_CHOSEN | {"option": contact["option"]}
    way = Way(policy, drawn, first_open(customer, policy, tried, moment))
    verdict = verdict_on(customer, (journey, contact["step"], 0), way, moment)
    verdict["follows"] = contact
    ask_gates(customer, verdict, moment, without=WITHOUT)
    if policy["message_class"] == "marketing" and not verdict["reason"]:
        ask_experiment(verdict, moment)
    return verdict


def _take_over(customer: Facts, contact: Facts, verdict: Facts, moment: Moment) -> None:
    """Make the contact anew, as of when it was decided and with what it had reserved."""
    verdict["reserved"], contact["reserved"] = contact["reserved"], None
    if verdict["reserved"] is not None:  # what its release has given back
        cost = verdict["reserved"]["contact_cost_minor"]
        spend(moment.stock, contact["campaign_id"], cost)
    for cap in verdict["caps"]:
        cap["count_after"] = cap["count_before"] + 1
    names = ("decided_at_ms", "message_class", "purpose")
    decided = {name: contact[name] for name in names}
    add_contact(customer, contact_of(customer, verdict, moment) | decided)
    for exposure in customer["exposures"]:
        if contact["trigger_id"] in (exposure["trigger_id"], *exposure["fallbacks"]):
            exposure["fallbacks"].append(verdict["trigger_id"])
