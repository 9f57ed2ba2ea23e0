"""
Keep what one journal partition has taken of offers and budgets: core.md §3.15.

A tenant's stock is a dict: `place` (the partition, how many there are), `offers` by id, `taken`
units by offer, and what was `spent` by campaign.
"""

import msgspec

from tests.checker.identity import Facts, uuid8
from tests.checker.oracle_moment import Moment
from tests.checker.oracle_output import Output
from tests.checker.oracle_subject import Said
from tests.checker.oracle_words import word


OFFERS_MAX = 64
BACK = ("refused", "expired")


def new_stock(partition: int, partition_count: int) -> Facts:
    """Return the stock of a tenant that has defined no offer."""
    return {"place": (partition, partition_count), "offers": {}, "taken": {}, "spent": {}}


def define(stock: Facts, offer: Facts) -> str:
    """Let an offer be as it says; return why it is not."""
    known = stock["offers"].get(offer["id"])
    if known is not None and offer["version"] <= known["version"]:
        return "STALE_VERSION"
    if known is None and len(stock["offers"]) >= OFFERS_MAX:
        return "STATE_FULL"
    stock["offers"][offer["id"]] = offer
    return ""


def share(total: int, place: tuple[int, int]) -> int:
    """Return how much of a total one journal partition may take."""
    partition, partition_count = place
    whole, rest = divmod(total, partition_count)
    return whole + (partition < rest)


def ask_offer(policy: Facts, stock: Facts) -> Said | None:
    """Return whether something is left to promise and to spend; None where nobody asks."""
    saw: Facts = {}
    if not policy.get("offer") and not policy.get("budget_minor"):
        return None
    if policy.get("offer"):
        if policy["offer"] not in stock["offers"]:
            return "NO_INVENTORY", "offer", saw
        total = stock["offers"][policy["offer"]]["inventory_count"]
        left_count = share(total, stock["place"]) - stock["taken"].get(policy["offer"], 0)
        saw["left_count"] = left_count
        if left_count < 1:
            return "NO_INVENTORY", "", saw
    if policy.get("budget_minor"):
        left_minor = share(policy["budget_minor"], stock["place"])
        saw["left_minor"] = left_minor - stock["spent"].get(policy["id"], 0)
        saw["cost_minor"] = sum(_costs(policy, stock))
        if saw["left_minor"] < saw["cost_minor"]:
            return "NO_BUDGET", "", saw
    return "", "", saw


def _costs(policy: Facts, stock: Facts) -> tuple[int, int]:
    """Return what the offer's unit and the contact cost."""
    offer = stock["offers"].get(policy.get("offer", ""), {})
    return offer.get("unit_cost_minor", 0), policy.get("contact_cost_minor", 0)


def reserve(verdict: Facts, moment: Moment) -> Facts | None:
    """Take what a candidate that goes promises and costs; return what its contact keeps of it."""
    policy, stock = verdict["policy"], moment.stock
    name = policy.get("offer", "")
    is_asked = policy["message_class"] == "marketing"  # others take nothing that no gate counts
    if not is_asked or (not name and not policy.get("budget_minor")):
        return None
    unit_cost, contact_cost = _costs(policy, stock) if policy.get("budget_minor") else (0, 0)
    reserved = {
        "reservation_id": uuid8("reservation", verdict["trigger_id"]),
        "offer_id": name,
        "expires_at_ms": moment.now_ms + stock["offers"][name]["valid_ms"] if name else 0,
        "unit_cost_minor": unit_cost,
        "contact_cost_minor": contact_cost,
        "returned": False,
    }
    take_units(stock, reserved, 1)
    spend(stock, policy["id"], unit_cost + contact_cost)
    return reserved


def take_units(stock: Facts, reserved: Facts, count: int) -> None:
    """Take units of the offer that a reservation is of, or give them back."""
    name = reserved["offer_id"]
    if name:
        stock["taken"][name] = stock["taken"].get(name, 0) + count


def spend(stock: Facts, campaign: str, minor: int) -> None:
    """Spend from a campaign's budget, or give back."""
    stock["spent"][campaign] = stock["spent"].get(campaign, 0) + minor


def releases(customer: Facts) -> dict[str, bool]:
    """Return by trigger id which contacts are released."""
    return {one["trigger_id"]: one["released"] for one in customer["contacts"]}


def settle(customer: Facts, event: Facts, before: dict[str, bool], stock: Facts) -> None:
    """
    Give back what an event frees, or take it again.

    Args:
        customer: after an event that was applied.
        event: the event.
        before: which of the contacts were released before it.
        stock: of the tenant.
    """
    for contact in customer["contacts"]:
        reserved = contact["reserved"]
        if reserved is None:
            continue
        if contact["released"] != before[contact["trigger_id"]]:
            cost = reserved["contact_cost_minor"]
            spend(stock, contact["campaign_id"], -cost if contact["released"] else cost)
        # whatever trigger it names: a fallback's contact keeps what the first has asked for
        if event.get("reservation_id") == reserved["reservation_id"]:
            _hear_result(customer, contact, stock)


def _hear_result(customer: Facts, contact: Facts, stock: Facts) -> None:
    reserved = contact["reserved"]
    kept = word(customer, "offer", reserved["reservation_id"])
    returned = kept is not None and kept.status in BACK
    if returned != reserved["returned"]:
        reserved["returned"] = returned
        sign = -1 if returned else 1
        take_units(stock, reserved, sign)
        spend(stock, contact["campaign_id"], sign * reserved["unit_cost_minor"])


def grant(verdict: Facts, moment: Moment) -> Output:
    """Return what the offer system is asked for a candidate that goes."""
    reserved, policy = verdict["reserved"], verdict["policy"]
    record = {
        "v": 1,
        "reservation_id": reserved["reservation_id"],
        "offer_id": reserved["offer_id"],
        "offer_version": moment.stock["offers"][reserved["offer_id"]]["version"],
        "tenant": moment.tenant,
        "customer_token": moment.customer_token,
        "card_token": verdict["card_token"],
        "trigger_id": verdict["trigger_id"],
        "campaign_id": policy["id"],
        "policy_version": policy["version"],
        "requested_at_ms": moment.now_ms,
        "expires_at_ms": reserved["expires_at_ms"],
    }
    value = msgspec.json.encode(record)
    return Output("offers", reserved["reservation_id"], value, "offer.grant_requested.v1")
