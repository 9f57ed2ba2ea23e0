"""The second opinion on a fallback's windows, caps and outcomes: core.md §3.14, §3.12, by hand."""

import json

import pytest

from tests.checker.identity import Facts
from tests.checker.journal_by_hand import DAY, decisions, fold, happened, published, said
from tests.checker.oracle import PartitionOracle
from tests.checker.tiny_world import DECIDED, by_hand_uuid, tick
from tests.checker.treatments_by_hand import (
    BESIDE,
    FAILED,
    FALLEN,
    after,
    nudged,
    slot_id,
    told,
    treatment,
)


def capped(scope: str, window_ms: int = DAY) -> Facts:
    """Return the nudge, once in a window at most."""
    caps = [{"scope": scope, "count": 1, "window_ms": window_ms}]
    return FALLEN | {"caps": caps, "cool_down_ms": 30 * DAY}


def opened(at: int) -> Facts:
    """Return c0's use of the app."""
    return happened(at, f"a{at}", "app.session", surface="app")


@pytest.mark.parametrize("scope", ["campaign", "all", "class", "purpose", "channel"])
def test_oracle_counts_a_fallback_anew_for_its_channel_only(scope: str) -> None:
    """C2: the contact keeps its place in every cap; nothing went by push so far."""
    oracle = after(FAILED, policy=capped(scope))

    assert said(oracle) == ["sms", "sent", "push", "sent"]
    wanted = [{"scope": "channel", "window_ms": DAY, "count_max": 1}]
    counts = [{"count_before": 0, "count_after": 1}]
    caps = [one | count for one, count in zip(wanted, counts, strict=True)]
    assert decisions(oracle)[-1]["caps"] == (caps if scope == "channel" else [])


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (DECIDED - 60_000, "sent"),
        (DECIDED - 59_999, "suppressed CAP_CHANNEL"),
        (DECIDED + 200, "suppressed CAP_CHANNEL"),
    ],
)
def test_oracle_counts_a_channel_as_of_the_first_decision(at: int, expected: str) -> None:
    """3.14: a window of a minute before DECIDED, not before now; what came since counts too."""
    policy = capped("channel", 60_000) | {"message_class": "servicing"}
    late = told("failed", at=DECIDED + 3_600_000)
    records = [published(BESIDE, "p2"), *nudged(policy)]
    push = opened(at) | {"journal_at_ms": at}
    order = [*records[:-1], push, records[-1]] if at < DECIDED else [*records, push]

    assert said(fold(*order, late))[-1] == expected


MEASURED = FALLEN | {"conversion": {"on": "txn.posted", "window_ms": DAY, "value": ""}}


def outcomes(oracle: PartitionOracle) -> list[str]:
    """Return what there is of exposures: `opened`, or how the contact was delivered."""
    kinds = ("exposure.opened.v1", "outcome.recorded.v1")
    found = [item.output for item in oracle.expected if item.output.ce_type in kinds]
    return [json.loads(one.value).get("delivery", "opened") for one in found]


@pytest.mark.parametrize(
    ("receipts", "delivery"),
    [
        ((), "unknown"),
        ((FAILED,), "unknown"),
        ((FAILED, told("delivered", 1, DECIDED + 2_000)), "delivered"),
        ((FAILED, told("expired", 1, DECIDED + 2_000)), "not_sent"),
        ((told("expired"),), "not_sent"),
        (
            (FAILED, told("expired", 1, DECIDED + 2_000), told("delivered", at=DECIDED + 3_000)),
            "delivered",
        ),
    ],
)
def test_oracle_measures_one_exposure_over_all_slots(
    receipts: tuple[Facts, ...], delivery: str
) -> None:
    """3.12: a fallback opens none; delivered in any slot is delivered."""
    ended = tick(DECIDED + 2 * DAY, DECIDED + 2 * DAY)

    assert outcomes(after(*receipts, ended, policy=MEASURED)) == ["opened", delivery]


def test_oracle_tells_the_delivery_as_the_receipt_left_it() -> None:
    """3.12, 3.14: the event of which an outcome is told comes before what follows from it."""
    policy = MEASURED | {"conversion": {"on": "delivery.receipt", "window_ms": DAY, "value": ""}}

    assert outcomes(after(FAILED, policy=policy)) == ["opened", "not_sent"]
    outputs = [item.output for item in after(FAILED, policy=policy).expected]
    found = [one.topic if one.topic != "outcomes" else one.ce_type.split(".")[1] for one in outputs]
    assert found[0] == "moved"
    assert found[1:] == ["sms", "decisions", "opened", "recorded", "objected", "push", "decisions"]


@pytest.mark.parametrize(
    ("said_of_it", "objection"),
    [
        (told("rejected", 1, DECIDED + 2_000), ""),
        (told("blocked_optout", 1, DECIDED + 2_000), "opt_out"),
        (told("delivered", 1, DECIDED + 2_000), ""),
    ],
)
def test_oracle_hears_of_a_fallback_what_is_said_of_the_contact(
    said_of_it: Facts, objection: str
) -> None:
    """3.17: a failure once for the chain, at the first receipt; an opt-out by whatever channel."""
    oracle = after(FAILED, said_of_it, policy=MEASURED)
    outputs = [json.loads(item.output.value) for item in oracle.expected]

    objections = [one["objection"] for one in outputs if "objection" in one]
    assert objections == ["failure", *([objection] if objection else [])]
    (exposure,) = oracle.customers["acme|c0"]["exposures"]
    assert exposure["fallbacks"][0] == slot_id(1)
    assert {one["exposure_id"] for one in outputs if "objection" in one} == {
        by_hand_uuid("exposure", slot_id(0))
    }


def test_oracle_hears_a_failure_of_a_later_slot_where_the_first_was_blocked() -> None:
    """3.17: blocked_optout is an opt-out and no failure; the push that followed it fails."""
    other = MEASURED | {"fallbacks": [treatment("push", after=["blocked_optout"])]}
    late = told("failed", 1, DECIDED + 2_000)
    oracle = after(told("blocked_optout"), late, policy=other)
    outputs = [json.loads(item.output.value) for item in oracle.expected]

    assert [one["objection"] for one in outputs if "objection" in one] == ["opt_out", "failure"]
