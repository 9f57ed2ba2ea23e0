"""The second opinion on what exposures come to: core.md §3.17 (settled, followed), by hand."""

from typing import Any

import pytest

from tests.checker.effects_by_hand import (
    BEGUN,
    DAY,
    ENDED,
    MEASURED,
    MONEY,
    RECORDS,
    exposures,
    lines,
    reached,
    refunded,
    told,
)
from tests.checker.identity import Facts
from tests.checker.journal_by_hand import fold, happened, published, purchase
from tests.checker.oracle import PartitionOracle
from tests.checker.row_shapes import of_oracle
from tests.checker.tiny_world import DECIDED, DUE, ISSUED, TRIGGER_ID, by_hand_uuid, tick


AT = DECIDED + 5


def test_oracle_settles_once_and_by_the_watermark_only() -> None:
    """T4: not a millisecond early; a conversion long before waits for it as well."""
    bought, end = purchase(AT, "b", 700), reached(ENDED)

    assert lines(fold(*RECORDS, bought, reached(ENDED - 1))) == ["sent default", "converted 1"]
    assert lines(fold(*RECORDS, bought, end))[2:] == ["settled 1 700"]
    assert lines(fold(*RECORDS, end)) == ["sent default", "not_converted 0", "settled 0 0"]
    assert lines(fold(*RECORDS, bought, end, reached(ENDED + DAY)))[2:] == ["settled 1 700"]


def test_oracle_settles_with_every_field_in_its_order() -> None:
    """3.17: the record whole, under the key of the campaign."""
    oracle = fold(*RECORDS, purchase(AT, "b", 700), reached(ENDED + 1_000))
    ((key, record),) = told(oracle, "exposure.settled.v1")

    assert key == b"acme|activation_nudge"
    assert list(record.items()) == [
        ("v", 1),
        ("settled_id", by_hand_uuid("settled", TRIGGER_ID)),
        ("exposure_id", by_hand_uuid("exposure", TRIGGER_ID)),
        ("tenant", "acme"),
        ("customer_token", "c0"),
        ("trigger_id", TRIGGER_ID),
        ("campaign_id", "activation_nudge"),
        ("policy_version", 1),
        ("arm", "default"),
        ("arm_ppm", 1_000_000),
        ("is_first", True),
        ("pools", False),
        ("holdout_ppm", 0),
        ("label", 1),
        ("delivery", "unknown"),
        ("value_minor", 700),
        ("currency", "CNY"),
        ("decided_at_ms", DECIDED),
        ("closes_at_ms", ENDED),
        ("settled_at_ms", ENDED + 1_000),
        ("model_id", ""),
        ("score_ppm", 0),
        ("option", ""),
        ("option_ppm", 0),
    ]
    assert oracle.counts["settled|acme|activation_nudge|1"] == 1


def test_oracle_tells_what_is_late_by_outcomes_alone() -> None:
    """3.17: neither the label nor the money of what is settled moves any more."""
    late = purchase(AT, "b", 700) | {"journal_at_ms": ENDED + 2_000}
    oracle = fold(*RECORDS, reached(ENDED), late, reached(ENDED + DAY))

    assert lines(oracle)[1:] == ["not_converted 0", "settled 0 0", "late_conversion 1"]
    assert exposures(oracle)[0]["value_minor"] == 0


def test_oracle_follows_whoever_is_first_exposed_three_times() -> None:
    """3.17: a purchase by any card, in the 30 days up to then; then the exposure is over."""
    other = purchase(DECIDED + 31 * DAY, "c", 9, card_token="k9")
    days = [reached(DECIDED + day * DAY - early) for day in (30, 60, 90) for early in (1, 0)]
    oracle = fold(
        *RECORDS, reached(ENDED), *days[:2], other, *days[2:], reached(DECIDED + 99 * DAY)
    )

    assert lines(oracle)[3:] == ["followed 30 False", "followed 60 True", "followed 90 False"]
    assert exposures(oracle)[0]["followed_count"] == 3
    key, record = told(oracle, "exposure.followed.v1")[1]
    assert key == b"acme|activation_nudge"
    assert list(record.items()) == [
        ("v", 1),
        ("followed_id", by_hand_uuid("followed", TRIGGER_ID, "60")),
        ("exposure_id", by_hand_uuid("exposure", TRIGGER_ID)),
        ("tenant", "acme"),
        ("customer_token", "c0"),
        ("campaign_id", "activation_nudge"),
        ("policy_version", 1),
        ("arm", "default"),
        ("pools", False),
        ("holdout_ppm", 0),
        ("day", 60),
        ("active", True),
        ("decided_at_ms", DECIDED),
        ("followed_at_ms", DECIDED + 60 * DAY),
        ("model_id", ""),
    ]
    assert not [name for name in oracle.counts if "follow" in name]


@pytest.mark.parametrize(
    ("after_ms", "bits"),
    [(0, 0), (1, 1), (30 * DAY, 1), (30 * DAY + 1, 2), (90 * DAY, 4), (90 * DAY + 1, 0)],
)
def test_oracle_knows_in_which_days_somebody_was_active(after_ms: int, bits: int) -> None:
    """3.17: a period ends with its last moment."""
    oracle = fold(*RECORDS, purchase(DECIDED + after_ms, "b", 1))

    assert exposures(oracle)[0]["active_days"] == bits


def test_oracle_sees_activity_that_is_not_counted() -> None:
    """3.17: counted or not; money only where it is counted (3.2.3)."""
    late = purchase(AT, "b", 700) | {"journal_at_ms": AT + 90 * DAY + 1}
    oracle = fold(*RECORDS, late)

    assert oracle.counts["ignored|acme|LATE_FOR_COUNTERS"] == 1
    (kept,) = exposures(oracle)
    assert (kept["active_days"], kept["value_minor"], len(kept["converted"])) == (1, 0, 1)


def test_oracle_follows_after_the_end_of_a_longer_window() -> None:
    """3.17: with a window of 40 days the first follow-up waits for it; one tick may bring all."""
    policy = MEASURED | {"conversion": {"on": "txn.posted", "window_ms": 40 * DAY, **MONEY}}
    records = (published(policy), *BEGUN)

    assert lines(fold(*records, reached(DECIDED + 40 * DAY - 1)))[1:] == []
    oracle = fold(*records, reached(DECIDED + 40 * DAY), reached(DECIDED + 60 * DAY))
    assert lines(oracle)[2:] == ["settled 0 0", "followed 30 False", "followed 60 False"]
    at_once = fold(*records, reached(DECIDED + 95 * DAY))
    assert lines(at_once)[1:3] == ["not_converted 0", "settled 0 0"]
    assert lines(at_once)[3:] == ["followed 30 False", "followed 60 False", "followed 90 False"]


def test_oracle_counts_and_follows_only_the_first_exposure() -> None:
    """3.17: a week later c0 is nudged again, in the same experiment."""
    week = DUE + 4 * DAY
    policy = MEASURED | {"steps": [*MEASURED["steps"], {"id": "again", "delay_ms": 7 * DAY}]}
    oracle = fold(published(policy), *BEGUN, reached(week), reached(week + 91 * DAY))

    assert [one["is_first"] for one in exposures(oracle)] == [True, False]
    assert [line.split()[0] for line in lines(oracle)] == [
        *("sent", "not_converted", "settled", "sent", "followed", "followed", "followed"),
        *("not_converted", "settled"),
    ]
    assert [record["is_first"] for _, record in told(oracle, "exposure.settled.v1")] == [
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("events", "value_minor"),
    [
        ([purchase(AT, "a", 700), purchase(AT + 1, "b", 50)], 750),
        ([purchase(ENDED, "a", 700)], 700),
        ([purchase(ENDED + 1, "a", 700)], 0),
        ([purchase(DECIDED, "a", 700)], 0),
        ([purchase(AT, "a", 700), refunded(AT + 9, "a", 300)], 400),
        ([purchase(AT, "a", 700), refunded(AT + 9, "a", 300, currency="USD")], 700),
        ([purchase(AT, "a", 700), refunded(DECIDED, "a", 300)], 700),
        ([refunded(AT + 9, "z", 300)], -300),
        ([purchase(AT, "a", 700, currency="USD")], 0),
        ([purchase(AT, "a", 700, card_token="k9")], 0),
        ([purchase(AT + n, f"n{n}", 1) for n in range(9)], 9),
    ],
)
def test_oracle_adds_up_the_money_of_the_window(events: list[Facts], value_minor: int) -> None:
    """3.17: net, in the exposure's currency and by its card, beyond the eight marks as well."""
    oracle = fold(*RECORDS, *events)

    assert exposures(oracle)[0]["value_minor"] == value_minor


def test_oracle_settles_no_debt_and_holds_money_within_its_bounds() -> None:
    """3.17: what is told is not below 0; what is kept stays within 2^53."""
    back = [refunded(AT + n, f"z{n}", 10**15) for n in range(10)]
    oracle = fold(*RECORDS, *back, reached(ENDED))

    assert exposures(oracle)[0]["value_minor"] == -(2**53)
    assert lines(oracle)[-1] == "settled 0 0"


@pytest.mark.parametrize(
    ("money", "kept", "said"),
    [
        ({"value": "amount_minor", "value_cap_minor": 0, "currency": "CNY"}, "", (0, "CNY")),
        ({"value": "amount_minor"}, "", (0, "")),
        ({"value": "card_token", "value_cap_minor": 1, "currency": "CNY"}, "CNY", (1, "CNY")),
    ],
)
def test_oracle_counts_no_money_where_none_is_asked_for(
    money: Facts, kept: str, said: tuple[int, str]
) -> None:
    """3.17: no cap, no money; a field that is no whole number brings none."""
    policy = MEASURED | {"conversion": {"on": "txn.posted", "window_ms": DAY, **money}}
    oracle = fold(published(policy), *BEGUN, purchase(AT, "a", 700), reached(ENDED))
    ((_, record),) = told(oracle, "exposure.opened.v1")

    assert (exposures(oracle)[0]["currency"], exposures(oracle)[0]["value_minor"]) == (kept, 0)
    assert (record["value_cap_minor"], record["currency"]) == said
    assert lines(oracle)[-1] == "settled 1 0"


def test_oracle_takes_money_back_of_purchases_only() -> None:
    """3.17: where a paid-back bill converts, a reversal of a purchase changes nothing."""
    policy = MEASURED | {"conversion": {"on": "repayment.received", "window_ms": DAY, **MONEY}}
    said = {"repayment_id": "r", "card_token": "k0", "amount_minor": 80, "currency": "CNY"}
    paid = happened(AT, "r", "repayment.received", **said)
    oracle = fold(published(policy), *BEGUN, paid, refunded(AT + 9, "a", 30))

    assert exposures(oracle)[0]["value_minor"] == 80


def full(oracle: PartitionOracle, **changed: dict[str, Any]) -> list[str]:
    """
    Fill c0's row, let one more exposure open, and return which are gone.

    The first 32 are called n0 to n31, the first of them c0's own; `changed` is how some differ.
    """
    (kept,) = exposures(oracle)
    made = [kept | {"trigger_id": f"n{n}", "converted": []} for n in range(32)]
    exposures(oracle)[:] = [one | changed.get(one["trigger_id"], {}) for one in made]
    oracle.see(reached(DUE + 4 * DAY))
    left = {one["trigger_id"] for one in exposures(oracle)}
    return [one["trigger_id"] for one in made if one["trigger_id"] not in left]


OVER = {"is_settled": True, "sequence": 1, "followed_count": 3}
HALF = {"is_settled": True, "sequence": 1}
STEPS = [*MEASURED["steps"], {"id": "again", "delay_ms": 7 * DAY}]
LATER = MEASURED | {
    "steps": STEPS,
    "conversion": {"on": "txn.posted", "window_ms": 60 * DAY, **MONEY},
}


@pytest.mark.parametrize(
    ("changed", "gone", "said"),
    [
        ({"n3": HALF, "n5": OVER, "n6": OVER}, "n5", []),
        ({"n3": HALF, "n4": HALF}, "n3", []),
        ({"n3": HALF | {"is_first": False}, "n2": HALF}, "n3", []),
        ({"n3": {"sequence": 1}}, "n0", ["evicted None", "settled None 70"]),
        ({"n0": {"sequence": 1}}, "n0", ["settled None 70"]),
    ],
)
def test_oracle_makes_room_by_what_is_over_then_settled_then_first(
    changed: dict[str, Facts], gone: str, said: list[str]
) -> None:
    """3.12: what is over or settled goes without a word; else it settles with label null."""
    bought = purchase(AT, "b", 70)
    oracle = fold(published(LATER), *BEGUN, bought)
    exposures(oracle)[0]["sequence"] = 0
    before = len(lines(oracle))

    assert full(oracle, **changed) == [gone]
    assert len(exposures(oracle)) == 32
    assert lines(oracle)[before:] == [*said, "sent default"]
    nulls = oracle.counts["settled|acme|activation_nudge|null"]
    assert nulls == len([line for line in said if line.startswith("settled")])


def test_oracle_takes_customers_in_the_order_of_their_exposures() -> None:
    """3.3: c1, nudged a second before c0, is followed up before c0 at the same tick."""
    policy, *mine = RECORDS
    granted, issued = (one | {"customer_token": "c1"} for one in mine[:2])
    first = issued | {"occurred_at_ms": ISSUED - 1_000, "journal_at_ms": ISSUED - 900}
    nudges = (tick(DECIDED - 1_000, DUE - 1_000), mine[2])
    oracle = fold(policy, mine[0], granted, first, mine[1], *nudges, reached(DECIDED + 31 * DAY))
    keys = [item.key for item in oracle.expected if item.output.ce_type == "exposure.followed.v1"]

    assert keys == [b"acme|c1", b"acme|c0"]


def test_oracle_keeps_an_exposure_as_a_row_has_it() -> None:
    """The fields of 3.12, then of 3.16, then of 3.17, in this order; one experiment, 4 bytes."""
    oracle = fold(*RECORDS, purchase(AT, "b", 700), reached(ENDED))
    row = of_oracle(0, oracle.customers["acme|c0"])

    (kept,) = row["exposures"]
    assert kept[15:20] == ["", 0, 0, 0, b""]
    assert kept[20:] == [True, False, 0, True, "CNY", 700, 0, 1, 0, "", 0, []]
    assert len(row["experiments"]) == 4
