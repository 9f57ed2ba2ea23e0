"""Say who is first exposed in an experiment, and expose them to the tenant's own: core.md §3.17."""

from tests.checker.identity import Facts, bucket, event_hash, uuid8
from tests.checker.oracle_exposures import PERIOD_MS, PERIODS
from tests.checker.oracle_models import UNSEEN
from tests.checker.oracle_moment import Moment


EXPERIMENTS_MAX = 32
ALL_PPM = 1_000_000
UNCHOSEN: Facts = {"option": "", "option_ppm": 0}


def mark_of(campaign: str, salt: str, moment: Moment) -> bytes:
    """Return the four bytes by which a row remembers an experiment."""
    holdout_bp, holdout_salt = moment.holdout
    named = ("experiment", campaign, salt, holdout_salt if holdout_bp > 0 else "")
    return event_hash(*named).to_bytes(8, "big")[:4]


def is_new(customer: Facts, mark: bytes) -> bool:
    """Return whether an experiment is not among those of the row, and there is room for it."""
    known = customer["experiments"]
    return mark not in known and len(known) < EXPERIMENTS_MAX


def exposed_first(customer: Facts, policy: Facts, moment: Moment) -> bool:
    """Note that the customer is exposed in a campaign's experiment; return whether as the first."""
    experiment = policy.get("experiment") or {}
    mark = mark_of(policy["id"], experiment.get("salt", ""), moment)
    if not is_new(customer, mark):
        return False
    customer["experiments"].append(mark)
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


def tenants_own(customer: Facts, moment: Moment) -> Facts | None:
    """Return the exposure to the tenant's holdout that an event opens, None where it opens none."""
    holdout_bp, salt = moment.holdout
    mark = mark_of("", "", moment)
    if holdout_bp <= 0 or moment.is_shadow or not is_new(customer, mark):
        return None
    customer["experiments"].append(mark)
    place = bucket(moment.tenant, salt, moment.customer_token)
    is_held_out = place < holdout_bp
    share_ppm = holdout_bp * 100
    cap_minor, currency = moment.money
    return {
        "trigger_id": uuid8("holdout", moment.tenant, moment.customer_token, salt),
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
