"""Say who is first exposed in an experiment, and expose them to the tenant's own: core.md §3.17."""

from tests.checker.identity import Facts, bucket, event_hash, uuid8
from tests.checker.oracle_exposures import PERIOD_MS, PERIODS
from tests.checker.oracle_models import UNSEEN
from tests.checker.oracle_moment import Moment


EXPERIMENTS_MAX = 32
ALL_PPM = 1_000_000
UNCHOSEN: Facts = {"option": "", "option_ppm": 0}


def mark_of(campaign: str, salt: str, holdout_salt: str) -> bytes:
    """Return the four bytes by which a row remembers an experiment."""
    return event_hash("experiment", campaign, salt, holdout_salt).to_bytes(8, "big")[:4]


def mark_of_policy(policy: Facts) -> bytes:
    """Return the mark of a campaign's experiment as a policy has it."""
    experiment = policy.get("experiment") or {}
    return mark_of(policy["id"], experiment.get("salt", ""), "")


def mark_of_tenant(moment: Moment) -> bytes:
    """Return the mark of the tenant's own, whether or not anybody is held out now."""
    return mark_of("", "", moment.holdout[1])


def begins(customer: Facts, mark: bytes, moment: Moment, counts: list[str]) -> bool:
    """Remember an experiment where it is new and finds a place; count where it finds none."""
    known: list[bytes] = customer["experiments"]
    if mark in known:
        return False
    if len(known) >= EXPERIMENTS_MAX:
        running = [mark_of_policy(policy) for policy in moment.policies.values()]
        running.append(mark_of_tenant(moment))
        over = [place for place, one in enumerate(known) if one not in running]
        if not over:
            counts.append(f"experiments_full|{moment.tenant}")
            return False
        del known[over[0]]
    known.append(mark)
    return True


def of_the_tenant(moment: Moment, *, currency: str, is_first: bool) -> Facts:
    """Return what every exposure keeps beside what a model has seen, in the order of a row."""
    return {
        "is_first": is_first,
        "pools": moment.pools,
        "holdout_ppm": moment.holdout[0] * 100,
        "is_settled": False,
        "currency": currency,
        "value_minor": 0,
        "objections": 0,
        "active_days": 0,
        "followed_count": 0,
        **UNCHOSEN,
        "fallbacks": [],
    }


def shares_ppm(policy: Facts) -> dict[str, int]:
    """Return the arms of a campaign, as they are asked, with their shares."""
    experiment = policy.get("experiment")
    if not experiment:
        return {"default": ALL_PPM}
    shares = {"control": experiment.get("control_bp", 0)}
    shares |= {arm["id"]: arm["share_bp"] for arm in experiment.get("arms", ())}
    shares["default"] = 10_000 - sum(shares.values())
    return {arm: share_bp * 100 for arm, share_bp in shares.items() if share_bp > 0}


def tenants_own(customer: Facts, moment: Moment, counts: list[str]) -> Facts | None:
    """Return the exposure to the tenant's holdout that opens at advertising, if it does."""
    holdout_bp, salt = moment.holdout
    if holdout_bp <= 0 or moment.is_shadow:
        return None
    if not begins(customer, mark_of_tenant(moment), moment, counts):
        return None
    place = bucket(moment.tenant, salt, moment.customer_token)
    is_held_out = place < holdout_bp
    share_ppm = holdout_bp * 100
    cap_minor, currency = moment.money
    return {
        "trigger_id": uuid8(
            "holdout", moment.tenant, moment.customer_token, salt, str(moment.now_ms)
        ),
        "campaign_id": "",
        "policy_version": moment.configured_version,
        "card_token": "",
        "occurrence_key": "",
        "entered_at_ms": 0,
        "arm": "holdout" if is_held_out else "default",
        "arm_ppm": share_ppm if is_held_out else ALL_PPM - share_ppm,
        "decided_at_ms": moment.now_ms,
        "closes_at_ms": moment.now_ms + PERIOD_MS * PERIODS,
        "conversion_on": "txn.posted",
        "value_field": "amount_minor",
        "sequence": 0,
        "converted": [],
        "reversed": [],
        **UNSEEN,
        **of_the_tenant(moment, currency=currency if cap_minor > 0 else "", is_first=True),
    }
