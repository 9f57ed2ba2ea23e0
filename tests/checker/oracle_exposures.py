"""Say of one exposure whose it is, whether it stands, and when it is due: core.md §3.12, §3.17."""

from tests.checker.identity import Facts, uuid8
from tests.checker.oracle_cards import as_now
from tests.checker.oracle_moment import Moment
from tests.checker.oracle_output import Output


DAY_MS = 86_400_000
PERIOD_MS = 30 * DAY_MS
PERIODS = 3
"""Of 30 days each, after which somebody first exposed is followed up."""

KEPT_BACK = ("control", "holdout")

Told = tuple[Output, str]
"""A record, and the name under which it is counted, "" where it is not."""


def exposure_id(exposure: Facts) -> str:
    """Return how every record names the exposure."""
    return uuid8("exposure", exposure["trigger_id"])


def key_of(exposure: Facts, moment: Moment) -> bytes:
    """Return by what an exposure's records are kept in one order."""
    return f"{moment.tenant}|{exposure['model_id'] or exposure['campaign_id']}".encode()


def counted(what: str, exposure: Facts, kind: str, moment: Moment) -> str:
    """Return the name under which a record about an exposure is counted."""
    return f"{what}|{moment.tenant}|{exposure['campaign_id']}|{kind}"


def is_own(exposure: Facts) -> bool:
    """Return whether it is the tenant's own, of no campaign."""
    return not exposure["campaign_id"]


def stands(exposure: Facts) -> bool:
    """Return whether some conversion was not taken back."""
    return any(name not in exposure["reversed"] for name in exposure["converted"])


def is_in_time(exposure: Facts, at: int) -> bool:
    """Return whether an event of this time may convert."""
    begun: int = exposure["decided_at_ms"]
    return begun < at <= exposure["closes_at_ms"]


def is_on_card(customer: Facts, event: Facts, exposure: Facts) -> bool:
    """Return whether an event is about the exposure's card, or one of them has none."""
    mine, its = event.get("card_token") or "", exposure["card_token"]
    return not mine or not its or as_now(customer, mine) == as_now(customer, its)


def is_over(exposure: Facts) -> bool:
    """Return whether the watermark has nothing more to tell of it."""
    is_followed = not exposure["is_first"] or exposure["followed_count"] == PERIODS
    return bool(exposure["is_settled"] and is_followed)


def next_due(exposure: Facts) -> int | None:
    """Return at which watermark there is something to tell of it, None for never again."""
    if is_over(exposure):
        return None
    ends: int = exposure["closes_at_ms"]
    if not exposure["is_settled"]:
        return ends
    period_ms = PERIOD_MS * (exposure["followed_count"] + 1)
    return max(ends, exposure["decided_at_ms"] + period_ms)


def delivery_of(customer: Facts, exposure: Facts) -> str:
    """Return what the gateway had said by now, of all slots of the contact."""
    if exposure["arm"] in KEPT_BACK:
        return "not_sent"
    contacts = customer["contacts"]
    own = next((one for one in contacts if one["trigger_id"] == exposure["trigger_id"]), None)
    if own is None:
        return "unknown"
    names = ("campaign_id", "occurrence_key", "step")
    slots = [one for one in contacts if all(one[name] == own[name] for name in names)]
    if any(one["delivered"] for one in slots):
        return "delivered"
    return "not_sent" if all(one["released"] for one in slots) else "unknown"
