"""Keep what one partition knows of one campaign, on plain dicts: docs/insight.md §3."""

from typing import NamedTuple

from tests.checker.identity import Facts
from tests.checker.insight_evidence import (
    MILLION,
    assign,
    bet,
    compare,
    new_bets,
    new_difference,
    new_ratio,
)
from tests.checker.insight_guardrails import BOUNDS, Won, count_contact


VERSIONS_MAX = 64
DAYS = (30, 60, 90)
GUARDRAILS: Facts = {
    **{f"{kind}_ppm": 0 for kind in BOUNDS},
    "harm": False,
    "alpha_ppm": 10_000,
}
TIMES = ("settled_at_ms", "followed_at_ms", "objected_at_ms", "decided_at_ms")
"""The first of them that a record has is its time."""

ARM = (
    *("exposed_count", "first_count", "evicted_count", "settled_count", "converted_count"),
    *("delivered_count", "first_settled_count", "first_converted_count", "value_sum_minor"),
    "capped_count",
)


class Fed(NamedTuple):
    """A series that a record feeds, and as which of its two sides."""

    arm: str
    control_ppm: int
    side: str


def new_campaign() -> Facts:
    """Return a campaign of which nothing is known."""
    return {"stage": "", "at_ms": 0, "reported_at_ms": 0, "versions": {}}


def begun(record: Facts) -> Facts:
    """Return a version as its first exposure says it is."""
    rails = record.get("guardrails")
    return {
        "shares_ppm": record["shares_ppm"],
        "value_cap_minor": record["value_cap_minor"],
        "currency": record["currency"],
        "guardrails": None if rails is None else GUARDRAILS | rails,
        "contacted_count": 0,
        "arms": {},
        "options": {},
        "series": {},
        "ratios": {},
        "objection_counts": {},
        "evidence": {},
        "tripped": [],
        "key_count": record.get("key_count", 1),
        "rounds": {},
    }


def counted(version: Facts, record: Facts, *, with_option: bool = True) -> list[Facts]:
    """Return the counts that a record belongs to: of its arm, and of its option."""
    places = [version["arms"].setdefault(record["arm"], new_arm())]
    if with_option and record.get("option"):
        places.append(version["options"].setdefault(record["option"], new_arm()))
    return places


def new_arm() -> Facts:
    """Return the counts of an arm of nobody."""
    more: Facts = {"followed_counts": [0] * 3, "active_counts": [0] * 3, "objection_counts": {}}
    return {**dict.fromkeys(ARM, 0), **more}


def open_up(version: Facts, record: Facts) -> None:
    """Count an exposure, and look whether the arms are as large as they should be."""
    version["contacted_count"] += record["verdict"] == "sent"
    count_contact(version, record)
    for place in counted(version, record):
        place["exposed_count"] += 1
        place["first_count"] += record["is_first"]
    declared = declared_of(version, record)
    is_asked = len(declared) > 1 and min(declared.values()) > 0
    is_whole = is_asked and sum(declared.values()) == MILLION
    if record["is_first"] and is_whole and record["arm"] in declared:
        place = 0 if record["campaign_id"] else record["holdout_ppm"]
        assign(version["ratios"].setdefault(place, new_ratio(declared)), record["arm"])


def declared_of(version: Facts, record: Facts) -> dict[str, int]:
    """Return the shares d that are compared: a campaign's own, or the tenant's two."""
    if record["campaign_id"]:
        own: dict[str, int] = version["shares_ppm"]
        return own
    held_ppm = record["holdout_ppm"]
    return {"holdout": held_ppm, "default": MILLION - held_ppm}


def settle(version: Facts, record: Facts) -> list[Won]:
    """Count what an exposure has come to; return what bets on harm won in what it fed."""
    label, value, cap = record["label"], record["value_minor"], version["value_cap_minor"]
    for place in counted(version, record):
        if label is None:
            place["evicted_count"] += 1
            continue
        place["settled_count"] += 1
        place["converted_count"] += label
        place["delivered_count"] += record["delivery"] == "delivered"
        if record["is_first"]:
            place["first_settled_count"] += 1
            place["first_converted_count"] += label
            place["value_sum_minor"] += min(value, cap)
            place["capped_count"] += value > cap
    if label is None or not record["is_first"]:
        return []
    return [_settle_series(version, record, fed) for fed in series_fed(version, record)]


def _settle_series(version: Facts, record: Facts, fed: Fed) -> Won:
    series = _series(version, record, fed)
    before = series["change"]["harm"][0] if "change" in series else 0.0
    bet(series.setdefault("change", new_bets(fed.control_ppm)), fed.side, record["label"])
    one = series.setdefault("conversion", new_difference(fed.control_ppm, 1))
    compare(one, fed.side, record["label"])
    if cap := version["value_cap_minor"]:
        money = series.setdefault("money", new_difference(fed.control_ppm, cap))
        compare(money, fed.side, record["value_minor"])
    return Won(fed.arm, series["change"]["harm"][0] - before)


def object_to(version: Facts, record: Facts) -> None:
    """Count an objection, of its arm and of the version."""
    kind = record["objection"]
    for place in (version, *counted(version, record, with_option=False)):
        place["objection_counts"][kind] = place["objection_counts"].get(kind, 0) + 1


def follow(version: Facts, record: Facts) -> None:
    """Count whether a customer is still there."""
    k = DAYS.index(record["day"])
    for place in counted(version, record, with_option=False):
        place["followed_counts"][k] += 1
        place["active_counts"][k] += record["active"]
    for fed in series_fed(version, record):
        active = _series(version, record, fed).setdefault("activity", {})
        compare(
            active.setdefault(k, new_difference(fed.control_ppm, 1)), fed.side, record["active"]
        )


def _series(version: Facts, record: Facts, fed: Fed) -> Facts:
    key = f"{fed.arm}|{fed.control_ppm}|{int(record['pools'])}"
    series: Facts = version["series"].setdefault(key, {"arm": fed.arm})
    return series


def series_fed(version: Facts, record: Facts) -> list[Fed]:
    """Return the series of a record, in the order of the shares: of its arm, or of every arm."""
    declared, arm = declared_of(version, record), record["arm"]
    back = "control" if record["campaign_id"] else "holdout"
    if not {back, arm} <= declared.keys():
        return []
    found = []
    for name in [*declared] if arm == back else [arm]:
        control_ppm = declared[back] * MILLION // (declared[back] + declared[name])
        if name != back and 1 <= control_ppm < MILLION:
            found.append(Fed(name, control_ppm, "control" if arm == back else "contact"))
    return found
