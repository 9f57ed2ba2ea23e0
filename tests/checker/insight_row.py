"""Say how insight's rows and reports must look: docs/insight.md §5 and §6."""

from typing import Any

from tests.checker.identity import Facts
from tests.checker.insight_evidence import (
    MILLION,
    interval,
    kept_bets,
    kept_difference,
    kept_ratio,
    new_difference,
    p_ppm,
)


EFFECT = ("stage", "at_ms", "reported_at_ms", "versions")
FUNNEL = ("at_ms", "reported_at_ms", "cards", "reached", "waited")
VERSION = (
    *("shares_ppm", "value_cap_minor", "currency", "guardrails", "contacted_count", "arms"),
    *("options", "series", "ratios", "objection_counts", "evidence", "tripped"),
    *("key_count", "rounds"),
)
ROUND = ("since_ms", "count", "event_count")
SERIES = ("change", "conversion", "money", "activity")


def effect_row(campaign: Facts) -> Facts:
    """Return what a campaign's row must say, by the fields' names."""
    versions = {number: version_row(one) for number, one in campaign["versions"].items()}
    return campaign | {"versions": versions}


def version_row(version: Facts) -> Facts:
    """Return what a version must say in its row."""
    return version | {
        "arms": _arms(version["arms"]),
        "options": _arms(version["options"]),
        "series": {key: series_row(one) for key, one in version["series"].items()},
        "ratios": {holdout: kept_ratio(one) for holdout, one in version["ratios"].items()},
    }


def series_row(series: Facts) -> Facts:
    """Return the snapshots of a series; of what nobody fed none."""
    active = series.get("activity", {})
    return {
        "change": kept_bets(series.get("change")),
        "conversion": kept_difference(series.get("conversion")),
        "money": kept_difference(series.get("money")),
        "activity": [kept_difference(active.get(k)) for k in range(3)],
    }


def _arms(arms: Facts) -> dict[str, list[Any]]:
    return {name: [*arm.values()] for name, arm in arms.items()}


def version_report(number: int, version: Facts) -> Facts:
    """Return what is told of a version now; series in the order of arm, share and pool."""
    keys = sorted(version["series"], key=_in_order)
    ratios = sorted(version["ratios"].items())
    return {
        "policy_version": number,
        "currency": version["currency"],
        "arms": dict(version["arms"]),
        "options": dict(version["options"]),
        "series": [_series_report(key, version["series"][key]) for key in keys],
        "ratio_p_ppm": {str(holdout): p_ppm(one["evidence"]) for holdout, one in ratios},
        "tripped": [*version["tripped"]],
    }


def _in_order(key: str) -> tuple[str, int, str]:
    arm, control_ppm, pools = key.split("|")
    return arm, int(control_ppm), pools


def _series_report(key: str, series: Facts) -> Facts:
    arm, control_ppm, pools = key.split("|")
    nobody = new_difference(int(control_ppm), 1)
    change, conversion = series.get("change"), series.get("conversion", nobody)
    said = zip(("difference_ppm", "low_ppm", "high_ppm"), interval(conversion), strict=True)
    names = ("money_minor", "money_low_minor", "money_high_minor")
    money = interval(series["money"]) if "money" in series else (0, 0, 0)
    active = series.get("activity", {})
    return {
        "arm": arm,
        "control_ppm": int(control_ppm),
        "pools": pools == "1",
        "customer_count": sum(conversion["count"].values()),
        **{name: round(share * MILLION) for name, share in said},
        **{name: round(minor) for name, minor in zip(names, money, strict=True)},
        "active_difference_ppm": [
            round(interval(active.get(k, nobody))[0] * MILLION) for k in range(3)
        ],
        **{
            f"{name}_p_ppm": p_ppm(change[name]) if change else MILLION
            for name in ("change", "uplift", "harm")
        },
    }


def of_row(row: list[Any], names: tuple[str, ...]) -> Facts:
    """Return an array by its fields' names; ValueError for another count of them."""
    return dict(zip(names, row, strict=True))


def of_effect_row(row: list[Any]) -> Facts:
    """Return a campaign's row by its fields' names, what nobody fed as nothing."""
    found = of_row(row, EFFECT)
    found["versions"] = {number: _of_version(one) for number, one in found["versions"].items()}
    return found


def _of_version(row: list[Any]) -> Facts:
    found = of_row(row, VERSION)
    found["series"] = {key: _of_series(one) for key, one in found["series"].items()}
    found["rounds"] = {test: of_row(one, ROUND) for test, one in found["rounds"].items()}
    return found


def _of_series(row: list[Any]) -> Facts:
    """Return a series; a snapshot of nobody says as much as none."""
    found = of_row(row, SERIES)
    counts = {"change": 1, "conversion": 2, "money": 2}
    for name, place in counts.items():
        found[name] = _fed(found[name], place)
    active = [_fed(one, 2) for one in found["activity"]]
    found["activity"] = active + [[] for _ in range(3 - len(active))]
    return found


def _fed(snapshot: list[float], place: int) -> list[float]:
    """Return a snapshot, [] where neither of its two arms has anybody."""
    return snapshot if any(snapshot[place : place + 2]) else []
