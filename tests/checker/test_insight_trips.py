"""The second opinion on what holds a campaign, by hand: docs/insight.md 4."""

from typing import Any

import pytest

from tests.checker.identity import Facts, uuid8
from tests.checker.insight_by_hand import (
    AT,
    BOUNDS,
    DAY,
    Said,
    folded,
    objected,
    opened,
    settled,
)


THREE = {"control": 100_000, "a": 300_000, "default": 600_000}
ODDS = (1.25, 1.5, 2.0, 3.0, 5.0, 10.0)
OPT_OUT: Facts = {"guardrails": BOUNDS | {"harm": False}}
"""A bound of 1 % alone, so that it has all of the alpha, .06."""


def e_of(events: int, count: int) -> float:
    """Return the e-value of so many opt-outs among so many contacted, as effect.md has it."""
    return sum(one**events / (1 + 0.01 * (one - 1)) ** count for one in ODDS) / 6


def test_guardrail_trips_at_the_objection_that_breaks_it() -> None:
    """
    Section 4: at a bound of 1 %, of three contacted the first objection gives an e of 3.3.

    The second gives 19.3, above 1 / .06; the third is of who was contacted before, and not asked.
    """
    shown = [opened(str(n), **OPT_OUT) for n in range(3)]
    oracle = folded(*shown, *(objected(str(n), "opt_out") for n in range(3)))
    (trip,) = oracle.trips

    assert 19.26 < e_of(2, 3) < 19.27
    assert trip["source"] == ["lifecycle.outcomes.v1", 0, 4]
    assert (trip["event_id"], trip["journal_at_ms"]) == ("nudge-1-opt_out-0-1", AT + 60_000)
    assert trip["record"] == {
        "event_type": "guardrail.tripped",
        "campaign_id": "nudge",
        "policy_version": 1,
        "kind": "opt_out",
        "arm": "",
        "bound_ppm": 10_000,
        "count": 3,
        "event_count": 2,
        "p_ppm": 51_915,
        "alpha_ppm": 60_000,
        "partition": 0,
        "sequence": 1,
    }
    assert oracle.counts["tripped|acme|nudge|opt_out"] == 1


def test_guardrail_shares_its_alpha_with_harm() -> None:
    """Section 4: with half of .06 each, two of three are not enough, three (e 153.6) are."""
    shown = [opened(str(n)) for n in range(3)]
    (trip,) = folded(*shown, *(objected(str(n), "opt_out") for n in range(3))).trips

    assert e_of(2, 3) < 1 / 0.03 < e_of(3, 3)
    assert trip["record"]["alpha_ppm"] == 30_000
    assert (trip["record"]["event_count"], trip["record"]["p_ppm"]) == (3, 6_510)


@pytest.mark.parametrize(
    ("keys", "bounds", "level"),
    [
        (1, {"complaint_ppm": 1_000_000}, 60_000),
        (1, {"complaint_ppm": 1, "failure_ppm": 999_999}, 20_000),
        (7, {}, 8_571),
        (2, {"harm": True}, 15_000),
    ],
)
def test_level_is_alpha_over_kinds_and_keys(keys: int, bounds: Facts, level: int) -> None:
    """Section 4: whoever may all object is not asked; keys are those of the first exposure."""
    rails = OPT_OUT["guardrails"] | bounds
    shown = [opened(str(n), key_count=keys, guardrails=rails) for n in range(9)]
    oracle = folded(*shown, *(objected(str(n), "opt_out") for n in range(9)))

    assert oracle.trips[0]["record"]["alpha_ppm"] == level


def test_guardrail_begins_anew_after_a_trip() -> None:
    """
    Section 4: nobody contacted up to the trip counts; two of three contacted after it trip again.

    Control, and an objection of before, do nothing to the round; the number and its ids go on.
    """
    shown = [opened(str(n), **OPT_OUT) for n in range(3)]
    shown += [objected(str(n), "opt_out") for n in range(3)]
    late = AT + 60_000  # of the trip: not after it
    for name, at in (("at", late), ("x", late + 1), ("y", late + 1), ("z", late + 1)):
        shown.append(opened(name, at=at, **OPT_OUT))
    shown.append(opened("k", "control", at=late + 1, **OPT_OUT))
    for name, at in (("at", late), ("x", late + 1), ("y", late + 1)):
        shown.append(objected(name, "opt_out", decided_at_ms=at, objected_at_ms=late + 2))
    oracle = folded(*shown)
    first, second = oracle.trips
    told = [one for one in oracle.told if one.ce_type == "guardrail.tripped.v1"]

    assert second["record"] == first["record"] | {"sequence": 2}
    assert second["event_id"] == "nudge-1-opt_out-0-2"
    assert told[0].key == told[1].key
    about = ("guardrail", "acme", "nudge", "1", "opt_out", "0")
    assert [one.record["report_id"] for one in told] == [uuid8(*about, "1"), uuid8(*about, "2")]
    version = oracle.campaigns["acme", "nudge"]["versions"][1]
    assert version["tripped"] == ["opt_out", "opt_out"]
    assert version["rounds"] == {"opt_out": {"since_ms": late + 2, "count": 0, "event_count": 0}}
    assert version["evidence"] == {}


def test_harm_trips_by_the_arm_that_shows_it_most_clearly() -> None:
    """Section 4: every control converts and no contact does, in the series of both arms."""
    names = [str(n) for n in range(400)]
    arms = [("control", "a", "default", "default")[n % 4] for n in range(400)]
    shown = [opened(name, arm, shares_ppm=THREE) for name, arm in zip(names, arms, strict=True)]
    ends = [settled(n, int(arm == "control"), arm) for n, arm in zip(names, arms, strict=True)]
    oracle = folded(*shown, *ends)
    (trip,) = oracle.trips
    record = trip["record"]

    assert (record["kind"], record["bound_ppm"], record["alpha_ppm"]) == ("harm", 0, 15_000)
    assert record["p_ppm"] <= 15_000
    series = next(
        one
        for key, one in folded(*shown, *ends[: trip["source"][2] - 399])
        .campaigns["acme", "nudge"]["versions"][1]["series"]
        .items()
        if key.startswith(record["arm"])
    )
    assert record["count"] == sum(series["change"]["count"].values())
    assert record["event_count"] == series["change"]["sum"]["control"]
    rounds = oracle.campaigns["acme", "nudge"]["versions"][1]["rounds"]
    assert {*rounds} == {"harm|a", "harm|default"}


def converting(names: range, at: int, **other: Any) -> list[Said]:  # noqa: ANN401
    """Return that all of control convert, and nobody contacted, by turns."""
    arms = ("default", "control")
    return [settled(f"{at}-{n}", n % 2, arms[n % 2], decided_at_ms=at, **other) for n in names]


def test_harm_of_an_arm_is_one_test_over_its_series() -> None:
    """Section 4: neither half trips, one in a pool and one not; together they do."""
    alone, pooled = converting(range(40), AT), converting(range(40), AT + 1, pools=True)
    for half in (alone, pooled):
        assert folded(opened("0"), *half).trips == []
    oracle = folded(opened("0"), *alone, *pooled)
    (trip,) = oracle.trips

    assert len(oracle.campaigns["acme", "nudge"]["versions"][1]["series"]) == 2
    assert 40 < trip["record"]["count"] <= 80
    assert trip["record"]["event_count"] == trip["record"]["count"] // 2


def test_harm_begins_anew_after_a_trip() -> None:
    """Section 4: whoever was decided before says nothing more; later ones trip it again."""
    before, after = converting(range(99), AT), converting(range(60), AT + 2 * DAY)
    first, second = folded(opened("0"), *before, *after).trips[:2]

    assert folded(opened("0"), *before).trips == [first]
    assert [one["record"]["sequence"] for one in (first, second)] == [1, 2]
    assert second["source"][2] > 99
    assert second["record"]["count"] == second["source"][2] - 99
